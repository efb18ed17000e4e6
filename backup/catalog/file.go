package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
)

// dsn names a file to SQLite. Foreign text in the path cannot become an option, for it is escaped.
func dsn(path, options string) string {
	return (&url.URL{Scheme: "file", Path: path, RawQuery: options}).String()
}

// alone runs do while nobody else is in alone for the same path, in this process or another one:
// who makes a file, changes its mode of journal or sets it aside must not meet another who does.
// The lock is one of SQLite's, on an empty file beside the catalog, and ends with its process.
func alone(ctx context.Context, path string, do func() error) (err error) {
	db, err := sql.Open("sqlite", dsn(path+".lock", "_txlock=exclusive&_pragma=busy_timeout(10000)"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	lock, err := db.BeginTx(context.WithoutCancel(ctx), nil) // else a cancel unlocks before do has ended
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Rollback()) }()
	if err := os.Chmod(path+".lock", 0o600); err != nil {
		return err
	}
	return do()
}

// makePrivate makes the file 0600 before SQLite opens it: companions to come get the same mode.
// A file that is there is not opened for that, because closing it again would end all locks that
// this process has on it; SQLite would not know, and another process could delete its log.
func makePrivate(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		return errors.Join(f.Chmod(0o600), f.Close())
	}
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return &fs.PathError{Op: "open", Path: path, Err: errors.New("is not a file")}
	}
	for _, file := range parts(path) {
		if err := os.Chmod(file, 0o600); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// parts names the files that SQLite keeps a catalog in.
func parts(path string) []string { return []string{path, path + "-wal", path + "-shm"} }

// emptied says whether the file lost all it had, or is gone from beside its log. SQLite would
// take it for a new one, and delete the log, which may hold the newest lines.
func emptied(path string) bool {
	file, err := os.Stat(path)
	wal, walErr := os.Stat(path + "-wal")
	gone := errors.Is(err, fs.ErrNotExist) || err == nil && file.Size() == 0
	return gone && walErr == nil && wal.Size() > 0
}

// setAside renames the file and its companions: where the file is now, or its log when there is
// no file. The file goes first: if its log stays behind, the next Open sees that, see emptied.
func setAside(path string) (aside string, err error) {
	target := freeName(path)
	for i, file := range parts(path) {
		err := os.Rename(file, parts(target)[i])
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		if aside == "" {
			aside = parts(target)[i]
		}
	}
	return aside, nil
}

// freeName gives the next name that nothing damaged has yet.
func freeName(path string) string {
	for n := 1; ; n++ {
		name, taken := fmt.Sprintf("%s.damaged-%d", path, n), false
		for _, file := range parts(name) {
			_, err := os.Lstat(file)
			taken = taken || err == nil
		}
		if !taken {
			return name
		}
	}
}
