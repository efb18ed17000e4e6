package vault

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/kopia/kopia/repo/blob"
	"github.com/kopia/kopia/repo/content"
	"github.com/kopia/kopia/repo/format"
)

// Kopia keeps its index in blobs whose names begin with x. xn3_… are entries written in epoch 3, xs3_… all
// those of epoch 3, xr0_6_… all those of epochs 0 to 6; xe4 says that epoch 4 has begun, xw… up to when
// deleted entries count no more. Only entries are encrypted, under their name: the markers are believed
// whatever they say, and one that says a million makes Kopia look for a million epochs.

// indexFile is a file that Kopia takes for a part of its index.
type indexFile struct {
	id    blob.ID
	path  string
	kind  indexKind
	last  int  // epoch
	found bool // where Kopia reads it
}

type indexKind int

const (
	stray     indexKind = iota // its name is none of Kopia's
	entries                    // of one epoch, as they were written
	compacted                  // all of an epoch, or of several
	marker
	watermark
)

var indexNames = []struct {
	kind indexKind
	name *regexp.Regexp // with the last epoch
}{
	{entries, regexp.MustCompile(`^xn([0-9]{1,7})_[0-9a-f]{32}(?:-[0-9a-z]+)*$`)},
	{compacted, regexp.MustCompile(`^xs([0-9]{1,7})_[0-9a-f]{32}(?:-[0-9a-z]+)*$`)},
	{compacted, regexp.MustCompile(`^xr[0-9]{1,7}_([0-9]{1,7})_[0-9a-f]{32}(?:-[0-9a-z]+)*$`)},
	{marker, regexp.MustCompile(`^xe([0-9]{1,7})$`)},
	{watermark, regexp.MustCompile(`^xw([0-9]{1,11})$`)},
}

// markerText is what Kopia writes into a marker.
const markerText = "epoch-marker"

// unshardedLength is how long a blob's name may be whose file is in no folder of its letter.
const unshardedLength = 20

// blobPath is where Kopia reads a blob.
func blobPath(root string, id blob.ID) string {
	if len(id) <= unshardedLength {
		return filepath.Join(root, string(id)+".f")
	}
	return filepath.Join(root, string(id[:1]), string(id[1:])+".f")
}

// indexFiles lists the files that Kopia takes for its index. It makes a blob's name of those of the folders
// that a file is in.
func indexFiles(root string) (all []indexFile, err error) {
	top, err := os.ReadDir(root)
	if err != nil {
		return nil, err
	}
	for _, e := range top {
		if !strings.HasPrefix(e.Name(), "x") {
			continue
		}
		err := filepath.WalkDir(filepath.Join(root, e.Name()), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".f") {
				return ignoreMissing(err)
			}
			rel, err := filepath.Rel(root, path)
			id := blob.ID(strings.ReplaceAll(strings.TrimSuffix(filepath.ToSlash(rel), ".f"), "/", ""))
			all = append(all, indexFileOf(root, id, path))
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

func indexFileOf(root string, id blob.ID, path string) indexFile {
	f := indexFile{id: id, path: path, found: path == blobPath(root, id)}
	for _, n := range indexNames {
		if match := n.name.FindStringSubmatch(string(id)); match != nil && f.found {
			f.kind = n.kind
			f.last, _ = strconv.Atoi(match[1])
		}
	}
	return f
}

// epochs is what the names of files say about Kopia's epochs.
type epochs struct {
	begun int // by the highest marker
	named int // the lowest that must have begun for Kopia to see all entries
}

// epochsOf judges only by the names of files. An epoch is compacted when the second after it has begun.
func epochsOf(files []indexFile) (e epochs) {
	for _, f := range files {
		switch f.kind {
		case marker:
			e.begun = max(e.begun, f.last)
		case entries:
			e.named = max(e.named, f.last)
		case compacted:
			e.named = max(e.named, f.last+2)
		case watermark, stray:
		}
	}
	return e
}

// keepsShut says which file must not even be shown to Kopia, which would look for epochs without end, or end
// the process; or that a marker is lost, without which Kopia passes over what is indexed. "" when all fits.
func keepsShut(files []indexFile) string {
	e := epochsOf(files)
	for _, f := range files {
		n, isMarker := markerNumber(f.id)
		if isMarker && n > e.named+1 || f.kind == stray && kopiaReads(f) {
			return "its file " + f.path + " is no part of the index that belongs there"
		}
	}
	if e.named > e.begun {
		return fmt.Sprintf("of its index the file xe%d.f is missing", e.named)
	}
	return ""
}

// markerNumber reads the name of a marker as Kopia does, which takes it for one wherever it is.
func markerNumber(id blob.ID) (n int, is bool) {
	rest, is := strings.CutPrefix(string(id), "xe")
	if !is {
		return 0, false
	}
	rest, _, _ = strings.Cut(rest, "_")
	n, err := strconv.Atoi(strings.TrimLeftFunc(rest, func(r rune) bool { return r < '0' || r > '9' }))
	return n, err == nil
}

// kopiaReads says whether Kopia goes wrong about a file whose name is none of its own: it tries for minutes to
// read one that is elsewhere, and takes a range of epochs at its word.
func kopiaReads(f indexFile) bool {
	name := string(f.id)
	return strings.HasPrefix(name, "xr") || !f.found && (strings.HasPrefix(name, "xn") || strings.HasPrefix(name, "xs"))
}

// checkIndexNames is an error that says what keeps the vault shut, by the names of its files alone. Another
// process may add some while they are listed: what is wrong stays so.
func checkIndexNames(root string) error {
	why := ""
	for range 2 {
		files, err := indexFiles(root)
		if err != nil {
			return err
		}
		if why = keepsShut(files); why == "" {
			return nil
		}
	}
	return damaged(nil, hintRepair, unreadable+": "+why)
}

// readIndex gives the entries of an index blob. What was not written with the vault's key and under that
// name, or was changed since, is an error.
func readIndex(formats *format.Manager, id blob.ID, text []byte) ([]content.Info, error) {
	encrypted := second(content.ParseIndexBlob) // its type is internal to Kopia and cannot be named
	encrypted.Slices = [][]byte{text}
	return content.ParseIndexBlob(id, encrypted, formats)
}

// second gives a zero value of the type of a function's second parameter.
func second[A, B, C, R any](func(A, B, C) (R, error)) (b B) { return b }

// RepairFrom is the command, in hints, that mends the vault from an off-site copy.
const RepairFrom = "holdfast vault repair --from NAME"

// hintRepair is given where a file of the vault keeps it shut.
const hintRepair = "Repair it, which deletes nothing: holdfast vault repair. With an off-site copy, which may have what is damaged: " + RepairFrom
