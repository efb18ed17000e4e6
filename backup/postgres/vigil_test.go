package postgres

import (
	"context"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"holdfast/backup"
	"holdfast/backup/tally"
)

// swamp passes bytes on to a server until so many went through; then it carries nothing any more, and
// closes nothing. With one, only the connection that had the last byte gets stuck.
type swamp struct {
	to   string
	one  bool
	left atomic.Int64

	mu    sync.Mutex
	conns []net.Conn
}

// newSwamp gives it and a port for it; end gives way again, by closing what is stuck.
func newSwamp(t *testing.T, to string, one bool, bytes int64) (s *swamp, port uint16, end func()) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s = &swamp{to: to, one: one}
	s.left.Store(bytes)
	quit := make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() { s.carry(client, quit) })
		}
	})
	end = sync.OnceFunc(func() {
		close(quit)
		_ = listener.Close()
		s.mu.Lock()
		for _, c := range s.conns {
			_ = c.Close()
		}
		s.mu.Unlock()
		all.Wait()
	})
	t.Cleanup(end)
	return s, uint16(listener.Addr().(*net.TCPAddr).Port), end
}

func (s *swamp) carry(client net.Conn, quit chan struct{}) {
	server, err := net.Dial("tcp", s.to)
	if err != nil {
		_ = client.Close()
		return
	}
	s.mu.Lock()
	s.conns = append(s.conns, client, server)
	s.mu.Unlock()
	var ways sync.WaitGroup
	for _, way := range [][2]net.Conn{{client, server}, {server, client}} {
		ways.Go(func() { s.pass(way[1], way[0], quit) })
	}
	ways.Wait()
}

// pass carries bytes one way until it is stuck or an end is closed.
func (s *swamp) pass(to, from net.Conn, quit chan struct{}) {
	block := make([]byte, 8192)
	for {
		n, err := from.Read(block)
		left := s.left.Add(-int64(n))
		stuck := left <= 0 && (!s.one || left > -int64(n))
		if stuck && n > 0 {
			<-quit
		}
		if _, writeErr := to.Write(block[:n]); err != nil || writeErr != nil {
			_ = to.Close()
			_ = from.Close()
			return
		}
	}
}

// TestStuckLine lets the line to the server get stuck after any number of bytes, that of one connection
// or all of it, while a backup, a restore, also of a file, or a drill runs: each ends in time with words that help, or was
// done, nothing is left on the server, and the next one works.
func TestStuckLine(t *testing.T) {
	quietEnv(t)
	b := startBench(t)
	b.Password = func(backup.Sandbox) (string, error) { return thePassword, nil }
	b.vigilance, b.dialTime = 200*time.Millisecond, time.Second
	b.fresh("live", append(words(), "CREATE TABLE big AS SELECT n, repeat(md5(n::text), 9) AS v FROM generate_series(1, 4000) AS n",
		"SELECT lo_from_bytea(0, decode(repeat('ab', 20000), 'hex')) FROM generate_series(1, 5)")...)
	direct := sharedServer(t).Connection("live")
	m, parts := b.capture("live")
	drilled := b.job("drilled")
	b.fill(drilled, m, parts)
	row := tally.Of(t, "postgres: the line carries nothing any more, and stays open")
	files := map[string]*backup.FileFacts{
		"archive": b.look(b.dumpTo("live", "archive", "--format=custom")), "script": b.look(b.dumpTo("live", "script", "--format=plain")),
	}
	for _, work := range []string{"backup", "restore", "drill", "archive", "script"} {
		s := &stuckWork{b: b, work: work, direct: direct, m: m, parts: parts, drilled: drilled, file: files[work]}
		for round := range tally.Rounds(t, 1) {
			if round > 0 && row.Over(20*time.Second) {
				break
			}
			s.try(row, true)
			if long := os.Getenv(tally.RoundsEnv) != ""; long || work == "restore" {
				s.try(row, false)
			}
		}
	}
	if _, err := b.Capture(t.Context(), b.sb, newShelf(), nil); err != nil {
		row.Lost("the next backup: %v", err)
	}
}

// stuckWork is one kind of work over a line that gets stuck.
type stuckWork struct {
	b       *bench
	work    string
	direct  backup.Connection
	m       *backup.Manifest
	parts   backup.Parts
	drilled backup.ShadowJob
	file    *backup.FileFacts // that is restored; nil: m
	bytes   int64             // that it takes; 0 is not known yet
	rec     *backup.Restore   // of the last restore
}

