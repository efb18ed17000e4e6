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
	"holdfast/backup/media"
	"holdfast/backup/pgarchive"
)

// CompareBackup compares a backup with its sandbox as it is now, table by table and file by file. It
// reads the whole database, as a backup does, and keeps nothing.
func (e *Engine) CompareBackup(ctx context.Context, ref string, wait time.Duration) (*backup.Comparison, error) {
	return e.CompareWith(ctx, ref, "", wait)
}

// CompareWith is CompareBackup with the database of another sandbox; "" is the backup's own.
func (e *Engine) CompareWith(ctx context.Context, ref, sandbox string, wait time.Duration) (*backup.Comparison, error) {
	b, s, c, err := e.beginComparison(ctx, ref, sandbox)
	if err != nil {
		return nil, err
	}
	op := "compare " + string(b.ID)
	if b.Holds(backup.ScopeDatabase) {
		if err := s.NeedsDatabase("Compare it with another sandbox."); err != nil {
			return nil, backup.WithOp(op, err)
		}
		if c, err = e.compareDatabase(ctx, s, b.ID, wait); err != nil {
			return nil, backup.WithOp(op, err)
		}
	}
	if b.Holds(backup.ScopeMedia) {
		err = e.compareFolders(ctx, s, b.ID, c, wait)
	}
	return c, backup.WithOp(op, err)
}

// beginComparison gives a backup, the sandbox that it is compared with ("" is the backup's own), and
// a comparison that found no change yet.
func (e *Engine) beginComparison(ctx context.Context, ref, sandbox string) (*backup.Backup, backup.Sandbox, *backup.Comparison, error) {
	b, err := e.ShowBackup(ctx, ref)
	if err != nil {
		return nil, backup.Sandbox{}, nil, err
	}
	s, err := e.Sandbox(cmp.Or(sandbox, b.Sandbox))
	if err != nil {
		return nil, backup.Sandbox{}, nil, backup.WithOp("compare "+string(b.ID), err)
	}
	c := &backup.Comparison{Backup: b.ID, Sandbox: b.Sandbox, Same: true, Tables: []backup.TableChange{}, Media: []backup.FolderChanges{}, Definitions: []string{}}
	return b, s, c, nil
}

func (e *Engine) compareDatabase(ctx context.Context, s backup.Sandbox, id backup.ID, wait time.Duration) (*backup.Comparison, error) {
	then, archive, err := e.definitions(ctx, id, wait)
	if err != nil {
		return nil, err
	}
	sink := &tocSink{}
	now, err := e.server.Capture(ctx, s, sink, e.opts.Report)
	if err != nil {
		return nil, err
	}
	present, err := pgarchive.Read(bytes.NewReader(sink.toc.Bytes()))
	if err != nil {
		return nil, err
	}
	c := backup.Compare(then, now, changedDefinitions(archive, present))
	return &c, nil
}

// compareFolders compares each stored folder with the sandbox's of the same path, else of the same
// name. One that the sandbox does not have any more is looked for where it was.
func (e *Engine) compareFolders(ctx context.Context, s backup.Sandbox, id backup.ID, c *backup.Comparison, wait time.Duration) (err error) {
	parts, err := e.runner.Read(ctx, id, wait)
	if err != nil {
		return err
	}
	defer func() { err = firstOf(err, parts.Close()) }()
	m := parts.Manifest()
	for i := range m.Media {
		f := &m.Media[i]
		path := f.Path
		if at := slices.Index(backup.MediaNames(s.Media), f.Name); at >= 0 && !slices.Contains(s.Media, path) {
			path = s.Media[at]
		}
		changes, err := media.Compare(ctx, parts, f, path, s.MediaExclude)
		if err != nil {
			return err
		}
		c.Media = append(c.Media, changes)
		c.Same = c.Same && !changes.Differs()
	}
	return nil
}

// definitions reads a backup's manifest and the archive of its definitions.
func (e *Engine) definitions(ctx context.Context, id backup.ID, wait time.Duration) (m *backup.Manifest, a *pgarchive.Archive, err error) {
	parts, err := e.runner.Read(ctx, id, wait)
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
