package backup

import (
	"context"
	"strings"
	"time"
)

// hasDatabase says whether the restore was about the database too.
func (rec *Restore) hasDatabase() bool { return holdsDatabase(rec.What) }

// asides gives the folders that the restore put aside.
func (rec *Restore) asides() []string {
	var all []string
	for _, s := range rec.Media {
		if s.Aside != "" && s.State == FolderSwapped {
			all = append(all, s.Aside)
		}
	}
	return all
}

// Kept names what the restore replaced and put aside, for people; "" when it replaced nothing.
func (rec *Restore) Kept() string {
	var all []string
	if rec.Replaced != "" {
		all = append(all, "the database "+rec.Replaced)
	}
	for _, aside := range rec.asides() {
		all = append(all, "the folder "+aside)
	}
	return strings.Join(all, " and ")
}

// folderPaths names where the folders went.
func (rec *Restore) folderPaths() string {
	all := make([]string, len(rec.Media))
	for i, s := range rec.Media {
		all[i] = s.Path
	}
	return strings.Join(all, ", ")
}

// Places names what was restored.
func (rec *Restore) Places() string {
	if !rec.hasDatabase() {
		return rec.folderPaths()
	}
	return strings.Trim(rec.Target+", "+rec.folderPaths(), ", ")
}

// MayExpire says whether a backup stands for everything that the restore put aside.
func (rec *Restore) MayExpire() bool {
	for _, s := range rec.Media {
		if s.Aside != "" && !s.Whole {
			return false
		}
	}
	return !rec.Unsaved && rec.PreRestore != ""
}

// lacksKept names what the restore put aside and is not there any more; "" when all is.
func (r *Restorer) lacksKept(ctx context.Context, req UndoRequest, rec *Restore) (string, error) {
	if rec.Replaced != "" {
		kept, err := r.Runner.Server.Inspect(ctx, rec.place(rec.Replaced), req.Target)
		if err != nil || !kept.Exists {
			return "the replaced database " + rec.Replaced, err
		}
	}
	for _, aside := range rec.asides() {
		_, exists, err := r.Folders.Look(aside)
		if err != nil || !exists {
			return "the replaced folder " + aside, err
		}
	}
	return "", nil
}

// reserveUndo keeps others away from all that an undo is about.
func (r *Restorer) reserveUndo(ctx context.Context, req UndoRequest, rec *Restore, target Target) (release func(), err error) {
	release = func() {}
	if rec.hasDatabase() {
		release, err = r.reserveFor(ctx, req, rec, target)
	} else {
		err = r.unchanged(ctx, rec)
	}
	if err != nil {
		return nil, err
	}
	return r.reserveFolders(release, rec.Media)
}

// mediaBack says how the folders of a restore change places again.
func (r *Restorer) mediaBack(rec *Restore, now time.Time) ([]FolderSwap, error) {
	var back []FolderSwap
	for _, s := range rec.Media {
		if s.State != FolderSwapped {
			continue
		}
		f := FolderSwap{Name: s.Name, Path: s.Path, Staged: s.Aside, Kept: true, State: FolderStaged, Files: s.Files, Bytes: s.Bytes}
		_, exists, err := r.Folders.Look(s.Path)
		if err == nil && s.Aside != "" {
			f.Inode, _, err = r.Folders.Look(s.Aside)
		}
		if err != nil {
			return nil, err
		}
		if exists {
			f.Aside = asidePath(s.Path, now)
		}
		if f.Aside != "" || f.Staged != "" {
			back = append(back, f)
		}
	}
	return back, nil
}

// swapBackAll swaps the database back, then the folders.
func (r *Restorer) swapBackAll(ctx context.Context, rec, undo *Restore, job SwapJob) error {
	if rec.hasDatabase() {
		if err := r.swap(ctx, job, undo); err != nil {
			return err
		}
	}
	return r.swapMedia(ctx, undo)
}

// removeAside removes the folders that a restore put aside.
func (r *Restorer) removeAside(rec *Restore) error {
	for _, aside := range rec.asides() {
		if err := r.Folders.Remove(aside); err != nil {
			return err
		}
	}
	return nil
}
