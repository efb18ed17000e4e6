package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"holdfast/backup"
)

// copyBase copies the present folder, into which the chosen files go. What is neither a file, a
// folder nor a link is not copied, and is named; it stays in the folder that is put aside.
func (s *stager) copyBase(ctx context.Context) error {
	from, err := os.OpenRoot(s.job.Base)
	if err != nil {
		return readError(s.job.Base, err)
	}
	defer func() { _ = from.Close() }() // it was only read
	var special []string
	firsts := map[fileID]string{} // of files with more names than one: the first that was met
	err = fs.WalkDir(from.FS(), ".", func(name string, _ fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if errors.Is(err, fs.ErrNotExist) && name != "." {
			return nil // removed meanwhile
		}
		if err != nil {
			return readError(filepath.Join(s.job.Base, name), err)
		}
		info, err := from.Lstat(name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return readError(filepath.Join(s.job.Base, name), err)
		}
		e := entryOf(name, info)
		if id, shared := sharedID(info); shared {
			if firsts[id] != "" && s.root.Link(firsts[id], name) == nil {
				return nil
			}
			firsts[id] = name
		}
		switch e.Type {
		case "":
			special = append(special, name)
			return nil
		case backup.MediaSubdir:
			if e.Attributes, err = folderAttributes(from, name); err != nil {
				return readError(filepath.Join(s.job.Base, name), err)
			}
			s.base = append(s.base, e)
			if name == "." {
				return nil
			}
			return s.writeError(name, s.root.Mkdir(name, 0o700))
		case backup.MediaLink:
			if e.Link, err = from.Readlink(name); err != nil {
				return readError(filepath.Join(s.job.Base, name), err)
			}
			err := s.root.Symlink(e.Link, name)
			if err == nil {
				err = setLinkTime(s.root, name, e.ModTime)
			}
			return s.writeError(name, err)
		}
		return s.copyFile(from, e)
	})
	if len(special) > 0 {
		s.job.Swap.Warned = append(s.job.Swap.Warned, fmt.Sprintf("%d sockets, pipes or devices are only in the folder that was put aside: %s", len(special), some(special)))
	}
	return err
}

func entryOf(name string, info fs.FileInfo) backup.MediaEntry {
	e := backup.MediaEntry{Path: name, Size: info.Size(), Mode: backup.MediaMode(info.Mode()), ModTime: info.ModTime()}
	e.UID, e.GID = owner(info)
	switch mode := info.Mode(); {
	case mode.IsDir():
		e.Type = backup.MediaSubdir
	case mode&fs.ModeSymlink != 0:
		e.Type = backup.MediaLink
	case mode.IsRegular():
		e.Type = backup.MediaFile
	}
	return e
}

func (s *stager) copyFile(from *os.Root, e backup.MediaEntry) (err error) {
	in, err := from.OpenFile(e.Path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return readError(filepath.Join(s.job.Base, e.Path), err)
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	out, err := s.root.OpenFile(e.Path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return s.writeError(e.Path, err)
	}
	_, err = io.Copy(out, in)
	if err == nil && s.give {
		err = out.Chown(int(e.UID), int(e.GID))
	}
	if err == nil {
		e.Attributes = attributesOf(in)
		s.dress(out, e)
		err = out.Chmod(fs.FileMode(e.Mode))
	}
	if err := errors.Join(err, out.Close()); err != nil {
		return s.writeError(e.Path, err)
	}
	return s.writeError(e.Path, s.root.Chtimes(e.Path, e.ModTime, e.ModTime))
}

// folderAttributes gives the extended attributes of a folder.
func folderAttributes(from *os.Root, name string) (map[string][]byte, error) {
	d, err := from.Open(name)
	if err != nil {
		return nil, err
	}
	return attributesOf(d), d.Close()
}

func readError(at string, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return &backup.Error{Kind: backup.Failed, Text: "cannot read " + at + ": " + err.Error(), Hint: "Nothing that was there is changed. Restore beside it: --beside", Err: err}
}
