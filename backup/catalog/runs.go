package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"holdfast/backup"
)

// stamp sorts as text in the order of time.
const stamp = "2006-01-02T15:04:05.000000000Z"

// PutBackup adds or replaces a line of the history.
func (c *Catalog) PutBackup(ctx context.Context, b *backup.Backup) error {
	return explain("write to the catalog", putBackup(ctx, c.db, b))
}

// execer is a database or a transaction.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

func putBackup(ctx context.Context, db execer, b *backup.Backup) error {
	brief := *b
	brief.Tables = nil
	doc, err := json.Marshal(&brief)
	if err != nil {
		return err
	}
	tables, err := json.Marshal(b.Tables)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `INSERT INTO backups (id, sandbox, status, started, doc, tables) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET sandbox = excluded.sandbox, status = excluded.status, started = excluded.started, doc = excluded.doc, tables = excluded.tables`,
		string(b.ID), b.Sandbox, string(b.Status), b.Started.UTC().Format(stamp), string(doc), string(tables))
	return err
}

// Backup gives one line of the history with its tables; an unknown ID is Usage.
func (c *Catalog) Backup(ctx context.Context, id backup.ID) (*backup.Backup, error) {
	var doc, tables string
	err := c.db.QueryRowContext(ctx, "SELECT doc, tables FROM backups WHERE id = ?", string(id)).Scan(&doc, &tables)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, backup.Errorf(backup.Usage, "See: holdfast backup list", "there is no backup %q", id)
	}
	var b backup.Backup
	if err == nil {
		err = errors.Join(decode(doc, &b), decode(tables, &b.Tables))
	}
	if err != nil {
		return nil, explain("read the catalog", err)
	}
	return &b, nil
}

// Backups gives lines of the history, newest first, without their tables.
func (c *Catalog) Backups(ctx context.Context, q backup.Query) ([]backup.Backup, error) {
	docs, err := c.docs(ctx, `SELECT doc FROM backups WHERE (? = '' OR sandbox = ?) AND (? OR status <> 'deleted') ORDER BY started DESC, id`,
		q.Sandbox, q.Sandbox, q.Deleted)
	return decoded[backup.Backup](docs, err)
}

// PutRestore adds or replaces the record of a restore.
func (c *Catalog) PutRestore(ctx context.Context, r *backup.Restore) error {
	doc, err := json.Marshal(r)
	if err == nil {
		_, err = c.db.ExecContext(ctx, `INSERT INTO restores (id, started, doc) VALUES (?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET started = excluded.started, doc = excluded.doc`,
			string(r.ID), r.Started.UTC().Format(stamp), string(doc))
	}
	return explain("write to the catalog", err)
}

// Restore gives the record of one restore; an unknown ID is Usage.
func (c *Catalog) Restore(ctx context.Context, id backup.ID) (*backup.Restore, error) {
	found, err := decoded[backup.Restore](c.docs(ctx, "SELECT doc FROM restores WHERE id = ?", string(id)))
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, backup.Errorf(backup.Usage, "See: holdfast undo", "there is no restore %q", id)
	}
	return &found[0], nil
}

// Restores gives the records of all restores, newest first.
func (c *Catalog) Restores(ctx context.Context) ([]backup.Restore, error) {
	return decoded[backup.Restore](c.docs(ctx, "SELECT doc FROM restores ORDER BY started DESC, id"))
}

func (c *Catalog) docs(ctx context.Context, query string, args ...any) (docs []string, err error) {
	rows, err := c.db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var doc string
		if err := rows.Scan(&doc); err != nil {
			return nil, err
		}
		docs = append(docs, doc)
	}
	return docs, rows.Err()
}

func decoded[T any](docs []string, err error) ([]T, error) {
	list := make([]T, len(docs))
	for i := 0; i < len(docs) && err == nil; i++ {
		err = decode(docs[i], &list[i])
	}
	return list, explain("read the catalog", err)
}

func decode(doc string, into any) error {
	if err := json.Unmarshal([]byte(doc), into); err != nil {
		return fmt.Errorf("%w: a line of it: %w", errDamaged, err)
	}
	return nil
}

// Fact gives something that was remembered under a name; "" when nothing was.
func (c *Catalog) Fact(ctx context.Context, name string) (string, error) {
	var value string
	err := c.db.QueryRowContext(ctx, "SELECT value FROM facts WHERE name = ?", name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return value, explain("read the catalog", err)
}

// SetFact remembers something under a name.
func (c *Catalog) SetFact(ctx context.Context, name, value string) error {
	_, err := c.db.ExecContext(ctx, "INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)", name, value)
	return explain("write to the catalog", err)
}

// DropFact forgets what was remembered under a name.
func (c *Catalog) DropFact(ctx context.Context, name string) error {
	_, err := c.db.ExecContext(ctx, "DELETE FROM facts WHERE name = ?", name)
	return explain("write to the catalog", err)
}

// Facts gives all that was remembered under names that begin with prefix, in the order of the names.
func (c *Catalog) Facts(ctx context.Context, prefix string) ([]string, error) {
	list, err := c.docs(ctx, "SELECT value FROM facts WHERE substr(name, 1, length(?1)) = ?1 ORDER BY name", prefix)
	return list, explain("read the catalog", err)
}

// filled is the fact that remembers that the catalog was filled from the vault once.
const filled = "filled from the vault"

// NeedsFill says whether the catalog is a new one that was never filled from a vault.
func (c *Catalog) NeedsFill(ctx context.Context) (bool, error) {
	var n int
	err := c.db.QueryRowContext(ctx, "SELECT count(*) FROM facts WHERE name = ?", filled).Scan(&n)
	return n == 0, explain("read the catalog", err)
}

// Fill adds what the vault holds and the catalog does not know, in one transaction. Whatever is
// in a vault was read back when it was taken, so its verdict is Intact as of then.
func (c *Catalog) Fill(ctx context.Context, stored []backup.Stored, at time.Time) error {
	err := c.inTx(ctx, func(tx *sql.Tx) error {
		for _, s := range stored {
			var n int
			if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM backups WHERE id = ?", string(s.Manifest.ID)).Scan(&n); err != nil {
				return err
			}
			if n > 0 {
				continue
			}
			if err := putBackup(ctx, tx, fromStored(s)); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, "INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)", filled, at.UTC().Format(stamp))
		return err
	})
	return explain("fill the catalog", err)
}

func fromStored(s backup.Stored) *backup.Backup {
	m := s.Manifest
	return &backup.Backup{
		ID: m.ID, Sandbox: m.Sandbox, What: m.What, Trigger: m.Trigger, Schedule: m.Schedule, Status: backup.StatusCompleted,
		Verdict: backup.Intact, VerdictReason: "what it added to the vault was read back when it was taken", VerdictAt: s.VerifiedAt,
		Started: m.Started, Finished: m.Finished, Note: m.Note, Who: m.Who, Database: m.Database.Name,
		ServerVersion: m.ServerVersion, ToolsVersion: m.ToolsVersion,
		RawBytes: m.RawBytes(), AddedBytes: s.AddedBytes, Rows: m.Rows(), Tables: m.Tables, Selection: m.Selection, Media: m.Media,
	}
}
