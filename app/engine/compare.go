package engine

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"holdfast/backup"
	"holdfast/backup/pgarchive"
)

// CompareBackup compares a backup with its sandbox's database as it is now, table by table. It
// reads the whole database, as a backup does, and keeps nothing.
func (e *Engine) CompareBackup(ctx context.Context, ref string, wait time.Duration) (*backup.Comparison, error) {
	return e.CompareWith(ctx, ref, "", wait)
}

// CompareWith is CompareBackup with the database of another sandbox; "" is the backup's own.
func (e *Engine) CompareWith(ctx context.Context, ref, sandbox string, wait time.Duration) (*backup.Comparison, error) {
	b, err := e.ShowBackup(ctx, ref)
	if err != nil {
		return nil, err
	}
	op := "compare " + string(b.ID)
	s, err := e.Sandbox(cmp.Or(sandbox, b.Sandbox))
	if err != nil {
		return nil, backup.WithOp(op, err)
	}
	then, archive, err := e.definitions(ctx, b.ID, wait)
	if err != nil {
		return nil, backup.WithOp(op, err)
	}
	sink := &tocSink{}
	now, err := e.server.Capture(ctx, s, sink, e.opts.Report)
	if err != nil {
		return nil, backup.WithOp(op, err)
	}
	present, err := pgarchive.Read(bytes.NewReader(sink.toc.Bytes()))
	if err != nil {
		return nil, backup.WithOp(op, err)
	}
	c := backup.Compare(then, now, changedDefinitions(archive, present))
	return &c, nil
}

// definitions reads a backup's manifest and the archive of its definitions.
func (e *Engine) definitions(ctx context.Context, id backup.ID, wait time.Duration) (m *backup.Manifest, a *pgarchive.Archive, err error) {
	parts, err := e.vault.Read(ctx, id, wait)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = firstOf(err, parts.Close()) }()
	toc, err := parts.Open(ctx, backup.PartTOC)
	if err != nil {
		return nil, nil, err
	}
	a, err = pgarchive.Read(toc)
	return parts.Manifest(), a, firstOf(err, toc.Close())
}

// tocSink keeps the definitions of a capture, and drops all else.
type tocSink struct {
	mu  sync.Mutex
	toc bytes.Buffer
}

// Create implements backup.Sink.
func (s *tocSink) Create(_ context.Context, name string) (backup.PartWriter, error) {
	if name == backup.PartTOC {
		return tocPart{&s.toc}, nil
	}
	return tocPart{io.Discard}, nil
}

// Reset implements backup.Sink.
func (s *tocSink) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.toc.Reset()
}

type tocPart struct{ io.Writer }

func (tocPart) Seal() error { return nil }
func (tocPart) Discard()    {}

// changedDefinitions names the objects whose definition differs. What stands for rows, and the
// order of objects, is left out.
func changedDefinitions(then, now *pgarchive.Archive) []string {
	old, present := defined(then), defined(now)
	var changed []string
	for object, text := range present {
		was, had := old[object]
		switch {
		case !had:
			changed = append(changed, "new: "+object)
		case was != text:
			changed = append(changed, "changed: "+object)
		}
	}
	for object := range old {
		if _, has := present[object]; !has {
			changed = append(changed, "gone: "+object)
		}
	}
	slices.Sort(changed)
	return changed
}

// defined gives the statements and the owner of every object, by its kind and name. Several
// entries may have one name, such as the rights on a table and on its columns.
func defined(a *pgarchive.Archive) map[string]string {
	texts := map[string]string{}
	for i := range a.Entries {
		entry := &a.Entries[i]
		switch entry.Desc.S {
		case "ENCODING", "STDSTRINGS", "SEARCHPATH", "SEQUENCE SET", "TABLE DATA", "BLOBS", "BLOB", "BLOB METADATA", "DATABASE":
			continue
		}
		name := entry.Tag.S
		if entry.Namespace.S != "" {
			name = entry.Namespace.S + "." + name
		}
		key := fmt.Sprintf("%s %s", entry.Desc.S, name)
		texts[key] += entry.Defn.S + "\x00" + entry.Owner.S + "\x00"
	}
	return texts
}
