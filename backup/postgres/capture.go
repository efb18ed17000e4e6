package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"holdfast/backup"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	freeRestarts = 2 // restarts before all locks are taken up front
	maxRestarts  = 6 // restarts in all
)

// changedError says that the database was changed in a way that spoils the snapshot.
type changedError struct{ what string }

func (e *changedError) Error() string { return e.what + " changed while the backup ran" }

// Capture writes the parts of one consistent moment of sb into sink.
//
// It copies under one snapshot that all sessions share. When a table turns out to have been
// changed since, everything starts over with a new snapshot; after two such restarts all tables
// are locked first (ACCESS SHARE, which hinders nobody but who changes or drops a table). A
// snapshot that the server took away (standby, restart) is tried once more, and so is one for which the
// line got stuck; where the server has no room for several sessions, one copies alone.
//
// When it returns, no session of it is left on the server, also after an error or a cancel.
func (s *Server) Capture(ctx context.Context, sb backup.Sandbox, sink backup.Sink, report func(backup.Progress)) (*backup.Manifest, error) {
	s, stop := s.guarded(ctx, sb)
	defer stop()
	track := &tracker{report: report}
	retried := false
	for restarts := 0; ; {
		m, err := s.captureOnce(ctx, sb, sink, track, restarts >= freeRestarts)
		if err == nil {
			return m, nil
		}
		changed, isChange := errors.AsType[*changedError](err)
		again, await := true, false
		switch {
		case isChange:
			again = restarts < maxRestarts
			restarts++
		case transient(err) && !retried:
			_, stalled := errors.AsType[*stalledError](err)
			retried, await = true, !stalled
		case noRoom(err) && s.sessions() > 1:
			s = s.alone()
		default:
			again = false
		}
		if ctx.Err() != nil || !again {
			return nil, captureError(ctx, sb, err)
		}
		sink.Reset()
		track.restart(changed)
		if await {
			s.awaitServer(ctx, sb)
		}
	}
}

// captureError is what a person reads of a capture that failed.
func captureError(ctx context.Context, sb backup.Sandbox, err error) error {
	if changed, ok := errors.AsType[*changedError](err); ok && ctx.Err() == nil {
		return &backup.Error{
			Kind: backup.Failed, Err: err, Text: fmt.Sprintf("%s, %d times over", changed.Error(), maxRestarts+1),
			Hint: "Try again when nobody changes tables; look for jobs that create, truncate or alter them all the time.",
		}
	}
	return cancelledFirst(ctx, explain(sb.Connection, err))
}

// transient says whether a new snapshot may help: the server took the old one, or went away.
func transient(err error) bool {
	if _, connecting := errors.AsType[*pgconn.ConnectError](err); connecting {
		_, wentAway := errors.AsType[*wentAwayError](err)
		return wentAway
	}
	_, stalled := errors.AsType[*stalledError](err)
	_, conflict := errors.AsType[*conflictError](err)
	return stalled || conflict || hasCode(err, "40001", "40P01", "57P01", "57P02", "57P04", "22023", "25P03") || isLost(err)
}

// wentAwayError is a connection that could not be made to a server that was there a moment ago.
type wentAwayError struct{ error }

func (e *wentAwayError) Unwrap() error { return e.error }

// wentAway marks err if it is such a connection. What the server itself says of a connection is
// no such thing, unless it says that it stops or starts.
func wentAway(err error) error {
	_, connecting := errors.AsType[*pgconn.ConnectError](err)
	_, answered := errors.AsType[*pgconn.PgError](err)
	if connecting && (!answered || hasCode(err, "57P01", "57P02", "57P03")) {
		return &wentAwayError{err}
	}
	return err
}

// comebackPause is between two tries to reach a server that went away.
const comebackPause = time.Second

// awaitServer gives a server that restarts some seconds to come up.
func (s *Server) awaitServer(ctx context.Context, sb backup.Sandbox) {
	for range 10 {
		conn, err := s.connect(ctx, sb, sb.Connection.Database)
		if err == nil {
			closeConn(conn)
			return
		}
		pause(ctx, cmp.Or(s.comeback, comebackPause))
	}
}

