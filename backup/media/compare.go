package media

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"holdfast/backup"
)

// maxChanges is how many changed files a comparison names.
const maxChanges = 1000

// Compare compares a stored folder with the one at path, by names, types, sizes, modes, times and what
// links say. What exclude leaves out of backups is passed over. A folder that is not there is empty.
func Compare(ctx context.Context, parts backup.Parts, folder *backup.MediaFolder, path string, exclude backup.Exclusion) (backup.FolderChanges, error) {
	c := backup.FolderChanges{Name: folder.Name, Path: path, Files: []backup.FileChange{}}
	then := map[string]backup.MediaEntry{}
	err := backup.ReadMediaList(ctx, parts, folder, func(e backup.MediaEntry) error {
		then[e.Path] = e
		return nil
	})
	if err != nil {
		return c, err
	}
	if err := compareNow(ctx, &c, then, path, exclude); err != nil {
		return c, err
	}
	for name, e := range then { // what was not met
		c.Removed++
		c.Files = append(c.Files, backup.FileChange{Path: name, Change: backup.FileRemoved, SizeThen: e.Size})
	}
	slices.SortFunc(c.Files, func(a, b backup.FileChange) int { return strings.Compare(a.Path, b.Path) })
	c.Files = slices.Clip(c.Files[:min(len(c.Files), maxChanges)])
	return c, nil
}

// compareNow walks the folder, and takes what it meets out of then.
func compareNow(ctx context.Context, c *backup.FolderChanges, then map[string]backup.MediaEntry, path string, exclude backup.Exclusion) error {
	root, err := os.OpenRoot(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return readError(path, err)
	}
	defer func() { _ = root.Close() }() // it was only read
	return fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && name == ".":
			return readError(path, err)
		case err != nil:
			return nil //nolint:nilerr // what cannot be read is not in backups either; it shows as removed
		case name != "." && exclude.Excludes(name, d.IsDir()):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		info, err := root.Lstat(name)
		if err != nil {
			return nil //nolint:nilerr // it vanished meanwhile
		}
		now := entryOf(name, info)
		was, had := then[name]
		switch delete(then, name); {
		case now.Type == "": // a socket or a device is in no backup
		case !had:
			c.Added++
			c.Files = append(c.Files, backup.FileChange{Path: name, Change: backup.FileAdded, SizeNow: sizeOf(now)})
		case now.Type != was.Type || !alike(was, info) || now.Type == backup.MediaLink && leads(root, name) != was.Link:
			c.Changed++
			c.Files = append(c.Files, backup.FileChange{Path: name, Change: backup.FileChanged, SizeThen: was.Size, SizeNow: sizeOf(now)})
		default:
			c.Same++
		}
		return nil
	})
}

// sizeOf gives the bytes of a file; folders and links have none that matter.
func sizeOf(e backup.MediaEntry) int64 {
	if e.Type == backup.MediaFile {
		return e.Size
	}
	return 0
}

func leads(root *os.Root, name string) string {
	text, err := root.Readlink(name)
	if err != nil {
		return ""
	}
	return text
}
