package backup

// The changes of a file.
const (
	FileAdded   = "added"
	FileChanged = "changed"
	FileRemoved = "removed"
)

// FileChange is one file, folder or link, then and now.
type FileChange struct {
	Path     string `json:"path"` // relative to the folder, with slashes
	Change   string `json:"change"`
	SizeThen int64  `json:"size_then"`
	SizeNow  int64  `json:"size_now"`
}

// FolderChanges says how a folder differs from a backup of it.
type FolderChanges struct {
	Name    string       `json:"name"`
	Path    string       `json:"path"`
	Same    int64        `json:"same"`
	Added   int64        `json:"added"`
	Changed int64        `json:"changed"`
	Removed int64        `json:"removed"`
	Files   []FileChange `json:"files"` // the first thousand of those that differ, by path
}

// Differs says whether anything does.
func (c *FolderChanges) Differs() bool { return c.Added+c.Changed+c.Removed > 0 }
