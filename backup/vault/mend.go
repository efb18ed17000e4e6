package vault

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/kopia/kopia/repo/blob"
	"github.com/kopia/kopia/repo/content"
	"github.com/kopia/kopia/repo/format"

	"holdfast/backup"
)

// Lender gives files of a copy of the vault.
type Lender struct {
	Get  func(ctx context.Context, id blob.ID) ([]byte, error) // one that is not there is blob.ErrBlobNotFound
	List func(ctx context.Context) ([]blob.ID, error)
	At   time.Time // when the copy was brought up to date
}

// Mended says what was done to the files without which a vault does not open, or not whole.
type Mended struct {
	Whole []blob.ID          // files that are whole, or there, again
	Aside map[blob.ID]string // files that were moved to holdfast.set-aside, and why
}

// Mend makes a vault open that its files keep shut: the two format files, and Kopia's index. What is damaged
// or missing comes from the copy, if there is one and if what it has was written with the vault's key; what
// nobody has whole is set aside, and what the index lost is read from the packs when the vault is opened next.
// Nothing is deleted. It does nothing to a vault that is whole.
func Mend(ctx context.Context, o Options, key string, from *Lender, wait time.Duration) (Mended, error) {
	const op = "repair the vault"
	m := &mender{opts: o, key: key, from: from, done: Mended{Aside: map[blob.ID]string{}}}
	path, err := filepath.EvalSymlinks(o.Path)
	if err != nil {
		return m.done, backup.WithOp(op, &backup.Error{Kind: backup.Unreachable, Text: "no vault at " + o.Path, Hint: "Check that the disk is there and the path is right.", Err: err})
	}
	if m.opts, err = m.opts.check(); err != nil {
		return m.done, backup.WithOp(op, err)
	}
	m.opts.Path = path
	l, err := (&Vault{opts: m.opts}).acquire(ctx, true, wait, "a repair")
	if err != nil {
		return m.done, explain(op, err)
	}
	return m.done, explain(op, errors.Join(m.mend(ctx), l.release(!l.dirty)))
}

// mender is one call of Mend.
type mender struct {
	opts    Options
	key     string
	from    *Lender
	formats *format.Manager
	known   map[content.ID]version
	fresh   bool // nothing was removed from the vault since the copy was brought up to date
	done    Mended
}

// version is the newest entry of a content.
type version struct {
	at   int64 // seconds
	gone bool
}

func (m *mender) mend(ctx context.Context) error {
	r, err := readRecord(m.opts.Path)
	if err != nil {
		return err
	}
	if r != nil && r.Home != m.opts.Home {
		return backup.Errorf(backup.Refused, "Repair it from there. If that home is no longer used, take the vault over: holdfast vault open", "the vault %s is written by another home, on %s", m.opts.Path, r.Host)
	}
	m.fresh = m.from != nil && r != nil && m.from.At.After(r.Clock)
	if unfinishedChange(m.opts.Path) != nil {
		return nil // Open ends the change of the key first, and knows which files belong to which key
	}
	for _, step := range []func(context.Context) error{m.mendFormat, m.mendIndex, m.bringIndex, m.mendMarkers} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return syncFolders(m.opts.Path)
}

// IDOf gives Kopia's ID of the vault in a folder, in hex, without its key; "" when nothing there says it, or when
// what says it is not of one mind, for one of it is damaged.
func IDOf(path string) string {
	var said []string
	for _, name := range []string{formatFile, copyOf(formatFile)} {
		text, err := os.ReadFile(filepath.Join(path, name))
		if err != nil {
			continue
		}
		if f, err := format.ParseKopiaRepositoryJSON(text); err == nil {
			said = append(said, hex.EncodeToString(f.UniqueID))
		}
	}
	if r, err := readRecord(path); err == nil && r != nil {
		said = append(said, r.Vault)
	}
	if len(said) == 0 || len(slices.Compact(said)) > 1 {
		return ""
	}
	return said[0]
}

