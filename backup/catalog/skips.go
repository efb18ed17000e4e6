package catalog

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"holdfast/backup"
)

// skipsKept is for how long skips are remembered.
const skipsKept = 400 * 24 * time.Hour

// AddSkip remembers a run that was not begun. The same slot is remembered once for each reason.
func (c *Catalog) AddSkip(ctx context.Context, s backup.Skip) error {
	err := c.inTx(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "INSERT OR IGNORE INTO skips (sandbox, slot, reason, at) VALUES (?, ?, ?, ?)",
			s.Sandbox, s.Slot.UTC().Format(stamp), string(s.Reason), s.At.UTC().Format(stamp)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, "DELETE FROM skips WHERE at < ?", s.At.Add(-skipsKept).UTC().Format(stamp))
		return err
	})
	return explain("write to the catalog", err)
}

// Skips gives the runs that were not begun, newest first.
func (c *Catalog) Skips(ctx context.Context) (list []backup.Skip, err error) {
	rows, err := c.db.QueryContext(ctx, "SELECT sandbox, slot, reason, at FROM skips ORDER BY at DESC, sandbox")
	if err != nil {
		return nil, explain("read the catalog", err)
	}
	defer func() { err = explain("read the catalog", errors.Join(err, rows.Close())) }()
	for rows.Next() {
		var s backup.Skip
		var slot, at string
		if err := rows.Scan(&s.Sandbox, &slot, &s.Reason, &at); err != nil {
			return nil, err
		}
		if s.Slot, err = time.Parse(stamp, slot); err != nil {
			return nil, err
		}
		if s.At, err = time.Parse(stamp, at); err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, rows.Err()
}
