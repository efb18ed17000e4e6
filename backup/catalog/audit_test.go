package catalog_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/backup"
	"holdfast/backup/catalog"
)

// sealer gives a key; nil when there is none.
func sealer(key []byte) func(context.Context) []byte {
	return func(context.Context) []byte { return key }
}

func appendAudit(t *testing.T, c *catalog.Catalog, e backup.AuditEntry) {
	t.Helper()
	if err := c.AppendAudit(t.Context(), e); err != nil {
		t.Fatal(err)
	}
}

// wantAudit checks that the log is whole and has n entries, and gives it.
func wantAudit(t *testing.T, c *catalog.Catalog, key []byte, n int) []backup.AuditEntry {
	t.Helper()
	log, err := c.Audit(t.Context())
	if err != nil || len(log) != n {
		t.Fatalf("%d entries, %v; want %d", len(log), err, n)
	}
	if err := backup.CheckAudit(key, log); err != nil {
		t.Error(err)
	}
	return log
}

func TestAuditEntriesComeBackWithEveryField(t *testing.T) {
	c := newCatalog(t)
	if head, err := c.AuditHead(t.Context()); head != "" || err != nil {
		t.Errorf("the head of an empty log is %q, %v", head, err)
	}
	appendAudit(t, c, backup.AuditEntry{Who: "somebody"})
	want := filled[backup.AuditEntry](t)
	want.Seq = 99 // the catalog counts
	appendAudit(t, c, want)
	got := wantAudit(t, c, nil, 2)[1]
	if head, err := c.AuditHead(t.Context()); head != got.MAC || err != nil {
		t.Errorf("the head is %q, %v; want %q", head, err, got.MAC)
	}
	want.Seq, want.MAC, want.Sealed = 2, got.MAC, false
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What a command printed, or what a file is called, need not be UTF-8.
func TestAuditHoldsWithTextsThatAreNotUTF8(t *testing.T) {
	c := newCatalog(t)
	appendAudit(t, c, backup.AuditEntry{Who: "ada", Outcome: "caf\xe9 \xff", Detail: "\x00 \u2028 <b>"})
	appendAudit(t, c, backup.AuditEntry{Who: "bob"})
	wantAudit(t, c, nil, 2)
}

func TestAuditSealedAndUnsealedEntriesAreOneChain(t *testing.T) {
	path, key := filepath.Join(t.TempDir(), "catalog.db"), []byte("a key of the vault")
	appendAudit(t, open(t, path), backup.AuditEntry{Who: "before there was a vault"})
	appendAudit(t, open(t, path, key...), backup.AuditEntry{Who: "with a vault"})
	appendAudit(t, open(t, path), backup.AuditEntry{Who: "keyring locked"})
	appendAudit(t, open(t, path, key...), backup.AuditEntry{Who: "with a vault"})
	log := wantAudit(t, open(t, path), key, 4)
	for i, sealed := range []bool{false, true, false, true} {
		if log[i].Sealed != sealed {
			t.Errorf("entry %d: sealed is %v", i+1, log[i].Sealed)
		}
	}
	if err := backup.CheckAudit([]byte("another key"), log); backup.KindOf(err) != backup.Damaged {
		t.Errorf("another key: %v", err)
	}
}

func TestTwoHandlesWriteAtOnce(t *testing.T) {
	const handles, rounds = 2, 25
	path, key := filepath.Join(t.TempDir(), "catalog.db"), []byte("key")
	var all sync.WaitGroup
	for h := range handles {
		all.Go(func() {
			c, err := catalog.Open(t.Context(), path, sealer(key)) // also opened at once
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			var mine sync.WaitGroup
			for i := range rounds {
				id := backup.ID(fmt.Sprintf("%d-%d", h, i))
				mine.Go(func() { check(t, c.AppendAudit(t.Context(), backup.AuditEntry{Who: string(id)})) })
				mine.Go(func() { check(t, c.PutBackup(t.Context(), &backup.Backup{ID: id, Started: noon(1)})) })
			}
			mine.Wait()
		})
	}
	all.Wait()
	c := open(t, path)
	who := map[string]bool{}
	for _, e := range wantAudit(t, c, key, handles*rounds) {
		who[e.Who] = true
	}
	lines, err := c.Backups(t.Context(), backup.Query{})
	if len(who) != handles*rounds || len(lines) != handles*rounds || err != nil {
		t.Errorf("%d different entries, %d lines, %v; want %d of each", len(who), len(lines), err, handles*rounds)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

func TestAuditIsAppendOnlyForSQLToo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "catalog.db")
	c := open(t, path)
	appendAudit(t, c, backup.AuditEntry{Who: "ada"})
	appendAudit(t, c, backup.AuditEntry{Who: "bob"})
	raw := rawSQL(t, path)
	for _, statement := range []string{
		"UPDATE audit SET doc = '{}'", "UPDATE audit SET mac = '' WHERE seq = 1", "UPDATE audit SET seq = 7 WHERE seq = 2",
		"DELETE FROM audit", "DELETE FROM audit WHERE seq = 2",
		"REPLACE INTO audit (seq, doc, mac) VALUES (1, '{}', '')", "INSERT INTO audit (seq, doc, mac) VALUES (0, '{}', '')",
		"INSERT INTO audit (seq, doc, mac) VALUES (2, '{}', '') ON CONFLICT (seq) DO UPDATE SET doc = '{}'",
	} {
		if _, err := raw.ExecContext(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", statement, err)
		}
	}
	wantAudit(t, c, nil, 2)
}

func rawSQL(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { check(t, db.Close()) })
	return db
}
