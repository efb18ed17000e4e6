package backup

import (
	"context"
	"fmt"
	"slices"
)

// Delete removes a backup from the vault and frees its space at once: bytes freed. The history
// keeps a line that says who deleted it.
func (r *Runner) Delete(ctx context.Context, req ChangeRequest) (freed int64, err error) {
	op := "delete " + string(req.Backup)
	b, err := r.Catalog.Backup(ctx, req.Backup)
	if err != nil {
		return 0, WithOp(op, err)
	}
	if err := deletable(b); err != nil {
		return 0, WithOp(op, err)
	}
	grant, err := r.Gate.Request(ctx, Request{
		Op: op, Action: ActionDelete, Sandbox: b.Sandbox, Object: string(b.ID), Who: req.Who,
		What: fmt.Sprintf("Delete the backup of %s taken %s", b.Sandbox, b.Started.Format("2006-01-02 15:04 MST")),
		Loss: "This recovery point is gone for good; other backups keep what they need.",
	})
	if err != nil {
		return 0, err
	}
	if err := grant.Use(); err != nil {
		return 0, err
	}
	freed, err = r.remove(ctx, b, req)
	return freed, grant.Outcome(ctx, WithOp(op, err))
}

func deletable(b *Backup) error {
	switch {
	case b.Status == StatusDeleted:
		return Errorf(Usage, "", "the backup is deleted already")
	case b.Status == StatusRunning:
		return Errorf(Busy, "Wait until it has ended.", "the backup is still running")
	case b.Pinned:
		return Errorf(Refused, "Unpin it first: holdfast backup unpin "+string(b.ID), "the backup is pinned")
	}
	return nil
}

// remove notes the deletion before it begins, so that Recover finishes one that a crash cut short.
func (r *Runner) remove(ctx context.Context, b *Backup, req ChangeRequest) (int64, error) {
	b.DeletedBy, b.DeletedWhy, b.Remover = req.Who, "asked for", r.Self
	if err := r.Catalog.PutBackup(ctx, b); err != nil {
		return 0, err
	}
	freed, err := r.Vault.Delete(ctx, req.Wait, b.ID)
	ctx = context.WithoutCancel(ctx)
	return freed, firstError(err, r.recordRemoval(ctx, b, err))
}

// recordRemoval records what became of a backup that was to be removed. A deletion that failed
// may have unlisted it already, such as when it was cancelled while space was being freed: then
// it is deleted, and the space follows at the next start.
func (r *Runner) recordRemoval(ctx context.Context, b *Backup, cause error) error {
	now, err := r.Catalog.Backup(ctx, b.ID) // what others changed meanwhile stays
	if err != nil {
		return err
	}
	*b = *now
	switch listed, known := r.listed(ctx, b.ID, cause); {
	case cause == nil:
		b.Status = StatusDeleted
	case known && !listed:
		b.Status, b.Uncleaned = StatusDeleted, true
	case known:
		b.DeletedBy, b.DeletedWhy = "", ""
	}
	return r.Catalog.PutBackup(ctx, b) // not known: DeletedBy stays, and Recover finishes it
}

// listed says whether the vault still has a backup. What was refused, or found the vault busy or
// away, has touched nothing.
func (r *Runner) listed(ctx context.Context, id ID, cause error) (listed, known bool) {
	if cause == nil {
		return false, true
	}
	if slices.Contains([]Kind{Busy, Refused, Unreachable}, KindOf(cause)) {
		return true, true
	}
	all, err := r.Vault.List(ctx)
	if err != nil {
		return false, false
	}
	return slices.ContainsFunc(all, func(s Stored) bool { return s.Manifest.ID == id }), true
}
