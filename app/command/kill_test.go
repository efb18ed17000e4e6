package command_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"holdfast/backup"
	"holdfast/backup/tally"
)

const shopSQL = `
	CREATE TABLE big AS SELECT n AS id, repeat(md5(n::text), 20) AS text FROM generate_series(1, 60000) AS n;
	ALTER TABLE big ADD PRIMARY KEY (id);
	CREATE TABLE small AS SELECT n FROM generate_series(1, 100) AS n;
	SELECT lo_from_bytea(0, decode(repeat('ab', 20000), 'hex')) FROM generate_series(1, 20);`

type backupDoc struct {
	ID      backup.ID
	Status  backup.Status
	Trigger backup.Trigger
}

// TestKilledBackup kills a backup at each stage that its progress names.
func TestKilledBackup(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	l := newLive(t, server, "killed_backup", shopSQL)
	l.run(0, "backup", "create", "shop", "--quiet")
	row := tally.Of(t, "command: killed backup")
	for _, stage := range []string{"preflight", "connect", "tables", "compare", "verify"} {
		t.Run(stage, func(t *testing.T) {
			l.t = t
			row.Try(stage)
			l.killAt(stage, "backup", "create", "shop")
			_, stderr := l.run(0, "backup", "list")
			if !strings.Contains(stderr, "was interrupted") {
				t.Errorf("the next start does not say so: %q", stderr)
			}
			l.quiet()
			l.checkVault()
		})
	}
	var list []backupDoc
	l.decode(&list, "backup", "list")
	if n := countStatus(list, backup.StatusInterrupted); n != 5 {
		t.Errorf("%d runs are interrupted, want 5", n)
	}
	l.run(0, "backup", "create", "shop", "--quiet")
	l.run(0, "vault", "verify", "--full")
}

// TestKilledRestore kills a restore at each stage. The live database is either the old one,
// whole, or the restored one, complete, and always under its own name.
func TestKilledRestore(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	l := newLive(t, server, "killed_restore", shopSQL)
	l.run(0, "backup", "create", "shop", "--quiet")
	good := l.query("SELECT count(*), md5(string_agg(text, '' ORDER BY id)) FROM big")
	l.must(execSQL(server, l.database, "DELETE FROM big WHERE id % 2 = 0"))
	bad := l.query("SELECT count(*), md5(string_agg(text, '' ORDER BY id)) FROM big")
	row := tally.Of(t, "command: killed restore")
	for _, stage := range []string{"saving: tables", "saving: verify", "create", "definitions", "tables", "large objects", "indexes", "statistics", "compare", "swap"} {
		t.Run(stage, func(t *testing.T) {
			l.t = t
			row.Try(stage)
			l.killAt(stage, "restore", "latest:shop", "--approve-file", l.approval())
			_, stderr := l.run(0, "backup", "list")
			if !strings.Contains(stderr, "was interrupted") {
				t.Errorf("the next start does not say so: %q", stderr)
			}
			l.quiet()
			l.checkServer()
			l.checkVault()
			if got := l.query("SELECT count(*), md5(string_agg(text, '' ORDER BY id)) FROM big"); got != bad && got != good {
				t.Errorf("the live database is neither the old one nor the restored one: %s", got)
			}
		})
	}
	l.run(0, "restore", "latest:shop", "--approve-file", l.approval(), "--quiet")
	if got := l.query("SELECT count(*), md5(string_agg(text, '' ORDER BY id)) FROM big"); got != good {
		t.Errorf("after the next run: %s, want %s", got, good)
	}
}

// checkServer finds no shadow, and no kept database without its live partner.
func (l *live) checkServer() {
	l.t.Helper()
	names := l.query("SELECT string_agg(datname, ' ') FROM pg_database WHERE NOT datistemplate")
	if strings.Contains(names, "_shadow_") || !strings.Contains(" "+names+" ", " "+l.database+" ") {
		l.t.Errorf("databases on the server: %s", names)
	}
	if open := l.query("SELECT count(*) FROM pg_database WHERE NOT datallowconn AND datname <> 'template0'"); open != "0" {
		l.t.Errorf("%s databases still refuse connections", open)
	}
}

// checkVault finds nothing that a dead run left: no orphan blob session, no temporary file.
func (l *live) checkVault() {
	l.t.Helper()
	temporary := regexp.MustCompile(`\.tmp|\.holdfast-`)
	for _, dir := range []string{"home", "tmp"} {
		l.must(filepath.WalkDir(filepath.Join(l.dir, dir), func(path string, _ os.DirEntry, err error) error {
			if err == nil && temporary.MatchString(filepath.Base(path)) {
				l.t.Errorf("left behind: %s", path)
			}
			return err
		}))
	}
	l.run(0, "vault", "verify")
}

func countStatus(list []backupDoc, s backup.Status) int {
	n := 0
	for _, b := range list {
		if b.Status == s {
			n++
		}
	}
	return n
}
