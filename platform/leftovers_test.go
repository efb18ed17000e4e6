package platform_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"holdfast/platform"
)

const streamFor = "PLATFORM_TEST_STREAM"

// TestRemoveLeftovers kills a process while it writes a file: what it leaves is removed, what a living
// one writes and what others left is not.
func TestRemoveLeftovers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if into := os.Getenv(streamFor); into != "" { // the process that is killed
		_, _ = platform.StreamFileAtomic(filepath.Join(into, "x"), 0o600, func(*os.File) error {
			_, _ = os.Stdout.WriteString("writing\n")
			select {}
		})
		return
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestRemoveLeftovers$")
	cmd.Env = append(os.Environ(), streamFor+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 8)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{".holdfast-123", ".holdfast-00000000-00000000-1-1-5", "holdfast.dump", ".holdfast-a-b-c-d-e"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := platform.RemoveLeftovers(dir); n != 0 || err != nil {
		t.Errorf("while it runs: %d removed, %v", n, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	if n := len(names(t, dir)); n != 5 {
		t.Fatalf("%d files", n)
	}
	_, err = platform.StreamFileAtomic(filepath.Join(dir, "y"), 0o600, func(*os.File) error {
		n, err := platform.RemoveLeftovers(dir)
		if n != 1 {
			t.Errorf("%d removed", n)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if got := names(t, dir); len(got) != 5 || !slices.Contains(got, "y") {
		t.Errorf("left: %s", strings.Join(got, " "))
	}
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}
