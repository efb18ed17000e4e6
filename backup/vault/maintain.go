package vault

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/kopia/kopia/repo"
	"github.com/kopia/kopia/repo/content"
	"github.com/kopia/kopia/repo/content/index"
	"github.com/kopia/kopia/repo/content/indexblob"
	"github.com/kopia/kopia/repo/maintenance"
	"github.com/kopia/kopia/snapshot/snapshotgc"

	"holdfast/backup"
)

// Delete removes backups and gives their space back at once: bytes freed. An ID that is not
// there counts as removed.
func (v *Vault) Delete(ctx context.Context, wait time.Duration, ids ...backup.ID) (int64, error) {
	freed, err := v.reclaim(ctx, wait, "a deletion", ids)
	return freed, explain("delete from the vault", err)
}

// Clean gives back what runs that did not end well left in the vault: bytes freed.
func (v *Vault) Clean(ctx context.Context, wait time.Duration) (int64, error) {
	freed, err := v.reclaim(ctx, wait, "a clean-up", nil)
	return freed, explain("clean the vault", err)
}

func (v *Vault) reclaim(ctx context.Context, wait time.Duration, doing string, ids []backup.ID) (int64, error) {
	l, err := v.acquire(ctx, true, wait, doing)
	if err != nil {
		return 0, err
	}
	touched, freed, err := v.reclaimLocked(ctx, ids)
	// Who was refused has left nothing; what an earlier run left is still there.
	clean := err == nil || !touched && !l.dirty
	return freed, errors.Join(err, l.release(clean))
}

func (v *Vault) reclaimLocked(ctx context.Context, ids []backup.ID) (touched bool, freed int64, err error) {
	if _, err := v.checkWriter(ctx); err != nil {
		return false, 0, err
	}
	if err := v.allowRemoval(ids); err != nil {
		return false, 0, err
	}
	before, err := diskUse(v.opts.Path)
	if err = errors.Join(err, v.spendReserve()); err != nil {
		return false, 0, err
	}
	if err := v.unlist(ctx, ids); err != nil {
		return true, 0, err
	}
	if pending, err := v.recovery(); err != nil || pending != nil {
		return true, 0, err // the last damaged backups go first; the space follows
	}
	if err := v.maintain(ctx); err != nil {
		return true, 0, spaceKept(len(ids), err)
	}
	after, err := diskUse(v.opts.Path)
	return true, max(before-after, 0), errors.Join(err, v.refillReserve())
}

// spaceKept says that backups are gone but their space is not free yet.
func spaceKept(deleted int, err error) error {
	if deleted == 0 || errors.Is(err, context.Canceled) {
		return err
	}
	known := *backup.AsError(explain("", err))
	known.Text = "the backups are deleted, but their space is not free yet: " + known.Text
	return &known
}

// unlist deletes the snapshots of ids, durably.
func (v *Vault) unlist(ctx context.Context, ids []backup.ID) error {
	if len(ids) == 0 {
		return nil
	}
	err := repo.WriteSession(ctx, v.rep, repo.WriteSessionOptions{Purpose: "delete"}, func(ctx context.Context, rep repo.RepositoryWriter) error {
		return deleteSnapshots(ctx, rep, ids)
	})
	if err != nil {
		return err
	}
	return errors.Join(v.forgetDamaged(ids), syncFolders(v.opts.Path))
}

// maintain frees every byte that no backup needs. It waits for nothing and spares nothing, which
// is safe only under the exclusive lock.
//
// These are the tasks of Kopia's full maintenance in an order that frees space before it needs
// some, and with times that do not depend on how long ago a content was written: Kopia's own
// order fails on a full disk, and as a whole when one content cannot be read.
func (v *Vault) maintain(ctx context.Context) error {
	if err := v.rep.Refresh(ctx); err != nil {
		return err
	}
	if err := v.raiseClock(ctx); err != nil {
		return err
	}
	for _, step := range []func(context.Context, repo.DirectRepositoryWriter) error{v.collect, v.drop, removePacks} {
		if err := v.session(ctx, step); err != nil {
			return err
		}
	}
	for _, step := range []func(context.Context, repo.DirectRepositoryWriter) error{emptyPacks, removePacks, mergePacks} {
		if err := v.session(ctx, step); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if !isNoSpace(err) {
				v.warn("Some space could not be given back because stored bytes are damaged. Verify the vault.")
			}
		}
	}
	for _, step := range []func(context.Context, repo.DirectRepositoryWriter) error{removePacks, compactIndex} {
		if err := v.session(ctx, step); err != nil {
			return err
		}
	}
	return errors.Join(removeTemporary(v.opts.Path), syncFolders(v.opts.Path))
}

// session gives each step a writer of its own: what a failed step had in hand must not be
// written by a later one.
func (v *Vault) session(ctx context.Context, step func(context.Context, repo.DirectRepositoryWriter) error) error {
	return repo.DirectWriteSession(ctx, v.rep, repo.WriteSessionOptions{Purpose: "maintain"}, step)
}

