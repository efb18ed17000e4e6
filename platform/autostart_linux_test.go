package platform_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/platform"
)

func TestAutostart(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", dir)
	t.Setenv(platform.HomeEnv, `/home/a "b" 100%/$x`)
	if on, err := platform.Autostart(); on || err != nil {
		t.Fatalf("at first: %v %v", on, err)
	}
	if err := platform.SetAutostart(true, "--background"); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "autostart", "app.holdfast.Holdfast.desktop"))
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	want := `Exec="env" "HOLDFAST_HOME=/home/a \\"b\\" 100%%/\\$x" "` + self + `" "--background"` + "\n"
	if !strings.Contains(string(text), want) {
		t.Errorf("wanted %s in\n%s", want, text)
	}
	if on, err := platform.Autostart(); !on || err != nil {
		t.Errorf("switched on: %v %v", on, err)
	}
	for range 2 { // off stays off
		if err := platform.SetAutostart(false); err != nil {
			t.Fatal(err)
		}
	}
	if on, err := platform.Autostart(); on || err != nil {
		t.Errorf("switched off: %v %v", on, err)
	}
}
