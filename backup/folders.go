package backup

import "context"

// FolderSwap is one folder of a restore: where it goes, and its journal.
type FolderSwap struct {
	Name   string      `json:"name"`               // in the backup
	Path   string      `json:"path"`               // absolute; where it goes
	Staged string      `json:"staged,omitempty"`   // sibling of Path that holds what takes its place; "" only moves Path away
	Kept   bool        `json:"kept,omitempty"`     // Staged was a live folder once: it is never removed unless it is dropped
	Aside  string      `json:"aside,omitempty"`    // what was at Path goes there; "" when nothing was
	Inode  uint64      `json:"inode,omitempty"`    // of Staged, by which it is known again; 0 where there is no such thing
	State  FolderState `json:"state,omitempty"`    // how far it came
	Whole  bool        `json:"whole,omitempty"`    // the pre-restore backup has all of what went aside
	Files  int64       `json:"files"`              // that were restored
	Bytes  int64       `json:"bytes"`              // of them
	Warned []string    `json:"warnings,omitempty"` // what a person must know, in sentences
}

// FolderState is a step of a folder's restore that is on record before the next one is taken.
type FolderState string

// The states, in order.
const (
	FolderPlanned FolderState = ""       // nothing but, maybe, a part of Staged is on the disk
	FolderStaged  FolderState = "staged" // Staged is complete, compared and durable
	FolderSwapped FolderState = "swapped"
)

// StageJob says what to make at a FolderSwap's Staged.
type StageJob struct {
	Swap   *FolderSwap // its Inode, Files, Bytes and Warned are set
	Folder *MediaFolder
	Only   Exclusion // patterns: only these files; empty: all. They are put into a copy of what Base has
	Base   string    // folder that the chosen files go into; "" for an empty one
}

// Folders puts stored folders onto the disk. Everything happens beside the folder that is replaced,
// on its file system, so that the exchange is a matter of renames.
type Folders interface {
	// Reserve keeps other restores of the folder away, from any home, until release is called or the
	// process dies. Busy when another one has it.
	Reserve(path string) (release func(), err error)
	// Look says whether there is a folder that can be replaced, and its inode. What is there and
	// cannot be is an error with cause and remedy.
	Look(path string) (id uint64, exists bool, err error)
	// Stage makes job.Swap.Staged from a backup, compares it with the list and makes it durable.
	// On any error it is removed again.
	Stage(ctx context.Context, job StageJob, parts Parts, report func(files, bytes int64)) error
	// Swap puts Staged in the place of Path, which becomes Aside: all of it, or nothing.
	Swap(s *FolderSwap) error
	// Mend finishes a swap that a dead process began; one that it had not begun is done when forward
	// is set, else Staged is removed. swapped says what is at Path now.
	Mend(s *FolderSwap, forward bool) (swapped bool, err error)
	// Sweep removes what restores that are not known left beside a folder, and names what it cannot
	// know to be only that.
	Sweep(path string, known func(ID) (bool, error)) (removed, strange []string, err error)
	// Remove removes a folder with all that is in it.
	Remove(path string) error
}
