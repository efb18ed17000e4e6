package vault

import (
	"context"
	"errors"
	"io"
	iofs "io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/kopia/kopia/fs"

	"holdfast/backup"
)

// source is a folder of the user's as Kopia's uploader reads it. Everything is opened below an
// os.Root, so that a link that somebody puts into the path meanwhile leads nowhere else. Kopia's
// own local file system is not used because it gives a meaning to certain names of files.
type source struct {
	root    *os.Root
	exclude backup.Exclusion
	facts   *facts
}

// facts gathers what a backup says about a folder besides its contents.
type facts struct {
	mu       sync.Mutex
	excluded int64
	skipped  int64
	notes    []backup.MediaNote

	shared     map[string]fileID            // by path: files that have more than one name
	attributes map[string]map[string][]byte // by path: extended ones
}

// fileID tells files of one machine apart, whatever their names.
type fileID struct{ device, inode uint64 }

// keep remembers what Kopia has no place for.
func (f *facts) keep(file string, info iofs.FileInfo, attributes map[string][]byte) {
	id, shared := sharedID(info)
	if !shared && len(attributes) == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if shared {
		f.shared[file] = id
	}
	if len(attributes) > 0 {
		f.attributes[file] = attributes
	}
}

func newFacts() *facts {
	return &facts{shared: map[string]fileID{}, attributes: map[string]map[string][]byte{}}
}

func (f *facts) note(file, text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.skipped++
	if len(f.notes) < backup.MaxMediaNotes {
		f.notes = append(f.notes, backup.MediaNote{Path: file, Text: text})
	}
}

func (f *facts) leaveOut() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.excluded++
}

// sourceError marks what is wrong with the user's files, and not with the vault.
type sourceError struct{ error }

func (e sourceError) Unwrap() error { return e.error }

// words says in the user's words why a file could not be read.
func (e sourceError) words() string {
	switch {
	case errors.Is(e, iofs.ErrNotExist):
		return "it vanished meanwhile"
	case errors.Is(e, iofs.ErrPermission):
		return "it may not be read: permission denied"
	}
	if cause, ok := errors.AsType[*iofs.PathError](e.error); ok {
		return "it cannot be read: " + cause.Err.Error()
	}
	return "it cannot be read: " + e.Error()
}

// sourceEntry is what all kinds of entries have in common.
type sourceEntry struct {
	src  *source
	path string // relative to the root, with slashes
	info iofs.FileInfo
}

func (e *sourceEntry) Name() string                { return path.Base(e.path) }
func (e *sourceEntry) Size() int64                 { return e.info.Size() }
func (e *sourceEntry) Mode() iofs.FileMode         { return e.info.Mode() }
func (e *sourceEntry) ModTime() time.Time          { return e.info.ModTime() }
func (e *sourceEntry) IsDir() bool                 { return e.info.IsDir() }
func (e *sourceEntry) Sys() any                    { return nil }
func (e *sourceEntry) Owner() fs.OwnerInfo         { return ownerOf(e.info) }
func (e *sourceEntry) Device() fs.DeviceInfo       { return fs.DeviceInfo{} }
func (e *sourceEntry) LocalFilesystemPath() string { return "" }
func (e *sourceEntry) Close()                      {}

type sourceDir struct{ sourceEntry }

// Size of a folder says nothing, and would make an unchanged one look changed.
func (d *sourceDir) Size() int64                      { return 0 }
func (d *sourceDir) SupportsMultipleIterations() bool { return true }

func (d *sourceDir) Child(ctx context.Context, name string) (fs.Entry, error) {
	return fs.IterateEntriesAndFindChild(ctx, d, name)
}

func (d *sourceDir) Iterate(context.Context) (fs.DirectoryIterator, error) {
	f, err := d.src.root.Open(d.path)
	if err != nil {
		return nil, sourceError{err}
	}
	return &sourceIterator{dir: d, file: f}, nil
}

// sourceIterator gives what is in a folder, a few at a time.
type sourceIterator struct {
	dir   *sourceDir
	file  *os.File
	ahead []iofs.DirEntry
}

