package backup

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Names of what a backup holds of a sandbox's folders, relative to the root of its snapshot.
const (
	DirMedia = "media"       // media/<name>/…: the folders themselves
	DirLists = "media-lists" // media-lists/<name>.jsonl: one MediaEntry on a line
)

// MediaFolder is one folder of a sandbox as a backup holds it.
type MediaFolder struct {
	Name     string      `json:"name"` // of its folder below DirMedia
	Path     string      `json:"path"` // absolute, where it was
	Files    int64       `json:"files"`
	Folders  int64       `json:"folders"`            // with itself
	Links    int64       `json:"links"`              // symbolic ones
	Hard     int64       `json:"hard,omitempty"`     // of the files: that are another one under a second name
	Bytes    int64       `json:"bytes"`              // of the files
	Excluded int64       `json:"excluded,omitempty"` // files and folders that a pattern left out
	Skipped  int64       `json:"skipped,omitempty"`  // files and folders that are missing or may be torn, all with notes
	Notes    []MediaNote `json:"notes,omitempty"`    // the first MaxMediaNotes of them
}

// MaxMediaNotes is how many notes a backup keeps of one folder.
const MaxMediaNotes = 200

// MediaNote says what became of one file that is not in a backup as it should be.
type MediaNote struct {
	Path string `json:"path"` // relative to the folder, with slashes
	Text string `json:"text"`
}

// List names the part that lists the folder's contents.
func (f *MediaFolder) List() string { return DirLists + "/" + f.Name + ".jsonl" }

// Part names the part that holds one file of the folder.
func (f *MediaFolder) Part(file string) string { return path.Join(DirMedia, f.Name, file) }

// Whole says whether the backup has all that was in the folder.
func (f *MediaFolder) Whole() bool { return f.Excluded == 0 && f.Skipped == 0 }

// MediaJob says which folder is to be stored, and how.
type MediaJob struct {
	Name     string   // below DirMedia
	Path     string   // absolute
	Exclude  []string // see Exclusion
	Previous ID       // backup whose unchanged files need not be read again; "" for none
}

// The types of a MediaEntry.
const (
	MediaFile   = "file"
	MediaSubdir = "folder"
	MediaLink   = "link"
)

// MediaEntry is one line of a folder's list.
type MediaEntry struct {
	Path    string    `json:"path"` // relative to the folder, with slashes; "." is the folder itself
	Type    string    `json:"type"`
	Size    int64     `json:"size"`
	Mode    MediaMode `json:"mode"`
	ModTime time.Time `json:"mtime"`
	UID     uint32    `json:"uid"`
	GID     uint32    `json:"gid"`
	Link    string    `json:"link,omitempty"` // what a symbolic link says
	Hard    string    `json:"hard,omitempty"` // path of an earlier file of the list that this one is, by a hard link

	// Attributes are extended ones by their names: those of the user namespace, and access lists.
	Attributes map[string][]byte `json:"attributes,omitempty"`
}

// MediaMode is the permission bits of a file; as text they are octal, as chmod takes them.
type MediaMode fs.FileMode

// MarshalText implements encoding.TextMarshaler.
func (m MediaMode) MarshalText() ([]byte, error) {
	bits := uint64(fs.FileMode(m).Perm())
	for i, special := range []fs.FileMode{fs.ModeSticky, fs.ModeSetgid, fs.ModeSetuid} {
		if fs.FileMode(m)&special != 0 {
			bits |= 0o1000 << i
		}
	}
	return fmt.Appendf(nil, "%04o", bits), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (m *MediaMode) UnmarshalText(text []byte) error {
	bits, err := strconv.ParseUint(string(text), 8, 12)
	mode := fs.FileMode(bits) & fs.ModePerm
	for i, special := range []fs.FileMode{fs.ModeSticky, fs.ModeSetgid, fs.ModeSetuid} {
		if bits&(0o1000<<i) != 0 {
			mode |= special
		}
	}
	*m = MediaMode(mode)
	return err
}

// MediaNames gives each folder its name inside a backup: the last step of its path, with a number
// where another one has that already.
func MediaNames(paths []string) []string {
	names, taken := make([]string, len(paths)), map[string]bool{}
	for i, p := range paths {
		base := filepath.Base(p)
		name := base
		for n := 2; taken[strings.ToLower(name)]; n++ {
			name = fmt.Sprintf("%s-%d", base, n)
		}
		taken[strings.ToLower(name)] = true
		names[i] = name
	}
	return names
}

// ReadMediaList gives f each line of a stored folder's list: parents before what is in them. A
// line that names a place outside the folder is Damaged.
func ReadMediaList(ctx context.Context, parts Parts, folder *MediaFolder, f func(MediaEntry) error) (err error) {
	in, err := parts.Open(ctx, folder.List())
	if err != nil {
		return err
	}
	defer func() { err = firstError(err, in.Close()) }()
	for lines := json.NewDecoder(in); ; {
		var e MediaEntry
		switch err := lines.Decode(&e); {
		case errors.Is(err, io.EOF):
			return ctx.Err()
		case err != nil && KindOf(err) == Failed:
			return &Error{Kind: Damaged, Text: "the list of the folder " + folder.Name + " is not readable", Hint: "Use another backup.", Err: err}
		case err != nil:
			return err
		}
		for _, name := range []string{e.Path, cmp.Or(e.Hard, ".")} {
			if !fs.ValidPath(name) || strings.ContainsRune(name, '\x00') {
				return Errorf(Damaged, "Use another backup.", "the list of the folder %s names the path %q", folder.Name, name)
			}
		}
		if err := f(e); err != nil {
			return err
		}
	}
}

// MediaFiles sums the files of all folders.
func MediaFiles(folders []MediaFolder) (files, bytes int64) {
	for i := range folders {
		files, bytes = files+folders[i].Files, bytes+folders[i].Bytes
	}
	return files, bytes
}
