package postgres

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"

	"holdfast/backup"
	"holdfast/backup/rowsum"
	"holdfast/backup/testkit"
)

// someOrAll gives how many of something a test makes: all of them only when there is time.
func someOrAll(some, all int) int {
	if long() {
		return all
	}
	return some
}

// thereAndBack captures the database live, fills a shadow with it and reads everything back.
func (b *bench) thereAndBack() *backup.Manifest {
	b.t.Helper()
	m, parts := b.capture("live")
	job := b.job("shadow")
	b.fill(job, m, parts)
	if err := b.Reread(b.ctx(), job, m, nil); err != nil {
		b.t.Fatal(err)
	}
	return m
}

// privateBench is a bench with a server of its own.
func privateBench(t *testing.T, options ...PrivateOption) *bench {
	t.Helper()
	dir, err := testkit.ReachableDir()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	b := &bench{Server: testServer(), t: t}
	server, err := StartPrivate(b.ctx(), dir, append(options, WithoutFsync(), WithPrograms(os.Getenv("HOLDFAST_TEST_SERVER")))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(b.ctx()); err != nil {
			t.Error(err)
		}
	})
	b.sb = backup.Sandbox{Name: "test", Connection: server.Socket("live")}
	return b
}

// makeTables makes n small tables, every fifth with a sequence.
func (b *bench) makeTables(n int) {
	b.t.Helper()
	var sql strings.Builder
	for i := range n {
		key := "int"
		if i%5 == 0 {
			key = "serial"
		}
		fmt.Fprintf(&sql, "CREATE TABLE table_%d(id %s, name text); INSERT INTO table_%d VALUES (%d, 'one'), (%d, NULL);", i, key, i, i, i+1)
		if i%500 == 499 || i == n-1 { // no more locks than a server has
			b.run("live", sql.String())
			sql.Reset()
		}
	}
}

func TestThousandsOfTables(t *testing.T) {
	b := startBench(t)
	b.fresh("live")
	n := someOrAll(2000, 5000)
	b.makeTables(n)
	m := b.thereAndBack()
	if len(m.Tables) != n || m.Rows() != 2*int64(n) || len(m.Sequences) != (n+4)/5 {
		t.Errorf("%d tables, %d rows, %d sequences", len(m.Tables), m.Rows(), len(m.Sequences))
	}
}

// TestTenThousandTables has a server with room for that many locks.
func TestTenThousandTables(t *testing.T) {
	if !long() {
		t.Skip("takes a minute; wanted with HOLDFAST_TEST_LONG")
	}
	b := privateBench(t, WithSetting("max_locks_per_transaction", "256"))
	b.fresh("live")
	b.makeTables(10_000)
	if m := b.thereAndBack(); m.Rows() != 20_000 {
		t.Errorf("%d tables, %d rows", len(m.Tables), m.Rows())
	}
}

// TestTooLittleMemoryForLocks has a server on which the stock pg_dump fails too. The setting that is
// advised must do.
func TestTooLittleMemoryForLocks(t *testing.T) {
	t.Parallel()
	settings := func(locks string) []PrivateOption {
		return []PrivateOption{WithSetting("max_connections", "12"), WithSetting("max_wal_senders", "0"), WithSetting("max_worker_processes", "1"),
			WithSetting("max_locks_per_transaction", locks)}
	}
	b := privateBench(t, settings("10")...)
	b.fresh("live")
	for i := range 25 {
		b.run("live", fmt.Sprintf("DO $$ BEGIN FOR i IN 1..100 LOOP EXECUTE format('CREATE TABLE t_%%s_%d()', i); END LOOP; END $$", i))
	}
	pre, err := b.Preflight(t.Context(), b.sb)
	if err != nil || !strings.Contains(fmt.Sprint(pre.Warnings), "max_locks_per_transaction from 10 to ") {
		t.Errorf("%q, %v", pre.Warnings, err)
	}
	_, err = b.Capture(t.Context(), b.sb, newShelf(), nil)
	wantKind(t, err, backup.Failed, "out of memory for locks", "max_locks_per_transaction from 10 to 320 ")
	b = privateBench(t, settings("320")...)
	b.fresh("live")
	for i := range 25 {
		b.run("live", fmt.Sprintf("DO $$ BEGIN FOR i IN 1..100 LOOP EXECUTE format('CREATE TABLE t_%%s_%d()', i); END LOOP; END $$", i))
	}
	if m, _ := b.capture("live"); len(m.Tables) != 2500 {
		t.Errorf("%d tables", len(m.Tables))
	}
}

