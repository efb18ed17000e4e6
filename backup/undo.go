package backup

import (
	"context"
	"fmt"
	"time"
)

// UndoRequest asks for a restore to be undone, or for the database it replaced to be dropped.
type UndoRequest struct {
	Restore ID
	Target  Sandbox
	Who     string
	Drop    bool // give the kept database's space back instead of swapping
	Wait    time.Duration
}

// Undo swaps the database that a restore replaced back into its place. It is a swap, not a
// deletion: what is live at that moment is kept in turn, under the record that Undo returns. Where
// the replaced database is not kept any more, or never was, the pre-restore backup is restored.
func (r *Restorer) Undo(ctx context.Context, req UndoRequest) (*Restore, error) {
	op := "undo " + string(req.Restore)
	rec, err := r.Runner.Catalog.Restore(ctx, req.Restore)
	if err != nil {
		return nil, WithOp(op, err)
	}
	ask := Request{Op: op, Action: ActionDBFull, Sandbox: rec.Sandbox, Object: string(rec.ID), Who: req.Who}
	if req.Target.NoRestore {
		return nil, r.Runner.Gate.Refuse(ctx, ask, Errorf(Refused,
			"Switch it on first: holdfast sandbox edit "+rec.Sandbox+" --allow-restore", "restores into this sandbox are switched off"))
	}
	if err := undoable(rec, req.Drop); err != nil {
		return nil, WithOp(op, err)
	}
	if err := r.lookForKept(ctx, req, rec); err != nil {
		return nil, WithOp(op, err)
	}
	if !req.Drop && rec.viaBackup() {
		return r.undoByBackup(ctx, req, rec)
	}
	var target Target
	if rec.hasDatabase() && rec.Replaced != "" {
		if target, err = r.Runner.Server.Inspect(ctx, rec.place(rec.Target), req.Target); err != nil {
			return nil, WithOp(op, err)
		}
	}
	ask.What, ask.Loss = describeUndo(req, rec, target)
	grant, err := r.Runner.Gate.Request(ctx, ask)
	if err != nil {
		return nil, err
	}
	if err := grant.Use(); err != nil {
		return nil, err
	}
	release, err := r.reserveUndo(ctx, req, rec, target)
	if err != nil {
		return nil, grant.Outcome(ctx, WithOp(op, err))
	}
	defer release()
	if req.Drop {
		return rec, grant.Outcome(ctx, WithOp(op, r.dropKept(ctx, req, rec)))
	}
	undo, err := r.swapBack(ctx, req, rec, target)
	grant.Note("restore " + string(undo.ID))
	return undo, grant.Outcome(ctx, WithOp(op, err))
}

func undoable(rec *Restore, drop bool) error {
	switch {
	case rec.Status == StatusUndone:
		return Errorf(Usage, "Undo the undo by its own ID, see: holdfast undo", "this restore was undone already")
	case rec.Status != StatusCompleted:
		return Errorf(Usage, "See which can be undone: holdfast undo", "this restore is %s; there is nothing to undo", rec.Status)
	case drop && (rec.Kept() == "" || rec.ReplacedGone):
		return Errorf(Usage, "See: holdfast undo", "this restore keeps nothing that it replaced")
	case !rec.hasDatabase() && rec.Kept() == "" && rec.PreRestore == "":
		return Errorf(Usage, "Remove it by hand if it is not wanted: "+rec.folderPaths(), "this restore replaced nothing")
	case rec.hasDatabase() && rec.Replaced == "" && rec.PreRestore == "":
		return Errorf(Usage, fmt.Sprintf("It made the database %s; drop that if it is not wanted.", rec.Target), "this restore replaced nothing")
	case rec.viaBackup() && rec.PreRestore == "":
		return Errorf(Usage, "Restore one of the older backups: holdfast backup list "+rec.Sandbox, "the replaced database was dropped, and no backup was taken before")
	}
	return nil
}

// viaBackup says whether only the pre-restore backup has what the restore replaced.
func (rec *Restore) viaBackup() bool {
	return rec.ReplacedGone || rec.hasDatabase() && rec.Replaced == "" || !rec.hasDatabase() && rec.Kept() == ""
}

