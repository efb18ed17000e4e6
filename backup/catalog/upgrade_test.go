package catalog_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"holdfast/backup"
	"holdfast/backup/catalog"
)

// fixture makes a catalog of SQL as an earlier version dumped it.
func fixture(t *testing.T, path, dump string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	check(t, err)
	_, err = db.ExecContext(t.Context(), string(read(t, filepath.Join("testdata", dump))))
	check(t, err)
	check(t, db.Close())
}

// versionOf gives a file's schema version and how many runs it has.
func versionOf(t *testing.T, path string) (version, backups int) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	check(t, err)
	check(t, db.QueryRowContext(t.Context(), "PRAGMA user_version").Scan(&version))
	check(t, db.QueryRowContext(t.Context(), "SELECT count(*) FROM backups").Scan(&backups))
	check(t, db.Close())
	return version, backups
}

// TestEarlierCatalogIsMigratedAndKept opens a catalog that the first version wrote.
func TestEarlierCatalogIsMigratedAndKept(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "catalog.db")
	fixture(t, path, "version-1.sql")
	c := open(t, path)
	all, err := c.Backups(t.Context(), backup.Query{})
	check(t, err)
	if c.Aside() != "" || len(all) != 2 {
		t.Fatalf("%d backups, set aside as %q", len(all), c.Aside())
	}
	for i, want := range []backup.Trigger{backup.PreRestore, backup.Manual} {
		if b := &all[i]; b.Trigger != want || b.Sandbox != "shop" || !b.Restorable() || b.Rows != 5000 {
			t.Errorf("%+v", b)
		}
	}
	b, err := backup.Resolve(time.Now(), "latest:shop", all, "")
	check(t, err)
	if b.Note != "of the first version" {
		t.Errorf("its note is %q", b.Note)
	}
	restores, err := c.Restores(t.Context())
	check(t, err)
	if len(restores) != 1 || restores[0].Backup != b.ID || restores[0].Replaced == "" {
		t.Errorf("restores: %+v", restores)
	}
	entries, err := c.Audit(t.Context())
	if len(entries) != 10 || err != nil {
		t.Errorf("%d entries of the audit log, %v", len(entries), err)
	}
	check(t, c.PutBackup(t.Context(), &backup.Backup{ID: "new", Sandbox: "shop"}))

	kept := path + ".version-1"
	if version, backups := versionOf(t, kept); version != 1 || backups != 2 {
		t.Errorf("the copy has version %d and %d backups", version, backups)
	}
	if info, err := os.Stat(kept); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the copy: %v, %v", info, err)
	}
	before := read(t, kept)
	check(t, c.Close())
	check(t, open(t, path).Close())
	if string(read(t, kept)) != string(before) {
		t.Error("a later start changed the copy")
	}
}

func TestNewerCatalogIsRefusedUndamaged(t *testing.T) {
	t.Parallel()
	path := closed(t, "catalog.db")
	db, err := sql.Open("sqlite", path)
	check(t, err)
	_, err = db.ExecContext(t.Context(), "PRAGMA user_version = 99")
	check(t, err)
	check(t, db.Close())
	before := read(t, path)
	_, err = catalog.Open(t.Context(), path, nil)
	if backup.KindOf(err) != backup.Damaged || fmt.Sprint(backup.AsError(err).Hint) != "Install the newer Holdfast again; nothing was changed." {
		t.Errorf("%v", err)
	}
	if string(read(t, path)) != string(before) {
		t.Error("it was changed")
	}
}
