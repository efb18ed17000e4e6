package postgres

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"holdfast/backup"
	"holdfast/backup/tally"
)

// stallingProxy forwards to a server until one connection has carried limit bytes; from then on
// that connection is open and silent.
func stallingProxy(t *testing.T, to string, limit int64) (port uint16) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	quit := make(chan struct{})
	all.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() { forward(client, to, limit, quit, &all) })
		}
	})
	t.Cleanup(func() {
		close(quit)
		_ = listener.Close()
		all.Wait()
	})
	return uint16(listener.Addr().(*net.TCPAddr).Port)
}

func forward(client net.Conn, to string, limit int64, quit chan struct{}, all *sync.WaitGroup) {
	server, err := net.Dial("tcp", to)
	if err != nil {
		_ = client.Close()
		return
	}
	all.Go(func() {
		_, _ = io.Copy(server, client)
		_ = server.Close()
	})
	if n, _ := io.CopyN(client, server, limit); n == limit {
		<-quit
	}
	_ = client.Close()
	_ = server.Close()
}

// TestSilentConnection: keepalives are answered, rows do not come.
func TestSilentConnection(t *testing.T) {
	tally.Of(t, "the server falls silent").Try("the moments in the test")
	quietEnv(t)
	sb := testDatabase(t, "silent", "CREATE TABLE big AS SELECT repeat('x', 1000) FROM generate_series(1, 5000)")
	direct := sharedServer(t).Connection("silent")
	sb.Connection = direct
	sb.Connection.Port = stallingProxy(t, address(direct), 1<<20)
	s := testServer()
	s.Password = func(backup.Sandbox) (string, error) { return thePassword, nil }
	s.silence = 300 * time.Millisecond
	_, err := s.Capture(t.Context(), sb, newShelf(), nil)
	wantKind(t, err, backup.Unreachable, "sent nothing", `"public"."big"`)
	noneLeft(t)
}

// TestUnreadableParent captures without a preflight: pg_dump cannot lock a table that it may
// not read, and waiting does not help.
func TestUnreadableParent(t *testing.T) {
	t.Parallel()
	owner := testDatabase(t, "parent", "CREATE TABLE parted(x int) PARTITION BY LIST (x)", "CREATE TABLE part PARTITION OF parted DEFAULT", "GRANT SELECT ON part TO PUBLIC")
	_, err := testServer().Capture(t.Context(), plainRole(t, owner, "weak4"), newShelf(), nil)
	wantKind(t, err, backup.Failed, "parted")
}

// TestLockMemory runs out of lock memory and says which setting to raise.
func TestLockMemory(t *testing.T) {
	t.Parallel()
	tally.Of(t, "the server runs out of memory for locks").Try("the moments in the test")
	p := ownServer(t, ownDir(t), WithSetting("max_locks_per_transaction", "10"), WithSetting("max_connections", "12"), WithSetting("max_wal_senders", "0"))
	sb := backup.Sandbox{Connection: p.Connection("postgres")}
	runSQL(t, sb, "DO $$ BEGIN FOR i IN 1..2500 LOOP EXECUTE 'CREATE TABLE public.t' || i || '()'; COMMIT; END LOOP; END $$")
	_, err := testServer().Capture(t.Context(), sb, newShelf(), nil)
	wantKind(t, err, backup.Failed, "memory for locks", "Raise max_locks_per_transaction")
	if err := p.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
}
