package mirror

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kopia/kopia/repo/blob"
	"github.com/kopia/kopia/repo/blob/throttling"
	"github.com/minio/minio-go/v7"
	"github.com/studio-b12/gowebdav"
)

// Store is an open place. It is safe for concurrent use.
type Store struct {
	place    Place
	patience time.Duration
	slowest  int64                // bytes per second
	throttle throttling.Throttler // nil: no limit
	sent     atomic.Int64
	at       time.Time     // the copy is seen as it was then; zero: as it is
	lock     time.Duration // for which what is written is locked; 0: it is not
	bucket   *minio.Client // where lock is not 0
	dav      *gowebdav.Client

	mu      sync.Mutex
	storage blob.Storage
	remove  string // temporary file; "" for none
}

// Place says where the store is.
func (s *Store) Place() Place { return s.place }

// Sent is how many bytes of blobs were sent so far.
func (s *Store) Sent() int64 { return s.sent.Load() }

// Close gives the connection up.
func (s *Store) Close(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	if s.storage != nil {
		err = s.storage.Close(ctx)
	}
	if s.remove != "" {
		err = errors.Join(err, os.Remove(s.remove))
	}
	s.storage, s.remove = nil, ""
	return err
}

// within bounds one operation: Kopia's SFTP and WebDAV heed no context, and would wait for ever for a
// server that says nothing. What is given up on may go on for a while, and nobody looks at what it gives.
func within[T any](ctx context.Context, s *Store, size int64, do func(context.Context, blob.Storage) (T, error)) (T, error) {
	s.mu.Lock()
	st := s.storage // it may go on after Close
	s.mu.Unlock()
	ctx, stop := context.WithTimeoutCause(ctx, s.patience+time.Duration(size/s.slowest)*time.Second, errSilent)
	defer stop()
	inner := ctx
	if s.place.Kind == SFTP {
		inner = context.WithoutCancel(ctx) // it may connect anew, and the connection must outlive this operation
	}
	type answer struct {
		value T
		err   error
	}
	done := make(chan answer, 1)
	go func() {
		value, err := do(inner, st)
		done <- answer{value, err}
	}()
	select {
	case a := <-done:
		if errors.Is(a.err, context.DeadlineExceeded) {
			a.err = context.Cause(ctx)
		}
		return a.value, a.err
	case <-ctx.Done():
		var none T
		return none, context.Cause(ctx)
	}
}

// list gives all blobs of the copy.
func (s *Store) list(ctx context.Context) (map[blob.ID]blob.Metadata, error) {
	have, err := within(ctx, s, 0, func(ctx context.Context, st blob.Storage) (map[blob.ID]blob.Metadata, error) {
		found := map[blob.ID]blob.Metadata{}
		return found, st.ListBlobs(ctx, "", func(b blob.Metadata) error {
			found[b.BlobID] = b
			return ctx.Err()
		})
	})
	return have, s.place.explain(err)
}

// get reads a blob whole, of about that many bytes; one that is not there is blob.ErrBlobNotFound.
func (s *Store) get(ctx context.Context, id blob.ID, expect int64) ([]byte, error) {
	data, err := within(ctx, s, expect, func(ctx context.Context, st blob.Storage) ([]byte, error) {
		var b buffer
		err := st.GetBlob(ctx, id, 0, -1, &b)
		return b.Bytes(), err
	})
	if errors.Is(err, blob.ErrBlobNotFound) {
		return nil, err
	}
	return data, s.place.explain(err)
}

// put writes a blob.
func (s *Store) put(ctx context.Context, id blob.ID, data []byte) error {
	size := int64(len(data))
	if s.throttle != nil {
		s.throttle.BeforeUpload(ctx, size)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	ctx, done := outliving(ctx)
	defer done()
	_, err := within(ctx, s, size, func(ctx context.Context, st blob.Storage) (struct{}, error) {
		return struct{}{}, st.PutBlob(ctx, id, content(data), s.locked(id))
	})
	if err != nil {
		return s.place.explain(s.unwritten(ctx, err, size))
	}
	s.sent.Add(size)
	return nil
}

func (s *Store) drop(ctx context.Context, id blob.ID) error {
	if s.lock > 0 {
		return s.place.explain(s.dropVersions(ctx, id))
	}
	_, err := within(ctx, s, 0, func(ctx context.Context, st blob.Storage) (struct{}, error) {
		return struct{}{}, st.DeleteBlob(ctx, id)
	})
	return s.place.explain(err)
}

// buffer is a blob.OutputBuffer.
type buffer struct{ bytes.Buffer }

// Length implements blob.OutputBuffer.
func (b *buffer) Length() int { return b.Len() }

// content is a blob.Bytes.
type content []byte

// WriteTo implements io.WriterTo.
func (c content) WriteTo(w io.Writer) (int64, error) {
	n, err := w.Write(c)
	return int64(n), err
}

// Length implements blob.Bytes.
func (c content) Length() int { return len(c) }

// Reader implements blob.Bytes.
func (c content) Reader() io.ReadSeekCloser { return noClose{bytes.NewReader(c)} }

type noClose struct{ *bytes.Reader }

// Close does nothing.
func (noClose) Close() error { return nil }

// Format blobs are the only ones that ever change.
const (
	formatID  blob.ID = "kopia.repository"
	configID  blob.ID = "kopia.blobcfg"
	markerID  blob.ID = "holdfast.copy"
	probeHead         = "holdfast.probe"
)

// isPack says whether a blob holds contents.
func isPack(id blob.ID) bool {
	return strings.HasPrefix(string(id), "p") || strings.HasPrefix(string(id), "q")
}

// isIndex says whether a blob is of Kopia's index.
func isIndex(id blob.ID) bool {
	return strings.HasPrefix(string(id), "x") || strings.HasPrefix(string(id), "n") || strings.HasPrefix(string(id), "m")
}

func mirrored(id blob.ID) bool { return isPack(id) || isIndex(id) }
