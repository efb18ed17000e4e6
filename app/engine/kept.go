package engine

import (
	"context"
	"time"

	"holdfast/backup"
)

// KeptUntil says when the database that a restore replaced is dropped by itself; zero when only a
// person drops it.
func (e *Engine) KeptUntil(rec *backup.Restore) time.Time {
	k := e.keeping()
	if !rec.MayExpire() || k.For <= 0 {
		return time.Time{}
	}
	return rec.Finished.Add(k.For)
}

// KeptSize asks the server how many bytes the database has that a restore replaced.
func (e *Engine) KeptSize(ctx context.Context, rec *backup.Restore) (int64, error) {
	s, err := e.Sandbox(rec.Sandbox)
	if err != nil {
		return 0, err
	}
	c := rec.Connection
	c.Database = rec.Replaced
	kept, err := e.server.Inspect(ctx, c, s)
	return kept.Bytes, err
}
