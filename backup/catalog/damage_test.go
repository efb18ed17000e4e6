package catalog_test

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"holdfast/backup"
	"holdfast/backup/catalog"
)

func runSQL(t *testing.T, path string, statements ...string) {
	t.Helper()
	raw := rawSQL(t, path)
	for _, statement := range statements {
		if _, err := raw.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func TestFilesThatAreNoCatalogAreSetAside(t *testing.T) {
	for name, statement := range map[string]string{
		"version 0 with tables":          "PRAGMA user_version = 0",
		"a version that cannot be":       "PRAGMA user_version = -3",
		"a line of the history is torn":  `UPDATE backups SET doc = substr(doc, 2) WHERE id = 'b'`,
		"a line of the restores is torn": `INSERT INTO restores VALUES ('x', '', '{')`,
	} {
		t.Run(name, func(t *testing.T) {
			path := closed(t, "catalog.db")
			runSQL(t, path, statement)
			c := open(t, path)
			if c.Aside() != path+".damaged-1" {
				t.Errorf("set aside is %q", c.Aside())
			}
			wantLines(t, c, 0)
		})
	}
}

func TestLostFileKeepsTheLogBesideIt(t *testing.T) {
	path := closed(t, "catalog.db") + "2"
	write(t, path+"-wal", []byte("the newest lines"))
	c := open(t, path)
	if c.Aside() != path+".damaged-1-wal" || string(read(t, c.Aside())) != "the newest lines" {
		t.Errorf("set aside is %q", c.Aside())
	}
}

func TestLinesThatAreNotUnderstoodAreDamaged(t *testing.T) {
	path := closed(t, "catalog.db")
	runSQL(t, path, `UPDATE backups SET doc = json_set(doc, '$.started', 'yesterday') WHERE id = 'b'`,
		`UPDATE backups SET tables = '[{' WHERE id = 'c'`)
	c := open(t, path)
	_, errList := c.Backups(t.Context(), backup.Query{})
	_, errB := c.Backup(t.Context(), "b")
	_, errC := c.Backup(t.Context(), "c")
	for _, err := range []error{errList, errB, errC} {
		if e := backup.AsError(err); e.Kind != backup.Damaged || e.Hint == "" {
			t.Errorf("got %s %v, hint %q", e.Kind, err, e.Hint)
		}
	}
	if _, err := c.Backup(t.Context(), "a"); err != nil {
		t.Errorf("a whole line beside it: %v", err)
	}
}

// Whatever happens to the bytes, Open ends with a catalog that works, and what it then gives is
// all there was, or nothing, or an error.
func TestAnyDamageEndsInACatalogThatWorks(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	whole := read(t, closed(t, "catalog.db"))
	for round := range 150 {
		torn := append([]byte(nil), whole...)
		switch at := random.IntN(len(torn)); round % 3 {
		case 0:
			torn[at] ^= 1 << random.IntN(8)
		case 1:
			torn = torn[:at]
		case 2:
			clear(torn[at:min(len(torn), at+random.IntN(8192))])
		}
		path := filepath.Join(t.TempDir(), "catalog.db")
		write(t, path, torn)
		c, err := catalog.Open(t.Context(), path, nil)
		if err != nil {
			if e := backup.AsError(err); e.Kind != backup.Damaged || e.Hint == "" {
				t.Errorf("round %d: %v", round, err)
			}
			continue
		}
		all, err := c.Backups(t.Context(), backup.Query{})
		if n := len(all); err == nil && n != 3 && (n != 0 || c.Aside() == "") || err != nil && backup.KindOf(err) != backup.Damaged {
			t.Errorf("round %d: %d lines, %v, set aside %q", round, n, err, c.Aside())
		}
		check(t, c.Close())
	}
}

func TestErrorsHaveTheirKind(t *testing.T) {
	c := newCatalog(t)
	cancelled, stop := context.WithCancel(t.Context())
	stop()
	if err := c.AppendAudit(cancelled, backup.AuditEntry{}); backup.KindOf(err) != backup.Cancelled {
		t.Errorf("cancelled: %v", err)
	}
	late, stop := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer stop()
	if _, err := c.Backups(late, backup.Query{}); backup.KindOf(err) != backup.Unreachable {
		t.Errorf("too late: %v", err)
	}
	wantAudit(t, c, nil, 0)
}
