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

// slowSink lets nothing into the part of one table until told: a vault that is slow.
type slowSink struct {
	*shelf

	reached chan struct{} // closed when rows are to be written to a table's part
	goOn    chan struct{}
	once    sync.Once
}

func newSlowSink() *slowSink {
	return &slowSink{shelf: newShelf(), reached: make(chan struct{}), goOn: make(chan struct{})}
}

func (s *slowSink) Create(ctx context.Context, name string) (backup.PartWriter, error) {
	part, err := s.shelf.Create(ctx, name)
	if err != nil || !strings.HasPrefix(name, backup.DirTables+"/") {
		return part, err
	}
	return &slowPart{PartWriter: part, sink: s}, nil
}

type slowPart struct {
	backup.PartWriter

	sink *slowSink
}

func (p *slowPart) Write(text []byte) (int, error) {
	p.sink.once.Do(func() {
		close(p.sink.reached)
		<-p.sink.goOn
	})
	return p.PartWriter.Write(text)
}

// aside runs statements in a session of its own and tells when they are done.
func (b *bench) aside(statements ...string) chan error {
	done := make(chan error, 1)
	conn := b.open("live")
	go func() {
		defer closeConn(conn)
		var err error
		for _, sql := range statements {
			err = firstOf(err, execute(b.ctx(), conn, sql))
		}
		done <- err
	}()
	return done
}

// TestMigrationsGoOn has a vault that takes no rows. The table whose rows come is locked, and no
// other; small tables, whose rows are in memory by then, are not locked at all.
func TestMigrationsGoOn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		rows     int
		changed  string
		isLocked bool
	}{{"a large table", 200_000, "big", true}, {"small tables", 100, "filler_3", false}} {
		t.Run(c.name, func(t *testing.T) {
			b := startBench(t)
			b.fresh("live", fmt.Sprintf("CREATE TABLE big AS SELECT g AS x, repeat('x', 20) AS t FROM generate_series(1, %d) g", c.rows),
				"CREATE TABLE small_1 AS SELECT 1 AS x", "CREATE TABLE small_2 AS SELECT 2 AS x")
			for i := range 8 { // more than a socket takes
				b.run("live", fmt.Sprintf("CREATE TABLE filler_%d AS SELECT repeat('y', 60) FROM generate_series(1, 1200)", i))
			}
			b.Workers = 1
			sink := newSlowSink()
			captured := make(chan error, 1)
			var m *backup.Manifest
			go func() {
				var err error
				m, err = b.Capture(b.ctx(), b.sb, sink, nil)
				captured <- err
			}()
			<-sink.reached
			b.eventually("pg_dump has ended", func() bool {
				return b.text("template1", "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'holdfast pg_dump%'") == "0"
			})
			b.run("live", "SET lock_timeout = '20s'", "ALTER TABLE small_2 ADD COLUMN y int DEFAULT 5", "VACUUM big", "INSERT INTO big VALUES (0, 'later')")
			altered := b.aside("SET lock_timeout = '20s'", "ALTER TABLE "+c.changed+" ADD COLUMN y int DEFAULT 5")
			if c.isLocked {
				b.eventually("who changes the large table waits", func() bool {
					return b.text("live", "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'big'::regclass") == "1"
				})
				close(sink.goOn)
			}
			if err := <-altered; err != nil {
				t.Error(err)
			}
			if !c.isLocked {
				close(sink.goOn)
			}
			if err := <-captured; err != nil {
				t.Fatal(err)
			}
			if got := tableOf(t, m, "public", "big").Rows; got < int64(c.rows) || got > int64(c.rows)+1 {
				t.Errorf("%d rows", got)
			}
		})
	}
}

// TestABatchWaitsForNobody holds one of many small tables: nobody who wants another of them waits
// until it is free, and it is copied with the others in the end.
func TestABatchWaitsForNobody(t *testing.T) {
	t.Parallel()
	var sql []string
	for i := range 20 {
		sql = append(sql, fmt.Sprintf("CREATE TABLE t%02d AS SELECT %d AS x", i, i))
	}
	sb := testDatabase(t, "held", sql...)
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	s := testServer()
	c := &capture{server: s, sandbox: sb, sink: newShelf(), track: &tracker{}, ours: &ourSessions{}}
	defer c.ours.close()
	if err := firstOf(c.open(ctx), c.look(ctx, false)); err != nil {
		t.Fatal(err)
	}
	work, err := c.plan(ctx)
	if err != nil || len(work) > 10 {
		t.Fatalf("%d pieces of work, %v", len(work), err)
	}
	worker, err := c.session(ctx)
	if err != nil {
		t.Fatal(err)
	}
	release := holdLock(t, sb, c.tables[work[0][len(work[0])-1]].Name)
	defer release()
	done := make(chan error, 1)
	c.track.report = func(p backup.Progress) {
		if strings.HasPrefix(p.Stage, "waiting for a lock held by process") {
			if got := ask(t, sb, "SELECT count(*) FROM pg_locks WHERE mode = 'AccessShareLock' AND relation = ANY ($1)", oidsOf(c.tables)); got != "0" {
				t.Errorf("%s tables are locked while one is waited for", got)
			}
			release()
		}
	}
	go func() { done <- c.copyPiece(ctx, worker, work[0]) }()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	for _, i := range work[0] {
		if c.results[i].Rows != 1 {
			t.Errorf("%+v", c.results[i])
		}
	}
}

// TestWhoIsInTheWay asks for a table that somebody has whose doings the backup's role may not see,
// and for one that a prepared transaction has.
func TestWhoIsInTheWay(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.run("template1", "CREATE ROLE clerk LOGIN")
	b.fresh("live", "CREATE TABLE a(x int)", "CREATE TABLE p(x int)", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO clerk")
	b.run("live", "BEGIN; ALTER TABLE p ADD COLUMN y int; PREPARE TRANSACTION 'left behind'")
	defer b.run("live", "ROLLBACK PREPARED 'left behind'")
	release := holdLock(t, b.sb, "a")
	defer release()
	for _, c := range []struct {
		exclude string
		words   []string
	}{{"p", []string{"process ", "migrator", "role postgres", "on public.a"}}, {"a", []string{"prepared transaction 'left behind'", "role postgres", "on public.p"}}} {
		sb := b.sb
		sb.Connection.User = "clerk"
		ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
		look := &capture{server: b.Server, sandbox: sb, track: &tracker{}, ours: &ourSessions{}}
		err := firstOf(look.open(ctx), look.look(ctx, false))
		if err != nil {
			t.Fatal(err)
		}
		var oids []uint32
		for _, table := range look.tables {
			if table.Name != c.exclude {
				oids = append(oids, table.OID)
			}
		}
		who, err := look.blockers(ctx, oids)
		look.ours.close()
		cancel()
		if err != nil || strings.Contains(who, "?") || strings.Contains(who, "()") {
			t.Errorf("%q, %v", who, err)
		}
		for _, word := range c.words {
			if !strings.Contains(who, word) {
				t.Errorf("%q wanted in %q", word, who)
			}
		}
	}
}
