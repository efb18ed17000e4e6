package postgres

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"holdfast/backup"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	vigilTime    = 20 * time.Second // between two looks
	vigilPatient = 2                // looks that a connection may wait before the server is asked about it
	vigilDeaf    = 3                // looks in a row at which the server may not answer
)

// vigil looks after the connections of one run. One may be open and carry nothing any more, as when
// a proxy hangs: keepalives are answered by whatever is in between, and a statement may take hours,
// so neither tells. So when a connection has waited for long, the server is asked, over a new one,
// what it does for it. Where it waits for us as we do for it, or knows nothing of us, or does not
// answer, several looks in a row, the connection is broken, and what waits on it fails.
type vigil struct {
	server  *Server // without a vigil
	sandbox backup.Sandbox
	every   time.Duration
	tick    atomic.Int64 // looks so far, from 1: a clock that no jump of the system's moves
	inputs  atomic.Int32 // copies that wait for the vault, and not for the server
	deaf    int          // looks in a row that the server did not answer

	mu    sync.Mutex
	lines map[*line]bool
}

// guarded gives s with a vigil over its connections and client tools, for a run that yields. stop ends
// both.
func (s *Server) guarded(ctx context.Context, sb backup.Sandbox) (guarded *Server, stop func()) {
	plain, watched := *s, *s
	plain.vigil = nil
	v := &vigil{server: &plain, sandbox: sb, every: cmp.Or(s.vigilance, vigilTime), lines: map[*line]bool{}}
	v.tick.Store(1)
	watched.vigil = v
	ctx, cancel := context.WithCancel(ctx)
	var ended sync.WaitGroup
	ended.Go(func() { v.keep(ctx) })
	over := yield()
	return &watched, func() {
		cancel()
		ended.Wait()
		over()
	}
}

func (v *vigil) keep(ctx context.Context) {
	ticker := time.NewTicker(v.every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			v.tick.Add(1)
			v.look(ctx)
		}
	}
}

// waitsForVault counts a copy that waits for the vault until the result is called.
func (v *vigil) waitsForVault() (over func()) {
	if v == nil {
		return func() {}
	}
	v.inputs.Add(1)
	return func() { v.inputs.Add(-1) }
}

// look asks about what has waited for long, and breaks what is asked about in vain.
func (v *vigil) look(ctx context.Context) {
	suspects := v.waiting()
	if len(suspects) == 0 {
		v.deaf = 0
		return
	}
	seen, err := v.ask(ctx, suspects)
	switch {
	case ctx.Err() != nil:
		return
	case silent(err):
		v.deaf++
	default:
		v.deaf = 0
	}
	for _, l := range suspects {
		if v.deaf >= vigilDeaf || err == nil && l.idleAgain(seen[l]) {
			l.cut(&stalledError{})
		}
	}
}

// silent says that the server was asked and gave no answer of any kind.
func silent(err error) bool {
	_, connecting := errors.AsType[*pgconn.ConnectError](err)
	_, answered := errors.AsType[*pgconn.PgError](err)
	return err != nil && !answered && (connecting || isLost(err) || errors.Is(err, context.DeadlineExceeded))
}

// waiting gives the connections that have waited for long.
func (v *vigil) waiting() (list []*line) {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.tick.Load()
	for l := range v.lines {
		if l.waits(now) {
			list = append(list, l)
		} else {
			l.last = ""
		}
	}
	return list
}

// askSQL gives what sessions do, and whether that is anything but waiting for their client.
const askSQL = `SELECT pid, application_name, coalesce(state IN ('active', 'fastpath function call') AND wait_event_type IS DISTINCT FROM 'Client', false),
	coalesce(state = 'active' AND wait_event = 'ClientRead', false), concat_ws(' ', pid, state, state_change, wait_event)
	FROM pg_stat_activity WHERE pid = ANY ($1) OR application_name = ANY ($2) ORDER BY pid`

// sessions is what the server says of those behind a connection.
type sessions struct {
	works bool   // it does something
	takes bool   // it waits for the rows of a COPY
	text  string // the same as at the last look: nothing happened since; "" is gone
}

func (v *vigil) ask(ctx context.Context, suspects []*line) (map[*line]sessions, error) {
	ctx, cancel := context.WithTimeout(ctx, v.server.connectTime())
	defer cancel()
	conn, err := v.server.connect(ctx, v.sandbox, v.sandbox.Connection.Database)
	if err != nil {
		return nil, err
	}
	defer closeConn(conn)
	pids, names := []uint32{}, []string{}
	for _, l := range suspects {
		if l.tool != "" {
			names = append(names, l.tool)
		} else {
			pids = append(pids, l.pid.Load())
		}
	}
	rows, err := conn.Query(ctx, askSQL, pids, names)
	if err != nil {
		return nil, err
	}
	seen := map[*line]sessions{}
	var pid uint32
	var name, text string
	var works, takes bool
	_, err = pgx.ForEachRow(rows, []any{&pid, &name, &works, &takes, &text}, func() error {
		i := slices.IndexFunc(suspects, func(l *line) bool { return l.tool == "" && l.pid.Load() == pid || l.tool != "" && l.tool == name })
		if i >= 0 {
			now := seen[suspects[i]]
			seen[suspects[i]] = sessions{works: now.works || works, takes: now.takes || takes, text: now.text + text + ";"}
		}
		return nil
	})
	return seen, err
}

// stalledError is the end of a connection on which nothing came any more.
type stalledError struct{}

func (*stalledError) Error() string {
	return "the connection is open, and nothing comes over it any more"
}
