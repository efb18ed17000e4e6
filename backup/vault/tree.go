package vault

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"path"
	"strings"
	"sync"

	"github.com/kopia/kopia/fs"
	"github.com/kopia/kopia/repo"
	"github.com/kopia/kopia/repo/object"
	"github.com/kopia/kopia/snapshot"
	"github.com/kopia/kopia/snapshot/snapshotfs"

	"holdfast/backup"
)

// folder is a directory of a backup while it is being built.
type folder struct {
	files   []*snapshot.DirEntry
	folders map[string]*folder
}

func (f *folder) sub(name string) *folder {
	if f.folders == nil {
		f.folders = map[string]*folder{}
	}
	if f.folders[name] == nil {
		f.folders[name] = &folder{}
	}
	return f.folders[name]
}

// buildTree sorts parts by their names into folders.
func buildTree(entries map[string]*snapshot.DirEntry) *folder {
	root := &folder{}
	for name, entry := range entries {
		at := root
		if dir := path.Dir(name); dir != "." {
			for _, step := range strings.Split(dir, "/") {
				at = at.sub(step)
			}
		}
		at.files = append(at.files, entry)
	}
	return root
}

// write stores the folder and those below it; the entry that comes back names it.
func (f *folder) write(ctx context.Context, rep repo.RepositoryWriter, at string, mtime fs.UTCTimestamp) (*snapshot.DirEntry, error) {
	var b snapshotfs.DirManifestBuilder
	for _, file := range f.files {
		b.AddEntry(file)
	}
	for name, sub := range f.folders {
		entry, err := sub.write(ctx, rep, path.Join(at, name), mtime)
		if err != nil {
			return nil, err
		}
		b.AddEntry(entry)
	}
	m := b.Build(mtime, "")
	id, err := snapshotfs.WriteDirManifest(ctx, rep, at, m, compressor)
	if err != nil {
		return nil, err
	}
	return &snapshot.DirEntry{
		Name: path.Base(at), Type: snapshot.EntryTypeDirectory, Permissions: snapshot.Permissions(folderMode),
		ModTime: mtime, ObjectID: id, DirSummary: m.Summary,
	}, nil
}

// part is one file of a stored backup.
type part struct {
	name string
	size int64
	id   object.ID
	link bool // a symbolic link: its contents are where it leads
}

// tree is a stored backup's parts, and the objects that hold its folders. The media folders, which
// may have very many files, are read only where they are needed.
type tree struct {
	parts   []part
	folders []part
	media   *snapshot.DirEntry // not read yet; nil when there are none, or parts has them

	files func() (map[string]part, error) // of media, by their names
}

// find gives a part by its name.
func (t *tree) find(name string) (p part, ok bool, err error) {
	if strings.HasPrefix(name, backup.DirMedia+"/") && t.files != nil {
		files, err := t.files()
		p, ok = files[name]
		return p, ok, err
	}
	for _, p := range t.parts {
		if p.name == name {
			return p, true, nil
		}
	}
	return part{}, false, nil
}

// bytes sums the sizes of all parts.
func (t *tree) bytes() int64 {
	var n int64
	for _, p := range t.parts {
		n += p.size
	}
	return n
}

// readTree walks the folders of a stored backup, without what is in its media folders: tree.find
// does that when it is asked for one of their files.
func readTree(ctx context.Context, rep repo.Repository, root *snapshot.DirEntry) (*tree, error) {
	if root == nil {
		return nil, damaged(nil, hintVerify, "the backup has no root folder")
	}
	t := &tree{}
	if err := t.read(ctx, rep, root, ""); err != nil {
		return nil, err
	}
	if t.media != nil {
		t.files = sync.OnceValues(func() (map[string]part, error) { return readFiles(context.WithoutCancel(ctx), rep, t.media) })
	}
	return t, nil
}

// readWholeTree is readTree with all files of the media folders.
func readWholeTree(ctx context.Context, rep repo.Repository, root *snapshot.DirEntry) (*tree, error) {
	t, err := readTree(ctx, rep, root)
	if err != nil {
		return nil, err
	}
	return t, t.unfold(ctx, rep)
}

// unfold reads what was left for later: afterwards parts has all files.
func (t *tree) unfold(ctx context.Context, rep repo.Repository) error {
	if t.media == nil {
		return nil
	}
	media := t.media
	t.media, t.files = nil, nil
	return t.read(ctx, rep, media, backup.DirMedia)
}

// readFiles gives all files of the media folders by their names.
func readFiles(ctx context.Context, rep repo.Repository, media *snapshot.DirEntry) (map[string]part, error) {
	t := &tree{}
	if err := t.read(ctx, rep, media, backup.DirMedia); err != nil {
		return nil, err
	}
	files := make(map[string]part, len(t.parts))
	for _, p := range t.parts {
		files[p.name] = p
	}
	return files, nil
}

func (t *tree) read(ctx context.Context, rep repo.Repository, dir *snapshot.DirEntry, at string) error {
	t.folders = append(t.folders, part{name: at + "/", id: dir.ObjectID})
	var m snapshot.DirManifest
	if err := readJSON(ctx, rep, dir.ObjectID, &m); err != nil {
		return damaged(err, hintVerify, "the list of the folder /"+at+" is damaged")
	}
	for _, entry := range m.Entries {
		name := path.Join(at, entry.Name)
		if entry.Type != snapshot.EntryTypeDirectory {
			t.parts = append(t.parts, part{name: name, size: entry.FileSize, id: entry.ObjectID, link: entry.Type == snapshot.EntryTypeSymlink})
			continue
		}
		if name == backup.DirMedia {
			t.media = entry
			continue
		}
		if err := t.read(ctx, rep, entry, name); err != nil {
			return err
		}
	}
	return nil
}

// readObject reads a small object whole.
func readObject(ctx context.Context, rep repo.Repository, id object.ID) ([]byte, error) {
	in, err := rep.OpenObject(ctx, id)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(in)
	return text, errors.Join(err, in.Close())
}

func readJSON(ctx context.Context, rep repo.Repository, id object.ID, into any) error {
	r, err := rep.OpenObject(ctx, id)
	if err != nil {
		return err
	}
	return errors.Join(json.NewDecoder(r).Decode(into), r.Close())
}
