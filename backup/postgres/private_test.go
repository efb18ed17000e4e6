package postgres

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"holdfast/backup"
	"holdfast/backup/testkit"
)

// ownServer starts a server for one test.
func ownServer(t *testing.T, dir string, options ...PrivateOption) *Private {
	t.Helper()
	p, err := StartPrivate(t.Context(), dir, append(options, WithoutFsync())...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Crash() }) // most tests ended it already
	return p
}

// ownDir makes a folder for ownServer that goes away with the test.
func ownDir(t *testing.T) string {
	t.Helper()
	dir, err := testkit.ReachableDir()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // a temporary folder
	return dir
}

// TestPrivateKeepsItsData stops a server in order, then kills it; what was committed stays.
func TestPrivateKeepsItsData(t *testing.T) {
	t.Parallel()
	dir := ownDir(t)
	p := ownServer(t, dir)
	sb := backup.Sandbox{Connection: p.Connection("postgres")}
	runSQL(t, sb, "CREATE TABLE t AS SELECT 1 AS x")
	if got := ask(t, sb, "SELECT current_setting('listen_addresses')"); got != "" {
		t.Errorf("it listens on %q", got)
	}
	if err := p.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(p.sockets); !os.IsNotExist(err) {
		t.Errorf("its socket's folder is still there: %v", err)
	}
	p = ownServer(t, dir)
	sb.Connection = p.Connection("postgres")
	runSQL(t, sb, "INSERT INTO t VALUES (2)")
	if err := p.Crash(); err != nil {
		t.Fatal(err)
	}
	p = ownServer(t, dir)
	sb.Connection = p.Connection("postgres")
	if got := ask(t, sb, "SELECT sum(x) FROM public.t"); got != "3" {
		t.Errorf("the sum is %s", got)
	}
	if err := p.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestPrivateRefuses(t *testing.T) {
	temp := ownDir(t)
	t.Setenv("TMPDIR", temp)
	_, err := StartPrivate(t.Context(), ownDir(t), WithPrograms(t.TempDir()))
	wantKind(t, err, backup.Failed, "initdb")
	dir := ownDir(t)
	_, err = StartPrivate(t.Context(), dir, WithoutFsync(), WithTCP("pw"), WithSetting("no_such_setting", "1"))
	wantKind(t, err, backup.Failed, "did not start", "no_such_setting")
	matches, err := filepath.Glob(filepath.Join(temp, "hf-*"))
	if err != nil || len(matches) != 0 {
		t.Errorf("left: %v %v", matches, err)
	}
}

// TestServerRestartsDuringCapture: sessions and snapshot are lost once; the capture is tried
// again when the server is back.
func TestServerRestartsDuringCapture(t *testing.T) {
	t.Parallel()
	dir := ownDir(t)
	p := ownServer(t, dir, WithTCP("pw"))
	s := testServer()
	s.Password = func(backup.Sandbox) (string, error) { return "pw", nil }
	sb := backup.Sandbox{Connection: p.Connection("postgres")}
	runSQL(t, backup.Sandbox{Connection: p.Socket("postgres")}, "CREATE TABLE t AS SELECT generate_series(1, 1000) AS x")
	var again *Private
	var once sync.Once
	sink := newHookSink(func(_ int, name string) error {
		var err error
		if name == backup.DirTables+"/1.copy" {
			once.Do(func() {
				if err = p.Stop(t.Context()); err == nil {
					again, err = startOn(t.Context(), dir, p.port)
				}
			})
		}
		return err
	})
	m, err := s.Capture(t.Context(), sb, sink, nil)
	if err != nil {
		t.Fatal(err)
	}
	if m.Rows() != 1000 || sink.resets != 1 {
		t.Errorf("%d rows after %d restarts", m.Rows(), sink.resets)
	}
	if err := again.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err = s.Capture(t.Context(), sb, newShelf(), nil)
	wantKind(t, err, backup.Unreachable, "cannot reach")
}

// startOn starts the server of dir again on a given port.
func startOn(ctx context.Context, dir string, port uint16) (*Private, error) {
	cfg := &privateConfig{tcp: true, unsafe: true}
	p, err := newPrivate(dir, cfg)
	if err != nil {
		return nil, err
	}
	p.port = port
	if err := p.prepare(ctx, cfg); err != nil {
		return nil, err
	}
	return p, p.launch(ctx, cfg)
}

// TestConnectGivesUp connects to something that accepts and then says nothing.
func TestConnectGivesUp(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	port := uint16(listener.Addr().(*net.TCPAddr).Port)
	sb := backup.Sandbox{Connection: backup.Connection{Host: "127.0.0.1", Port: port, User: "u", Database: "d"}}
	_, err = testServer().connect(ctx, sb, "d")
	wantKind(t, err, backup.Unreachable, "no answer in time")
	if strings.Contains(everyText(err), "password") {
		t.Error(err)
	}
}
