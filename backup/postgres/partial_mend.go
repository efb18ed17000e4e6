package postgres

import (
	"context"

	"holdfast/backup"
)

// mendTransaction says how the one transaction of a restore without a shadow ended. The server
// took it back unless it was committed, and remembers which for a good while.
func (s *Server) mendTransaction(ctx context.Context, sb backup.Sandbox, r *backup.Restore) (backup.Mended, error) {
	back := backup.Mended{Text: "nothing was changed"}
	if r.Transaction == "" {
		return back, nil
	}
	a, err := s.admin(ctx, sb)
	if err != nil {
		return backup.Mended{}, err
	}
	defer a.close()
	status, err := a.transaction(ctx, r.Transaction)
	if err != nil {
		return backup.Mended{}, err
	}
	switch {
	case status == nil:
		return backup.Mended{}, backup.Errorf(backup.Failed, "Compare the tables with the backup: holdfast backup compare "+string(r.Backup),
			"the server does not know any more how the restore's transaction %s ended", r.Transaction)
	case *status == "in progress":
		return backup.Mended{}, backup.Errorf(backup.Busy, "Wait until it has ended.", "the transaction of the restore %s is still running", r.ID)
	case *status == "committed":
		return backup.Mended{Swapped: true, Text: "its rows are in place"}, nil
	}
	return back, nil
}

// transaction says how one ended; nil when the server does not know any more. The session of a
// process that was killed may still be on its way out.
func (a *admin) transaction(ctx context.Context, xact string) (status *string, err error) {
	for range 3 * leaveTries {
		err = a.conn.QueryRow(ctx, "SELECT pg_xact_status($1::text::xid8)", xact).Scan(&status)
		if err != nil || status == nil || *status != "in progress" {
			break
		}
		pause(ctx, pollTime)
	}
	return status, a.explain(err)
}
