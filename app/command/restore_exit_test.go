//go:build unix

package command_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"holdfast/backup"
	"holdfast/backup/testkit"
)

const bigSQL = "SELECT count(*), md5(string_agg(text, '' ORDER BY id)) FROM big"

// TestInterruptedRestore presses Ctrl-C at each stage: exit code 130, and the live database is as it was. However
// late the key comes, the restore has not ended yet: it waits for what holds the live database's name.
func TestInterruptedRestore(t *testing.T) {
	t.Parallel()
	testkit.Interruptible(t)
	l := newLive(t, startServer(t), "interrupted_restore", shopSQL)
	l.run(0, "backup", "create", "shop", "--quiet")
	l.must(execSQL(l.server, l.database, "DELETE FROM big WHERE id % 2 = 0"))
	before := l.query(bigSQL)
	for _, stage := range []string{"saving: tables", "saving: verify", "create", "definitions", "tables", "large objects", "indexes", "statistics"} {
		t.Run(stage, func(t *testing.T) {
			l.t = t
			cmd := l.command("restore", "latest:shop", "--approve-file", l.approval())
			progress, err := cmd.StderrPipe()
			l.must(err)
			release := l.barSwap()
			l.must(cmd.Start())
			seen := waitFor(progress, stage)
			l.must(cmd.Process.Signal(os.Interrupt))
			rest, _ := io.ReadAll(progress) // the pipe ends with the process
			_ = cmd.Wait()                  // its exit code is what counts
			release()
			if code := cmd.ProcessState.ExitCode(); !seen || code != 130 {
				t.Errorf("exit code %d, stage seen %v\n%s", code, seen, rest)
			}
			l.quiet()
			l.checkServer()
			if got := l.query(bigSQL); got != before {
				t.Errorf("the live database is %s, before it was %s", got, before)
			}
		})
	}
	l.t = t
	l.checkVault()
	l.run(0, "restore", "latest:shop", "--approve-file", l.approval(), "--quiet")
}

// TestBusyRestore stops a restore in the middle, as a laptop's lid does. Whatever else would change the
// database says busy, exit code 6, until it has ended.
func TestBusyRestore(t *testing.T) {
	t.Parallel()
	l := newLive(t, startServer(t), "busy_restore", shopSQL)
	l.run(0, "backup", "create", "shop", "--quiet")
	var kept struct{ ID backup.ID }
	l.decode(&kept, "restore", "latest:shop", "--approve-file", l.approval())
	cmd := l.command("restore", "latest:shop", "--approve-file", l.approval())
	progress, err := cmd.StderrPipe()
	l.must(err)
	release := l.bar()
	l.must(cmd.Start())
	seen := waitFor(progress, "create")
	l.must(cmd.Process.Signal(syscall.SIGSTOP))
	release()
	for _, args := range [][]string{
		{"restore", "latest:shop"}, {"restore", "latest:shop", "--unsaved"}, {"restore", "latest:shop", "--table", "small"},
		{"undo", string(kept.ID)}, {"undo", string(kept.ID), "--drop"},
	} {
		if _, stderr := l.run(6, append(args, "--approve-file", l.approval())...); strings.Contains(stderr, "--unsaved") {
			t.Errorf("%q: %s", args, stderr)
		}
	}
	l.must(cmd.Process.Signal(syscall.SIGCONT))
	rest, _ := io.ReadAll(progress) // the pipe ends with the process
	if err := cmd.Wait(); err != nil || !seen {
		t.Errorf("the first one: %v, stage seen %v\n%s", err, seen, rest)
	}
	l.run(0, "undo", string(kept.ID), "--approve-file", l.approval())
	l.checkServer()
}

// bar keeps anybody from making, renaming or dropping a database until release is called: a restore waits
// there, however long the test takes to notice that it has come so far.
func (l *live) bar() (release func()) {
	l.t.Helper()
	conn, err := connect(l.server, "postgres")
	l.must(err)
	_, err = conn.Exec(context.Background(), "BEGIN; LOCK TABLE pg_database IN SHARE MODE")
	l.must(err)
	return func() { l.must(conn.Close(context.Background())) }
}

// barSwap keeps the live database from being banned or renamed until release is called.
func (l *live) barSwap() (release func()) {
	l.t.Helper()
	conn, err := connect(l.server, "postgres")
	l.must(err)
	_, err = conn.Exec(context.Background(), "BEGIN; ALTER DATABASE "+pgx.Identifier{l.database}.Sanitize()+" CONNECTION LIMIT -1")
	l.must(err)
	return func() { l.must(conn.Close(context.Background())) }
}

// TestDamagedRestore flips bytes in the vault: exit code 5, and the live database is as it was.
func TestDamagedRestore(t *testing.T) {
	t.Parallel()
	l := newLive(t, startServer(t), "damaged_restore", shopSQL)
	l.run(0, "backup", "create", "shop", "--quiet")
	l.must(execSQL(l.server, l.database, "UPDATE big SET text = md5(text) || text"))
	before := l.query(bigSQL)
	var first backupDoc
	l.decode(&first, "backup", "show", "latest:shop")
	l.must(filepath.WalkDir(filepath.Join(l.dir, "home", "vault"), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasPrefix(strings.TrimPrefix(path, filepath.Join(l.dir, "home", "vault")), "/p") {
			return err
		}
		whole, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for i := len(whole) / 10; i < len(whole)*9/10; i += 1000 {
			whole[i] ^= 1
		}
		return os.WriteFile(path, whole, 0o600)
	}))
	l.run(5, "restore", string(first.ID), "--unsaved", "--approve-file", l.approval())
	var after struct{ Verdict backup.Verdict }
	l.decode(&after, "backup", "show", string(first.ID))
	if after.Verdict != backup.Broken {
		t.Errorf("the backup is %s", after.Verdict)
	}
	if got := l.query(bigSQL); got != before {
		t.Errorf("the live database is %s, before it was %s", got, before)
	}
	l.checkServer()
	l.run(5, "restore", string(first.ID), "--approve-file", l.approval())
}
