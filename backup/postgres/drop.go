package postgres

import (
	"context"
	"time"

	"holdfast/backup"

	"github.com/jackc/pgx/v5"
)

// cleanTime bounds what is still done after a run was cancelled or failed.
const cleanTime = 30 * time.Second

// cleaning gives a context for cleaning up: it outlives ctx, but not for long.
func cleaning(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), cleanTime)
}

// DropOurs drops a database that carries the mark of this home, with the sessions in it; any
// other is Refused. One that is not there counts as dropped. A shadow that another process is
// filling is Busy.
func (s *Server) DropOurs(ctx context.Context, sb backup.Sandbox, database string) error {
	a, err := s.admin(ctx, sb, database)
	if err != nil {
		return err
	}
	defer a.close()
	d, err := a.find(ctx, database)
	if err != nil || d == nil {
		return err
	}
	m, ours := s.mark(d)
	if !ours {
		return backup.Errorf(backup.Refused, "If it is not needed, drop it by hand.", "the database %q is not Holdfast's, or belongs to another home; it was left alone", database)
	}
	if m.Kind == markShadow {
		if err := a.notLocked(ctx, d, m); err != nil {
			return err
		}
	}
	return a.drop(ctx, d)
}

// notLocked is Busy while a living session of the run that made d holds its lock.
func (a *admin) notLocked(ctx context.Context, d *found, m mark) error {
	held, err := a.locked(ctx, backup.ID(m.Run), leaveTries)
	if err == nil && held {
		err = backup.Errorf(backup.Busy, "Wait until it has ended.", "the database %q is being filled by another process", d.Name)
	}
	return err
}

// dropTries is how often a drop is tried while an autovacuum worker or a session on its way
// out is still in the database; the server itself waits five seconds each time.
const dropTries = 4

// drop drops d, whoever is in it.
func (a *admin) drop(ctx context.Context, d *found) error {
	err := a.release(ctx, d)
	if err == nil && d.Template {
		err = a.execute(ctx, templateSQL(d.Name, false))
	}
	if err != nil {
		return err
	}
	for range dropTries {
		err = a.execute(ctx, "DROP DATABASE IF EXISTS "+quoteIdent(d.Name)+" WITH (FORCE)")
		if !hasCode(err, "55006") || ctx.Err() != nil {
			break
		}
	}
	if err == nil {
		return nil
	}
	fault := *backup.AsError(err)
	fault.Text = "the database " + quoteIdent(d.Name) + " cannot be dropped: " + fault.Text
	if blockers, lookErr := a.blockers(ctx, d); lookErr == nil && len(blockers) > 0 {
		fault.Text, fault.Hint = blockers[0], "Then drop it again."
	}
	return &fault
}

// release drops the disabled subscriptions of a database that is about to be dropped: they came
// with a restore, and the server drops no database that has any. Their slots, which are the
// publisher's, are left alone: they belong to the subscriptions that were backed up. Event
// triggers go first, because they could refuse it.
func (a *admin) release(ctx context.Context, d *found) error {
	subscriptions, err := a.texts(ctx, "SELECT quote_ident(subname) FROM pg_subscription WHERE subdbid = $1 AND NOT subenabled", d.OID)
	if err != nil || len(subscriptions) == 0 {
		return err
	}
	if err := a.execute(ctx, allowSQL(d.Name, true)); err != nil {
		return err
	}
	cfg := a.conn.Config()
	cfg.Database = d.Name
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return a.explain(err)
	}
	defer closeConn(conn)
	inside := &admin{conn: conn, where: a.where, num: a.num}
	triggers, err := inside.texts(ctx, "SELECT quote_ident(evtname) FROM pg_event_trigger")
	if err != nil {
		return err
	}
	for _, name := range triggers {
		if err := inside.execute(ctx, "DROP EVENT TRIGGER "+name); err != nil {
			return err
		}
	}
	for _, name := range subscriptions {
		if err := inside.inOrder(ctx, []string{"ALTER SUBSCRIPTION " + name + " SET (slot_name = NONE)", "DROP SUBSCRIPTION " + name}); err != nil {
			return err
		}
	}
	return nil
}
