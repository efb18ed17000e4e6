package platform_test

import (
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"holdfast/platform"
)

func TestFreeIsWhatDfSays(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "not", "there", "yet")} {
		out, err := exec.Command("df", "--output=avail", "-B1", dir).Output()
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Fields(string(out))
		want, err := strconv.ParseInt(lines[len(lines)-1], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		got, err := platform.Free(path)
		if diff := got - want; err != nil || max(diff, -diff) > want/20+1<<26 { // others write too
			t.Errorf("%s: %d bytes, %v; want about %d", path, got, err, want)
		}
	}
}
