package backup

import (
	"context"
	"fmt"
	"strings"
)

// stageMedia makes all folders beside those that they will replace. Nothing live is touched yet.
func (r *Restorer) stageMedia(ctx context.Context, req RestoreRequest, rec *Restore, parts VaultReader) error {
	for i := range rec.Media {
		s := &rec.Media[i]
		job := StageJob{Swap: s, Folder: &req.folders[i], Only: req.only[i]}
		if len(req.MediaOnly) > 0 && s.Aside != "" {
			job.Base = s.Path
		}
		err := r.Folders.Stage(ctx, job, parts, func(files, bytes int64) {
			r.Runner.report(Progress{Stage: "folder " + s.Name, Files: files, Bytes: bytes, BytesTotal: s.Bytes})
		})
		if err != nil {
			return err
		}
		s.State = FolderStaged
		if err := r.Runner.Catalog.PutRestore(ctx, rec); err != nil {
			return err
		}
	}
	return nil
}

// swapMedia puts all folders into place, or none of them. A database that is restored with them is
// in its place by then.
func (r *Restorer) swapMedia(ctx context.Context, rec *Restore) error {
	if len(rec.Media) == 0 {
		return nil
	}
	if err := ctx.Err(); err != nil && !rec.hasDatabase() {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	r.Runner.report(Progress{Stage: "swap"})
	stage := StageSwapping
	if rec.hasDatabase() {
		stage = rec.Stage
	}
	err := r.note(ctx, rec, stage)
	for i := 0; i < len(rec.Media) && err == nil; i++ {
		if err = r.Folders.Swap(&rec.Media[i]); err == nil {
			err = r.Runner.Catalog.PutRestore(ctx, rec)
		}
	}
	if err != nil {
		return r.takeMediaBack(rec, err)
	}
	for _, s := range rec.Media {
		for _, text := range s.Warned {
			r.Runner.warn(text)
		}
	}
	return r.note(ctx, rec, StageSwapped)
}

// takeMediaBack puts those folders back that were swapped before one could not be.
func (r *Restorer) takeMediaBack(rec *Restore, cause error) error {
	for i := range rec.Media {
		s := &rec.Media[i]
		if s.State != FolderSwapped {
			continue
		}
		back := FolderSwap{Path: s.Path, Staged: s.Aside, Kept: true, Aside: s.Staged}
		back.Inode, _, _ = r.Folders.Look(s.Aside)
		if err := r.Folders.Swap(&back); err != nil {
			cause = firstError(cause, err)
			continue
		}
		s.State = FolderStaged
	}
	if !rec.hasDatabase() {
		return cause
	}
	e := *AsError(cause)
	e.Text = "the database is in its place, and the folders are as they were: " + e.Text
	if rec.UndoOf != "" {
		return &e
	}
	e.Hint = strings.TrimSpace(e.Hint + " Then restore the folders: holdfast restore " + string(rec.Backup) + " --what media. Or take the database back: holdfast undo " + string(rec.ID))
	return &e
}

// clearMedia removes what a restore that failed left beside the folders.
func (r *Restorer) clearMedia(rec *Restore) {
	for i := range rec.Media {
		s := &rec.Media[i]
		if s.State == FolderSwapped {
			continue
		}
		if _, err := r.Folders.Mend(s, false); err != nil {
			rec.Unsettled = true
			r.Runner.warn(AsError(err).Text)
		}
		s.Aside = ""
	}
}

// mendAll finishes or takes back what a dead process left of a restore. Folders follow the database
// that was restored with them; alone they are swapped if that had begun.
func (r *Restorer) mendAll(ctx context.Context, s Sandbox, rec *Restore) (Mended, error) {
	mended := Mended{Swapped: rec.Stage == StageSwapping || rec.Stage == StageSwapped, Text: "the folders are as they were"}
	if rec.hasDatabase() {
		bounded, stop := context.WithTimeout(ctx, mendTime)
		defer stop()
		var err error
		if mended, err = r.Runner.Server.Mend(bounded, s, rec); err != nil {
			return mended, err
		}
	} else if mended.Swapped {
		mended.Text = "the folders are restored"
	}
	for i := range rec.Media {
		f := &rec.Media[i]
		swapped, err := r.Folders.Mend(f, mended.Swapped)
		if err != nil {
			return mended, err
		}
		if swapped != mended.Swapped {
			mended.Text += fmt.Sprintf("; the folder %s could not follow", f.Path)
		}
		if swapped {
			f.State = FolderSwapped
		} else {
			f.Aside = ""
		}
	}
	return mended, nil
}
