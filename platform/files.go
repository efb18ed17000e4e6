package platform

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// ErrReadableByOthers means that a file which must be private is not.
var ErrReadableByOthers = errors.New("the file can be read or written by others")

// ErrSilentPipe means that nobody writes into a pipe that should give a secret, or that no end comes.
var ErrSilentPipe = errors.New("nobody writes into the pipe")

// maxPrivate bounds what ReadPrivate reads, in bytes.
const maxPrivate = 1 << 20

// WriteFileAtomic replaces the file at path with data, or leaves it as it was: a temporary file
// beside it is written, made durable and renamed. The mode is perm whatever the umask.
func WriteFileAtomic(path string, data []byte, perm os.FileMode) error {
	_, err := StreamFileAtomic(path, perm, func(f *os.File) error {
		_, err := f.Write(data)
		return err
	})
	return err
}

// StreamFileAtomic is WriteFileAtomic for data that write writes; size is how much that was. While
// it is being written the file has mode 0600.
func StreamFileAtomic(path string, perm os.FileMode, write func(f *os.File) error) (size int64, err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, temporaryPattern(Self()))
	if err != nil {
		return 0, err
	}
	size, err = fill(f, perm, write)
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return 0, errors.Join(err, os.Remove(f.Name()))
	}
	return size, syncDir(dir)
}

// WriteFileNew makes the file at path with data. Whatever is there already, be it a link to
// nowhere, stays as it is: fs.ErrExist. The mode is perm whatever the umask.
func WriteFileNew(path string, data []byte, perm os.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return err
	}
	if _, err := fill(f, perm, func(f *os.File) error {
		_, err := f.Write(data)
		return err
	}); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return syncDir(filepath.Dir(path))
}

// fill lets write write to f, makes that durable and closes it.
func fill(f *os.File, perm os.FileMode, write func(f *os.File) error) (size int64, err error) {
	err = write(f)
	if err == nil {
		err = f.Chmod(perm)
	}
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		size, err = f.Seek(0, io.SeekEnd)
	}
	return size, errors.Join(err, f.Close())
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// ReadBounded reads a file of at most most bytes. Pipes and devices, which may have no end, are not opened.
func ReadBounded(path string, most int64) (data []byte, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file", path)
	}
	if info.Size() > most {
		return nil, fmt.Errorf("%s is larger than %d bytes", path, most)
	}
	return os.ReadFile(path)
}

// ReadPrivate reads a file that only its owner may read or write, who must be the user of this
// process or root: anything else gives ErrReadableByOthers, wrapped with the reason. A pipe, as a
// shell's <(…) gives, passes as it is; it is waited for until ctx ends, and
// not for ever: ErrSilentPipe.
func ReadPrivate(ctx context.Context, path string) (data []byte, err error) {
	f, err := openAtOnce(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	switch {
	case !info.Mode().IsRegular(): // a pipe nobody else can have opened without taking part of it
	case foreign(info):
		return nil, fmt.Errorf("%w: it belongs to another user", ErrReadableByOthers)
	case info.Mode().Perm()&0o077 != 0:
		return nil, fmt.Errorf("%w: its mode is %04o", ErrReadableByOthers, info.Mode().Perm())
	}
	return readFileOrPipe(ctx, f, info, maxPrivate)
}

// ReadGiven reads a file that a person named, whoever may read it, of at most most bytes. A pipe is waited for
// as by ReadPrivate; a device, which may have no end, is not read.
func ReadGiven(ctx context.Context, path string, most int) (data []byte, err error) {
	f, err := openAtOnce(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	return readFileOrPipe(ctx, f, info, most)
}

func readFileOrPipe(ctx context.Context, f *os.File, info os.FileInfo, most int) (data []byte, err error) {
	switch {
	case info.Mode()&os.ModeNamedPipe != 0:
		data, err = readPipe(ctx, f, most+1)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is not a file", f.Name())
	default:
		data, err = io.ReadAll(io.LimitReader(f, int64(most)+1))
	}
	if err == nil && len(data) > most {
		return nil, fmt.Errorf("%s is larger than %d bytes", f.Name(), most)
	}
	return data, err
}
