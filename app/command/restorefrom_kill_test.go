package command_test

import (
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"holdfast/backup/tally"
)

// TestKilledRestoreFrom kills the restore of a file at each stage: the live database is either the
// old one, whole, or the file's, complete, and always under its own name.
func TestKilledRestoreFrom(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	l := newLive(t, server, "killed_restore_from", shopSQL)
	c := server.Connection(l.database)
	const sum = "SELECT count(*), md5(string_agg(text, '' ORDER BY id)) FROM big"
	good := l.query(sum)
	files := map[string][]string{"dump": {"definitions", "tables", "indexes", "compare", "swap"}, "sql": {"create", "script", "statistics"}, "json": {"tables", "check"}}
	l.run(0, "backup", "create", "shop", "--quiet")
	l.run(0, "backup", "download", "latest:shop", "--format", "json", "--out", filepath.Join(l.dir, "x.json"), "--approve-file", l.approval(), "--quiet")
	for format := range files {
		if format == "json" {
			continue // no pg_dump writes that
		}
		cmd := exec.Command("pg_dump", "--host="+c.Host, "--port="+strconv.Itoa(int(c.Port)), "--username="+c.User, "--file="+filepath.Join(l.dir, "x."+format), l.database)
		if format == "dump" {
			cmd.Args = append(cmd.Args, "--format=custom")
		}
		l.must(cmd.Run())
	}
	l.must(execSQL(server, l.database, "DELETE FROM big WHERE id % 2 = 0"))
	bad := l.query(sum)
	row := tally.Of(t, "command: killed restore from a file")
	for format, stages := range files {
		args := []string{"restore", "--from", filepath.Join(l.dir, "x."+format), "--target", "shop", "--yes", "--approve-file", l.approval()}
		for _, stage := range stages {
			t.Run(stage, func(t *testing.T) {
				l.t = t
				row.Try(format + " " + stage)
				l.killAt(stage, args...)
				if _, stderr := l.run(0, "backup", "list"); !strings.Contains(stderr, "was interrupted") {
					t.Errorf("the next start does not say so: %q", stderr)
				}
				l.quiet()
				l.checkServer()
				l.checkVault()
				if got := l.query(sum); got != bad && got != good {
					t.Errorf("the live database is neither the old one nor the file's: %s", got)
				}
			})
		}
		l.t = t
		l.run(0, append(args, "--quiet")...)
		if got := l.query(sum); got != good {
			t.Errorf("after the next run: %s, want %s", got, good)
		}
		l.must(execSQL(server, l.database, "DELETE FROM big WHERE id % 2 = 0"))
	}
}
