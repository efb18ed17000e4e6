package catalog_test

import (
	"path/filepath"
	"testing"

	"holdfast/backup"
	"holdfast/backup/catalog"
)

// FuzzRows wants lines, or Damaged with a remedy, whatever stands in the lines of the catalog.
func FuzzRows(f *testing.F) {
	f.Add(`{"id":"b","status":"completed"}`, `[]`, `{}`, "fact")
	f.Add(`{"started":"yesterday"}`, `[{`, `{"stage":7}`, "\x00")
	f.Add(`null`, `null`, `null`, "")
	path := filepath.Join(f.TempDir(), "catalog.db")
	c, err := catalog.Open(f.Context(), path, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = c.Close() })
	if err := c.PutBackup(f.Context(), &backup.Backup{ID: "b", Sandbox: "shop"}); err != nil {
		f.Fatal(err)
	}
	if err := c.PutRestore(f.Context(), &backup.Restore{ID: "r", Sandbox: "shop"}); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, doc, tables, restore, fact string) {
		raw := rawSQL(t, path)
		for _, change := range [][2]string{{"UPDATE backups SET doc = ?", doc}, {"UPDATE backups SET tables = ?", tables}, {"UPDATE restores SET doc = ?", restore}} {
			if _, err := raw.ExecContext(t.Context(), change[0], change[1]); err != nil {
				t.Fatal(err)
			}
		}
		_, one := c.Backups(t.Context(), backup.Query{Deleted: true})
		_, two := c.Backup(t.Context(), "b")
		_, three := c.Restores(t.Context())
		for _, err := range []error{one, two, three} {
			if err == nil {
				continue
			}
			if e := backup.AsError(err); e.Kind != backup.Damaged || e.Hint == "" {
				t.Fatalf("%s %v, hint %q", e.Kind, err, e.Hint)
			}
		}
		if err := c.SetFact(t.Context(), fact, doc); err != nil {
			t.Fatal(err)
		}
		if got, err := c.Fact(t.Context(), fact); err != nil || got != doc {
			t.Fatalf("%q, %v", got, err)
		}
	})
}
