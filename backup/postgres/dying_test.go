//go:build unix

package postgres

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"holdfast/backup"
	"holdfast/backup/tally"
)

// mortal is a server of its own that is ended in the middle of something and comes back.
type mortal struct {
	*bench

	dir    string
	server *Private
}

func startMortal(t *testing.T) *mortal {
	t.Helper()
	dir := ownDir(t)
	p := ownServer(t, dir, WithTCP("pw"))
	s := testServer()
	s.Password = func(backup.Sandbox) (string, error) { return "pw", nil }
	m := &mortal{bench: &bench{Server: s, t: t, sb: backup.Sandbox{Name: "test", Connection: p.Connection("live")}}, dir: dir, server: p}
	t.Cleanup(func() { _ = m.server.Crash() })
	return m
}

// again starts the server where it was. That may take more than one try: after a crash its orphans hold its
// memory for a moment, and anybody may have the port.
func (m *mortal) again() {
	m.t.Helper()
	m.eventually("the server starts again", func() bool {
		server, err := startOn(m.ctx(), m.dir, m.server.port)
		if err == nil {
			m.server = server
			return true
		}
		m.t.Log(err)
		if server != nil {
			m.must(os.RemoveAll(server.sockets))
		}
		return false
	})
}

// backend gives the process of a session of ours that works.
func (m *mortal) backend() int {
	m.t.Helper()
	pid, err := strconv.Atoi(m.text("template1", `SELECT coalesce(max(pid), 0) FROM pg_stat_activity WHERE application_name LIKE 'holdfast%' AND pid <> pg_backend_pid() AND datname <> 'template1'`))
	if err != nil || pid == 0 {
		m.t.Fatalf("no session of ours: %d %v", pid, err)
	}
	return pid
}

// lock keeps everybody from reading a table, until the server ends or unlock is called.
func (m *mortal) lock(database, table string) (unlock func()) {
	m.t.Helper()
	conn, err := m.connect(m.ctx(), m.sb, database)
	m.must(err)
	_, err = conn.Exec(m.ctx(), "BEGIN; LOCK TABLE "+table)
	m.must(err)
	return func() { closeConn(conn) }
}

// hookParts calls a function once before some part is opened.
type hookParts struct {
	backup.Parts
	at   string
	once *sync.Once
	call func()
}

func (h hookParts) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	if name == h.at {
		h.once.Do(h.call)
	}
	return h.Parts.Open(ctx, name)
}

// TestServerDies stops the server in order and at once, crashes it, and kills one of its processes, which
// it answers by ending all, in the middle of a backup, a restore and a drill. The backup is tried
// again; the others end with words that help, and after the server's next start nothing of them is left.
func TestServerDies(t *testing.T) {
	t.Parallel()
	m := startMortal(t)
	m.fresh("live", append(words(), "CREATE TABLE big AS SELECT n, repeat(md5(n::text), 9) AS v FROM generate_series(1, 4000) AS n", "CREATE TABLE little AS SELECT 1 AS n")...)
	want, parts := m.capture("live")
	drilled := m.job("drilled")
	m.fill(drilled, want, parts)
	row := tally.Of(t, "postgres: the server goes down in the middle")
	ways := map[string]func(){
		"stopped":                   func() { m.must(m.server.Stop(m.ctx())); m.again() },
		"stopped at once":           func() { m.signal(m.postmaster(), syscall.SIGQUIT); <-m.server.ended; m.again() },
		"crashed":                   func() { m.must(m.server.Crash()); m.again() },
		"a process of it is killed": func() { m.signal(m.backend(), syscall.SIGKILL) },
	}
	for how, end := range ways {
		row.Try("backup: " + how)
		var once sync.Once
		sink := newHookSink(func(_ int, name string) error {
			if name == backup.DirTables+"/1.copy" {
				once.Do(end)
			}
			return nil
		})
		if got, err := m.Capture(t.Context(), m.sb, sink, nil); err != nil || got.Rows() != want.Rows() || sink.resets != 1 {
			row.Lost("backup: %s: %v | %s, %d restarts", how, err, backup.AsError(errOrNone(err)).Hint, sink.resets)
		}
		row.Try("restore: " + how)
		job := m.job("")
		job.Shadow = "live_shadow_" + string(job.Run)
		once = sync.Once{}
		m.fails(how, m.Fill(t.Context(), job, want, hookParts{parts, backup.DirTables + "/1.copy", &once, end}, nil))
		m.await()
		rec := backup.Restore{ID: job.Run, Target: "live", Shadow: job.Shadow, Replaced: "aside", Stage: backup.StageShadow}
		if _, err := m.Mend(t.Context(), m.sb, &rec); err != nil {
			t.Fatal(err)
		}
		row.Try("drill: " + how)
		once = sync.Once{}
		unlock := m.lock("drilled", "public.little") // a crashed server's processes would read to the end
		m.fails(how, m.Reread(t.Context(), drilled, want, func(p backup.Progress) {
			if p.TablesDone > 0 {
				once.Do(end)
			}
		}))
		unlock()
		m.await()
		m.eventually("no session is left", func() bool { return m.strangers() == "0" })
		if got := m.databases(); !slices.Equal(got, []string{"drilled", "live"}) {
			row.Left("%s: databases %q", how, got)
		}
	}
	m.must(m.Reread(t.Context(), drilled, want, nil))
	m.must(m.server.Stop(t.Context()))
}

func (m *mortal) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m *mortal) signal(pid int, s syscall.Signal) {
	m.t.Helper()
	m.must(syscall.Kill(pid, s))
}

func (m *mortal) postmaster() int {
	m.t.Helper()
	text, err := os.ReadFile(filepath.Join(m.dir, "data", "postmaster.pid"))
	m.must(err)
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	m.must(err)
	return pid
}

// await waits until the server takes sessions again.
func (m *mortal) await() {
	m.t.Helper()
	m.eventually("the server is back", func() bool { return m.Ping(m.ctx(), m.on("template1")) == nil })
}

func (m *mortal) fails(how string, err error) {
	m.t.Helper()
	fault := backup.AsError(errOrNone(err))
	if err == nil || fault.Hint == "" || fault.Kind != backup.Unreachable && fault.Kind != backup.Failed {
		m.t.Errorf("%s: %s %v, hint %q, cause %v", how, fault.Kind, err, fault.Hint, fault.Err)
	}
	m.t.Logf("%s: %v | %s", how, err, fault.Hint)
}

// TestRightsTakenAway takes a right away between the preflight and the table's turn: the backup fails,
// names the table and what to grant, and works again once the right is back.
func TestRightsTakenAway(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.fresh("live", "CREATE TABLE first AS SELECT generate_series(1, 10) AS x", "CREATE TABLE secret AS SELECT 1 AS x", "CREATE ROLE reader LOGIN", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
	reader := *b
	reader.sb.Connection.User = "reader"
	if _, err := reader.Preflight(t.Context(), reader.sb); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	sink := newHookSink(func(_ int, name string) error {
		if name == backup.PartGlobals {
			once.Do(func() { b.run("live", "REVOKE SELECT ON secret FROM reader") })
		}
		return nil
	})
	_, err := reader.Capture(t.Context(), reader.sb, sink, nil)
	wantKind(t, err, backup.Failed, "secret", "GRANT")
	b.run("live", "GRANT SELECT ON secret TO reader")
	if m, _ := reader.capture("live"); m.Rows() != 11 {
		t.Errorf("%d rows", m.Rows())
	}
}
