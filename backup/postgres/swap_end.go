package postgres

import (
	"context"
	"fmt"
	"time"

	"holdfast/backup"

	"github.com/jackc/pgx/v5"
)

// pollTime is how long to wait between two looks at sessions that are on their way out.
const pollTime = 50 * time.Millisecond

// now gives seconds since 1970.
func (s *Server) now() int64 {
	if s.Clock == nil {
		return 0
	}
	return s.Clock().Unix()
}

// pause waits a little, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// session is somebody else's in one of our databases.
type session struct {
	PID  int32
	User string
	App  string
}

// clearTime bounds how long sessions are cut before a swap gives up.
const clearTime = 30 * time.Second

// clear ends all sessions of the databases and waits until none is left. A session that may not
// be ended, or does not end within clearTime, is named.
func (a *admin) clear(ctx context.Context, databases []*found) error {
	var oids []uint32
	for _, d := range databases {
		oids = append(oids, d.OID)
	}
	var last session
	for range clearTime / pollTime {
		left, err := a.sessions(ctx, oids)
		if err != nil || len(left) == 0 {
			return err
		}
		last = left[0]
		if err := a.terminate(ctx, left); hasCode(err, "42501") {
			return stuck(last, err)
		}
		pause(ctx, pollTime)
	}
	return stuck(last, nil)
}

// sessions lists who is in the databases. Autovacuum is not listed: RENAME ends it by itself.
func (a *admin) sessions(ctx context.Context, oids []uint32) ([]session, error) {
	rows, err := a.conn.Query(ctx, `SELECT pid, coalesce(usename, '')::text, coalesce(application_name, '') FROM pg_stat_activity
		WHERE datid = ANY($1) AND pid <> pg_backend_pid() AND backend_type IS DISTINCT FROM 'autovacuum worker' ORDER BY pid`, oids)
	if err != nil {
		return nil, a.explain(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[session])
	return list, a.explain(err)
}

// terminate asks each session to end, and gives the first refusal.
// A session that has just gone is none: the function only warns then.
func (a *admin) terminate(ctx context.Context, left []session) (first error) {
	for _, one := range left {
		_, err := a.conn.Exec(ctx, "SELECT pg_terminate_backend($1)", one.PID)
		if err != nil && first == nil {
			first = a.explain(err)
		}
	}
	return first
}

func stuck(one session, cause error) error {
	return &backup.Error{
		Kind: backup.Busy,
		Text: fmt.Sprintf("the session %d of role %q (%s) cannot be ended, so nothing was swapped", one.PID, one.User, one.App),
		Hint: "Close it, or give our role the right to: GRANT pg_signal_backend TO it; sessions of superusers need a superuser.",
		Err:  cause,
	}
}

// settle decides after a failed swap by what is committed. nil means that the swap is; else
// everything is as before, and cause is given back.
func (w *swapping) settle(ctx context.Context, old *admin, cause error) error {
	ctx, stop := cleaning(ctx)
	defer stop()
	pid := old.conn.PgConn().PID()
	old.close()
	a, err := w.s.admin(ctx, w.job.Sandbox, w.job.Live, w.job.Shadow, w.job.Aside)
	if err != nil {
		return bannedHint(cause, w.job.Live)
	}
	defer a.close()
	if err := a.awaitEnd(ctx, pid); err != nil {
		return bannedHint(cause, w.job.Live)
	}
	now, err := a.findOID(ctx, w.shadow.OID)
	if err != nil {
		return bannedHint(cause, w.job.Live)
	}
	if now != nil && now.Name == w.job.Live {
		return nil
	}
	if err := w.unban(ctx, a); err != nil {
		return bannedHint(cause, w.job.Live)
	}
	return cause
}

// unban makes both databases accept sessions as they did before.
func (w *swapping) unban(ctx context.Context, a *admin) error {
	for _, d := range w.both() {
		now, err := a.findOID(ctx, d.OID)
		if err != nil {
			return err
		}
		if now == nil || now.Allow == d.Allow {
			continue
		}
		if err := a.execute(ctx, allowSQL(now.Name, d.Allow)); err != nil {
			return err
		}
	}
	return nil
}

// awaitEnd waits until a session of ours is gone, so that it cannot commit any more.
func (a *admin) awaitEnd(ctx context.Context, pid uint32) error {
	for {
		var there bool
		err := a.conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1)", int32(pid)).Scan(&there)
		if err != nil || !there {
			return a.explain(err)
		}
		if _, err := a.conn.Exec(ctx, "SELECT pg_terminate_backend($1)", int32(pid)); err != nil {
			return a.explain(err)
		}
		pause(ctx, pollTime)
	}
}

// bannedHint tells what is left to do when the server is gone before the ban could be lifted.
func bannedHint(cause error, live string) error {
	fault := *backup.AsError(cause)
	fault.Hint = "If the database refuses sessions when the server is back: " + allowSQL(live, true)
	return &fault
}
