package postgres

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"holdfast/backup"
)

// shell prepares a shell script as a child of the shared server, with a password.
func shell(t *testing.T, ctx context.Context, script string, files ...*os.File) (*child, *bytes.Buffer) {
	t.Helper()
	s := testServer()
	s.Password = func(backup.Sandbox) (string, error) { return thePassword, nil }
	sb := backup.Sandbox{Connection: sharedServer(t).Connection("postgres")}
	kid := s.child(ctx, sb, "postgres", "/bin/sh", []string{"-c", script}, files...)
	out := &bytes.Buffer{}
	kid.stdout = out
	return kid, out
}

func TestChildGetsNoSecretButThePassfile(t *testing.T) {
	t.Setenv("PGPASSWORD", "ENVSECRET")
	t.Setenv("DATABASE_URL", "postgres://u:ENVSECRET@h/d")
	t.Setenv("PGSERVICE", "")
	extra, err := memfile("extra")
	if err != nil {
		t.Fatal(err)
	}
	defer dropMemfile(extra)
	if _, err := extra.WriteString("handed over"); err != nil {
		t.Fatal(err)
	}
	kid, out := shell(t, t.Context(), `env; tr '\0' ' ' < /proc/$$/cmdline; echo; stat -L -c 'mode %a' "$PGPASSFILE"; echo; cat "$0"; echo "$PGPASSWORD" >&2`, extra)
	kid.arg(kid.path(0))
	if err := kid.run(); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	for _, secret := range []string{"ENVSECRET", thePassword, "ümlaut"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is in environment or arguments", secret)
		}
	}
	for _, want := range []string{"PGHOST=127.0.0.1", "PGDATABASE=postgres", "PGUSER=postgres", "statement_timeout=0", "mode 600", "handed over", "LC_MESSAGES=C", "PGSSLMODE=disable"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in: %s", want, text)
		}
	}
	if watched := strings.Contains(text, "client_connection_check_interval=10s"); watched != (sharedMajor(t) >= 14) {
		t.Errorf("the server looks for its client: %v", watched)
	}
	if kid.passfile == nil || kid.passfile.Fd() != ^uintptr(0) {
		t.Error("the passfile is still open")
	}
}

func TestChildReadsThePassword(t *testing.T) {
	t.Parallel()
	tools, err := testServer().tools(sharedMajor(t))
	if err != nil {
		t.Fatal(err)
	}
	kid, out := shell(t, t.Context(), `exec "$0" --no-password --schema-only`)
	kid.arg(tools.Dump)
	if err := kid.run(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "PostgreSQL database dump complete") {
		t.Error(out.String())
	}
}

func TestChildSaysWhatWentWrong(t *testing.T) {
	t.Parallel()
	kid, _ := shell(t, t.Context(), `echo first >&2; echo "it knows $0" >&2; exit 3`)
	kid.arg(thePassword)
	err := kid.run()
	wantKind(t, err, backup.Failed, "sh failed", "first", "it knows …")
	if strings.Contains(everyText(err), thePassword) {
		t.Errorf("the password is shown: %v", err)
	}
	kid, _ = shell(t, t.Context(), `echo "HINT: You might need to increase max_locks_per_transaction." >&2; exit 1`)
	wantKind(t, kid.run(), backup.Failed, "memory for locks", "Raise max_locks_per_transaction")
	kid, _ = shell(t, t.Context(), "")
	kid.program = "/no/such/program"
	wantKind(t, kid.run(), backup.Failed, "cannot start program")
}

// TestChildEndsWithItsContext has a child that ignores SIGTERM and one that has a child itself.
func TestChildEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	kid, _ := shell(t, ctx, `sleep 1000 & echo ready; wait`)
	kid.stdout = in
	if err := kid.start(); err != nil {
		t.Fatal(err)
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	cancel()
	wantKind(t, kid.wait(), backup.Cancelled)
	if n, err := out.Read(make([]byte, 1)); n != 0 || err == nil { // its end is only read when nobody has the pipe
		t.Errorf("the grandchild lives: %d %v", n, err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}
