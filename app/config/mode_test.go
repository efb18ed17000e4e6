//go:build unix

package config_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func TestSavedFilesArePrivate(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	s := newStore(t)
	for range 2 {
		save(t, s, full())
		for _, path := range []string{s.Path, s.LastGood()} {
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if got := info.Mode().Perm(); got != 0o600 {
				t.Errorf("%s has mode %04o", filepath.Base(path), got)
			}
			if err := os.Chmod(path, 0o644); err != nil { // mended by the next Save that changes it
				t.Fatal(err)
			}
		}
		write(t, s.LastGood(), "another")
	}
}
