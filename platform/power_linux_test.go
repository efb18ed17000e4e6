package platform_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/platform"
)

func TestOnBattery(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, supplies string // FOLDER/FILE=TEXT
		want           bool
	}{
		{"nothing known", "", false},
		{"on mains", "AC/type=Mains AC/online=1 BAT0/type=Battery BAT0/status=Charging", false},
		{"on battery", "AC/type=Mains AC/online=0 BAT0/type=Battery BAT0/status=Discharging", true},
		{"on mains, and it discharges for calibration", "AC/type=Mains AC/online=1 BAT0/type=Battery BAT0/status=Discharging", false},
		{"powered by USB-C", "AC/type=Mains AC/online=0 ucsi/type=USB ucsi/online=1 BAT0/type=Battery BAT0/status=Discharging", false},
		{"only a mouse has a battery", "hid/type=Battery hid/scope=Device hid/status=Discharging", false},
		{"no mains supply is named", "BAT0/type=Battery BAT0/scope=System BAT0/status=Discharging", true},
		{"full, and the cable is out in the kernel's eyes", "AC/type=Mains AC/online=0 BAT0/type=Battery BAT0/status=Full", false},
		{"on an uninterruptible supply", "ups/type=UPS ups/status=Discharging", true},
	} {
		dir := filepath.Join(t.TempDir(), "power")
		for _, line := range strings.Fields(c.supplies) {
			name, text, _ := strings.Cut(line, "=")
			path := filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got := (platform.Power{Folder: dir}).OnBattery(t.Context()); got != c.want {
			t.Errorf("%s: on battery %v", c.name, got)
		}
	}
}
