package postgres

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"holdfast/backup"
)

// tocFile is the table of contents in a folder or a tar file of pg_dump's.
const tocFile = "toc.dat"

const copyAgain = "Make or copy the file again."

// classify finds out what the file is, and refuses what is none of pg_dump's.
func (l *looking) classify(path string) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return unreadable(path, err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return unreadable(path, err)
	}
	l.facts.Name = path
	if info.IsDir() {
		return l.classifyFolder()
	}
	if !info.Mode().IsRegular() {
		return fileError(backup.Usage, "Save it into a file first.", "%s is no ordinary file", path)
	}
	if l.facts.Stamp, err = fileStamp(path); err != nil {
		return unreadable(path, err)
	}
	l.facts.Bytes = info.Size()
	head, err := readHead(path)
	if err != nil {
		return unreadable(path, err)
	}
	l.facts.Format, err = formatOf(head)
	return err
}

func (l *looking) classifyFolder() error {
	toc := filepath.Join(l.facts.Name, tocFile)
	_, err := os.Stat(toc)
	if errors.Is(err, fs.ErrNotExist) {
		return fileError(backup.Usage, "Name a file or folder that pg_dump wrote.", "%s is a folder without %s: no pg_dump wrote it, or not to its end", l.facts.Name, tocFile)
	}
	if err != nil {
		return unreadable(toc, err)
	}
	if err := onlyFiles(l.facts.Name); err != nil {
		return err
	}
	if l.facts.Stamp, err = fileStamp(l.facts.Name); err != nil {
		return unreadable(l.facts.Name, err)
	}
	l.facts.Format = formatDirectory
	return nil
}

func unreadable(path string, err error) error {
	return &backup.Error{Kind: backup.Usage, Text: path + " cannot be read: " + innermost(err), Hint: "Check its name and its rights.", Err: err}
}

// headBytes is enough to tell formats apart.
const headBytes = 4096

func readHead(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	head := make([]byte, headBytes)
	n, err := io.ReadFull(file, head)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return head[:n], errors.Join(err, file.Close())
}

// formatOf tells the format by the first bytes.
func formatOf(head []byte) (string, error) {
	has := func(magic string) bool { return bytes.HasPrefix(head, []byte(magic)) }
	switch {
	case len(head) == 0:
		return "", fileError(backup.Damaged, copyAgain, "the file is empty")
	case has("PGDMP"):
		return formatCustom, nil
	case len(head) >= 262 && string(head[257:262]) == "ustar" && has(tocFile+"\x00"):
		return formatTar, nil
	case has("\x1f\x8b"):
		return formatScript, nil // pg_dump compresses nothing else as a whole
	case has("\x28\xb5\x2f\xfd"):
		return "", fileError(backup.Usage, "Unpack it first: zstd -d FILE", "the file is packed with zstd as a whole")
	case has("\x04\x22\x4d\x18"):
		return "", fileError(backup.Usage, "Unpack it first: lz4 -d FILE", "the file is packed with lz4 as a whole")
	case has("age-encryption.org/"):
		return "", fileError(backup.Usage, "Open it first: age -d -o OUT FILE", "the file is sealed")
	case has("\xff\xfe") || has("\xfe\xff"):
		return "", fileError(backup.Usage, "Make it anew with pg_dump --file, which PowerShell does not touch.", "the file is in UTF-16: PowerShell's > wrote it")
	case looksLikeScript(head):
		return formatScript, nil
	}
	return "", fileError(backup.Usage, "Name a file or folder that pg_dump wrote.", "the file is neither an archive of pg_dump nor a script of it")
}

// scriptTitles are the first comments of scripts: pg_dump's and our own downloads'.
func scriptTitles() []string {
	return []string{"-- PostgreSQL database dump", "-- PostgreSQL database backup", "-- PostgreSQL database cluster dump"}
}

func looksLikeScript(head []byte) bool {
	text := strings.TrimLeft(strings.TrimPrefix(string(head), "\xef\xbb\xbf"), "-\r\n \t")
	return slices.ContainsFunc(scriptTitles(), func(title string) bool { return strings.HasPrefix(text, strings.TrimPrefix(title, "-- ")) })
}

// fileStamp changes when a file, or one of a folder's, does.
func fileStamp(path string) (string, error) {
	paths, err := filesOf(path)
	if err != nil {
		return "", err
	}
	var stamp strings.Builder
	for _, name := range paths {
		info, err := os.Stat(name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&stamp, "%s %d %d\n", name, info.Size(), info.ModTime().UnixNano())
	}
	sum := sha256.Sum256([]byte(stamp.String()))
	return hex.EncodeToString(sum[:]), nil
}

// checkStamp makes sure that the file is still the one that was looked at.
func checkStamp(f *backup.FileFacts) error {
	now, err := fileStamp(f.Name)
	if err != nil {
		return unreadable(f.Name, err)
	}
	if now != f.Stamp {
		return fileError(backup.Failed, "Restore it when nobody writes it any more.", "the file %s changed while it was read", f.Name)
	}
	return nil
}

