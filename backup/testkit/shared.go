package testkit

import (
	"errors"
	"os"
	"sync"
	"testing"
)

// Shared is what the tests of a package share because it takes long to start, such as a server. The first
// test that asks starts it; TestMain ends it.
type Shared[T any] struct {
	Start func(folder string) (T, error) // in a folder of its own, see ReachableDir
	Stop  func(T) error

	once    sync.Once
	folder  string
	started T
	err     error
}

// Get gives it, started.
func (s *Shared[T]) Get(t testing.TB) T {
	t.Helper()
	s.once.Do(func() {
		if s.folder, s.err = ReachableDir(); s.err == nil {
			s.started, s.err = s.Start(s.folder)
		}
	})
	if s.err != nil {
		t.Fatal(s.err)
	}
	return s.started
}

// End stops it, if it was started, and removes its folder.
func (s *Shared[T]) End() error {
	if s.folder == "" {
		return nil
	}
	var err error
	if s.err == nil {
		err = s.Stop(s.started)
	}
	return errors.Join(err, os.RemoveAll(s.folder))
}

// ReachableDir makes a folder that a server's own user can reach, which t.TempDir does not when tests run
// as root. Its path is short enough for sockets. The caller removes it.
func ReachableDir() (string, error) {
	dir, err := os.MkdirTemp("", "hfpg-")
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o755) //nolint:gosec // others pass through it: that is what it is for
}
