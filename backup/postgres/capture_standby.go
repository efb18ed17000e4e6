package postgres

import (
	"context"
	"errors"
	"time"

	"holdfast/backup"

	"github.com/jackc/pgx/v5"
)

const standbyHint = "On a standby, raise max_standby_streaming_delay or turn on hot_standby_feedback, or back up the primary."

// conflictError is an end of a session on a standby that was in the way of what the primary did.
type conflictError struct{ error }

func (e *conflictError) Unwrap() error { return e.error }

// endedSQL counts the sessions that a standby has ended, or a statement of theirs, because what they
// read was removed or changed on the primary.
const endedSQL = `SELECT coalesce(sum(confl_tablespace + confl_lock + confl_snapshot + confl_bufferpin + confl_deadlock), 0)::bigint
	FROM pg_stat_database_conflicts WHERE datname = current_database()`

// countEnded counts them; on a primary there are none.
func (c *capture) countEnded(ctx context.Context, conn *pgx.Conn) (n int64, err error) {
	if c.standby {
		err = conn.QueryRow(ctx, endedSQL).Scan(&n)
	}
	return n, err
}

// countedWithin bounds how long the server may take to count a session that it ended.
const countedWithin = 3 * time.Second

// conflicted gives err with its cause when the standby ended a session of the capture. What was in
// the way is told in its words only where a statement was ended: a session that did nothing at that
// moment is just gone, and pg_dump repeats what it was told in the server's language. So the sessions
// that the standby ended are counted, which other sessions' may be among.
func (c *capture) conflicted(ctx context.Context, err error) error {
	if _, changed := errors.AsType[*changedError](err); err == nil || changed || !c.standby || ctx.Err() != nil {
		return err
	}
	c.ours.close() // the server counts when a session ends
	if !hasCode(err, "40001") && !c.moreEnded(ctx) {
		return err
	}
	return &backup.Error{
		Kind: backup.Failed, Err: &conflictError{err}, Hint: standbyHint,
		Text: "the server, a standby, ended the backup's sessions: the primary removed or changed what they were reading",
	}
}

// moreEnded says whether the standby has ended sessions since the snapshot.
func (c *capture) moreEnded(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, countedWithin)
	defer cancel()
	conn, err := c.server.connect(ctx, c.sandbox, c.sandbox.Connection.Database)
	if err != nil {
		return false
	}
	defer closeConn(conn)
	for ctx.Err() == nil {
		if now, err := c.countEnded(ctx, conn); err != nil || now > c.ended {
			return err == nil
		}
		pause(ctx, chasePause)
	}
	return false
}