func (s *stuckWork) try(row *tally.Tally, one bool) {
	b := s.b
	b.t.Helper()
	if s.bytes == 0 {
		whole, port, end := newSwamp(b.t, address(s.direct), false, endless)
		if err := s.run(b.t.Context(), port); err != nil {
			b.t.Fatal(err)
		}
		end()
		s.mend()
		s.bytes = endless - whole.left.Load()
	}
	at := rand.Int64N(s.bytes) + 1
	_, port, end := newSwamp(b.t, address(s.direct), one, at)
	ctx, stop := context.WithTimeout(b.t.Context(), 90*time.Second)
	defer stop()
	row.Try(s.work)
	err := s.run(ctx, port)
	fault := backup.AsError(errOrNone(err))
	switch {
	case ctx.Err() != nil:
		row.Lost("%s, one %v, after %d of %d bytes: it does not end", s.work, one, at, s.bytes)
	case err != nil && (fault.Hint == "" || fault.Kind != backup.Unreachable):
		b.t.Errorf("%s, one %v, after %d of %d bytes: %s %q, hint %q, cause %v", s.work, one, at, s.bytes, fault.Kind, fault.Text, fault.Hint, fault.Err)
	default:
		b.t.Logf("%s, one %v, after %d of %d bytes: %v | %s", s.work, one, at, s.bytes, err, fault.Hint)
	}
	end()
	s.mend()
	if got := b.databases(); !slices.Equal(got, []string{"drilled", "live"}) {
		row.Left("%s: databases %q", s.work, got)
	}
}

// run does the work through a port.
func (s *stuckWork) run(ctx context.Context, port uint16) error {
	far := backup.Sandbox{Name: "far", Connection: s.direct}
	far.Connection.Port = port
	switch s.work {
	case "backup":
		_, err := s.b.Capture(ctx, far, newShelf(), nil)
		return err
	case "drill":
		job := s.drilled
		job.Sandbox = far
		return s.b.Reread(ctx, job, s.m, nil)
	}
	job := s.b.job("")
	job.Shadow, job.Sandbox = "live_shadow_"+string(job.Run), far
	var err error
	if s.file != nil {
		_, _, err = s.b.FillFrom(ctx, job, s.file, nil)
	} else {
		err = s.b.Fill(ctx, job, s.m, s.parts, nil)
	}
	s.rec = &backup.Restore{ID: job.Run, Target: "live", Shadow: job.Shadow, Replaced: "aside", Stage: backup.StageShadow}
	return err
}

// mend waits until nothing of the work goes on, and does what the next start would.
func (s *stuckWork) mend() {
	s.b.t.Helper()
	s.b.eventually("no session is left", func() bool { return s.b.strangers() == "0" })
	if s.rec == nil {
		return
	}
	if _, err := s.b.Mend(s.b.t.Context(), s.b.sb, s.rec); err != nil {
		s.b.t.Error(err)
	}
	s.rec = nil
}

// TestVigilLeavesWorkAlone: statements that take long, and a vault that does, are not broken.
// Not parallel: its vigil soon takes what is slow for broken.
func TestVigilLeavesWorkAlone(t *testing.T) {
	b := startBench(t)
	b.vigilance = 200 * time.Millisecond // on a busy machine a client tool has no session for a while
	b.fresh("live", "CREATE TABLE t AS SELECT generate_series(1, 10) AS x", "CREATE FUNCTION slow(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM pg_catalog.pg_sleep(0.2); RETURN $1; END'",
		"CREATE INDEX ON t (slow(x))", "SELECT lo_from_bytea(0, 'x')")
	m, parts := b.capture("live")
	slow := slowParts{parts, make(chan struct{})}
	time.AfterFunc(2*time.Second, func() { close(slow.open) })
	b.fill(b.job("restored"), m, slow)
	for _, format := range []string{"custom", "plain"} {
		b.fillFrom("restored_"+format, b.look(b.dumpTo("live", format, "--format="+format)))
	}
}

// slowParts gives nothing of the rows before it is open.
type slowParts struct {
	backup.Parts
	open chan struct{}
}

func (s slowParts) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	part, err := s.Parts.Open(ctx, name)
	if err != nil || name == backup.PartTOC {
		return part, err
	}
	return struct {
		io.Reader
		io.Closer
	}{readerFunc(func(p []byte) (int, error) { <-s.open; return part.Read(p) }), part}, nil
}
