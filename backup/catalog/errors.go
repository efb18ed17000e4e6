package catalog

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"modernc.org/sqlite" // also registers the driver "sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"holdfast/backup"
)

var errDamaged = errors.New("the file is damaged")

// primary gives SQLite's result code without what says which kind of it; SQLITE_OK for an error
// that is not SQLite's.
func primary(err error) int { return extended(err) & 0xff }

// extended gives SQLite's whole result code.
func extended(err error) int {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code()
	}
	return sqlite3.SQLITE_OK
}

// isDamaged tells a file that is no catalog any more from one that cannot be used right now.
func isDamaged(err error) bool {
	code := primary(err)
	cut := extended(err) == sqlite3.SQLITE_IOERR_SHORT_READ // the file ends before its last page does
	return code == sqlite3.SQLITE_CORRUPT || code == sqlite3.SQLITE_NOTADB || cut || errors.Is(err, errDamaged)
}

// explain keeps errors of our own as they are, and gives the others a kind and a remedy.
func explain(op string, err error) error {
	_, ours := errors.AsType[*backup.Error](err)
	if err == nil || ours || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return backup.WithOp(op, err)
	}
	e := &backup.Error{Kind: backup.Failed, Op: op, Text: fmt.Sprintf("the catalog does not take or give what it should: %v", err), Err: err}
	switch code := primary(err); {
	case isDamaged(err):
		e.Kind, e.Text = backup.Damaged, fmt.Sprintf("the catalog is damaged: %v", err)
		e.Hint = "Move its file away; the next start makes a new one from the vault."
	case code == sqlite3.SQLITE_BUSY || code == sqlite3.SQLITE_LOCKED:
		e.Kind, e.Text, e.Hint = backup.Busy, "another process has the catalog and does not give it up", "Try again. Does another Holdfast hang?"
	case code == sqlite3.SQLITE_FULL:
		e.Text, e.Hint = "the disk of the catalog is full", "Free some space."
	case unusable(err):
		e.Kind, e.Text = backup.Unreachable, fmt.Sprintf("the catalog cannot be used: %v", err)
		e.Hint = "Is its folder there, and writable by you?"
	}
	return e
}

func unusable(err error) bool {
	switch primary(err) {
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_IOERR:
		return true
	}
	_, path := errors.AsType[*fs.PathError](err)
	_, link := errors.AsType[*os.LinkError](err)
	return path || link
}
