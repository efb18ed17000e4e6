package catalog

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"holdfast/backup"
)

// Beat remembers that the process of a run lives.
func (c *Catalog) Beat(ctx context.Context, run backup.ID, at time.Time) error {
	_, err := c.db.ExecContext(ctx, "INSERT OR REPLACE INTO beats (run, at) VALUES (?, ?)", string(run), at.UTC().Format(stamp))
	return explain("write to the catalog", err)
}

// EndBeat forgets the beats of a run that ended.
func (c *Catalog) EndBeat(ctx context.Context, run backup.ID) error {
	_, err := c.db.ExecContext(ctx, "DELETE FROM beats WHERE run = ?", string(run))
	return explain("write to the catalog", err)
}

// LastBeat says when the process of a run last showed that it lives; zero when it never did.
func (c *Catalog) LastBeat(ctx context.Context, run backup.ID) (time.Time, error) {
	var at string
	err := c.db.QueryRowContext(ctx, "SELECT at FROM beats WHERE run = ?", string(run)).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, explain("read the catalog", err)
	}
	when, err := time.Parse(stamp, at)
	return when, explain("read the catalog", err)
}

// ForgetBeats forgets those of runs that do not run any more.
func (c *Catalog) ForgetBeats(ctx context.Context) error {
	_, err := c.db.ExecContext(ctx, `DELETE FROM beats WHERE run NOT IN (SELECT id FROM backups WHERE status = 'running')
		AND run NOT IN (SELECT id FROM restores WHERE json_extract(doc, '$.status') = 'running')`)
	return explain("write to the catalog", err)
}
