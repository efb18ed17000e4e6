package backup

import (
	"context"
	"fmt"
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
		return Errorf(Refused, "Unpin it first.", "the backup is pinned")
	}
	return nil
}

// remove notes the deletion before it begins, so that Recover finishes one that a crash cut short.
func (r *Runner) remove(ctx context.Context, b *Backup, req ChangeRequest) (int64, error) {
	b.DeletedBy, b.DeletedWhy = req.Who, "asked for"
	if err := r.Catalog.PutBackup(ctx, b); err != nil {
		return 0, err
	}
	freed, err := r.Vault.Delete(ctx, req.Wait, b.ID)
	if err != nil {
		b.DeletedBy, b.DeletedWhy = "", ""
		return 0, firstError(err, r.Catalog.PutBackup(context.WithoutCancel(ctx), b))
	}
	b.Status = StatusDeleted
	return freed, r.Catalog.PutBackup(context.WithoutCancel(ctx), b)
}
