package postgres

import (
	"context"
	"sync"
	"time"

	"holdfast/backup"
)

// Reserve keeps other restores and undos of a database away, from this home or another, for as
// long as a session of ours holds an advisory lock named after it. The lock dies with the process.
func (s *Server) Reserve(ctx context.Context, sb backup.Sandbox, database string, wait time.Duration) (release func(), err error) {
	a, err := s.admin(ctx, sb, database)
	if err != nil {
		return nil, err
	}
	if err := a.reserve(ctx, database, wait); err != nil {
		a.close()
		return nil, err
	}
	return sync.OnceFunc(a.close), nil
}

// reserve polls for the lock for at most wait, and a little for a session that is on its way out.
func (a *admin) reserve(ctx context.Context, database string, wait time.Duration) error {
	tries := max(leaveTries, int(wait/pollTime))
	for range tries {
		var got bool
		err := a.conn.QueryRow(ctx, "SELECT pg_try_advisory_lock(hashtextextended($1, $2))", database, reserveSeed).Scan(&got)
		if err != nil || got {
			return a.explain(err)
		}
		pause(ctx, pollTime)
	}
	return backup.Errorf(backup.Busy, "Wait until it has ended, and look at what it did: holdfast undo", "another restore or undo of the database %q is running", database)
}

// reserveSeed sets the locks on databases' names apart from everybody else's.
const reserveSeed = int64(0x686f6c6466617374)

// Marked gives the databases of the server that carry the mark of this home.
func (s *Server) Marked(ctx context.Context, sb backup.Sandbox) ([]backup.Marked, error) {
	a, err := s.admin(ctx, sb)
	if err != nil {
		return nil, err
	}
	defer a.close()
	ours, err := a.all(ctx, s)
	if err != nil {
		return nil, err
	}
	var list []backup.Marked
	for _, d := range ours {
		m, _ := s.mark(d)
		inUse, err := a.locked(ctx, backup.ID(m.Run), 1)
		if err != nil {
			return nil, err
		}
		list = append(list, backup.Marked{
			Name: d.Name, Run: backup.ID(m.Run), Kept: m.Kind == markKept, Drill: m.Purpose == "drill", Sandbox: m.Sandbox,
			Target: m.Target, Backup: m.Backup, Saved: m.Saved, Banned: !d.Allow, InUse: inUse, Since: time.Unix(m.Since, 0).UTC(),
		})
	}
	return list, nil
}
