package vault

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/kopia/kopia/repo/blob"
	"github.com/kopia/kopia/repo/content"
)

// mendIndex reads all index files. One that was not written by Kopia with the vault's key is replaced by the
// copy's, or set aside.
func (m *mender) mendIndex(ctx context.Context) error {
	files, err := indexFiles(m.opts.Path)
	if err != nil {
		return err
	}
	m.known = map[content.ID]version{}
	for _, f := range files {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		switch f.kind {
		case stray:
			err = m.setAside(f, "Kopia writes no file of that name there")
		case entries, compacted:
			err = m.mendEntries(ctx, f)
		case marker, watermark: // their names say it all
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (m *mender) mendEntries(ctx context.Context, f indexFile) error {
	text, err := os.ReadFile(f.path)
	if err != nil {
		return err
	}
	found, wrong := readIndex(m.formats, f.id, text)
	if wrong == nil {
		m.learn(found)
		return nil
	}
	whole, found, err := m.borrow(ctx, f.id)
	if err != nil {
		return err
	}
	if whole != nil {
		m.learn(found)
		return m.replace(f.id, f.path, whole)
	}
	// On record first: a kill in between must not leave an index that is lost unnoticed.
	if err := m.noteLost(f.id); err != nil {
		return err
	}
	return m.setAside(f, "it is damaged, or was not written with the vault's key")
}

// borrow gives an index blob of the copy and what is in it; nil when the copy has no whole one.
func (m *mender) borrow(ctx context.Context, id blob.ID) ([]byte, []content.Info, error) {
	if m.from == nil {
		return nil, nil, nil
	}
	text, err := m.from.Get(ctx, id)
	if errors.Is(err, blob.ErrBlobNotFound) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	found, wrong := readIndex(m.formats, id, text)
	if wrong != nil {
		return nil, nil, nil //nolint:nilerr // it is damaged there too
	}
	return text, found, nil
}

// learn takes in what the vault's index says.
func (m *mender) learn(found []content.Info) {
	for i := range found {
		c := &found[i]
		if have, known := m.known[c.ContentID]; !known || c.TimestampSeconds > have.at || c.TimestampSeconds == have.at && c.Deleted {
			m.known[c.ContentID] = version{at: c.TimestampSeconds, gone: c.Deleted}
		}
	}
}

// noteLost puts on record that a part of the index is lost: see recovery.
func (m *mender) noteLost(ids ...blob.ID) error {
	v := &Vault{opts: m.opts}
	pending, err := v.recovery()
	if err != nil {
		return err
	}
	if pending == nil {
		pending = &recovery{}
	}
	pending.At, pending.Checked, pending.Rebuilt = m.opts.Clock().UTC(), false, false
	for _, id := range ids {
		pending.Torn = append(pending.Torn, string(id)+".f")
	}
	return v.saveRecovery(pending)
}

// bringIndex brings the index blobs that the vault lost. If nothing was removed from the vault since the copy was
// made, these are all that the copy has and the vault has not. Else only what is about packs that are there
// counts: the rest may be of backups that were deleted.
func (m *mender) bringIndex(ctx context.Context) error {
	if m.from == nil {
		return nil
	}
	all, err := m.from.List(ctx)
	if err != nil {
		return err
	}
	slices.Sort(all)
	for more := true; more && err == nil; { // what one says may be deleted by another
		more, err = m.bringSome(ctx, all)
	}
	return err
}

// bringSome goes over the blobs once, and says whether it brought any.
func (m *mender) bringSome(ctx context.Context, all []blob.ID) (some bool, err error) {
	for _, id := range all {
		f := indexFileOf(m.opts.Path, id, blobPath(m.opts.Path, id))
		if _, err := os.Lstat(f.path); f.kind == stray || !errors.Is(err, os.ErrNotExist) {
			continue
		}
		var brought bool
		switch f.kind {
		case entries, compacted:
			brought, err = m.bringEntries(ctx, f)
		case watermark:
			brought, err = m.bringWatermark(ctx, f)
		case marker, stray: // markers follow from the rest
		}
		if err != nil {
			return some, err
		}
		some = some || brought
	}
	return some, nil
}

func (m *mender) bringEntries(ctx context.Context, f indexFile) (bool, error) {
	whole, found, err := m.borrow(ctx, f.id)
	if err != nil || whole == nil || !m.fresh && !m.tellsMore(found) {
		return false, err
	}
	m.learn(found)
	return true, m.replace(f.id, f.path, whole)
}

// bringWatermark brings a file whose name says it all.
func (m *mender) bringWatermark(ctx context.Context, f indexFile) (bool, error) {
	if !m.fresh {
		return false, nil
	}
	text, err := m.from.Get(ctx, f.id)
	if err != nil {
		return false, err
	}
	return true, m.replace(f.id, f.path, text)
}

// tellsMore says whether entries are about contents that are not indexed, or that were deleted and the index
// takes for present.
func (m *mender) tellsMore(found []content.Info) bool {
	for i := range found {
		c := &found[i]
		have, known := m.known[c.ContentID]
		switch {
		case c.Deleted && known && !have.gone && c.TimestampSeconds >= have.at:
			return true
		case !c.Deleted && !known:
			if _, err := os.Lstat(blobPath(m.opts.Path, c.PackBlobID)); err == nil {
				return true
			}
		}
	}
	return false
}

// mendMarkers makes the markers fit the epochs that the index is of, as it can be read now.
func (m *mender) mendMarkers(context.Context) error {
	files, err := indexFiles(m.opts.Path)
	if err != nil {
		return err
	}
	begun, named := 0, epochsOf(files).named
	tomorrow := m.opts.Clock().AddDate(0, 0, 1).Unix()
	for _, f := range files {
		switch {
		case f.kind == marker && f.last > named+1:
			err = m.setAside(f, fmt.Sprintf("it says that epoch %d has begun, and the index is of epoch %d", f.last, named))
		case f.kind == marker:
			begun = max(begun, f.last)
			err = m.mendMarker(f)
		case f.kind == watermark && int64(f.last) > tomorrow:
			err = m.setAside(f, "it speaks of what is deleted in the future")
		}
		if err != nil {
			return err
		}
	}
	if begun >= named {
		return nil
	}
	id := blob.ID(fmt.Sprintf("xe%d", named))
	return m.replace(id, blobPath(m.opts.Path, id), []byte(markerText))
}

// mendMarker writes a marker anew that fits and was damaged.
func (m *mender) mendMarker(f indexFile) error {
	text, err := os.ReadFile(f.path)
	if err != nil || string(text) == markerText {
		return err
	}
	return m.replace(f.id, f.path, []byte(markerText))
}
