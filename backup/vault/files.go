package vault

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// Files of ours in the vault's folder. None ends in ".f", so Kopia passes them over.
const (
	formatFile  = "kopia.repository.f"
	recordFile  = "holdfast.json"      // who writes; see record.go
	lockFile    = "holdfast.lock"      // see lock.go
	recoverFile = "holdfast.recovered" // an index was lost; see recover.go
	rottenFile  = "holdfast.damaged"   // see rotten.go
	reserveFile = "holdfast.reserve"   // see reserve.go
	asideFolder = "holdfast.set-aside" // blobs that were torn
)

// replaceFile puts data at path so that a crash leaves the old file or the new one.
func replaceFile(path string, data []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".tmp-*") // 0600
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes names in a folder durable. Windows has no such call and needs none.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// syncFolders makes the names of all blobs durable: Kopia syncs a blob but not its folder.
func syncFolders(root string) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !d.IsDir() {
			return err
		}
		return syncFolder(path)
	})
}

// DiskUse says how many bytes the vault at a place takes, without opening it.
func DiskUse(path string) (int64, error) {
	used, err := diskUse(path)
	return used, explain("look at the vault", err)
}

// diskUse sums the sizes of all files below root but the reserve.
func diskUse(root string) (int64, error) {
	var total int64
	err := filepath.WalkDir(root, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == reserveFile {
			return ignoreMissing(err)
		}
		info, err := d.Info()
		if err != nil {
			return ignoreMissing(err)
		}
		total += info.Size()
		return nil
	})
	return total, err
}

// ignoreMissing drops the error of a file that went away while its folder was read.
func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