func (it *sourceIterator) Close() { _ = it.file.Close() } // it was only read

// Next passes over what is left out; each such thing is counted or noted.
func (it *sourceIterator) Next(ctx context.Context) (fs.Entry, error) {
	for ctx.Err() == nil {
		if len(it.ahead) == 0 {
			var err error
			it.ahead, err = it.file.ReadDir(256)
			if errors.Is(err, io.EOF) {
				return nil, nil
			}
			if err != nil {
				return nil, sourceError{err}
			}
		}
		next := it.ahead[0]
		it.ahead = it.ahead[1:]
		if e := it.dir.src.entry(path.Join(it.dir.path, next.Name()), next.IsDir()); e != nil {
			return e, nil
		}
	}
	return nil, ctx.Err()
}

// entry looks at one file; nil when it does not belong into the backup.
func (s *source) entry(file string, isDir bool) fs.Entry {
	if s.exclude.Excludes(file, isDir) {
		s.facts.leaveOut()
		return nil
	}
	if !utf8.ValidString(file) || strings.ContainsRune(file, '\\') && os.PathSeparator == '\\' {
		s.facts.note(strings.ToValidUTF8(file, "\uFFFD"), "it is left out: its name is not valid UTF-8")
		return nil
	}
	info, err := s.root.Lstat(file)
	if err != nil {
		s.facts.note(file, sourceError{err}.words())
		return nil
	}
	e := sourceEntry{src: s, path: file, info: info}
	switch mode := info.Mode(); {
	case mode.IsRegular():
		s.keep(file, info)
		return &sourceFile{e}
	case mode.IsDir():
		s.keep(file, info)
		return &sourceDir{e}
	case mode&iofs.ModeSymlink != 0:
		return &sourceLink{e}
	default:
		s.facts.note(file, "it is left out: it is "+kindWords(mode))
		return nil
	}
}

// keep notes what the list says of a file or folder besides what Kopia stores.
func (s *source) keep(file string, info iofs.FileInfo) {
	s.facts.keep(file, info, attributesOf(filepath.Join(s.root.Name(), filepath.FromSlash(file))))
}

func kindWords(mode iofs.FileMode) string {
	switch {
	case mode&iofs.ModeSocket != 0:
		return "a socket"
	case mode&iofs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&iofs.ModeDevice != 0:
		return "a device"
	}
	return "no file, folder or link"
}

type sourceLink struct{ sourceEntry }

func (l *sourceLink) Readlink(context.Context) (string, error) {
	text, err := l.src.root.Readlink(l.path)
	if err != nil {
		return "", sourceError{err}
	}
	return text, nil
}

func (l *sourceLink) Resolve(context.Context) (fs.Entry, error) {
	return nil, errors.New("links are stored, not followed")
}

type sourceFile struct{ sourceEntry }

// Open does not wait for a writer where the file has become a pipe meanwhile.
func (f *sourceFile) Open(context.Context) (fs.Reader, error) {
	in, err := f.src.root.OpenFile(f.path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, sourceError{err}
	}
	info, err := in.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is no file any more")
	}
	if err != nil {
		return nil, sourceError{errors.Join(err, in.Close())}
	}
	return &sourceReader{of: f, file: in}, nil
}

// sourceReader reads one file, and notes when it was changed meanwhile.
type sourceReader struct {
	of   *sourceFile
	file *os.File
}

func (r *sourceReader) Entry() (fs.Entry, error) { return r.of, nil }
func (r *sourceReader) Close() error             { return r.file.Close() }

func (r *sourceReader) Seek(offset int64, whence int) (int64, error) {
	return r.file.Seek(offset, whence)
}

func (r *sourceReader) Read(p []byte) (int, error) {
	n, err := r.file.Read(p)
	if errors.Is(err, io.EOF) {
		now, statErr := r.file.Stat()
		if statErr == nil && (now.Size() != r.of.Size() || !now.ModTime().Equal(r.of.ModTime())) {
			r.of.src.facts.note(r.of.path, "it was changed while it was read, and may be torn")
		}
		return n, io.EOF
	}
	if err != nil {
		err = sourceError{err}
	}
	return n, err
}
