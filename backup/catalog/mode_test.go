//go:build unix

package catalog_test

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"holdfast/backup"
)

func TestCatalogIsPrivateWhateverTheUmask(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	path := filepath.Join(t.TempDir(), "catalog.db")
	if err := os.WriteFile(path, nil, 0o666); err != nil { // as an earlier program may have left it
		t.Fatal(err)
	}
	c := open(t, path)
	appendAudit(t, c, backup.AuditEntry{Who: "ada"})
	if err := os.Chmod(path+"-wal", 0o644); err != nil {
		t.Fatal(err)
	}
	open(t, path)
	for _, file := range []string{path, path + "-wal", path + "-shm", path + ".lock"} {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != 0o600 {
			t.Errorf("%s has mode %04o", filepath.Base(file), got)
		}
	}
}

// childLock tries to get the lock that SQLite takes to see whether a file is in use.
func childLock(path, _ string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	return syscall.FcntlFlock(f.Fd(), syscall.F_SETLK, &syscall.Flock_t{Type: syscall.F_WRLCK, Start: 0x40000002, Len: 510})
}

// Closing a file ends every lock that its process has on it, those of other handles too.
func TestOpeningAgainLeavesTheLocksOfTheFirstHandle(t *testing.T) {
	path := filepath.Join(t.TempDir(), "catalog.db")
	open(t, path)
	open(t, path)
	if err := process("lock", path, ""); err == nil {
		t.Error("another process could lock the file while it is open here")
	}
}

func TestLostCatalogIsNotMadeAnewInTheMiddle(t *testing.T) {
	path := filepath.Join(t.TempDir(), "catalog.db")
	c := open(t, path)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup // more at a time than there are connections
	for range 16 {
		all.Go(func() { _, _ = c.Backups(t.Context(), backup.Query{}) })
	}
	all.Wait()
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file is there again: %v", err)
	}
}
