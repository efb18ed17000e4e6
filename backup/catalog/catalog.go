package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"

	"modernc.org/sqlite" // also registers the driver "sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"holdfast/backup"
)

// Catalog is an open catalog. It is safe for concurrent use.
type Catalog struct {
	db     *sql.DB
	aside  string
	sealer func(context.Context) []byte
}

var _ backup.Catalog = (*Catalog)(nil)

// Open opens the catalog at path, and makes it when it is not there. A damaged one is set aside,
// see Aside. sealer gives the key that seals audit entries, nil while there is none.
func Open(ctx context.Context, path string, sealer func(context.Context) []byte) (*Catalog, error) {
	c, err := open(ctx, path, sealer)
	if err == nil {
		return c, nil
	}
	if !isDamaged(err) {
		return nil, backup.WithOp("open the catalog", err)
	}
	aside, err := setAside(path)
	if err != nil {
		return nil, backup.WithOp("set the damaged catalog aside", err)
	}
	c, err = open(ctx, path, sealer)
	if err != nil {
		return nil, backup.WithOp("open the catalog", err)
	}
	c.aside = aside
	return c, nil
}

func open(ctx context.Context, path string, sealer func(context.Context) []byte) (*Catalog, error) {
	if emptied(path) {
		return nil, errDamaged
	}
	if err := touch(path); err != nil {
		return nil, err
	}
	// foreign text in the path cannot become an option: the path is escaped, the options are ours
	dsn := (&url.URL{Scheme: "file", Path: path, RawQuery: "_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=synchronous(FULL)"}).String()
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	c := &Catalog{db: db, sealer: sealer}
	if err := c.prepare(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return c, nil
}

// touch makes the file 0600 before SQLite opens it: its companions get the same mode.
func touch(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return &backup.Error{Kind: backup.Unreachable, Text: "the catalog " + path + " cannot be opened", Hint: "Is its folder there, and writable by you?", Err: err}
	}
	return errors.Join(f.Chmod(0o600), f.Close())
}

func (c *Catalog) prepare(ctx context.Context) error {
	var verdict string
	if err := c.db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return fmt.Errorf("%w: %s", errDamaged, verdict)
	}
	if _, err := version(ctx, c.db); err != nil {
		return err
	}
	// Only now: this changes a file that was not in this mode, as a newer program's may be.
	if _, err := c.db.ExecContext(ctx, "PRAGMA journal_mode = WAL"); err != nil {
		return err
	}
	return c.migrate(ctx)
}

var errDamaged = errors.New("the file is damaged")

// isDamaged tells a file that is no catalog any more from one that cannot be used right now.
func isDamaged(err error) bool {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		code := e.Code() & 0xff // the rest says which kind of it
		return code == sqlite3.SQLITE_CORRUPT || code == sqlite3.SQLITE_NOTADB
	}
	return errors.Is(err, errDamaged)
}

// emptied says whether the file lost all it had. SQLite would take it for a new one, and delete
// the log beside it that may hold the newest lines.
func emptied(path string) bool {
	file, err := os.Stat(path)
	wal, walErr := os.Stat(path + "-wal")
	return err == nil && walErr == nil && file.Size() == 0 && wal.Size() > 0
}

// setAside renames the file and its companions: where the file is now.
func setAside(path string) (string, error) {
	for n := 1; ; n++ {
		aside := fmt.Sprintf("%s.damaged-%d", path, n)
		if _, err := os.Lstat(aside); !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		for _, companion := range []string{"-wal", "-shm"} {
			if err := os.Rename(path+companion, aside+companion); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return "", err
			}
		}
		return aside, os.Rename(path, aside)
	}
}

// Aside says where a damaged catalog was put; "" when there was none.
func (c *Catalog) Aside() string { return c.aside }

// Close closes the file.
func (c *Catalog) Close() error { return c.db.Close() }
