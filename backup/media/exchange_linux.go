package media

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// exchange lets two folders change places in one step.
func exchange(a, b string) error {
	if err := unix.Renameat2(unix.AT_FDCWD, a, unix.AT_FDCWD, b, unix.RENAME_EXCHANGE); err != nil {
		return err
	}
	return syncDir(filepath.Dir(b))
}

// flushAll makes everything durable that was written to root's file system: one call instead of
// one for each of very many files.
func flushAll(root *os.Root) (done bool, err error) {
	d, err := root.Open(".")
	if err != nil {
		return false, err
	}
	defer func() { _ = d.Close() }() // it was only read
	return true, unix.Syncfs(int(d.Fd()))
}
