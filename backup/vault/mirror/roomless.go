package mirror

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"syscall"

	"github.com/kopia/kopia/repo/blob"
	"github.com/pkg/sftp"

	"holdfast/backup"
)

// reservedPart is how much of a disk file systems keep for the administrator: the twentieth part.
const reservedPart = 20

// inFlight is more than the other senders have on their way while a blob is refused.
const inFlight = senders * expectedPack

// unwritten finds out whether a blob was not written because the place is full, where the answer does not
// say: SFTP has no word for it, and WebDAV servers that have one do not all use it.
func (s *Store) unwritten(ctx context.Context, err error, size int64) error {
	if !vague(err) {
		return err
	}
	left, unknown := within(ctx, s, 0, func(ctx context.Context, st blob.Storage) (blob.Capacity, error) { return st.GetCapacity(ctx) })
	free, need := left.FreeB, uint64(size)
	if s.place.Kind == SFTP {
		need += left.SizeB / reservedPart // counts as free, and only the administrator may use it
	}
	switch {
	case unknown == nil && free <= need:
		return fmt.Errorf("%w: %w", syscall.ENOSPC, err)
	case s.place.Kind == SFTP || unknown == nil && free > need+inFlight:
		return err
	}
	return s.perhapsFull(ctx, err, size)
}

// vague says whether an answer to a writing may mean that there is no room.
func vague(err error) bool {
	if answer, ok := errors.AsType[*sftp.StatusError](err); ok {
		return answer.FxCode() == sftp.ErrSSHFxFailure
	}
	switch status(err) {
	case 0, http.StatusUnauthorized, http.StatusForbidden, http.StatusRequestEntityTooLarge, http.StatusInsufficientStorage:
		return false
	}
	return true
}

// perhapsFull says what can be said about a server that tells neither why nor how much room it has: that
// it can be read, and whether it takes a small file.
func (s *Store) perhapsFull(ctx context.Context, err error, size int64) error {
	if _, unread := s.list(ctx); unread != nil {
		return err
	}
	id := blob.ID(probeHead + "-" + rand.Text()[:4])
	_, small := within(ctx, s, 0, func(ctx context.Context, st blob.Storage) (struct{}, error) {
		if err := st.PutBlob(ctx, id, content("small"), blob.PutOptions{}); err != nil {
			return struct{}{}, err
		}
		return struct{}{}, st.DeleteBlob(ctx, id)
	})
	takes := "it can be read and takes small files, but not one of " + backup.Units(size)
	if small != nil {
		takes = "it can be read, but takes no files"
	}
	return &backup.Error{
		Kind: backup.Failed, Text: fmt.Sprintf("the place may be full: %s: %s: %s", takes, s.place, innermost(err)),
		Hint: "See whether there is room at the place, and whether its server limits how large a file may be. What is there is whole; the next run goes on from it.", Err: err,
	}
}
