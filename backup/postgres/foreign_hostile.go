package postgres

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"holdfast/backup"
	"holdfast/backup/pgarchive"
)

// An archive in a folder names the files that its rows and large objects are in, and pg_restore opens
// whatever name it finds there: one that leads out of the folder, or a link, would bring files of this
// machine into the database, and a pipe would keep pg_restore waiting for ever. pg_dump writes
// neither.

const notOfDump = "pg_dump writes no such thing: restore nothing of it unless you know who made it."

// onlyFiles refuses a folder in which anything but files is.
func onlyFiles(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return unreadable(folder, err)
	}
	for _, e := range entries {
		if !e.Type().IsRegular() {
			return fileError(backup.Refused, notOfDump, "%s is no ordinary file, but %s", shown(filepath.Join(folder, e.Name())), kindOf(e.Type()))
		}
	}
	return nil
}

func kindOf(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeSymlink != 0:
		return "a link"
	case mode.IsDir():
		return "a folder"
	}
	return "a device, a pipe or a socket"
}

// namesInside refuses an archive of several files whose names lead elsewhere.
func (l *looking) namesInside(toc *pgarchive.Archive) error {
	for i := range toc.Entries {
		e := &toc.Entries[i]
		if e.File.S == "" {
			continue
		}
		if err := plainFile(e.File.S); err != nil {
			return err
		}
		if e.Desc.S == pgarchive.DescBlobs && l.facts.Format == formatDirectory {
			if err := objectNames(filepath.Join(l.facts.Name, e.File.S)); err != nil {
				return err
			}
		}
	}
	return nil
}

// plainFile refuses a name that is more than that of a file in the archive.
func plainFile(name string) error {
	if name == "." || name == ".." || strings.ContainsAny(name, "/\\\x00") {
		return fileError(backup.Refused, notOfDump, "the archive names a file outside of itself: %s", shown(name))
	}
	return nil
}

// longestLine bounds a line that says in which file a large object is.
const longestLine = 4 << 10

// objectNames looks at the list of large objects of a folder: a number and a name in each line.
func objectNames(path string) error {
	for _, packed := range []string{".gz", ".lz4", ".zst"} {
		if _, err := os.Lstat(path + packed); !errors.Is(err, fs.ErrNotExist) {
			return fileError(backup.Refused, notOfDump, "the list %s is packed", shown(path+packed))
		}
	}
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return damagedArchive(err)
	}
	if err != nil {
		return unreadable(path, err)
	}
	defer func() { _ = file.Close() }() // only read
	for lines := bufio.NewReaderSize(file, longestLine); ; {
		line, err := lines.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			return fileError(backup.Refused, notOfDump, "a line of the list %s has no end", shown(path))
		}
		if fields := strings.Fields(string(line)); len(fields) > 1 {
			if err := plainFile(strings.Join(fields[1:], " ")); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return unreadable(path, err)
		}
	}
}

const (
	mostTables = 250_000 // that a file may make
	mostNames  = 10_000  // roles, extensions and tablespaces, of each kind, that it may name
)

// tooMany refuses a file that names more than can be meant, before what is kept of it fills memory.
func (l *looking) tooMany() error {
	const hint = "Restore it with pg_restore or psql, in a database of its own."
	if len(l.facts.Tables) > mostTables {
		return fileError(backup.Refused, hint, "the file makes more than %d tables", mostTables)
	}
	if max(len(l.owners), len(l.grantees), len(l.extensions), len(l.tablespaces)) > mostNames {
		return fileError(backup.Refused, hint, "the file names more than %d roles, extensions or tablespaces", mostNames)
	}
	return nil
}
