package media

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"holdfast/backup"
)

// stagedName is what a restore calls a folder until it is in its place.
var stagedName = regexp.MustCompile(`^\..+_restoring_([0-9a-f]{16})$`)

// Sweep removes what restores left beside a folder that did not become whole and are not known any
// more, such as after the catalog was lost. A folder without the mark of those may be what was
// replaced: it stays, and is strange.
func (f Folders) Sweep(path string, known func(backup.ID) (bool, error)) (removed, strange []string, err error) {
	if !reserves {
		return nil, nil, nil // it may be a restore's of another home that is at it right now
	}
	above := filepath.Dir(path)
	found, err := lost(above, known)
	if err != nil || len(found) == 0 {
		return nil, nil, err
	}
	release, err := f.Reserve(path)
	if backup.KindOf(err) == backup.Busy {
		return nil, nil, nil // that restore may be its own, of another home
	}
	if err != nil {
		return nil, nil, err
	}
	defer release()
	if found, err = lost(above, known); err != nil {
		return nil, nil, err
	}
	for _, name := range found {
		at := filepath.Join(above, name)
		if _, err := os.Lstat(filepath.Join(at, marker(at))); err != nil {
			strange = append(strange, at)
			continue
		}
		if err := f.Remove(at); err != nil {
			return removed, strange, err
		}
		removed = append(removed, at)
	}
	return removed, strange, nil
}

// lost names what has the form of a staged folder and belongs to no restore that is known.
func lost(above string, known func(backup.ID) (bool, error)) (names []string, err error) {
	entries, err := os.ReadDir(above)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, readError(above, err)
	}
	for _, e := range entries {
		match := stagedName.FindStringSubmatch(e.Name())
		if match == nil || !e.IsDir() {
			continue
		}
		is, err := known(backup.ID(match[1]))
		if err != nil {
			return nil, err
		}
		if !is {
			names = append(names, e.Name())
		}
	}
	return names, nil
}