// raiseClock puts the vault's clock past every time that the index holds.
func (v *Vault) raiseClock(ctx context.Context) error {
	newest := v.clock.Now()
	err := v.rep.ContentReader().IterateContents(ctx, content.IterateOptions{IncludeDeleted: true}, func(c content.Info) error {
		newest = later(newest, c.Timestamp())
		return nil
	})
	v.clock.raise(newest.Add(2 * time.Second)) // Kopia stamps whole seconds, one past an older entry
	return err
}

// collect marks the contents that no snapshot names as deleted. It fails before it marks any
// when a snapshot cannot be walked.
func (v *Vault) collect(ctx context.Context, rep repo.DirectRepositoryWriter) error {
	// The history of Kopia's maintenance is of no use to us, and a damaged one would stop it.
	if err := rep.BlobStorage().DeleteBlob(ctx, "kopia.maintenance"); err != nil {
		return err
	}
	err := snapshotgc.Run(ctx, rep, true, maintenance.SafetyNone, v.clock.Now())
	if err == nil || ctx.Err() != nil || isNoSpace(err) || errors.Is(err, fs.ErrPermission) {
		return err
	}
	return damaged(err, "Verify the vault, and delete the backups that are damaged.", "a damaged backup keeps the vault from being cleaned")
}

// drop makes deletions final. The time up to which it does goes on record first: entries older
// than that may win over new ones.
func (v *Vault) drop(ctx context.Context, rep repo.DirectRepositoryWriter) error {
	before := v.clock.Now().Truncate(time.Second).Add(time.Second)
	floor := before.Add(time.Second)
	v.clock.raise(floor)
	old, err := readRecord(v.opts.Path)
	if err == nil {
		err = v.claim(old, floor)
	}
	if err != nil && !isNoSpace(err) {
		return err
	}
	_, err = rep.ContentManager().CompactIndexes(ctx, indexblob.CompactOptions{
		AllIndexes:                       true,
		DropDeletedBefore:                before,
		DisableEventualConsistencySafety: true,
	})
	return err
}

// removePacks deletes the packs that no index entry names, however new they look.
func removePacks(ctx context.Context, rep repo.DirectRepositoryWriter) error {
	_, err := maintenance.DeleteUnreferencedPacks(ctx, rep, maintenance.DeleteUnreferencedPacksOptions{
		Parallel:     4,
		NotAfterTime: time.Unix(1<<36, 0), // clocks may have been wrong; the lock says what is in use
	}, maintenance.SafetyNone)
	return err
}

// mergePacks rewrites what is left of packs that are mostly empty.
func mergePacks(ctx context.Context, rep repo.DirectRepositoryWriter) error {
	_, err := maintenance.RewriteContents(ctx, rep, &maintenance.RewriteContentsOptions{
		ContentIDRange: index.AllIDs,
		ShortPacks:     true,
		Parallel:       2,
	}, maintenance.SafetyNone)
	return err
}

// compactIndex keeps the number of index blobs small.
func compactIndex(ctx context.Context, rep repo.DirectRepositoryWriter) error {
	epochs, ok, err := rep.ContentManager().EpochManager(ctx)
	if err != nil || !ok {
		return err
	}
	if _, err := epochs.MaybeCompactSingleEpoch(ctx); err != nil {
		return err
	}
	if _, err := epochs.MaybeAdvanceWriteEpoch(ctx); err != nil {
		return err
	}
	if _, err := epochs.MaybeGenerateRangeCheckpoint(ctx); err != nil {
		return err
	}
	if _, err := epochs.CleanupMarkers(ctx); err != nil {
		return err
	}
	_, err = epochs.CleanupSupersededIndexes(ctx)
	return err
}

// removeTemporary removes files that a killed process had not given their names yet. Kopia never
// does.
func removeTemporary(root string) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return ignoreMissing(err)
		}
		if strings.Contains(d.Name(), ".f.tmp.") || strings.HasPrefix(d.Name(), "holdfast.") && strings.Contains(d.Name(), ".tmp-") {
			return ignoreMissing(os.Remove(path)) //nolint:gosec // the folder is ours alone, 0700
		}
		return nil
	})
}

func isNoSpace(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// allowRemoval refuses to remove anything while an index is lost that may have named it, but for
// backups that a full check found damaged.
func (v *Vault) allowRemoval(ids []backup.ID) error {
	pending, err := v.recovery()
	if err != nil || pending == nil || pending.coversAll(ids) {
		return err
	}
	hint := "Verify the whole vault first: `holdfast vault verify --full`."
	if pending.Checked {
		hint = fmt.Sprintf("Delete the damaged backups first: %s.", pending.damagedText())
	}
	return backup.Errorf(backup.Refused, hint, "an index of the vault was lost and rebuilt; nothing is removed until every backup has been verified")
}
