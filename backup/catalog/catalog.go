package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"holdfast/backup"
)

// Catalog is an open catalog. It is safe for concurrent use.
type Catalog struct {
	db     *sql.DB
	path   string
	aside  string
	sealer func(context.Context) []byte
}

var _ backup.Catalog = (*Catalog)(nil)

// maxPath is how long SQLite lets a file's path be, in bytes, with room for the names of its journals.
const maxPath = 500

// Open opens the catalog at path, an absolute one, and makes it when it is not there. A damaged
// one is set aside, see Aside. sealer gives the key that seals audit entries, nil while there is
// none. While another process opens the same catalog, Open waits for it.
func Open(ctx context.Context, path string, sealer func(context.Context) []byte) (*Catalog, error) {
	if len(path) > maxPath {
		return nil, backup.WithOp("open the catalog", backup.Errorf(backup.Unreachable, "Choose a home nearer to the root folder: HOLDFAST_HOME.", "the catalog's path has %d bytes, and SQLite takes %d: %s", len(path), maxPath, path))
	}
	var c *Catalog
	err := alone(ctx, path, func() (err error) {
		c, err = openOrReplace(ctx, path)
		return err
	})
	if err != nil {
		if c != nil {
			err = errors.Join(err, c.Close())
		}
		return nil, explain("open the catalog", err)
	}
	c.sealer = sealer
	return c, nil
}

func openOrReplace(ctx context.Context, path string) (*Catalog, error) {
	c, err := open(ctx, path)
	if !isDamaged(err) {
		return c, err
	}
	aside, err := setAside(path)
	if err != nil {
		return nil, err
	}
	if c, err = open(ctx, path); err != nil {
		return nil, err
	}
	c.aside = aside
	return c, nil
}

func open(ctx context.Context, path string) (*Catalog, error) {
	if emptied(path) {
		return nil, errDamaged
	}
	if err := makePrivate(path); err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", dsn(path, "mode=rw&_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=synchronous(FULL)"))
	if err != nil {
		return nil, err
	}
	c := &Catalog{db: db, path: path}
	if err := c.prepare(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return c, nil
}

func (c *Catalog) prepare(ctx context.Context) error {
	if _, err := version(ctx, c.db); err != nil {
		return err // before anything is looked at or changed: it may be a newer program's file
	}
	var verdict string
	if err := c.db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return fmt.Errorf("%w: %s", errDamaged, verdict)
	}
	if _, err := c.db.ExecContext(ctx, "PRAGMA journal_mode = WAL"); err != nil {
		return err
	}
	if err := c.migrate(ctx); err != nil {
		return err
	}
	return c.checkDocs(ctx)
}

// anyTorn looks for lines that are no JSON any more, which SQLite's own check does not see.
const anyTorn = `SELECT EXISTS (SELECT 1 FROM backups WHERE NOT json_valid(doc))
	OR EXISTS (SELECT 1 FROM restores WHERE NOT json_valid(doc)) OR EXISTS (SELECT 1 FROM audit WHERE NOT json_valid(doc))`

func (c *Catalog) checkDocs(ctx context.Context) error {
	var torn bool
	if err := c.db.QueryRowContext(ctx, anyTorn).Scan(&torn); err != nil {
		return err
	}
	if torn {
		return fmt.Errorf("%w: one of its lines is torn", errDamaged)
	}
	return nil
}

// Aside says where a damaged catalog was put; "" when there was none.
func (c *Catalog) Aside() string { return c.aside }

// Close closes the file.
func (c *Catalog) Close() error { return c.db.Close() }
