package command_test

import (
	"crypto/sha256"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const ordersSQL = `CREATE TABLE orders AS SELECT generate_series(1, 500) AS id`

// listed is what a backup must still be after an upgrade.
type listed struct {
	ID, Note, Verdict, Status string
	Pinned                    bool
	Rows                      int64
}

func (l *live) home(name string) string { return filepath.Join(l.dir, "home", name) }

func (l *live) read(name string) string {
	l.t.Helper()
	text, err := os.ReadFile(l.home(name))
	l.must(err)
	return string(text)
}

// catalog runs statements on the home's catalog, or a copy of it, and gives one number.
func (l *live) catalog(name, statements, number string) (n int) {
	l.t.Helper()
	db, err := sql.Open("sqlite", l.home(name))
	l.must(err)
	_, err = db.ExecContext(l.t.Context(), statements)
	l.must(err)
	if number != "" {
		l.must(db.QueryRowContext(l.t.Context(), number).Scan(&n))
	}
	l.must(db.Close())
	return n
}

// age turns the home into one that the first version left: the catalog in its schema, with the same
// rows, the configuration with the keys that it knew. The vault's format is the same.
func (l *live) age() {
	l.t.Helper()
	dump, err := os.ReadFile("../../backup/catalog/testdata/version-1.sql")
	l.must(err)
	schema := regexp.MustCompile(`(?m)^(INSERT|PRAGMA|BEGIN|COMMIT).*\n`).ReplaceAllString(string(dump), "")
	l.must(os.Rename(l.home("catalog.db"), l.home("young.db")))
	var rows strings.Builder
	for _, table := range []string{"backups", "restores", "audit", "facts"} {
		fmt.Fprintf(&rows, "INSERT INTO %s SELECT * FROM young.%s;", table, table)
	}
	l.catalog("catalog.db", schema+";ATTACH '"+l.home("young.db")+"' AS young;"+rows.String()+"PRAGMA user_version = 1", "")
	l.must(os.Remove(l.home("young.db")))

	c := l.server.Connection(l.database)
	text := fmt.Sprintf("version = 1\n[vault]\n  path = %q\n[engine]\n  workers = 0\n  tools = \"\"\n"+
		"[[sandbox]]\n  name = \"shop\"\n  host = %q\n  port = %d\n  database = %q\n  user = %q\n  allow_restore = true\n",
		l.home("vault"), c.Host, c.Port, c.Database, c.User)
	l.must(os.WriteFile(l.home("config.toml"), []byte(text), 0o600))
	l.must(os.Remove(l.home("config.toml.last-good")))
}

// TestHomeOfTheFirstVersion opens a whole home, its configuration, catalog and vault, that the first
// version left: everything is there, is brought up to date, and what was is kept beside.
func TestHomeOfTheFirstVersion(t *testing.T) {
	t.Parallel()
	l := newLive(t, startServer(t), "upgraded", ordersSQL)
	l.run(0, "backup", "create", "shop", "--quiet", "--note", "of the first version")
	l.run(0, "backup", "pin", "latest:shop")
	var before, after []listed
	l.decode(&before, "backup", "list")
	l.age()
	old := l.read("config.toml")

	l.decode(&after, "backup", "list")
	if len(before) != 1 || len(after) != 1 || before[0] != after[0] {
		t.Fatalf("before %+v, after %+v", before, after)
	}
	if n := l.catalog("catalog.db.version-1", "", "PRAGMA user_version"); n != 1 {
		t.Errorf("the copy of the catalog has version %d", n)
	}
	if n := l.catalog("catalog.db.version-1", "", "SELECT count(*) FROM backups"); n != 1 {
		t.Errorf("the copy of the catalog has %d backups", n)
	}
	l.run(0, "audit")
	l.run(0, "schedule", "set", "shop", "daily", "03:00")
	if l.read("config.toml.version-1") != old {
		t.Error("the configuration of before is not kept as it was")
	}
	if now := l.read("config.toml"); strings.Contains(now, "version = 1\n") || !strings.Contains(now, "added = ") {
		t.Errorf("the configuration is not of this version: %s", now)
	}
	l.run(0, "config", "check")

	rows := l.query("SELECT count(*) FROM orders")
	l.query("DELETE FROM orders")
	l.run(0, "restore", before[0].ID, "--quiet", "--approve-file", l.approval())
	if got := l.query("SELECT count(*) FROM orders"); got != rows {
		t.Errorf("%s rows are back of %s", got, rows)
	}
	l.run(0, "undo", "latest", "--quiet", "--approve-file", l.approval())
	if got := l.query("SELECT count(*) FROM orders"); got != "0" {
		t.Errorf("%s rows after the undo", got)
	}
	l.run(0, "backup", "verify", before[0].ID, "--drill", "--quiet")
	l.run(0, "backup", "create", "shop", "--quiet")
}

// TestHomeOfANewerVersion has an older program refuse what a newer one wrote: whatever is asked, no
// byte of it changes, and with the newer program everything goes on.
func TestHomeOfANewerVersion(t *testing.T) {
	t.Parallel()
	l := newLive(t, startServer(t), "downgraded", ordersSQL)
	l.run(0, "backup", "create", "shop", "--quiet")
	config := l.read("config.toml")
	schema := l.catalog("catalog.db", "", "PRAGMA user_version")
	for _, newer := range []struct {
		name        string
		make, mend  func()
		code        int
		wantRefusal string
	}{
		{
			"configuration",
			func() {
				l.write("config.toml", regexp.MustCompile(`(?m)^version = .*`).ReplaceAllString(config, "version = 99"))
			},
			func() { l.write("config.toml", config) },
			1, "version is 99; this program reads up to version",
		},
		{
			"catalog",
			func() { l.catalog("catalog.db", "PRAGMA user_version = 99", "") },
			func() { l.catalog("catalog.db", fmt.Sprintf("PRAGMA user_version = %d", schema), "") },
			5, "the catalog has version 99",
		},
	} {
		newer.make()
		before := l.sums()
		for _, args := range [][]string{
			{"backup", "list"},
			{"backup", "create", "shop"},
			{"restore", "latest:shop", "--approve-file", l.approval()},
			{"sandbox", "remove", "shop", "--approve-file", l.approval()},
			{"schedule", "run-due"},
			{"vault", "maintain"},
			{"retention", "prune", "--approve-file", l.approval()},
		} {
			_, said := l.run(newer.code, args...)
			if !strings.Contains(said, newer.wantRefusal) || !strings.Contains(said, "Install the newer Holdfast again") {
				t.Errorf("%s, %s: %s", newer.name, args, said)
			}
		}
		for path, sum := range l.sums() {
			if before[path] != sum {
				t.Errorf("%s: %s was changed", newer.name, path)
			}
			delete(before, path)
		}
		for path := range before {
			t.Errorf("%s: %s is gone", newer.name, path)
		}
		newer.mend()
		l.run(0, "restore", "latest:shop", "--quiet", "--approve-file", l.approval())
	}
}

func (l *live) write(name, text string) {
	l.t.Helper()
	l.must(os.WriteFile(l.home(name), []byte(text), 0o600))
}

// sums gives the hash of each file of the home but locks and the log.
func (l *live) sums() map[string][sha256.Size]byte {
	l.t.Helper()
	sums := map[string][sha256.Size]byte{}
	l.must(filepath.WalkDir(l.home(""), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, ".lock") || strings.Contains(filepath.Base(path), "log") {
			return err
		}
		text, err := os.ReadFile(path)
		sums[path] = sha256.Sum256(text)
		return err
	}))
	return sums
}
