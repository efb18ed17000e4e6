package media

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"holdfast/backup"
)

// marker names the file that is in a folder as long as it is not whole. It goes with the folder
// wherever a rename puts that, so what has it is nobody's data.
func marker(staged string) string { return ".unfinished" + filepath.Base(staged) }

func mark(staged string) error {
	f, err := os.OpenFile(filepath.Join(staged, marker(staged)), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		err = f.Close()
	}
	return writeError(staged, err)
}

// complete takes the mark away from a folder that is durable, and finishes the folder itself.
func (s *stager) complete() (err error) {
	d, err := s.root.Open(".") // it may have no read permission in the end
	if err != nil {
		return s.writeError(".", err)
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := s.root.Remove(marker(s.job.Swap.Staged)); err != nil {
		return s.writeError(".", err)
	}
	for _, list := range [][]backup.MediaEntry{s.base, s.folders} {
		if len(list) > 0 && list[0].Path == "." {
			if err := s.finishFolder(list[0]); err != nil {
				return err
			}
		}
	}
	return s.writeError(".", d.Sync())
}

// finish sets modes and times of the folders in the folder, from the inside out: what is made in a folder changes
// its time, and one without write permission takes nothing more.
func (s *stager) finish() error {
	for _, list := range [][]backup.MediaEntry{s.base, s.folders} {
		for i := len(list) - 1; i >= 0; i-- {
			if list[i].Path == "." {
				continue
			}
			if err := s.finishFolder(list[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *stager) finishFolder(e backup.MediaEntry) error {
	return s.writeError(e.Path, s.setFolder(e))
}

func (s *stager) setFolder(e backup.MediaEntry) error {
	name := filepath.FromSlash(e.Path)
	if len(e.Attributes) > 0 {
		d, err := s.root.Open(name)
		if err != nil {
			return err
		}
		s.dress(d, e)
		if err := d.Close(); err != nil {
			return err
		}
	}
	if s.give {
		if err := s.root.Lchown(name, int(e.UID), int(e.GID)); err != nil {
			return err
		}
	}
	if err := s.root.Chtimes(name, e.ModTime, e.ModTime); err != nil {
		return err
	}
	return s.root.Chmod(name, fs.FileMode(e.Mode))
}

// join gives files their second names. Where the disk has no hard links they are written once more.
func (s *stager) join(ctx context.Context) error {
	for _, e := range s.hard {
		if err := s.clear(e.Path); err != nil {
			return err
		}
		err := s.root.Link(filepath.FromSlash(e.Hard), filepath.FromSlash(e.Path))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return backup.Errorf(backup.Damaged, "Use another backup.", "the list of the folder %s has %s as another name of %s, which is not there", s.job.Folder.Name, e.Path, e.Hard)
		case err != nil && !errors.Is(err, fs.ErrExist):
			err = s.file(ctx, e)
		case err == nil:
			s.count(1, e.Size)
		}
		if err != nil {
			return s.writeError(e.Path, err)
		}
	}
	return nil
}

// dress gives an open file or folder the attributes that it had.
func (s *stager) dress(f *os.File, e backup.MediaEntry) {
	if setAttributes(f, e.Attributes) == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bare = append(s.bare, e.Path)
}