func TestFiveHundredPartitions(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.fresh("live", "CREATE TABLE log(at int, what text) PARTITION BY RANGE (at)",
		"DO $$ BEGIN FOR i IN 0..499 LOOP EXECUTE format('CREATE TABLE log_%s PARTITION OF log FOR VALUES FROM (%s) TO (%s)', i, i * 10, i * 10 + 10); END LOOP; END $$",
		"INSERT INTO log SELECT g, md5(g::text) FROM generate_series(0, 4999) g", "CREATE INDEX ON log (what)")
	m := b.thereAndBack()
	if len(m.Tables) != 500 || m.Rows() != 5000 {
		t.Errorf("%d tables, %d rows", len(m.Tables), m.Rows())
	}
	if got := b.text("shadow", "SELECT count(*) FROM log WHERE tableoid::regclass::text = 'log_' || at / 10"); got != "5000" {
		t.Errorf("%s rows are where they belong", got)
	}
}

func TestManyLargeObjects(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.fresh("live")
	n := someOrAll(4000, 200_000)
	for made := 0; made < n; made += 4000 { // no more locks than a server has
		b.run("live", fmt.Sprintf("SELECT count(lo_from_bytea(0, convert_to('object ' || g, 'UTF8'))) FROM generate_series(1, %d) g", min(4000, n-made)))
	}
	m := b.thereAndBack()
	if m.LargeObjects.Count != int64(n) {
		t.Errorf("%d large objects", m.LargeObjects.Count)
	}
}

func TestEmptyDatabase(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.fresh("live")
	m := b.thereAndBack()
	if len(m.Tables) != 0 || m.Rows() != 0 {
		t.Errorf("%+v", m)
	}
	same(t, b.dump("live"), b.dump("shadow"))
}

// TestNamesOfNoUse has tables and sequences whose names are long and differ in the middle only, so
// that nothing short tells them from each other and every table is named whole.
func TestNamesOfNoUse(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	pad := strings.Repeat(`"`, 27)
	var sql strings.Builder
	n := someOrAll(400, 3000)
	for i := range n {
		fmt.Fprintf(&sql, "CREATE TABLE %s(x int); CREATE SEQUENCE %s;", quoteIdent(fmt.Sprintf("%st%05d%s", pad, i, pad)), quoteIdent(fmt.Sprintf("%ss%05d%s", pad, i, pad)))
	}
	b.fresh("live", sql.String())
	m, _ := b.capture("live")
	if len(m.Tables) != n || len(m.Sequences) != n {
		t.Errorf("%d tables, %d sequences", len(m.Tables), len(m.Sequences))
	}
}

// sumSink keeps nothing of the parts but their sums.
type sumSink struct {
	mu   sync.Mutex
	sums map[string]*rowsum.Rows
}

func (s *sumSink) Create(_ context.Context, name string) (backup.PartWriter, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sums[name] = &rowsum.Rows{}
	return sumPart{s.sums[name]}, nil
}

func (s *sumSink) Reset() {}

type sumPart struct{ io.Writer }

func (sumPart) Seal() error { return nil }
func (sumPart) Discard()    {}

// allocatedBy gives the bytes of memory that work asks for, freed ones included.
func allocatedBy(work func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	work()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestHugeValues has a value that PostgreSQL can send as text, which takes no memory of ours worth
// naming, and one whose text is longer than any message may be.
// Not parallel: memory is counted for the whole process.
func TestHugeValues(t *testing.T) {
	b := startBench(t)
	size := someOrAll(100, 300) << 20
	b.fresh("live", "CREATE TABLE long(t text)", "ALTER TABLE long ALTER t SET STORAGE EXTERNAL", fmt.Sprintf("INSERT INTO long VALUES (repeat('0123456789abcdef', %d))", size/16))
	sink := &sumSink{sums: map[string]*rowsum.Rows{}}
	used := allocatedBy(func() {
		m, err := b.Capture(b.ctx(), b.sb, sink, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Tables[0]; got.Bytes != int64(size)+1 || sink.sums[got.Part].Hex() != got.Hash {
			t.Errorf("%+v", got)
		}
	})
	if used > 32<<20 {
		t.Errorf("%d MiB of memory", used>>20)
	}
	if !long() {
		return // the server needs some GB of memory for the other one
	}
	b.run("live", "CREATE TABLE huge(name text, b bytea)", "ALTER TABLE huge ALTER b SET STORAGE EXTERNAL", "INSERT INTO huge SELECT 'row', convert_to(repeat('0123456789abcdef', 600 * 65536), 'UTF8')")
	_, err := b.Capture(b.ctx(), b.sb, &sumSink{sums: map[string]*rowsum.Rows{}}, nil)
	wantKind(t, err, backup.Failed, `"public"."huge"`, "1 GB")
}
