package catalog_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"holdfast/backup"
	"holdfast/backup/catalog"
)

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// closed makes a catalog with some lines, closes it, and says where it is.
func closed(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	c, err := catalog.Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	b := filled[backup.Backup](t)
	for _, id := range []backup.ID{"a", "b", "c"} {
		b.ID = id
		check(t, c.PutBackup(t.Context(), &b))
	}
	appendAudit(t, c, backup.AuditEntry{Who: "ada"})
	check(t, c.Close())
	return path
}

func wantLines(t *testing.T, c *catalog.Catalog, want int) {
	t.Helper()
	if all, err := c.Backups(t.Context(), backup.Query{}); len(all) != want || err != nil {
		t.Errorf("%d lines, %v; want %d", len(all), err, want)
	}
}

func TestCatalogSurvivesClosing(t *testing.T) {
	for _, name := range []string{"catalog.db", "with space.db", "ü%20?mode=ro&_pragma=query_only(1)#x.db", "malformed, not a database.db"} {
		path := closed(t, name)
		c := open(t, path)
		wantLines(t, c, 3)
		wantAudit(t, c, nil, 1)
		if c.Aside() != "" {
			t.Errorf("%s was set aside", name)
		}
		if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || entries[0].Name() != name {
			t.Errorf("the folder holds %v, %v", entries, err)
		}
	}
}

func TestDamagedCatalogIsSetAsideWhole(t *testing.T) {
	damages := map[string]func([]byte) []byte{
		"cut in a page":          func(b []byte) []byte { return b[:len(b)/2+100] },
		"cut between pages":      func(b []byte) []byte { return b[:len(b)-4096] },
		"cut in its header":      func(b []byte) []byte { return b[:50] },
		"overwritten":            func(b []byte) []byte { return bytes.Repeat([]byte("garbage "), len(b)/8) },
		"overwritten by a line":  func([]byte) []byte { return []byte("garbage\n") },
		"all zeros":              func(b []byte) []byte { return make([]byte, len(b)) },
		"a page of it is zeros":  func(b []byte) []byte { clear(b[4096 : 2*4096]); return b },
		"a page of it is random": func(b []byte) []byte { copy(b[4096:2*4096], bytes.Repeat([]byte{0xa5, 3}, 2048)); return b },
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			path := closed(t, "catalog.db")
			torn := damage(read(t, path))
			write(t, path, torn)
			c := open(t, path)
			if want := path + ".damaged-1"; c.Aside() != want {
				t.Fatalf("set aside is %q, want %q", c.Aside(), want)
			}
			if !bytes.Equal(read(t, c.Aside()), torn) {
				t.Error("the damaged file was changed")
			}
			wantLines(t, c, 0)
			wantNeed(t, c, true)
			appendAudit(t, c, backup.AuditEntry{Who: "ada"})
			wantAudit(t, c, nil, 1)
		})
	}
}

func TestEveryDamagedCatalogIsKept(t *testing.T) {
	path := closed(t, "catalog.db")
	for n, want := range []string{".damaged-1", ".damaged-2", ".damaged-3"} {
		torn := bytes.Repeat([]byte{byte(n), 0xa5}, 4096)
		write(t, path, torn)
		c, err := catalog.Open(t.Context(), path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if c.Aside() != path+want || !bytes.Equal(read(t, path+want), torn) {
			t.Errorf("set aside is %q, want %q with its bytes", c.Aside(), want)
		}
		check(t, c.Close())
	}
}

// SQLite takes a file of zero bytes for a new one and deletes the log beside it.
func TestEmptiedCatalogKeepsTheLogBesideIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "catalog.db")
	write(t, path, nil)
	write(t, path+"-wal", []byte("the newest lines"))
	c := open(t, path)
	if c.Aside() != path+".damaged-1" {
		t.Fatalf("set aside is %q", c.Aside())
	}
	if len(read(t, c.Aside())) != 0 || string(read(t, c.Aside()+"-wal")) != "the newest lines" {
		t.Error("what was set aside was changed")
	}
	wantLines(t, c, 0)
}

func TestEmptyFileIsANewCatalog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "catalog.db")
	write(t, path, nil)
	c := open(t, path)
	wantLines(t, c, 0)
	wantNeed(t, c, true)
	if c.Aside() != "" {
		t.Errorf("a file without a byte was set aside as %q", c.Aside())
	}
}

func TestCatalogOfANewerProgramIsLeftAlone(t *testing.T) {
	for _, mode := range []string{"WAL", "DELETE"} {
		path := closed(t, "catalog.db")
		raw := rawSQL(t, path)
		for _, statement := range []string{"PRAGMA user_version = 99", "PRAGMA journal_mode = " + mode} {
			if _, err := raw.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		check(t, raw.Close())
		before := read(t, path)
		c, err := catalog.Open(t.Context(), path, nil)
		if backup.KindOf(err) != backup.Damaged || c != nil {
			t.Errorf("%s: got %v, %v", mode, c, err)
		}
		if !bytes.Equal(before, read(t, path)) {
			t.Errorf("%s: the file was changed", mode)
		}
		if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 2 {
			t.Errorf("%s: beside the file there is %v, %v", mode, entries, err)
		}
	}
}

func TestCatalogThatCannotBeOpenedIsUnreachable(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "malformed") // a name is not a diagnosis
	check(t, os.Mkdir(dir, 0o700))
	for _, path := range []string{filepath.Join(dir, "no such folder", "catalog.db"), dir} {
		c, err := catalog.Open(t.Context(), path, nil)
		if backup.KindOf(err) != backup.Unreachable || c != nil {
			t.Errorf("got %v, %v", c, err)
		}
	}
}