// restart begins the counting anew and says why.
func (t *tracker) restart(changed *changedError) {
	stage := "starting over"
	if changed != nil {
		stage += ": " + changed.Error()
	}
	t.change(true, func(p *backup.Progress) { *p = backup.Progress{Stage: stage} })
	t.reported = 0
}

// capture is one try under one snapshot.
type capture struct {
	server  *Server
	sandbox backup.Sandbox
	sink    backup.Sink
	track   *tracker
	tools   toolset
	where   backup.Connection
	ours    *ourSessions

	leader    *pgx.Conn  // holds the snapshot
	watchLock sync.Mutex // one question at a time
	watch     *pgx.Conn  // sees the present

	num      int    // version of the server
	encoding string // of the database
	standby  bool
	ended    int64 // sessions that the standby has ended so far, for what it replays
	snapshot string
	captured time.Time
	stamp    *stamp
	chosen   *selection
	tables   []*table
	results  []backup.Table // by index of tables
}

// captureOnce tries once. locked: all locks are taken before the snapshot.
func (s *Server) captureOnce(ctx context.Context, sb backup.Sandbox, sink backup.Sink, track *tracker, locked bool) (m *backup.Manifest, err error) {
	c := &capture{server: s, sandbox: sb, sink: sink, track: track, ours: &ourSessions{}}
	defer func() {
		c.ours.close()
		if err != nil {
			c.ours.chase(s, sb)
		}
	}()
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	m, err = c.proceed(ctx, locked)
	return m, wentAway(c.conflicted(ctx, c.advised(ctx, err)))
}

// proceed does the work of an open capture.
func (c *capture) proceed(ctx context.Context, locked bool) (*backup.Manifest, error) {
	if locked {
		if err := c.lockAll(ctx); err != nil {
			return nil, err
		}
	}
	if err := c.look(ctx, locked); err != nil {
		return nil, err
	}
	return c.run(ctx)
}

// open connects leader and watch and finds the tools.
func (c *capture) open(ctx context.Context) error {
	c.track.stage("connect")
	var err error
	if c.leader, err = c.session(ctx); err != nil {
		return err
	}
	if c.watch, err = c.session(ctx); err != nil {
		return err
	}
	c.where = resolved(c.leader.Config(), c.sandbox.Connection)
	c.encoding = databaseEncoding(c.leader)
	_, c.num = serverVersion(c.leader)
	if err := supported(c.leader); err != nil {
		return err
	}
	c.tools, err = c.server.toolsFor(ctx, c.sandbox, c.num/10000)
	return err
}

// session opens a session that ends with the capture.
func (c *capture) session(ctx context.Context) (*pgx.Conn, error) {
	conn, err := c.server.connect(ctx, c.sandbox, c.sandbox.Connection.Database)
	if err != nil {
		return nil, err
	}
	c.ours.add(conn)
	if _, err := watchClient(ctx, conn); err != nil {
		return nil, explain(c.where, err)
	}
	return conn, nil
}

const beginSQL = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"

// look takes the snapshot and reads what there is.
func (c *capture) look(ctx context.Context, begun bool) error {
	if !begun {
		if err := execute(ctx, c.leader, beginSQL); err != nil {
			return explain(c.where, err)
		}
	}
	err := c.leader.QueryRow(ctx, "SELECT pg_export_snapshot(), clock_timestamp(), pg_is_in_recovery()").
		Scan(&c.snapshot, &c.captured, &c.standby)
	if err != nil {
		return explain(c.where, err)
	}
	if c.ended, err = c.countEnded(ctx, c.watch); err != nil {
		return explain(c.where, err)
	}
	c.chosen = newSelection(c.sandbox, c.standby)
	if err := c.chosen.resolve(ctx, c.leader); err != nil {
		return explain(c.where, err)
	}
	if c.stamp, err = readStamp(ctx, c.leader); err != nil {
		return explain(c.where, err)
	}
	tables, err := listTables(ctx, c.leader)
	if err != nil {
		return explain(c.where, err)
	}
	c.tables = c.chosen.keep(tables)
	return nil
}
