package export

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"github.com/mholt/archiver/v4"

	"holdfast/backup"
)

// Media writes the folders of the backup m as an archive, with the manifest and the lists of their
// contents beside them, and gives a digest of all that should be in it. What closing the archive
// wrote is not certain until CheckMedia has read it back: the library drops the errors of that.
func Media(ctx context.Context, f Format, m *backup.Manifest, parts backup.Parts, to io.Writer, report func(done, total int64)) (digest []byte, err error) {
	_, total := backup.MediaFiles(m.Media)
	a := &mediaArchive{ctx: ctx, parts: parts, sum: sha256.New(), jobs: make(chan archiver.ArchiveAsyncJob), ended: make(chan struct{}), total: total, report: report}
	sticky := &stickyWriter{to: to}
	go func() {
		defer close(a.ended)
		a.err = f.archive().ArchiveAsync(ctx, sticky, a.jobs)
	}()
	err = a.add(m)
	close(a.jobs)
	<-a.ended
	if first := errors.Join(sticky.err, err, a.err); first != nil {
		return nil, firstOf(sticky.err, err, a.err)
	}
	return a.sum.Sum(nil), nil
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// archive gives the library's writer and reader of a format.
func (f Format) archive() archiver.Archive {
	if f == FormatMediaZip {
		z := archiver.Zip{Compression: zip.Deflate}
		return archiver.Archive{Archival: z, Extraction: z}
	}
	return archiver.Archive{Compression: archiver.Zstd{}, Archival: archiver.Tar{}, Extraction: archiver.Tar{}}
}

// stickyWriter remembers the first error, which the library may drop.
type stickyWriter struct {
	to  io.Writer
	err error
}

func (w *stickyWriter) Write(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	n, err := w.to.Write(p)
	w.err = err
	return n, err
}

// mediaArchive feeds the library one entry at a time.
type mediaArchive struct {
	ctx   context.Context
	parts backup.Parts
	sum   hash.Hash
	jobs  chan archiver.ArchiveAsyncJob
	ended chan struct{} // closed when the library returned; err is set then
	err   error

	done, total int64
	report      func(done, total int64)
}

func (a *mediaArchive) add(m *backup.Manifest) error {
	text, err := backup.EncodeManifest(m)
	if err != nil {
		return err
	}
	if err := a.addText(backup.PartManifest, text, m.Finished); err != nil {
		return err
	}
	for i := range m.Media {
		folder := &m.Media[i]
		list, err := a.readAll(folder.List())
		if err == nil {
			err = a.addText(folder.List(), list, m.Finished)
		}
		if err == nil {
			err = backup.ReadMediaList(a.ctx, a.parts, folder, func(e backup.MediaEntry) error { return a.addEntry(folder, e) })
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *mediaArchive) readAll(part string) ([]byte, error) {
	in, err := a.parts.Open(a.ctx, part)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(in)
	return text, errors.Join(err, in.Close())
}

func (a *mediaArchive) addText(name string, text []byte, at time.Time) error {
	e := backup.MediaEntry{Path: name, Type: backup.MediaFile, Size: int64(len(text)), Mode: 0o600, ModTime: at}
	return a.put(name, e, func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil })
}

func (a *mediaArchive) addEntry(folder *backup.MediaFolder, e backup.MediaEntry) error {
	name := folder.Part(e.Path)
	return a.put(name, e, func() (io.ReadCloser, error) {
		if e.Type == backup.MediaLink { // a zip has the link's text as its contents
			return io.NopCloser(strings.NewReader(e.Link)), nil
		}
		return a.parts.Open(a.ctx, name)
	})
}

// put hands one entry over and waits until it is written.
func (a *mediaArchive) put(name string, e backup.MediaEntry, open func() (io.ReadCloser, error)) error {
	digestEntry(a.sum, name, e.Type)
	var read error // of the vault's, which the library may drop
	info := archiver.FileInfo{FileInfo: entryInfo{e}, NameInArchive: name, LinkTarget: e.Link}
	switch e.Type {
	case backup.MediaSubdir:
		info.NameInArchive += "/"
	case backup.MediaLink:
		a.sum.Write([]byte(e.Link))
	}
	info.Open = func() (fs.File, error) {
		in, err := open()
		if err != nil {
			read = err
			return nil, err
		}
		return &archivedFile{a: a, e: e, in: in, err: &read}, nil
	}
	result := make(chan error, 1)
	select {
	case a.jobs <- archiver.ArchiveAsyncJob{File: info, Result: result}:
	case <-a.ended:
		return firstOf(a.err, errors.New("the archive ended too early"))
	}
	err := <-result
	return firstOf(read, err)
}

// digestEntry adds what an entry is called to a digest; its contents follow.
func digestEntry(sum hash.Hash, name, kind string) {
	var size [8]byte
	binary.BigEndian.PutUint64(size[:], uint64(len(name)))
	sum.Write(size[:])
	sum.Write([]byte(name + "\x00" + kind + "\x00"))
}

// archivedFile is one file on its way into the archive. What is read is counted and hashed.
type archivedFile struct {
	a   *mediaArchive
	e   backup.MediaEntry
	in  io.ReadCloser
	n   int64
	err *error
}

func (f *archivedFile) Stat() (fs.FileInfo, error) { return entryInfo{f.e}, nil }
func (f *archivedFile) Close() error               { return f.in.Close() }

func (f *archivedFile) Read(p []byte) (int, error) {
	if err := f.a.ctx.Err(); err != nil {
		*f.err = err
		return 0, err
	}
	n, err := f.in.Read(p)
	if f.e.Type == backup.MediaFile {
		f.a.sum.Write(p[:n])
		f.n, f.a.done = f.n+int64(n), f.a.done+int64(n)
		if f.a.report != nil {
			f.a.report(min(f.a.done, f.a.total), f.a.total)
		}
		if errors.Is(err, io.EOF) && f.n != f.e.Size {
			err = backup.Errorf(backup.Damaged, "Use another backup.", "%s has %d bytes; the list says %d", f.e.Path, f.n, f.e.Size)
		}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		*f.err = err
	}
	return n, err
}

// entryInfo is a line of a folder's list as the library wants it.
type entryInfo struct{ e backup.MediaEntry }

func (i entryInfo) Name() string       { return path.Base(i.e.Path) }
func (i entryInfo) Size() int64        { return i.e.Size }
func (i entryInfo) ModTime() time.Time { return i.e.ModTime }
func (i entryInfo) IsDir() bool        { return i.e.Type == backup.MediaSubdir }

// Sys gives the owner in the one form that archive/tar takes.
func (i entryInfo) Sys() any { return &tar.Header{Uid: int(i.e.UID), Gid: int(i.e.GID)} }

func (i entryInfo) Mode() fs.FileMode {
	mode := fs.FileMode(i.e.Mode)
	switch i.e.Type {
	case backup.MediaSubdir:
		mode |= fs.ModeDir
	case backup.MediaLink:
		mode |= fs.ModeSymlink
	}
	return mode
}

// CheckMedia reads an archive that Media wrote back, to its end, and compares it with the digest.
// With a passphrase it is one that Seal sealed.
func CheckMedia(ctx context.Context, f Format, file *os.File, size int64, passphrase string, digest []byte) error {
	var from io.ReaderAt = file
	if passphrase != "" {
		var err error
		if from, size, err = unseal(file, size, passphrase); err != nil {
			return err
		}
	}
	sum := sha256.New()
	err := f.archive().Extract(ctx, io.NewSectionReader(from, 0, size), func(_ context.Context, entry archiver.FileInfo) error {
		return digestArchived(sum, entry)
	})
	if err == nil && !bytes.Equal(sum.Sum(nil), digest) {
		err = errors.New("it is not what was written")
	}
	if err != nil && ctx.Err() == nil {
		return &backup.Error{Kind: backup.Failed, Text: "the archive could not be read back: " + err.Error(), Hint: "Is the disk full, or broken? Write to another one.", Err: err}
	}
	return firstOf(ctx.Err(), err)
}

func digestArchived(sum hash.Hash, entry archiver.FileInfo) (err error) {
	name := strings.TrimSuffix(entry.NameInArchive, "/")
	switch {
	case entry.IsDir():
		digestEntry(sum, name, backup.MediaSubdir)
		return nil
	case entry.LinkTarget != "":
		digestEntry(sum, name, backup.MediaLink)
		_, err := io.WriteString(sum, entry.LinkTarget)
		return err
	case entry.Mode()&fs.ModeSymlink != 0:
		digestEntry(sum, name, backup.MediaLink)
	default:
		digestEntry(sum, name, backup.MediaFile)
	}
	in, err := entry.Open()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	_, err = io.Copy(sum, in)
	return errors.Join(err, in.Close())
}