// mendFormat finds format files that the key opens: those in place, our copies of them, the off-site copy's,
// and last without the one that Kopia can do without.
func (m *mender) mendFormat(ctx context.Context) error {
	present, err := readFormat(m.opts.Path)
	if err != nil {
		return err
	}
	if m.formats, err = openFormat(ctx, present, m.key, m.opts.Clock); err == nil {
		return nil
	}
	first := err
	var ours, lent formatTexts
	for i, name := range formatFiles {
		ours[i], _ = os.ReadFile(filepath.Join(m.opts.Path, copyOf(name))) // nil: there is none
	}
	if m.from != nil {
		if lent, err = m.lentFormat(ctx); err != nil {
			return err
		}
	}
	without := formatTexts{present[0]}
	for i, texts := range []formatTexts{ours, lent, ours, without} {
		if whole := texts[1] != nil || present[1] == nil; texts[0] == nil || !whole && i < 2 {
			continue
		}
		if m.formats, err = openFormat(ctx, texts, m.key, m.opts.Clock); err == nil && m.vouched(ctx) {
			return m.putFormat(texts, present)
		}
	}
	return openError(first)
}

func (m *mender) lentFormat(ctx context.Context) (lent formatTexts, err error) {
	for i, id := range []blob.ID{format.KopiaRepositoryBlobID, format.KopiaBlobCfgBlobID} {
		lent[i], err = m.from.Get(ctx, id)
		if err != nil && !errors.Is(err, blob.ErrBlobNotFound) {
			return lent, err
		}
	}
	return lent, nil
}

// formatTexts are the format files; nil is one that is not there.
type formatTexts = [len(formatFiles)][]byte

// openFormat opens format files apart from everything else.
func openFormat(ctx context.Context, texts formatTexts, key string, clock backup.Clock) (_ *format.Manager, err error) {
	dir, err := os.MkdirTemp("", "holdfast-format-*") // they tell nothing without the key
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	for i, name := range formatFiles {
		if texts[i] == nil {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, name), texts[i], fileMode); err != nil {
			return nil, err
		}
	}
	st, err := FolderStorage(ctx, dir)
	if err != nil {
		return nil, err
	}
	return format.NewManager(ctx, st, "", -1, key, clock)
}

// vouched says whether the vault's own index can be read with the format, as far as there is any. Where all of
// it is damaged, the copy's files of the same names stand for it: no two vaults have one of the same name.
func (m *mender) vouched(ctx context.Context) bool {
	files, err := indexFiles(m.opts.Path)
	some := false
	for _, f := range files {
		if f.kind != entries && f.kind != compacted {
			continue
		}
		some = true
		text, err := os.ReadFile(f.path)
		if err == nil {
			_, err = readIndex(m.formats, f.id, text)
		}
		if err == nil {
			return true
		}
		if lent, _, lendErr := m.borrow(ctx, f.id); lendErr == nil && lent != nil {
			return true
		}
	}
	return err == nil && !some
}

func (m *mender) putFormat(texts, present formatTexts) error {
	for i, name := range formatFiles {
		id, path := blob.ID(name[:len(name)-len(".f")]), filepath.Join(m.opts.Path, name)
		var err error
		switch {
		case texts[i] == nil && present[i] != nil:
			err = m.setAside(indexFile{id: id, path: path}, "it is damaged, and Kopia can do without it")
		case string(texts[i]) != string(present[i]):
			err = m.replace(id, path, texts[i])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// replace puts a whole file in the place of one that is damaged, which is kept, or missing.
func (m *mender) replace(id blob.ID, path string, whole []byte) error {
	old, err := os.ReadFile(path)
	if ignoreMissing(err) != nil {
		return err
	}
	if err == nil {
		to, err := freeName(m.opts.Path, string(id)+".damaged")
		if err == nil {
			err = replaceFile(to, old)
		}
		if err != nil {
			return fmt.Errorf("keep the damaged file: %w", err)
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), folderMode); err != nil {
		return err
	}
	m.done.Whole = append(m.done.Whole, id)
	return replaceFile(path, whole)
}

// setAside moves a file out of Kopia's sight.
func (m *mender) setAside(f indexFile, why string) error {
	to, err := freeName(m.opts.Path, string(f.id)+".torn")
	if err != nil {
		return err
	}
	m.done.Aside[f.id] = why
	return (aside{from: f.path, to: to}).move()
}

// freeName gives a path among what was set aside that nothing has yet.
func freeName(root, name string) (string, error) {
	folder := filepath.Join(root, asideFolder)
	if err := os.MkdirAll(folder, folderMode); err != nil {
		return "", err
	}
	name = name[max(0, len(name)-200):]
	path := filepath.Join(folder, name)
	for n := 2; ; n++ {
		if _, err := os.Lstat(path); errors.Is(err, os.ErrNotExist) {
			return path, nil
		} else if err != nil {
			return "", err
		}
		path = filepath.Join(folder, fmt.Sprintf("%s.%d", name, n))
	}
}
