package postgres

import (
	"context"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"holdfast/backup"
	"holdfast/backup/tally"
)

// relay passes bytes on to a server until so many went through; then it cuts every connection in the
// middle of whatever was said, and refuses new ones.
type relay struct {
	to   string
	left atomic.Int64

	mu    sync.Mutex
	conns []net.Conn
}

func newRelay(t *testing.T, to string) (r *relay, port uint16) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r = &relay{to: to}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() { r.carry(client) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		r.cut()
		all.Wait()
	})
	return r, uint16(listener.Addr().(*net.TCPAddr).Port)
}

func (r *relay) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left.Store(0)
	for _, c := range r.conns {
		_ = c.Close()
	}
	r.conns = nil
}

func (r *relay) carry(client net.Conn) {
	defer func() { _ = client.Close() }()
	server, err := net.Dial("tcp", r.to)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	r.mu.Lock()
	r.conns = append(r.conns, client, server)
	r.mu.Unlock()
	if r.left.Load() <= 0 {
		return
	}
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{client, server}, {server, client}} {
		both.Go(func() {
			r.pass(way[1], way[0])
			_ = client.Close()
			_ = server.Close()
		})
	}
	both.Wait()
}

// pass carries bytes one way, up to the very one that is the last.
func (r *relay) pass(to io.Writer, from io.Reader) {
	block := make([]byte, 8192)
	for {
		n, err := from.Read(block)
		left := r.left.Add(-int64(n))
		if left <= 0 {
			n = max(n+int(left), 0)
		}
		if _, writeErr := to.Write(block[:n]); err != nil || writeErr != nil {
			return
		}
		if left <= 0 {
			r.cut()
			return
		}
	}
}

const endless = 1 << 50

// TestCutAnywhere cuts the line to the server after any number of bytes, during a backup and during a
// restore: each ends soon with words that help, nothing is left on the server, and the next one works.
func TestCutAnywhere(t *testing.T) {
	quietEnv(t)
	b := startBench(t)
	b.Password = func(backup.Sandbox) (string, error) { return thePassword, nil }
	b.fresh("live", append(words(), "CREATE TABLE big AS SELECT n, repeat(md5(n::text), 9) AS v FROM generate_series(1, 4000) AS n",
		"SELECT lo_from_bytea(0, decode(repeat('ab', 20000), 'hex')) FROM generate_series(1, 5)")...)
	direct := b.sb
	over := sharedServer(t).Connection("live")
	r, port := newRelay(t, address(over))
	over.Port = port
	far := backup.Sandbox{Name: "far", Connection: over}
	row := tally.Of(t, "postgres: the line is cut after any number of bytes")
	r.left.Store(endless)
	m, parts := b.capture("live")

	taken := b.measured(r, func() error { _, err := b.Capture(t.Context(), far, newShelf(), nil); return err })
	job := b.job("shadow_whole")
	job.Sandbox = far
	filled := b.measured(r, func() error { return b.Fill(t.Context(), job, m, parts, nil) })
	b.run("template1", "DROP DATABASE shadow_whole")
	for round := range tally.Rounds(t, 4) {
		if round > 0 && row.Over(20*time.Second) {
			break
		}
		row.Try("backup")
		b.cutAt(r, rand.Int64N(taken), row, func(ctx context.Context) error {
			_, err := b.Capture(ctx, far, newShelf(), nil)
			return err
		})
		row.Try("restore")
		job := b.job("")
		job.Shadow, job.Sandbox = "live_shadow_"+string(job.Run), far
		b.cutAt(r, rand.Int64N(filled), row, func(ctx context.Context) error { return b.Fill(ctx, job, m, parts, nil) })
		rec := backup.Restore{ID: job.Run, Target: "live", Shadow: job.Shadow, Replaced: "aside", Stage: backup.StageShadow}
		if _, err := b.Mend(t.Context(), direct, &rec); err != nil {
			t.Fatal(err)
		}
		if got := b.databases(); !slices.Equal(got, []string{"live"}) {
			row.Left("databases %q", got)
		}
	}
	r.left.Store(endless)
	if _, err := b.Capture(t.Context(), far, newShelf(), nil); err != nil {
		row.Lost("the next backup: %v", err)
	}
}

// measured gives how many bytes go through the relay for some work.
func (b *bench) measured(r *relay, work func() error) int64 {
	b.t.Helper()
	r.left.Store(endless)
	if err := work(); err != nil {
		b.t.Fatal(err, backup.AsError(err).Err)
	}
	return endless - r.left.Load()
}

// cutAt does some work over a line that is cut after so many bytes.
func (b *bench) cutAt(r *relay, bytes int64, row *tally.Tally, work func(context.Context) error) {
	b.t.Helper()
	r.left.Store(bytes + 1)
	ctx, stop := context.WithTimeout(b.t.Context(), time.Minute)
	defer stop()
	err := work(ctx)
	fault := backup.AsError(errOrNone(err))
	switch {
	case ctx.Err() != nil:
		row.Lost("after %d bytes it does not end", bytes)
	case err == nil && r.left.Load() <= 0:
		row.Lost("after %d bytes it says that it is done", bytes)
	case err != nil && (fault.Hint == "" || fault.Kind != backup.Unreachable && fault.Kind != backup.Failed):
		b.t.Errorf("after %d bytes: %s %q, hint %q, cause %v", bytes, fault.Kind, fault.Text, fault.Hint, fault.Err)
	default:
		b.t.Logf("after %d bytes: %s %v | %s", bytes, fault.Kind, err, fault.Hint)
	}
	r.cut()
	b.eventually("no session is left", func() bool { return b.strangers() == "0" })
}

func errOrNone(err error) error {
	if err == nil {
		return &backup.Error{}
	}
	return err
}
