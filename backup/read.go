package backup

import (
	"context"
	"time"
)

// Read opens a stored backup; the vault is held until the reader is closed. One that another process has
// deleted since it was looked up is no damage: Usage.
func (r *Runner) Read(ctx context.Context, id ID, wait time.Duration) (VaultReader, error) {
	parts, err := r.Vault.Read(ctx, id, wait)
	if KindOf(err) != Damaged {
		return parts, err
	}
	if now, unread := r.Catalog.Backup(context.WithoutCancel(ctx), id); unread == nil && now.leaves() {
		return nil, Errorf(Usage, "Choose another one: holdfast backup list", "the backup %s was deleted meanwhile", id)
	}
	return nil, err
}

// leaves says whether a backup is deleted, or about to be: that is on record before it begins.
func (b *Backup) leaves() bool { return b.Status == StatusDeleted || b.DeletedBy != "" }
