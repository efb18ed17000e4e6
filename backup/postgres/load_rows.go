package postgres

import (
	"context"
	"io"
	"sync"

	"holdfast/backup/rowsum"
)

// storedRows is the COPY text of a table as it is read from the backup, counted and hashed on the way.
type storedRows struct {
	ctx    context.Context //nolint:containedctx // io.Reader has no place for it, and Read must not outlive it
	from   io.ReadCloser
	passed func(n int) // told of bytes handed on; may be nil
	vigil  *vigil      // told of waits; may be nil

	reading sync.Mutex  // pgx may still be reading for a moment when its CopyFrom gave an error
	sum     rowsum.Rows // complete once Read gave io.EOF
}

// Read gives the next bytes. It ends with the context.
func (r *storedRows) Read(p []byte) (int, error) {
	r.reading.Lock()
	defer r.reading.Unlock()
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	defer r.vigil.waitsForVault()()
	n, err := r.from.Read(p)
	_, _ = r.sum.Write(p[:n]) // never fails
	if r.passed != nil {
		r.passed(n)
	}
	return n, err
}

// Close closes the part.
func (r *storedRows) Close() error { return r.from.Close() }
