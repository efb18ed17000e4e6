package vault

import (
	"errors"
	"io/fs"
	"strings"
	"syscall"

	"github.com/kopia/kopia/repo"
	"github.com/kopia/kopia/repo/format"

	"holdfast/backup"
)

// Hints that are given in several places.
const (
	hintVerify = "Use another backup. `holdfast vault verify --full` says which ones are whole."
	hintSpace  = "Make room on that disk, or delete old backups."
)

// explain gives err an operation and words that a person understands. Errors of this package
// and cancellations pass through.
func explain(op string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*backup.Error](err); ok {
		return backup.WithOp(op, err)
	}
	for _, known := range []struct {
		is         error
		kind       backup.Kind
		text, hint string
	}{
		{syscall.ENOSPC, backup.Failed, "the disk that holds the vault is full", hintSpace},
		{syscall.EDQUOT, backup.Failed, "the disk quota for the vault is used up", hintSpace},
		{syscall.EROFS, backup.Unreachable, "the vault's disk is read-only", "Mount it writable."},
		{fs.ErrPermission, backup.Unreachable, "the vault's files may not be read or written", "Check who owns the vault's folder."},
		{repo.ErrRepositoryUnavailableDueToUpgradeInProgress, backup.Busy, "the vault is being upgraded by another program", "Wait until that is done."},
	} {
		if errors.Is(err, known.is) {
			return &backup.Error{Kind: known.kind, Op: op, Text: known.text, Hint: known.hint, Err: err}
		}
	}
	if strings.Contains(err.Error(), "unable to load manifest contents") { // Kopia has no type for it
		return backup.WithOp(op, errListDamaged(err))
	}
	return backup.WithOp(op, err)
}

// damaged says that stored bytes are not what they must be.
func damaged(err error, hint, text string) *backup.Error {
	return &backup.Error{Kind: backup.Damaged, Text: text, Hint: hint, Err: err}
}

// isWrongKey tells a key that opens nothing from a vault that is torn.
func isWrongKey(err error) bool { return errors.Is(err, format.ErrInvalidPassword) }
