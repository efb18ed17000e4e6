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
	var status *string
	if err := a.conn.QueryRow(ctx, "SELECT pg_xact_status($1::text::xid8)", r.Transaction).Scan(&status); err != nil {
		return backup.Mended{}, a.explain(err)
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