// undoByBackup takes a restore back by restoring what was saved before it, in the same way:
// only the same tables, or all of it. What is live now is saved, and kept, in turn.
func (r *Restorer) undoByBackup(ctx context.Context, req UndoRequest, rec *Restore) (*Restore, error) {
	target := req.Target
	target.Connection = rec.Connection
	undo, err := r.Restore(ctx, RestoreRequest{
		Backup: rec.PreRestore, Target: target, Tables: rec.Only, InPlace: rec.InPlace, Who: req.Who, Wait: req.Wait, undoOf: rec, rowsOnly: rec.RowsOnly,
	})
	if undo == nil || undo.Status != StatusCompleted {
		return undo, err
	}
	rec.Status = StatusUndone
	return undo, firstError(err, r.Runner.Catalog.PutRestore(context.WithoutCancel(ctx), rec))
}

// lookForKept makes sure that the replaced database is where the record says. When somebody
// dropped it by hand, the pre-restore backup has to do.
func (r *Restorer) lookForKept(ctx context.Context, req UndoRequest, rec *Restore) error {
	if rec.viaBackup() {
		return nil
	}
	gone, err := r.lacksKept(ctx, req, rec)
	if err != nil || gone == "" {
		return err
	}
	if rec.PreRestore == "" && !req.Drop {
		return Errorf(Failed, "Restore one of the backups: holdfast backup list "+rec.Sandbox,
			"%s is not there any more, and there is no backup of it", gone)
	}
	rec.ReplacedGone = true
	return nil
}

// place says how to reach a database of the server that rec was restored to.
func (rec *Restore) place(database string) Connection {
	c := rec.Connection
	c.Database = database
	return c
}

func describeUndo(req UndoRequest, rec *Restore, t Target) (what, loss string) {
	if req.Drop {
		what = fmt.Sprintf("Drop %s, which the restore %s replaced", rec.Kept(), rec.ID)
		if rec.PreRestore == "" {
			return what, "No backup was taken before: what is only there is gone for good."
		}
		return what, "The restore cannot be undone at once any more; the backup taken before it stays."
	}
	what = fmt.Sprintf("Put %s, which the restore %s replaced, back into the place of %s", rec.Kept(), rec.ID, rec.Places())
	if len(rec.Media) > 0 {
		loss = "The folders that are there now are kept under other names. "
	}
	if t.Exists {
		loss += fmt.Sprintf("What is live now (%s, about %s) is kept under another name. %s", tableCount(t.Tables), rowCount(t.Rows), sessionsCut(t.Sessions))
	}
	return what, loss
}

func (r *Restorer) dropKept(ctx context.Context, req UndoRequest, rec *Restore) error {
	if rec.Replaced != "" {
		if err := r.Runner.Server.DropOurs(ctx, req.Target, rec.Replaced); err != nil {
			return err
		}
	}
	if err := r.removeAside(rec); err != nil {
		return err
	}
	rec.ReplacedGone = true
	return r.Runner.Catalog.PutRestore(context.WithoutCancel(ctx), rec)
}

// swapBack swaps. There is no backup of what is live now and goes aside, so that the undo's record
// names none: what it keeps never expires.
func (r *Restorer) swapBack(ctx context.Context, req UndoRequest, rec *Restore, target Target) (*Restore, error) {
	undo := &Restore{
		ID: NewID(), Backup: rec.Backup, File: rec.File, Sandbox: rec.Sandbox, What: rec.What, Connection: rec.Connection, Target: rec.Target,
		Shadow: rec.Replaced, Status: StatusRunning, Stage: StagePlanned, Started: r.Runner.Now().UTC(),
		Who: req.Who, UndoOf: rec.ID, Process: r.Runner.Self,
	}
	if target.Exists {
		undo.Replaced = asideName(rec.Target, undo.Started)
	}
	var err error
	if undo.Media, err = r.mediaBack(rec, undo.Started); err != nil {
		return undo, err
	}
	if err := r.note(ctx, undo, StagePlanned); err != nil {
		return undo, err
	}
	err = r.swapBackAll(ctx, rec, undo, SwapJob{Sandbox: req.Target, Run: undo.ID, Live: rec.Target, Shadow: rec.Replaced, Aside: undo.Replaced, Backup: rec.Backup})
	err = r.settle(ctx, req.Target, undo, err)
	if undo.Status != StatusCompleted {
		return undo, err
	}
	rec.Status, rec.Replaced = StatusUndone, ""
	return undo, firstError(err, r.Runner.Catalog.PutRestore(context.WithoutCancel(ctx), rec))
}
