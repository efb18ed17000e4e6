package postgres

import (
	"bytes"
	"context"
	"io"
	"maps"
	"slices"
	"sync"

	"holdfast/backup"
)

// shelf keeps the parts of a backup in memory; it is a backup.Sink and a backup.Parts.
type shelf struct {
	mu    sync.Mutex
	parts map[string][]byte
}

func newShelf() *shelf { return &shelf{parts: map[string][]byte{}} }

// clone gives a copy whose parts may be damaged without harm to the others.
func (s *shelf) clone() *shelf {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &shelf{parts: maps.Clone(s.parts)}
}

// edit replaces a part by what change makes of a copy of it.
func (s *shelf) edit(name string, change func([]byte) []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.parts[name] = change(slices.Clone(s.parts[name]))
}

func (s *shelf) Create(_ context.Context, name string) (backup.PartWriter, error) {
	return &shelfPart{shelf: s, name: name}, nil
}

func (s *shelf) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.parts)
}

func (s *shelf) Open(_ context.Context, name string) (io.ReadCloser, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text, ok := s.parts[name]
	if !ok {
		return nil, backup.Errorf(backup.Damaged, "", "the part %s is not there", name)
	}
	return io.NopCloser(bytes.NewReader(text)), nil
}

type shelfPart struct {
	bytes.Buffer

	shelf *shelf
	name  string
}

func (p *shelfPart) Seal() error {
	p.shelf.mu.Lock()
	defer p.shelf.mu.Unlock()
	p.shelf.parts[p.name] = p.Bytes()
	return nil
}

func (p *shelfPart) Discard() {}
