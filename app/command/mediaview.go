package command

import (
	"fmt"
	"io"
	"strings"

	"holdfast/backup"
)

// mediaView is what a backup holds of a sandbox's folders, as --json shows it.
type mediaView struct {
	Files   int64                `json:"files"`
	Bytes   int64                `json:"bytes"`
	Folders []backup.MediaFolder `json:"folders"`
}

func newMediaView(folders []backup.MediaFolder) mediaView {
	v := mediaView{Folders: append([]backup.MediaFolder{}, folders...)}
	v.Files, v.Bytes = backup.MediaFiles(folders)
	return v
}

// text names each folder, and what of it is not in the backup as it should be.
func (v mediaView) text(w io.Writer) {
	for i := range v.Folders {
		f := &v.Folders[i]
		fmt.Fprintf(w, "folder    %s: %s, %s", printable(f.Path), counted(f.Files, "file", "files"), size(f.Bytes))
		if f.Hard > 0 {
			fmt.Fprintf(w, ", %s of others (hard links)", counted(f.Hard, "of them the second name", "of them second names"))
		}
		if f.Excluded > 0 {
			fmt.Fprintf(w, ", %s left out by patterns", counted(f.Excluded, "entry", "entries"))
		}
		fmt.Fprintln(w)
		for _, n := range f.Notes {
			fmt.Fprintf(w, "          %s: %s\n", printable(n.Path), printable(n.Text))
		}
		if more := f.Skipped - int64(len(f.Notes)); more > 0 {
			fmt.Fprintf(w, "          and %s more like these\n", count(more))
		}
	}
}

// holds says in one or two words what a backup holds.
func (v backupView) holds() string {
	switch v.What {
	case backup.ScopeMedia:
		return "media"
	case backup.ScopeBoth:
		return "database, media"
	default:
		return "database"
	}
}

// folderView is one folder of a restore, as --json shows it.
type folderView struct {
	Name  string `json:"name"`
	Path  string `json:"path"`
	Files int64  `json:"files"`
	Bytes int64  `json:"bytes"`
	Aside string `json:"replaced_folder"` // "" when nothing was replaced
}

func foldersOf(rec *backup.Restore) []folderView {
	all := []folderView{}
	for _, s := range rec.Media {
		all = append(all, folderView{Name: s.Name, Path: s.Path, Files: s.Files, Bytes: s.Bytes, Aside: s.Aside})
	}
	return all
}

// places names what was restored, for people.
func (v restoreView) places() string {
	var all []string
	if v.Target != "" {
		all = append(all, v.Target)
	}
	for _, f := range v.Media {
		all = append(all, f.Path)
	}
	return strings.Join(all, ", ")
}

// foldersText names each folder that was restored.
func (v restoreView) foldersText(w io.Writer) {
	if v.UndoOf != "" {
		return
	}
	for _, f := range v.Media {
		fmt.Fprintf(w, "Restored the folder %s: %s, %s.\n", printable(f.Path), counted(f.Files, "file", "files"), size(f.Bytes))
	}
}
