package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	"holdfast/backup"
)

// migrations make the schema, one step for each version. A step that was released never changes.
var migrations = []string{
	`CREATE TABLE backups (
		id      TEXT PRIMARY KEY,
		sandbox TEXT NOT NULL,
		status  TEXT NOT NULL,
		started TEXT NOT NULL, -- RFC 3339 with nanoseconds, UTC
		doc     TEXT NOT NULL, -- backup.Backup without its tables, JSON
		tables  TEXT NOT NULL  -- its tables, JSON
	) STRICT;
	CREATE INDEX backups_by_time ON backups (started DESC);
	CREATE TABLE restores (
		id      TEXT PRIMARY KEY,
		started TEXT NOT NULL,
		doc     TEXT NOT NULL -- backup.Restore, JSON
	) STRICT;
	CREATE TABLE audit (
		seq INTEGER PRIMARY KEY,
		doc TEXT NOT NULL, -- backup.AuditEntry, JSON
		mac TEXT NOT NULL
	) STRICT;
	CREATE TRIGGER audit_is_append_only_1 BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
	CREATE TRIGGER audit_is_append_only_2 BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
	CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;`,
	`CREATE TRIGGER audit_is_append_only_3 BEFORE INSERT ON audit WHEN NEW.seq <= (SELECT max(seq) FROM audit)
		BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;`, // INSERT OR REPLACE fires no other trigger
	`CREATE TABLE skips (
		sandbox TEXT NOT NULL,
		slot    TEXT NOT NULL,
		reason  TEXT NOT NULL,
		at      TEXT NOT NULL,
		PRIMARY KEY (sandbox, slot, reason)
	) STRICT;
	CREATE TABLE beats (run TEXT PRIMARY KEY, at TEXT NOT NULL) STRICT;`,
}

// migrate brings the schema up to date, in one transaction. A catalog of an earlier version stays
// beside as it was.
func (c *Catalog) migrate(ctx context.Context) error {
	have, err := version(ctx, c.db)
	if err != nil || have == len(migrations) {
		return err // no transaction: it would wait for whoever writes
	}
	if have > 0 {
		if err := c.keepOld(ctx, have); err != nil {
			return err
		}
	}
	return c.inTx(ctx, func(tx *sql.Tx) error {
		have, err := version(ctx, tx)
		if err != nil {
			return err
		}
		for _, step := range migrations[have:] {
			if _, err := tx.ExecContext(ctx, step); err != nil {
				return err
			}
		}
		if have == len(migrations) {
			return nil
		}
		_, err = tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", len(migrations)))
		return err
	})
}

// keepOld copies the catalog, of that version, to a file beside it; one that is there already, of
// a start that was killed, is made anew.
func (c *Catalog) keepOld(ctx context.Context, have int) error {
	name := fmt.Sprintf("%s.version-%d", c.path, have)
	half := name + ".new"
	if err := os.WriteFile(half, nil, 0o600); err != nil {
		return err
	}
	if _, err := c.db.ExecContext(ctx, "VACUUM INTO ?", half); err != nil {
		return errors.Join(err, os.Remove(half))
	}
	return os.Rename(half, name)
}

// version gives the schema's version; one of a newer program is Damaged, one that cannot be is errDamaged.
func version(ctx context.Context, q querier) (have int, err error) {
	if err := q.QueryRowContext(ctx, "PRAGMA user_version").Scan(&have); err != nil {
		return 0, err
	}
	if have < 0 {
		return 0, fmt.Errorf("%w: version %d", errDamaged, have)
	}
	if have > len(migrations) {
		return 0, backup.Errorf(backup.Damaged, "Install the newer Holdfast again; nothing was changed.",
			"the catalog has version %d; this program reads up to %d", have, len(migrations))
	}
	var tables int
	if err := q.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return 0, err
	}
	if (have == 0) != (tables == 0) {
		return 0, fmt.Errorf("%w: version %d with %d tables", errDamaged, have, tables)
	}
	return have, nil
}

func (c *Catalog) inTx(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := c.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		if undo := tx.Rollback(); !errors.Is(undo, sql.ErrTxDone) { // which is: ended with ctx
			err = errors.Join(err, undo)
		}
		return err
	}
	return tx.Commit()
}
