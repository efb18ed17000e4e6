package command_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/backup/postgres"
)

// live is a home with a vault and one sandbox, driven through processes of the program.
type live struct {
	t        *testing.T
	server   *postgres.Private
	dir      string
	database string
	env      []string
}

// newLive makes a home, a database filled by sql, and everything up to the sandbox "shop".
func newLive(t *testing.T, server *postgres.Private, database, sql string) *live {
	t.Helper()
	return newLiveWith(t, server, database, sql)
}

// newLiveWith is newLive with more flags for the sandbox.
func newLiveWith(t *testing.T, server *postgres.Private, database, sql string, flags ...string) *live {
	t.Helper()
	l := &live{t: t, server: server, dir: t.TempDir(), database: database}
	l.must(execSQL(server, "postgres", "CREATE DATABASE "+pgx.Identifier{database}.Sanitize()))
	l.must(execSQL(server, database, sql))
	l.env = append(withoutSecrets(os.Environ()),
		"HOLDFAST_HOME="+filepath.Join(l.dir, "home"), "HOLDFAST_KEY_FILE="+filepath.Join(l.dir, "key"),
		"TMPDIR="+filepath.Join(l.dir, "tmp"))
	l.must(os.Mkdir(filepath.Join(l.dir, "tmp"), 0o700))
	l.must(os.WriteFile(filepath.Join(l.dir, "approval"), []byte("a good passphrase\n"), 0o600))
	c := server.Connection(database)
	l.run(0, "vault", "init")
	l.run(0, "gate", "set-passphrase", "--approve-file", l.approval())
	l.run(0, append([]string{"sandbox", "add", "shop", "--dsn", fmt.Sprintf("host=%s port=%d user=%s dbname=%s", c.Host, c.Port, c.User, c.Database)}, flags...)...)
	return l
}

// withoutSecrets drops what would let the program find another home, keyring or server.
func withoutSecrets(env []string) []string {
	var kept []string
	for _, pair := range env {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "PG") || strings.HasPrefix(name, "HOLDFAST_") || strings.HasPrefix(name, "DBUS_") || strings.HasPrefix(name, "XDG_") {
			continue
		}
		kept = append(kept, pair)
	}
	return kept
}

func (l *live) approval() string { return filepath.Join(l.dir, "approval") }

func (l *live) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

// program is this test binary under the program's name, see TestMain.
func program(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("holdfast")
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func (l *live) command(args ...string) *exec.Cmd {
	cmd := exec.Command(program(l.t), args...)
	cmd.Env, cmd.Dir = l.env, l.dir
	return cmd
}

// run runs the program to its end, wants that exit code and gives standard output and error.
func (l *live) run(code int, args ...string) (stdout, stderr string) {
	l.t.Helper()
	var out, errs bytes.Buffer
	cmd := l.command(args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	if cmd.ProcessState == nil {
		l.t.Fatalf("holdfast %s: %v", strings.Join(args, " "), err)
	}
	if got := cmd.ProcessState.ExitCode(); got != code {
		l.t.Fatalf("holdfast %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), got, code, out.String(), errs.String())
	}
	return out.String(), errs.String()
}

// query gives the rows of a statement on the sandbox's database as text.
func (l *live) query(sql string) string {
	l.t.Helper()
	got, err := querySQL(l.server, l.database, sql)
	l.must(err)
	return got
}

// decode runs the program with --json and reads its document.
func (l *live) decode(v any, args ...string) {
	l.t.Helper()
	out, _ := l.run(0, append(args, "--json")...)
	if err := json.Unmarshal([]byte(out), v); err != nil {
		l.t.Fatalf("holdfast %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// stay starts the headless scheduler, and gives what it writes to standard error.
func (l *live) stay(env ...string) io.Reader {
	l.t.Helper()
	cmd := l.command("schedule", "run")
	cmd.Env = append(cmd.Env, env...)
	said, err := cmd.StderrPipe()
	l.must(err)
	l.must(cmd.Start())
	l.t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		_ = cmd.Wait()         // it was killed: that is its error
	})
	return said
}

// killAt starts a command and kills it when its progress names a stage. One that has ended before the
// kill came is begun again.
func (l *live) killAt(stage string, args ...string) {
	l.t.Helper()
	for range 20 {
		if l.killedAt(stage, args...) {
			return
		}
	}
	l.t.Fatalf("holdfast %s has always ended before it can be killed in the stage %q", strings.Join(args, " "), stage)
}

func (l *live) killedAt(stage string, args ...string) bool {
	l.t.Helper()
	cmd := l.command(args...)
	progress, err := cmd.StderrPipe()
	l.must(err)
	l.must(cmd.Start())
	seen := waitFor(progress, stage)
	l.must(cmd.Process.Kill())
	rest, _ := io.ReadAll(progress) // the pipe ends with the process
	_ = cmd.Wait()                  // it was killed: that is its error
	if !seen {
		l.t.Fatalf("holdfast %s ended before the stage %q\n%s", strings.Join(args, " "), stage, rest)
	}
	return !cmd.ProcessState.Exited()
}

// waitFor reads lines until one starts with prefix.
func waitFor(r io.Reader, prefix string) bool {
	var line []byte
	one := make([]byte, 1)
	for {
		if _, err := r.Read(one); err != nil {
			return false
		}
		if one[0] != '\n' {
			line = append(line, one[0])
			if strings.HasPrefix(string(line), prefix) {
				return true
			}
			continue
		}
		line = line[:0]
	}
}

// quiet waits until no session and no child of a dead run is left.
func (l *live) quiet() {
	l.t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), 20*time.Second)
	defer stop()
	for {
		left := l.query("SELECT coalesce(string_agg(application_name || ' ' || state, ', '), '') FROM pg_stat_activity WHERE application_name LIKE 'holdfast%'")
		if left == "" {
			return
		}
		select {
		case <-ctx.Done():
			l.t.Fatalf("sessions are left on the server: %s", left)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
