package postgres

import (
	"context"
	"errors"
	"io"
	"sync"

	"holdfast/backup/rowsum"
)

const (
	aheadChunk  = 256 << 10 // bytes read at once
	aheadChunks = 8         // read before they are needed
)

// ahead reads a part a few MiB before it is needed, so that decrypting and decompressing it go
// on while the server is busy with what it has. What is read is hashed on the way.
type ahead struct {
	ctx    context.Context //nolint:containedctx // io.Reader has no place for it, and Read must not outlive it
	from   io.ReadCloser
	sum    rowsum.Rows // complete once Read gave io.EOF
	full   chan []byte // has room for every chunk there is
	empty  chan []byte // chunks to fill; nil for one not made yet
	done   chan struct{}
	ended  sync.WaitGroup
	cause  error       // why reading ended; valid once full is closed
	passed func(n int) // told of bytes handed on
	vigil  *vigil      // told of waits; may be nil

	reading sync.Mutex // pgx may still be reading for a moment when its CopyFrom gave an error
	rest    []byte     // of chunk, not read yet
	chunk   []byte
}

// readAhead begins to read from, which Close closes. passed may be nil.
func readAhead(ctx context.Context, from io.ReadCloser, passed func(n int)) *ahead {
	r := &ahead{
		ctx: ctx, from: from, passed: passed, done: make(chan struct{}),
		full: make(chan []byte, aheadChunks), empty: make(chan []byte, aheadChunks),
	}
	for range aheadChunks {
		r.empty <- nil
	}
	r.ended.Go(r.fetch)
	return r
}

func (r *ahead) fetch() {
	defer close(r.full)
	for r.cause == nil {
		select {
		case <-r.done:
			r.cause = io.ErrClosedPipe
		case chunk := <-r.empty:
			r.fill(chunk)
		}
	}
}

func (r *ahead) fill(chunk []byte) {
	if chunk == nil {
		chunk = make([]byte, aheadChunk)
	}
	n, err := io.ReadFull(r.from, chunk)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	_, _ = r.sum.Write(chunk[:n]) // never fails
	r.cause = err
	if n > 0 {
		r.full <- chunk[:n]
	}
}

// Read gives what was read ahead. It ends with the context even while the part does not answer.
func (r *ahead) Read(p []byte) (int, error) {
	r.reading.Lock()
	defer r.reading.Unlock()
	if len(r.rest) == 0 {
		if r.chunk != nil {
			r.empty <- r.chunk[:cap(r.chunk)]
			r.chunk = nil
		}
		if err := r.await(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	if r.passed != nil {
		r.passed(n)
	}
	return n, nil
}

// await takes the next chunk.
func (r *ahead) await() error {
	defer r.vigil.waitsForVault()()
	select {
	case <-r.ctx.Done():
		return r.ctx.Err()
	case chunk, more := <-r.full:
		if !more {
			return r.cause
		}
		r.chunk, r.rest = chunk, chunk
		return nil
	}
}

// Close stops reading and closes the part.
func (r *ahead) Close() error {
	close(r.done)
	r.ended.Wait()
	return r.from.Close()
}
