package postgres

import (
	"context"
	"errors"
	"sync"
	"testing"

	"holdfast/backup"
)

// TestStoppedHalfway ends captures at chosen points: no session stays, and nothing is left half.
func TestStoppedHalfway(t *testing.T) {
	t.Parallel()
	sb := testDatabase(t, "stopped", "CREATE TABLE a AS SELECT repeat('x', 1000) FROM generate_series(1, 20000)", "CREATE TABLE b(x int)",
		"SELECT lo_from_bytea(0, decode(repeat('00', 5000000), 'hex'))")
	full := errors.New("no space left in the vault")
	for _, at := range []string{backup.PartGlobals, backup.PartTOC, backup.DirTables + "/1.copy", backup.DirBlobs + "/1.blobs"} {
		t.Run("cancel at "+at, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			sink := newHookSink(func(_ int, name string) error {
				if name == at {
					cancel()
				}
				return nil
			})
			_, err := testServer().Capture(ctx, sb, sink, nil)
			wantKind(t, err, backup.Cancelled)
			noneLeft(t)
		})
		t.Run("vault refuses "+at, func(t *testing.T) {
			sink := newHookSink(func(_ int, name string) error {
				if name == at {
					return full
				}
				return nil
			})
			_, err := testServer().Capture(t.Context(), sb, sink, nil)
			if !errors.Is(err, full) {
				t.Errorf("%v", err)
			}
			noneLeft(t)
		})
		t.Run("vault fills up in "+at, func(t *testing.T) {
			sink := &fullSink{Sink: newShelf(), at: at, err: full}
			_, err := testServer().Capture(t.Context(), sb, sink, nil)
			if !errors.Is(err, full) {
				t.Errorf("%v", err)
			}
			noneLeft(t)
			if sink.open() != 0 {
				t.Errorf("%d parts neither sealed nor discarded", sink.open())
			}
		})
	}
}

// fullSink fails to write one part, and counts the parts that nobody closed.
type fullSink struct {
	backup.Sink

	at  string
	err error

	mu   sync.Mutex
	left int
}

func (f *fullSink) open() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.left
}

func (f *fullSink) Create(ctx context.Context, name string) (backup.PartWriter, error) {
	part, err := f.Sink.Create(ctx, name)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left++
	return &fullPart{PartWriter: part, sink: f, fails: name == f.at}, err
}

type fullPart struct {
	backup.PartWriter

	sink  *fullSink
	fails bool
	done  sync.Once
}

func (p *fullPart) Write(b []byte) (int, error) {
	if p.fails {
		return 0, p.sink.err
	}
	return p.PartWriter.Write(b)
}

func (p *fullPart) close() {
	p.done.Do(func() {
		p.sink.mu.Lock()
		defer p.sink.mu.Unlock()
		p.sink.left--
	})
}

func (p *fullPart) Seal() error { p.close(); return p.PartWriter.Seal() }
func (p *fullPart) Discard()    { p.close(); p.PartWriter.Discard() }
