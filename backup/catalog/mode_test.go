//go:build unix

package catalog_test

import (
	"os"
	"path/filepath"
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
	for _, file := range []string{path, path + "-wal", path + "-shm"} {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != 0o600 {
			t.Errorf("%s has mode %04o", filepath.Base(file), got)
		}
	}
}
