package vault

import (
	"context"
	"encoding/json"
	"errors"
	"path"
	"strings"

	"github.com/kopia/kopia/fs"
	"github.com/kopia/kopia/repo"
	"github.com/kopia/kopia/repo/object"
	"github.com/kopia/kopia/snapshot"
	"github.com/kopia/kopia/snapshot/snapshotfs"
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
}

// tree is a stored backup's parts, and the objects that hold its folders.
type tree struct {
	parts   []part
	folders []part
}

// find gives a part by its name.
func (t *tree) find(name string) (part, bool) {
	for _, p := range t.parts {
		if p.name == name {
			return p, true
		}
	}
	return part{}, false
}

// bytes sums the sizes of all parts.
func (t *tree) bytes() int64 {
	var n int64
	for _, p := range t.parts {
		n += p.size
	}
	return n
}

// readTree walks the folders of a stored backup.
func readTree(ctx context.Context, rep repo.Repository, root *snapshot.DirEntry) (*tree, error) {
	if root == nil {
		return nil, damaged(nil, hintVerify, "the backup has no root folder")
	}
	t := &tree{}
	return t, t.read(ctx, rep, root, "")
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
			t.parts = append(t.parts, part{name: name, size: entry.FileSize, id: entry.ObjectID})
			continue
		}
		if err := t.read(ctx, rep, entry, name); err != nil {
			return err
		}
	}
	return nil
}

func readJSON(ctx context.Context, rep repo.Repository, id object.ID, into any) error {
	r, err := rep.OpenObject(ctx, id)
	if err != nil {
		return err
	}
	return errors.Join(json.NewDecoder(r).Decode(into), r.Close())
}
