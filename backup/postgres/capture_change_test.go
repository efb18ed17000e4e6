package postgres

import (
	"context"
	"fmt"

	"strings"
	"sync"
	"testing"
	"time"

	"holdfast/backup"
)

// hookSink calls a function before a part is made, and counts.
type hookSink struct {
	*shelf

	before func(try int, name string) error

	mu     sync.Mutex
	resets int
}

func newHookSink(before func(try int, name string) error) *hookSink {
	return &hookSink{shelf: newShelf(), before: before}
}

func (h *hookSink) Create(ctx context.Context, name string) (backup.PartWriter, error) {
	h.mu.Lock()
	try := h.resets + 1
	h.mu.Unlock()
	if err := h.before(try, name); err != nil {
		return nil, err
	}
	return h.shelf.Create(ctx, name)
}

func (h *hookSink) Reset() {
	h.mu.Lock()
	h.resets++
	h.mu.Unlock()
	h.shelf.Reset()
}

// TestChangedAllTheTime has a job that changes a table during every try: the third try locks.
func TestChangedAllTheTime(t *testing.T) {
	t.Parallel()
	sb := testDatabase(t, "restless", "CREATE TABLE a(x int)", "CREATE TABLE b(x int)", "INSERT INTO a VALUES (1)", "INSERT INTO b VALUES (2)")
	locked := ""
	sink := newHookSink(func(try int, name string) error {
		if name != backup.DirTables+"/1.copy" {
			return nil
		}
		if try <= freeRestarts {
			runSQL(t, sb, "TRUNCATE a; INSERT INTO a VALUES ("+fmt.Sprint(try)+"); TRUNCATE b")
			return nil
		}
		locked = ask(t, sb, `SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE l.mode = 'AccessShareLock' AND c.relname IN ('a', 'b')`)
		return nil
	})
	s := testServer()
	s.Workers = 1
	m, err := s.Capture(t.Context(), sb, sink, nil)
	if err != nil {
		t.Fatal(err)
	}
	if sink.resets != freeRestarts || locked < "2" {
		t.Errorf("started over %d times; %s locks", sink.resets, locked)
	}
	if got := rowsOf(t, m, sink.shelf, "public", "a"); len(got) != 1 || got[0] != "2\n" {
		t.Errorf("rows of a: %q", got)
	}
	noneLeft(t)
}

// holdLock locks a table until the result is called.
func holdLock(t *testing.T, sb backup.Sandbox, table string) (release func()) {
	t.Helper()
	conn, err := testServer().connect(t.Context(), sb, sb.Connection.Database)
	if err != nil {
		t.Fatal(err)
	}
	err = execute(t.Context(), conn, "SET application_name = 'migrator'; BEGIN; LOCK TABLE public."+table+" IN ACCESS EXCLUSIVE MODE")
	if err != nil {
		t.Fatal(err)
	}
	return sync.OnceFunc(func() { closeConn(conn) })
}

func TestMigrationInTheWay(t *testing.T) {
	t.Parallel()
	sb := testDatabase(t, "blocked", "CREATE TABLE a(x int)", "CREATE TABLE b(x int)", "INSERT INTO a VALUES (1)")
	t.Run("for ever", func(t *testing.T) {
		release := holdLock(t, sb, "a")
		s := testServer()
		s.patience = time.Millisecond
		_, err := s.Capture(t.Context(), sb, newShelf(), nil)
		wantKind(t, err, backup.Busy, "migrator", "role postgres", "on public.a", "process ")
		release()
		noneLeft(t)
	})
	t.Run("for a while", func(t *testing.T) {
		release := holdLock(t, sb, "a")
		m, err := testServer().Capture(t.Context(), sb, newShelf(), func(p backup.Progress) {
			if strings.HasPrefix(p.Stage, "waiting for a lock held by process") {
				release()
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if rows := tableOf(t, m, "public", "a").Rows; rows != 1 {
			t.Errorf("%d rows", rows)
		}
		noneLeft(t)
	})
}

// TestLockIsShort asks for a lock directly: pg_dump, which waits too, must not hide a worker
// that waits for ever.
func TestLockIsShort(t *testing.T) {
	t.Parallel()
	sb := testDatabase(t, "short", "CREATE TABLE a(x int)")
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	s := testServer()
	s.patience = time.Millisecond
	c := &capture{server: s, sandbox: sb, track: &tracker{}, ours: &ourSessions{}}
	defer c.ours.close()
	if err := firstOf(c.open(ctx), c.look(ctx, false)); err != nil {
		t.Fatal(err)
	}
	worker, err := c.session(ctx)
	if err != nil {
		t.Fatal(err)
	}
	release := holdLock(t, sb, "a")
	defer release()
	wantKind(t, c.lock(ctx, worker, c.tables[0]), backup.Busy, "migrator")
	release()
	if err := c.lock(ctx, worker, c.tables[0]); err != nil {
		t.Error(err)
	}
}

// TestDumpHasTheSnapshot makes objects after the snapshot and before pg_dump begins.
func TestDumpHasTheSnapshot(t *testing.T) {
	t.Parallel()
	sb := testDatabase(t, "later", "CREATE TABLE before()", "SELECT lo_from_bytea(5, 'old')", "CREATE SEQUENCE counter")
	sink := newHookSink(func(_ int, name string) error {
		if name == backup.PartGlobals {
			runSQL(t, sb, "CREATE TABLE afterwards(x int)", "INSERT INTO afterwards VALUES (1)", "SELECT lo_put(5, 0, 'new and longer')", "SELECT lo_create(6)", "CREATE SEQUENCE another")
		}
		return nil
	})
	m, err := testServer().Capture(t.Context(), sb, sink, nil)
	if err != nil {
		t.Fatal(err)
	}
	if sink.resets != 0 || len(m.Tables) != 1 || m.LargeObjects.Count != 1 || m.LargeObjects.Bytes != 3 || len(m.Sequences) != 1 {
		t.Errorf("%d restarts, %+v", sink.resets, m)
	}
	if strings.Contains(string(sink.parts[backup.PartTOC]), "afterwards") {
		t.Error("the archive defines what was made after the snapshot")
	}
}
