//go:build unix

package controller_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOpenLog: the desktop's program gets it; where there is none the person reads where it is.
func TestOpenLog(t *testing.T) {
	b := newBench(t)
	b.backUp()
	log := filepath.Join(b.dir, "home", "holdfast.log")
	programs := t.TempDir()
	t.Setenv("PATH", programs)
	b.OpenLog()
	b.until("where it is", func() bool { return b.said != nil && strings.Contains(b.said.Hint, log) })
	opened := filepath.Join(programs, "opened")
	must(t, os.WriteFile(filepath.Join(programs, "xdg-open"), []byte("#!/bin/sh\nprintf '%s' \"$1\" >'"+opened+"'\n"), 0o700))
	b.OpenLog()
	b.Wait()
	if path, err := os.ReadFile(opened); err != nil || string(path) != log {
		t.Errorf("opened %q: %v", path, err)
	}
}
