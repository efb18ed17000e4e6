package postgres

import (
	"context"
	"io"
	"net"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
)

// line is a connection that a vigil looks after: one of ours, or those of a client tool. For a tool
// Conn is nil, and what it waits for is seen from what it gives us and takes from us.
type line struct {
	net.Conn

	v    *vigil
	pid  atomic.Uint32 // of the session on the server
	tool string        // application_name of a tool; "" for a connection of ours
	stop func()        // ends a tool
	own  atomic.Int64  // process of a tool that reads a file of its own; 0 is none

	reads, writes atomic.Int64 // tick at which the call began that still waits; 0 is none
	moved         atomic.Int64 // tick at which something came or went last
	broken        atomic.Pointer[stalledError]
	last          string // what the server said of it at the last look
}

// watch makes the connections that cfg dials be looked after. The result tells the vigil, once there
// is a session, which one it is.
func (v *vigil) watch(cfg *pgx.ConnConfig) (known func(*pgx.Conn)) {
	if v == nil {
		return func(*pgx.Conn) {}
	}
	var dialled *line
	dial := cfg.DialFunc
	cfg.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		dialled = &line{Conn: conn, v: v}
		return dialled, nil
	}
	return func(conn *pgx.Conn) {
		dialled.pid.Store(conn.PgConn().PID())
		v.add(dialled)
	}
}

// attend makes a client tool be looked after until the result is called; stop ends it.
func (v *vigil) attend(tool string, stop func()) (l *line, over func()) {
	if v == nil {
		return nil, func() {}
	}
	l = &line{v: v, tool: tool, stop: stop}
	v.add(l)
	return l, func() { v.remove(l) }
}

// gives looks after a tool by what we get from it: nothing is expected of it while we do not read.
func (l *line) gives(from io.Reader) io.Reader {
	if l == nil {
		return from
	}
	return readerFunc(func(p []byte) (n int, err error) {
		l.reads.Store(l.v.tick.Load())
		n, err = from.Read(p)
		l.reads.Store(0)
		return n, l.after(n, err)
	})
}

// takes looks after a tool that gives us nothing: it is expected to go on unless it waits for what it
// reads from us, which may be nil.
func (l *line) takes(from io.Reader) io.Reader {
	if l == nil {
		return from
	}
	l.reads.Store(l.v.tick.Load())
	if from == nil {
		return nil
	}
	return readerFunc(func(p []byte) (n int, err error) {
		l.reads.Store(0)
		n, err = from.Read(p)
		l.reads.Store(l.v.tick.Load())
		return n, l.after(n, err)
	})
}

type readerFunc func(p []byte) (int, error)

// Read implements io.Reader.
func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func (v *vigil) add(l *line) {
	l.moved.Store(v.tick.Load())
	v.mu.Lock()
	defer v.mu.Unlock()
	v.lines[l] = true
}

func (v *vigil) remove(l *line) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.lines, l)
}

// waits says whether nothing has come or gone for long, although it should. A tool that neither
// reads what we give it nor is waited for works on its own, or for the server.
func (l *line) waits(now int64) bool {
	if now-l.moved.Load() < vigilPatient {
		return false
	}
	for _, since := range []int64{l.reads.Load(), l.writes.Load()} {
		if since != 0 && now-since >= vigilPatient {
			return true
		}
	}
	return false
}

// idleAgain says whether the server does nothing for it, as at the look before, and a tool with a file
// of its own nothing by itself.
func (l *line) idleAgain(s sessions) bool {
	before := l.last
	l.last = "at work"
	if s.works || s.takes && l.v.inputs.Load() > 0 {
		return false
	}
	l.last = "idle " + s.text
	if pid := l.own.Load(); pid != 0 {
		done, busy := groupWork(int(pid))
		if busy {
			l.last = "at work"
			return false
		}
		l.last += done
	}
	return l.last == before
}

// cut ends the connection, or the tool.
func (l *line) cut(why *stalledError) {
	l.broken.Store(why)
	if l.Conn == nil {
		l.stop()
		return
	}
	_ = l.Conn.Close() // it is given up
}

// Read implements net.Conn.
func (l *line) Read(p []byte) (n int, err error) {
	l.reads.Store(l.v.tick.Load())
	n, err = l.Conn.Read(p)
	l.reads.Store(0)
	return n, l.after(n, err)
}

// Write implements net.Conn.
func (l *line) Write(p []byte) (n int, err error) {
	l.writes.Store(l.v.tick.Load())
	n, err = l.Conn.Write(p)
	l.writes.Store(0)
	return n, l.after(n, err)
}

func (l *line) after(n int, err error) error {
	if n > 0 {
		l.moved.Store(l.v.tick.Load())
	}
	if why := l.broken.Load(); err != nil && why != nil {
		return why
	}
	return err
}

// Close implements net.Conn.
func (l *line) Close() error {
	l.v.remove(l)
	return l.Conn.Close()
}
