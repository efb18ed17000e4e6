package command

import (
	"fmt"
	"io"

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
		fmt.Fprintf(w, "folder    %s: %s files, %s", printable(f.Path), count(f.Files), size(f.Bytes))
		if f.Excluded > 0 {
			fmt.Fprintf(w, ", %s entries left out by patterns", count(f.Excluded))
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
	}
	return "database"
}
