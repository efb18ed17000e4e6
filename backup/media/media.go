// Package media puts the file folders of a backup onto the disk.
//
// A folder is made whole beside the one it replaces, compared with the backup's list and made
// durable; only then the two change places by renames, in one step where the system has such a
// step. At every moment the folder that was there is somewhere under its own name or under the name
// that the journal says.
//
// Everything that a backup names is opened below an os.Root: neither a name in it nor a link that
// was restored before can lead out of the folder. Links are made, and never followed.
package media

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"holdfast/backup"
)

// Folders implements backup.Folders.
type Folders struct {
	// Free says how many bytes a place has left; nil is not asked.
	Free func(path string) (int64, error)
}

// Look says whether there is a folder that can be replaced.
func (Folders) Look(path string) (id uint64, exists bool, err error) {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return 0, false, nil
	case err != nil:
		return 0, false, &backup.Error{Kind: backup.Failed, Text: "the folder " + path + " cannot be looked at: " + err.Error(), Hint: "Mend that, or restore beside it: --beside", Err: err}
	case !info.IsDir():
		return 0, false, backup.Errorf(backup.Refused, "Move it away, or restore beside it: --beside", "%s is there, and is no folder", path)
	}
	above, err := os.Lstat(filepath.Dir(path))
	if err == nil && device(above) != device(info) {
		return 0, true, backup.Errorf(backup.Refused, "Restore beside it (--beside), and copy what you need.", "%s is a disk of its own (a mount point), which cannot be renamed", path)
	}
	return inode(path), true, nil
}

// Swap puts s.Staged in the place of s.Path.
func (Folders) Swap(s *backup.FolderSwap) error {
	err := swap(s)
	if err != nil {
		return &backup.Error{Kind: backup.Failed, Text: "the folder " + s.Path + " could not be replaced: " + err.Error(), Hint: "It is as it was. May you rename it, and is nothing mounted there?", Err: err}
	}
	s.State = backup.FolderSwapped
	return nil
}

func swap(s *backup.FolderSwap) error {
	switch {
	case s.Staged == "":
		return move(s.Path, s.Aside)
	case s.Aside == "":
		return move(s.Staged, s.Path)
	case s.Inode != 0:
		if err := exchange(s.Staged, s.Path); err == nil {
			return tidy(s)
		}
	}
	return twoSteps(s)
}

// tidy names what was exchanged. If that fails it stays under the name it has, which the journal
// is told.
func tidy(s *backup.FolderSwap) error {
	if err := move(s.Staged, s.Aside); err != nil {
		s.Aside = s.Staged
	}
	return nil
}

// twoSteps is for systems that cannot exchange. Mend finishes what a crash leaves in between.
func twoSteps(s *backup.FolderSwap) error {
	if err := move(s.Path, s.Aside); err != nil {
		return err
	}
	if err := move(s.Staged, s.Path); err != nil {
		return errors.Join(err, move(s.Aside, s.Path))
	}
	return nil
}

// move renames a folder to a name that is free, durably.
func move(from, to string) error {
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, &fs.PathError{Op: "rename", Path: to, Err: fs.ErrExist})
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return syncDir(filepath.Dir(to))
}

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Mend finishes what a dead process began, by what is on the disk.
func (f Folders) Mend(s *backup.FolderSwap, forward bool) (swapped bool, err error) {
	there := func(path string) bool {
		if path == "" {
			return false
		}
		_, err := os.Lstat(path)
		return err == nil
	}
	path, staged, aside := there(s.Path), there(s.Staged), there(s.Aside)
	switch {
	case s.Staged == "":
		if path && forward {
			return true, f.Swap(s)
		}
		return !path && aside, nil
	case !staged:
		return s.State != backup.FolderPlanned && path && (s.Aside == "" || aside), nil
	case s.Inode != 0 && path && inode(s.Path) == s.Inode: // exchanged, and not named yet
		s.State = backup.FolderSwapped
		return true, tidy(s)
	case s.State == backup.FolderPlanned:
		return false, f.Remove(s.Staged)
	case s.Inode != 0 && inode(s.Staged) != s.Inode:
		return false, backup.Errorf(backup.Failed, "Look at it yourself, then move it away.", "the folder %s is not the one that a restore left there", s.Staged)
	case !path && aside: // between the two renames
		s.State = backup.FolderSwapped
		return true, move(s.Staged, s.Path)
	case forward:
		return true, f.Swap(s)
	case s.Kept:
		return false, nil
	}
	return false, f.Remove(s.Staged)
}

// Remove removes a folder with all that is in it, also from folders in it that may not be written.
func (Folders) Remove(path string) error {
	if os.RemoveAll(path) == nil {
		return nil
	}
	_ = filepath.WalkDir(path, func(at string, d fs.DirEntry, _ error) error {
		if d != nil && d.IsDir() {
			_ = os.Chmod(at, 0o700) //nolint:gosec // a folder needs the x bit; what fails here fails below, and is said there
		}
		return nil
	})
	if err := os.RemoveAll(path); err != nil {
		return &backup.Error{Kind: backup.Failed, Text: "the folder " + path + " could not be removed: " + err.Error(), Hint: "Remove it by hand.", Err: err}
	}
	return nil
}
