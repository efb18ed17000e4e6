package postgres

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"holdfast/backup"
)

// TestKeptIsFoundAgain starts a server in a folder that nobody else may enter, finds it again, kills it,
// and stops it by its process.
func TestKeptIsFoundAgain(t *testing.T) {
	t.Parallel()
	k := newKept(t)
	ctx := t.Context()
	if k.Runs(ctx) {
		t.Fatal("it runs before it was started")
	}
	if err := k.Stop(ctx); err != nil {
		t.Fatal("one that does not run:", err)
	}
	start(t, k)
	if err := k.Fill(ctx, "shop", "CREATE TABLE t AS SELECT 1 AS x"); err != nil {
		t.Fatal(err)
	}
	sb := backup.Sandbox{Connection: k.Connection("shop")}
	pid := k.pid()
	start(t, Kept{Folder: k.Folder, Sockets: k.Sockets})
	if again := k.pid(); again != pid || pid == 0 {
		t.Errorf("it was started twice: %d and %d", pid, again)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for k.pid() != 0 {
		pause(ctx, 1)
	}
	start(t, k)
	if got := ask(t, sb, "SELECT sum(x) FROM public.t"); got != "1" {
		t.Errorf("after kill -9 the sum is %q", got)
	}
	if err := k.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(k.Sockets); !os.IsNotExist(err) || k.Runs(ctx) {
		t.Errorf("it left: %v", err)
	}
}

// TestKeptRefuses what would be another's: a socket folder, data of a server that is not there, and a
// process that has the number of its own by now.
func TestKeptRefuses(t *testing.T) {
	t.Parallel()
	k := newKept(t)
	if err := os.Mkdir(k.Sockets, 0o755); err != nil {
		t.Fatal(err)
	}
	wantKind(t, k.Start(t.Context()), backup.Refused, "in the way")
	if err := os.Remove(k.Sockets); err != nil {
		t.Fatal(err)
	}
	put := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(k.data(), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(k.data(), name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("PG_VERSION", "9\n")
	wantKind(t, k.Start(t.Context()), backup.Failed, "PostgreSQL 9", "not installed")
	put("postmaster.pid", "1\n")
	if k.pid() != 0 {
		t.Error("another's process is taken for the server")
	}
}

func newKept(t *testing.T) Kept {
	t.Helper()
	sockets, err := os.MkdirTemp("", "hfk-") // short: it holds a socket
	if err != nil {
		t.Fatal(err)
	}
	k := Kept{Folder: filepath.Join(t.TempDir(), "server"), Sockets: filepath.Join(sockets, "s")}
	if err := os.Chmod(sockets, 0o711); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := k.Stop(context.Background()); err != nil {
			t.Error(err)
		}
		_ = os.RemoveAll(sockets) // a temporary folder
	})
	return k
}

func start(t *testing.T, k Kept) {
	t.Helper()
	if err := k.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
}
