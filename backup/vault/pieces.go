package vault

import (
	"context"
	"encoding/json"
	"errors"
	"sync"

	"github.com/kopia/kopia/repo/content"
	"github.com/kopia/kopia/repo/object"
	"golang.org/x/sync/errgroup"
)

const (
	// onePiece is a splitter of Kopia's that leaves a piece whole, and looks at none of its bytes.
	onePiece = "FIXED-8M"

	// indexPrefix and indexMark are Kopia's own: of contents that list those of an object, and of the ID
	// of an object that such a list stands for.
	indexPrefix = content.IDPrefix("x")
	indexMark   = "I"

	// piecesAhead is how many pieces of one part are stored while the next one is being filled.
	piecesAhead = 2
)

// pieces writes one object of Kopia's whose contents end where a cutter says. Kopia cuts objects with
// splitters of its own only, and those look at every byte; so each piece is written as an object of
// its own, and the object that they make is the list of them, as Kopia itself writes it for
// objects of several contents. Kopia's own way to join objects would read each of them back.
type pieces struct {
	w       *writer
	ctx     context.Context
	name    string
	cut     cutter
	out     object.Writer  // of the piece that is being filled; nil before its first byte
	size    int64          // of that piece
	start   int64          // where it begins
	storing errgroup.Group // pieces that are complete

	mu      sync.Mutex
	entries []object.IndirectObjectEntry
	failed  error
}

func newPieces(ctx context.Context, w *writer, name string) *pieces {
	p := &pieces{w: w, ctx: ctx, name: name}
	p.storing.SetLimit(piecesAhead)
	return p
}

// Write implements objectWriter. It may give the error of an earlier piece.
func (p *pieces) Write(data []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	for rest := data; len(rest) > 0; {
		n, end := p.cut.next(rest)
		if p.out == nil {
			p.out = p.w.object(p.ctx, p.name, onePiece)
		}
		if _, err := p.out.Write(rest[:n]); err != nil {
			return 0, err
		}
		p.size += int64(n)
		rest = rest[n:]
		if end {
			p.storing.Go(p.next())
		}
	}
	return len(data), p.failure()
}

// next takes the piece away that was filled; what comes back stores it.
func (p *pieces) next() func() error {
	out := p.out
	p.mu.Lock()
	number := len(p.entries)
	p.entries = append(p.entries, object.IndirectObjectEntry{Start: p.start, Length: p.size})
	p.mu.Unlock()
	p.start += p.size
	p.out, p.size = nil, 0
	return func() error {
		id, err := p.w.store(p.ctx, out)
		p.mu.Lock()
		defer p.mu.Unlock()
		p.entries[number].Object = id
		p.failed = errors.Join(p.failed, err)
		return nil
	}
}

func (p *pieces) failure() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.failed
}

// Result implements objectWriter: it completes the object.
func (p *pieces) Result() (object.ID, error) {
	if p.out == nil && p.start == 0 {
		p.out = p.w.object(p.ctx, p.name, onePiece) // an empty object has a content too
	}
	if p.out != nil {
		_ = p.next()()
	}
	_ = p.storing.Wait()
	if err := p.failure(); err != nil {
		return object.EmptyID, err
	}
	if len(p.entries) == 1 {
		return p.entries[0].Object, nil
	}
	return p.index()
}

// index stores the list of the pieces.
func (p *pieces) index() (object.ID, error) {
	text, err := json.Marshal(struct {
		Stream  string                       `json:"stream"`
		Entries []object.IndirectObjectEntry `json:"entries"`
	}{"kopia:indirect", p.entries})
	if err != nil {
		return object.EmptyID, err
	}
	prefix := p.w.afresh
	if prefix == "" {
		prefix = indexPrefix // Kopia keeps such contents in packs of their own
	}
	out := p.w.rep.NewObjectWriter(p.ctx, object.WriterOptions{Description: "LIST:" + p.name, Prefix: prefix, Compressor: compressor, MetadataCompressor: compressor})
	_, err = out.Write(text)
	var id object.ID
	if err == nil {
		id, err = p.w.store(p.ctx, out)
	} else {
		err = errors.Join(err, out.Close())
	}
	if err != nil {
		return object.EmptyID, err
	}
	return object.ParseID(indexMark + id.String())
}

// Close implements objectWriter: it drops what is not stored.
func (p *pieces) Close() error {
	err := p.storing.Wait()
	if p.out != nil {
		err = errors.Join(err, p.out.Close())
		p.out = nil
	}
	return err
}