// filesOf gives the file, or the files of a folder, sorted. pg_dump makes no folders in folders.
func filesOf(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return []string{path}, err
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, e := range entries {
		if info, err := os.Stat(filepath.Join(path, e.Name())); err != nil || info.Mode().IsRegular() {
			paths = append(paths, filepath.Join(path, e.Name())) // one that cannot be looked at is reported when it is read
		}
	}
	return paths, nil
}

// digest reads every byte: sizes and sums; a file packed with gzip must be whole.
func (l *looking) digest(ctx context.Context) error {
	paths, err := filesOf(l.facts.Name)
	if err != nil {
		return unreadable(l.facts.Name, err)
	}
	list := sha256.New()
	l.facts.Bytes = 0
	for _, path := range paths {
		sum := sha256.New()
		n, err := digestFile(ctx, path, sum)
		if err != nil {
			return err
		}
		l.facts.Bytes += n
		text := hex.EncodeToString(sum.Sum(nil))
		fmt.Fprintf(list, "%s  %s\n", text, filepath.Base(path))
		l.facts.SHA256 = text
	}
	if l.facts.Format == formatDirectory {
		l.facts.SHA256 = hex.EncodeToString(list.Sum(nil))
	}
	return nil
}

func digestFile(ctx context.Context, path string, sum hash.Hash) (n int64, err error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, unreadable(path, err)
	}
	counted := &counting{ctx: ctx, r: io.TeeReader(file, sum)}
	if strings.HasSuffix(path, ".gz") {
		err = unpackAll(path, counted)
	}
	if err == nil {
		if _, err = io.Copy(io.Discard, counted); err != nil && ctx.Err() == nil {
			err = unreadable(path, err)
		}
	}
	return counted.n, errors.Join(err, file.Close())
}

// unpackAll unpacks a gzip file to nowhere: it carries a checksum.
func unpackAll(path string, r io.Reader) error {
	packed, err := gzip.NewReader(bufio.NewReader(r))
	if err == nil {
		_, err = io.Copy(io.Discard, packed) //nolint:gosec // nothing is kept of it
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		return &backup.Error{Kind: backup.Damaged, Text: path + " is damaged or cut off: " + innermost(err), Hint: copyAgain, Err: err}
	}
	return err
}

// counting counts what is read, and ends with ctx.
type counting struct {
	ctx context.Context //nolint:containedctx // io.Reader has no place for it
	r   io.Reader
	n   int64
}

func (c *counting) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// openTOC opens the table of contents of an archive.
func (l *looking) openTOC() (io.ReadCloser, error) {
	path := l.facts.Name
	if l.facts.Format == formatDirectory {
		path = filepath.Join(path, tocFile)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	if l.facts.Format != formatTar {
		return file, nil
	}
	inside := tar.NewReader(file)
	if _, err := inside.Next(); err != nil { // it is the first one, as formatOf saw
		return nil, errors.Join(damagedArchive(err), file.Close())
	}
	return struct {
		io.Reader
		io.Closer
	}{inside, file}, nil
}

func damagedArchive(err error) error {
	return &backup.Error{Kind: backup.Damaged, Text: "the archive is damaged or cut off: " + innermost(err), Hint: copyAgain, Err: err}
}

// tarBlock is what the size of a tar file is a multiple of.
const tarBlock = 512

// tarLast is the last file that pg_dump puts into a tar file.
const tarLast = "restore.sql"

// wholeTar reads a tar file to its end: it says how long each of its files is. pg_restore would
// not notice an end that comes too early, or wait for more without end.
func wholeTar(ctx context.Context, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return unreadable(path, err)
	}
	info, err := file.Stat()
	if err != nil {
		return errors.Join(unreadable(path, err), file.Close())
	}
	all := &counting{ctx: ctx, r: bufio.NewReaderSize(file, 1<<18)}
	inside := tar.NewReader(all)
	last, err := readTar(inside, info.Size())
	if err == nil {
		_, err = io.Copy(io.Discard, all)
	}
	if err == nil && (last != tarLast || all.n%tarBlock != 0) {
		err = io.ErrUnexpectedEOF
	}
	if _, known := errors.AsType[*backup.Error](err); err != nil && !known && ctx.Err() == nil {
		err = damagedArchive(err)
	}
	return firstOf(err, file.Close())
}

// isSparse says that a file of a tar file may be longer than what is in there for it.
func isSparse(header *tar.Header) bool {
	if header.Typeflag == tar.TypeGNUSparse {
		return true
	}
	for name := range header.PAXRecords {
		if strings.HasPrefix(name, "GNU.sparse.") {
			return true
		}
	}
	return false
}

// readTar reads all files of a tar file of so many bytes, and gives the name of the last one. A file
// may be said to be longer than that, and be all holes: pg_dump makes none of these.
func readTar(inside *tar.Reader, size int64) (last string, err error) {
	for {
		header, err := inside.Next()
		if errors.Is(err, io.EOF) {
			return last, nil
		}
		if err != nil {
			return last, err
		}
		if header.Size > size && !isSparse(header) {
			return last, io.ErrUnexpectedEOF
		}
		if header.Size > size {
			return last, fileError(backup.Refused, notOfDump, "the archive says that its file %s has %d bytes, more than itself", shown(header.Name), header.Size)
		}
		last = header.Name
		if _, err := io.Copy(io.Discard, inside); err != nil {
			return last, err
		}
	}
}
