package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"

	_ "modernc.org/sqlite" // registers the driver "sqlite"

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
	if err == nil || !isDamaged(err) {
		return c, backup.WithOp("open the catalog", err)
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
	if err := touch(path); err != nil {
		return nil, err
	}
	// foreign text in the path cannot become an option: the path is escaped, the options are ours
	dsn := (&url.URL{Scheme: "file", Path: path, RawQuery: "_txlock=immediate&_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)"}).String()
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
		return fmt.Errorf("malformed: %s", verdict)
	}
	return c.migrate(ctx)
}

// isDamaged tells a file that is no catalog any more from one that cannot be used right now.
func isDamaged(err error) bool {
	text := err.Error()
	return strings.Contains(text, "malformed") || strings.Contains(text, "not a database") || strings.Contains(text, "SQLITE_CORRUPT")
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
