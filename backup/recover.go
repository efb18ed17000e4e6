package backup

import (
	"context"
	"fmt"
	"path/filepath"
	"time"
)

// Recovery says what Recover found and did, for people.
type Recovery struct {
	Interrupted []string // one sentence for each run whose process is gone
	Pending     []string // what could not be mended yet, and why
}

// Recover closes the books on runs whose process is gone: backups become interrupted and what
// they left in the vault is freed; deletions are finished; restores are finished or taken back.
// alive says whether a process still lives, and whether that can be known from here.
// sandbox finds the sandbox of a restore; when it is gone, the connection on record is used.
func (r *Restorer) Recover(ctx context.Context, alive func(Process) (alive, known bool), sandbox func(name string) (Sandbox, error)) (Recovery, error) {
	var found Recovery
	err := r.recoverBackups(ctx, alive, &found)
	return found, firstError(err, r.recoverRestores(ctx, alive, sandbox, &found))
}

// SweepFolders removes folders that killed restores left half made beside those of the sandboxes and
// that the catalog knows nothing of.
func (r *Restorer) SweepFolders(ctx context.Context, sandboxes []Sandbox, found *Recovery) {
	known := func(id ID) (bool, error) {
		rec, err := r.Runner.Catalog.Restore(ctx, id)
		if KindOf(err) == Usage {
			return false, nil
		}
		return err == nil && (rec.Status == StatusRunning || rec.Unsettled), err
	}
	told := map[string]bool{}
	for _, s := range sandboxes {
		for _, path := range s.Media {
			if told[filepath.Dir(path)] {
				continue
			}
			told[filepath.Dir(path)] = true
			removed, strange, err := r.Folders.Sweep(path, known)
			if err != nil {
				found.Pending = append(found.Pending, "what a restore left beside "+path+" is not removed yet: "+AsError(err).Text)
			}
			for _, at := range removed {
				found.Interrupted = append(found.Interrupted, "a restore ended in the middle; the half-made folder "+at+" is removed, and the folder that was there is as it was")
			}
			for _, at := range strange {
				found.Pending = append(found.Pending, "the folder "+at+" was left by a restore that is on no record any more. It may be what that replaced: look at it, then move or remove it")
			}
		}
	}
}

func gone(p Process, alive func(Process) (bool, bool)) bool {
	lives, known := alive(p)
	return known && !lives
}

func (r *Restorer) recoverBackups(ctx context.Context, alive func(Process) (bool, bool), found *Recovery) error {
	all, err := r.Runner.Catalog.Backups(ctx, Query{Deleted: true})
	if err != nil {
		return err
	}
	var leftovers []ID
	for i := range all {
		b := &all[i]
		if b.Status == StatusRunning && gone(b.Process, alive) {
			if err := r.change(ctx, b.ID, r.interrupt); err != nil {
				return err
			}
			b.Uncleaned = true
			if err := r.resume(ctx, b, found); err != nil {
				return err
			}
			found.Interrupted = append(found.Interrupted, fmt.Sprintf("the backup %s of %s was interrupted; nothing of it is kept. Take it again: holdfast backup create %s", b.ID, b.Sandbox, b.Sandbox))
		}
		if b.Uncleaned || b.DeletedBy != "" && b.Status != StatusDeleted && gone(b.Remover, alive) {
			leftovers = append(leftovers, b.ID)
		}
	}
	return r.clean(ctx, leftovers, found)
}

func (r *Restorer) interrupt(b *Backup) {
	b.Status, b.Finished, b.Uncleaned = StatusInterrupted, r.Runner.Now().UTC(), true
	b.Error = &Fault{Kind: Failed, Text: "the process that took it ended in the middle", Hint: "Take it again: holdfast backup create " + b.Sandbox}
}

// resume runs the command that a dead run owed its sandbox's user, once.
func (r *Restorer) resume(ctx context.Context, b *Backup, found *Recovery) error {
	if b.Resume == "" {
		return nil
	}
	if err := r.change(ctx, b.ID, func(b *Backup) { b.Resume = "" }); err != nil {
		return err
	}
	text := fmt.Sprintf("the command that follows a backup of %s was run now, for an interrupted one: %s", b.Sandbox, b.Resume)
	if err := r.Runner.hook(ctx, "after", b.Resume); err != nil {
		text = fmt.Sprintf("the command that follows a backup of %s is owed for an interrupted one, and failed: %s. %s", b.Sandbox, AsError(err).Text, AsError(err).Hint)
	}
	found.Interrupted = append(found.Interrupted, text)
	return nil
}

