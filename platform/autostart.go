package platform

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// autostartID names Holdfast among what starts at login.
const autostartID = "app.holdfast.Holdfast"

// removeFile removes a file; one that is not there counts as removed.
func removeFile(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// exists says whether a file is there.
func exists(path string) (bool, error) {
	_, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Program gives where this program is, as a login should start it.
func Program() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	return filepath.Abs(path)
}
