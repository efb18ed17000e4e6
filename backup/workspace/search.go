package workspace

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"holdfast/backup"
	"holdfast/backup/envfile"
)

// Found is what a folder has besides code.
type Found struct {
	Secrets   []string // paths of secret files
	Uncovered []Uncovered
	Partial   string // why this may not be all; "" when it is
}

// Search looks through a folder for secret files, and for what is kept outside of the database.
// What is in one of the folders in covered is kept already.
func Search(ctx context.Context, folder string, covered []string) Found {
	var f Found
	whole, err := walk(ctx, folder, func(at string, names []fs.DirEntry) {
		if holdsUploads(at) && !isIn(at, covered) && hasPayload(ctx, at) {
			f.add(Uncovered{Kind: Uploads, Name: at, Where: at})
		}
		for _, n := range names {
			switch path := filepath.Join(at, n.Name()); {
			case n.Type().IsRegular():
				f.file(path, n.Name(), covered)
			case n.Type()&fs.ModeSymlink != 0:
				f.link(path, n.Name(), covered)
			}
		}
	})
	switch {
	case err != nil:
		f.Partial = "the folder " + folder + " cannot be read: " + reason(err)
	case !whole:
		f.Partial = "the folder " + folder + " was not searched to its end"
	}
	return f
}

// link looks at the file that a link leads to, under the link's name and at its own place.
func (f *Found) link(path, name string, covered []string) {
	if !envfile.IsEnv(name) && !envfile.IsCompose(name) {
		return
	}
	if to, info, err := clean(path); err == nil && info.Mode().IsRegular() && !slices.Contains(f.Secrets, to) {
		f.file(to, name, covered)
	}
}

// file looks at one file.
func (f *Found) file(path, name string, covered []string) {
	switch {
	case envfile.IsEnv(name):
		f.Secrets = append(f.Secrets, path)
		if text, err := envfile.Read(path); err == nil {
			f.fromEnv(path, envfile.Entries(text))
		}
	case envfile.IsCompose(name):
		if text, err := envfile.Read(path); err == nil {
			f.fromServices(path, envfile.Services(text))
		}
	case slices.Contains([]string{".sqlite", ".sqlite3", ".db"}, filepath.Ext(name)) && isSQLite(path) && !isIn(path, covered):
		f.add(Uncovered{Kind: OtherDatabase, Name: "SQLite file " + path, Where: path})
	}
}

// add adds what is not there yet by that name.
func (f *Found) add(u Uncovered) {
	if !slices.ContainsFunc(f.Uncovered, func(old Uncovered) bool { return old.Kind == u.Kind && old.Name == u.Name }) {
		f.Uncovered = append(f.Uncovered, u)
	}
}

func isIn(path string, folders []string) bool {
	return slices.ContainsFunc(folders, func(folder string) bool {
		return path == folder || strings.HasPrefix(path, strings.TrimSuffix(folder, string(filepath.Separator))+string(filepath.Separator))
	})
}

var magicSQLite = []byte("SQLite format 3\x00")

func isSQLite(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	head := make([]byte, len(magicSQLite))
	n, _ := f.Read(head) // a file that cannot be read is none
	return f.Close() == nil && n == len(head) && bytes.Equal(head, magicSQLite)
}

// uploadNames are folders in which applications keep what their users gave them.
var uploadNames = []string{"uploads", "upload", "attachments", "user_uploads", "userfiles", "media", "storage"}

func holdsUploads(folder string) bool {
	return slices.Contains(uploadNames, strings.ToLower(filepath.Base(folder)))
}

// payload are endings of files that people upload; code has them seldom.
var payload = []string{
	".jpg", ".jpeg", ".png", ".gif", ".webp", ".heic", ".tif", ".tiff", ".pdf", ".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx",
	".odt", ".ods", ".zip", ".gz", ".tar", ".7z", ".mp3", ".m4a", ".wav", ".mp4", ".mov", ".avi", ".mkv", ".bin", "",
}

// hasPayload says whether a folder has files that look like uploads.
func hasPayload(ctx context.Context, folder string) bool {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	has := false
	_, err := walk(ctx, folder, func(_ string, names []fs.DirEntry) {
		for _, n := range names {
			if n.Type().IsRegular() && !strings.HasPrefix(n.Name(), ".") && slices.Contains(payload, strings.ToLower(filepath.Ext(n.Name()))) {
				has = true
				stop()
				return
			}
		}
	})
	return has && err == nil
}

// CleanFolder gives the absolute, real path of a folder that a person named.
func CleanFolder(path string) (string, error) {
	clean, info, err := clean(path)
	if err == nil && !info.IsDir() {
		err = backup.Errorf(backup.Usage, "Name a folder.", "%s is no folder", path)
	}
	return clean, err
}

// CleanFile gives the absolute, real path of a file that a person named.
func CleanFile(path string) (string, error) {
	clean, info, err := clean(path)
	if err == nil && !info.Mode().IsRegular() {
		err = backup.Errorf(backup.Usage, "Name a file.", "%s is no file", path)
	}
	return clean, err
}

func clean(path string) (string, os.FileInfo, error) {
	real, err := filepath.Abs(path)
	if err == nil {
		real, err = filepath.EvalSymlinks(real)
	}
	var info os.FileInfo
	if err == nil {
		info, err = os.Stat(real)
	}
	if err != nil {
		return "", nil, &backup.Error{Kind: backup.Usage, Text: path + " cannot be used: " + reason(err), Hint: "Is it there, and spelled so?", Err: err}
	}
	return real, info, nil
}