// clean frees what interrupted backups and deletions left in the vault. While another run has
// the vault, that waits for a later start.
func (r *Restorer) clean(ctx context.Context, ids []ID, found *Recovery) error {
	if len(ids) == 0 {
		return nil
	}
	if _, err := r.Runner.Vault.Delete(ctx, 0, ids...); err != nil {
		if KindOf(err) != Busy {
			found.Pending = append(found.Pending, "what interrupted runs left in the vault is not freed yet: "+AsError(err).Text)
		}
		return nil
	}
	for _, id := range ids {
		err := r.change(ctx, id, func(b *Backup) {
			b.Uncleaned = false
			if b.DeletedBy != "" {
				b.Status = StatusDeleted
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *Restorer) change(ctx context.Context, id ID, edit func(*Backup)) error {
	b, err := r.Runner.Catalog.Backup(ctx, id)
	if err != nil {
		return err
	}
	edit(b)
	return r.Runner.Catalog.PutBackup(ctx, b)
}

func (r *Restorer) recoverRestores(ctx context.Context, alive func(Process) (bool, bool), sandbox func(string) (Sandbox, error), found *Recovery) error {
	all, err := r.Runner.Catalog.Restores(ctx)
	if err != nil {
		return err
	}
	for i := range all {
		rec := &all[i]
		if !rec.Unsettled && (rec.Status != StatusRunning || !gone(rec.Process, alive)) {
			continue
		}
		if err := r.mend(ctx, rec, sandbox, found); err != nil {
			return err
		}
	}
	return r.closeAllUndone(ctx)
}

// mendTime bounds how long a start waits for a server that has something to be mended.
const mendTime = 30 * time.Second

func (r *Restorer) mend(ctx context.Context, rec *Restore, sandbox func(string) (Sandbox, error), found *Recovery) error {
	s, err := sandbox(rec.Sandbox)
	if err != nil {
		s = Sandbox{Name: rec.Sandbox}
	}
	s.Connection = rec.Connection
	mended, err := r.mendAll(ctx, s, rec)
	if err != nil {
		found.Pending = append(found.Pending, fmt.Sprintf("the restore %s of %s was interrupted and is not cleaned up yet: %s", rec.ID, rec.Sandbox, AsError(err).Text))
		return nil
	}
	rec.Finished, rec.Stage, rec.Unsettled = r.Runner.Now().UTC(), StageRecovered, false
	if mended.Swapped {
		rec.Status = StatusCompleted
		err = r.closeUndone(ctx, rec)
	} else {
		rec.Status, rec.Replaced = StatusInterrupted, ""
		rec.Error = &Fault{Kind: Failed, Text: "the process that ran it ended in the middle", Hint: "What was there is as it was. Restore again."}
	}
	found.Interrupted = append(found.Interrupted, fmt.Sprintf("the restore %s of %s was interrupted: %s", rec.ID, rec.Sandbox, mended.Text))
	return firstError(err, r.Runner.Catalog.PutRestore(ctx, rec))
}

// closeAllUndone marks the restores of undos whose process died between the two records.
func (r *Restorer) closeAllUndone(ctx context.Context) error {
	all, err := r.Runner.Catalog.Restores(ctx)
	if err != nil {
		return err
	}
	for i := range all {
		if all[i].Status != StatusCompleted && all[i].Status != StatusUndone {
			continue
		}
		if err := r.closeUndone(ctx, &all[i]); err != nil {
			return err
		}
	}
	return nil
}

// closeUndone marks the restore that a recovered undo took back.
func (r *Restorer) closeUndone(ctx context.Context, undo *Restore) error {
	if undo.UndoOf == "" {
		return nil
	}
	rec, err := r.Runner.Catalog.Restore(ctx, undo.UndoOf)
	if err != nil || rec.Status == StatusUndone {
		return err
	}
	rec.Status, rec.Replaced = StatusUndone, ""
	return r.Runner.Catalog.PutRestore(ctx, rec)
}
