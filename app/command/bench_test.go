//go:build bench

package command_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"holdfast/backup"
)

// largeSQL makes about 1 GB beside pgbench's own tables at scale 50.
const largeSQL = `
	CREATE TABLE events (id bigserial PRIMARY KEY, at timestamptz, payload jsonb);
	INSERT INTO events (at, payload) SELECT now() - n * interval '1 second',
		jsonb_build_object('kind', n % 7, 'user', md5(n::text), 'tags', jsonb_build_array(n % 3, n % 5, 'x' || n % 100))
		FROM generate_series(1, 1500000) n;
	CREATE TABLE articles (id uuid PRIMARY KEY, body text);
	INSERT INTO articles SELECT gen_random_uuid(), repeat(md5(n::text) || ' ', 30) FROM generate_series(1, 120000) n;
	CREATE TABLE pictures (id int PRIMARY KEY, data bytea);
	INSERT INTO pictures SELECT n, decode(repeat(md5(random()::text), 600), 'hex') FROM generate_series(1, 3000) n;
	SELECT count(lo_from_bytea(0, decode(repeat(md5(n::text), 3000), 'hex'))) FROM generate_series(1, 500) n;
	CREATE INDEX ON events (at);
	CREATE INDEX ON events USING gin (payload jsonb_path_ops);
	SELECT setval('events_id_seq', 4711, false);`

// stateSQL digests everything in an order that does not depend on storage.
const stateSQL = `
	SELECT (SELECT count(*) || md5(sum(hashtextextended(t::text, 0))::text) FROM pgbench_accounts t),
	       (SELECT count(*) || md5(sum(hashtextextended(t::text, 0))::text) FROM pgbench_branches t),
	       (SELECT count(*) || md5(sum(hashtextextended(t::text, 0))::text) FROM events t),
	       (SELECT count(*) || md5(sum(hashtextextended(t::text, 0))::text) FROM articles t),
	       (SELECT count(*) || md5(sum(hashtextextended(t::text, 0))::text) FROM pictures t),
	       (SELECT count(*) || md5(sum(hashtextextended(md5(lo_get(oid)) || oid, 0))::text) FROM pg_largeobject_metadata),
	       (SELECT last_value || ' ' || is_called FROM events_id_seq)`

// asInstalled lets every command of the test run the program as it is installed, which this test
// binary is not: it sets no limit of memory. HOLDFAST_BENCH_PROGRAMS names the folder it is in; without
// that it is built.
func asInstalled(t *testing.T) {
	t.Helper()
	folder := os.Getenv("HOLDFAST_BENCH_PROGRAMS")
	if folder == "" {
		folder = t.TempDir()
		if out, err := exec.Command("go", "build", "-o", filepath.Join(folder, "holdfast"), "holdfast").CombinedOutput(); err != nil {
			t.Fatalf("go build: %v\n%s", err, out)
		}
	}
	t.Setenv("PATH", folder+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// TestBench takes about 1 GB there and back: it prints times and peak memory, and fails when the
// contents differ or a limit that binds is missed.
func TestBench(t *testing.T) {
	asInstalled(t)
	server := startServer(t)
	l := newLive(t, server, "large", "")
	c := server.Connection("large")
	pgbench := filepath.Join(server.Programs(), "pgbench")
	fill := exec.Command(pgbench, "--initialize", "--quiet", "--scale=50", "--host="+c.Host, fmt.Sprintf("--port=%d", c.Port), "--username="+c.User, "large")
	if out, err := fill.CombinedOutput(); err != nil {
		t.Fatalf("pgbench: %v\n%s", err, out)
	}
	l.must(execSQL(server, "large", largeSQL))
	t.Logf("database: %s", l.query("SELECT pg_size_pretty(pg_database_size('large'))"))
	before := l.query(stateSQL)

	first := l.measure("first backup", "backup", "create", "shop", "--quiet")
	second := l.measure("second backup, nothing changed", "backup", "create", "shop", "--quiet")
	var list []struct {
		Added int64 `json:"added_bytes"`
		Raw   int64 `json:"raw_bytes"`
	}
	l.decode(&list, "backup", "list")
	t.Logf("COPY text and large objects %d MB; the first backup added %d KB, the second %d KB; second/first %.2f",
		list[0].Raw>>20, list[1].Added>>10, list[0].Added>>10, second.Seconds()/first.Seconds())
	if list[0].Added > 1<<20 {
		t.Errorf("a second backup with nothing changed added %d bytes", list[0].Added)
	}

	l.must(execSQL(server, "large", "DELETE FROM events WHERE id % 2 = 0; UPDATE pgbench_accounts SET abalance = 1 WHERE aid % 3 = 0; DROP TABLE articles"))
	var all []backupDoc
	l.decode(&all, "backup", "list")
	l.measure("restore, with the pre-restore backup", "restore", string(all[0].ID), "--approve-file", l.approval(), "--quiet")
	if after := l.query(stateSQL); after != before {
		t.Errorf("what came back differs:\n%s\n%s", before, after)
	}
	l.measure("drill", "backup", "verify", string(all[0].ID), "--drill", "--quiet")
	var proven struct{ Verdict backup.Verdict }
	l.decode(&proven, "backup", "show", string(all[0].ID))
	if proven.Verdict != backup.Proven {
		t.Errorf("verdict %s", proven.Verdict)
	}
}

// maxMemory binds: the peak of any process of ours, in bytes.
const maxMemory = 250 << 20

func (l *live) measure(what string, args ...string) time.Duration {
	l.t.Helper()
	cmd := l.command(args...)
	start := time.Now()
	if out, err := cmd.CombinedOutput(); err != nil {
		l.t.Fatalf("%s: %v\n%s", what, err, out)
	}
	took := time.Since(start)
	peak := peakOf(cmd)
	l.t.Logf("%-38s %6.1f s   peak memory %d MB   processor %.1f s", what, took.Seconds(), peak>>20, (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds())
	if peak > maxMemory {
		l.t.Errorf("%s: peak memory %d MB", what, peak>>20)
	}
	return took
}

// peakOf gives the most memory that a process that has ended held, in bytes.
func peakOf(cmd *exec.Cmd) int64 { return cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10 }
