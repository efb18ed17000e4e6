package vault

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/kopia/kopia/repo"
	"github.com/kopia/kopia/repo/blob"
	"github.com/kopia/kopia/repo/content"
	"github.com/kopia/kopia/repo/content/index"
	"github.com/kopia/kopia/repo/manifest"
	"github.com/kopia/kopia/repo/object"
	"github.com/kopia/kopia/snapshot"

	"holdfast/backup"
)

// Relisted says what became of a list of backups that was damaged.
type Relisted struct {
	Aside []blob.ID   // packs that held what is lost of the list; copies are in holdfast.set-aside
	Found []backup.ID // backups that had lost their entries and are listed again
}

// Books is what is known of backups apart from the vault.
type Books struct {
	Completed func(backup.ID) bool // it may be listed again
	Deleted   func(backup.ID) bool // its entry, if there is one, goes: what said that it is deleted was lost
}

// Relist makes the list of backups readable without a copy of it. Entries that cannot be read are given up,
// and their backups looked for among the folders that the vault holds: the root folder of a backup says all
// that its entry said, but for what it added and when it was verified. Nothing is removed from the
// vault afterwards until every backup has been verified; see VerifyAll. It does nothing to a vault whose
// list and index are whole.
func (v *Vault) Relist(ctx context.Context, wait time.Duration, books Books) (Relisted, error) {
	const op = "repair the vault"
	l, err := v.acquire(ctx, true, wait, "a repair")
	if err != nil {
		return Relisted{}, explain(op, err)
	}
	var done Relisted
	old, err := v.checkHome() // no more: the list is what is damaged
	if err == nil {
		if old != nil {
			v.clock.raise(old.Clock)
		}
		err = v.relist(ctx, books, &done)
	}
	return done, explain(op, errors.Join(err, l.release(!l.dirty)))
}

func (v *Vault) relist(ctx context.Context, books Books, done *Relisted) error {
	pending, err := v.recovery()
	if err = errors.Join(err, v.rep.Refresh(ctx)); err != nil {
		return err
	}
	bad, err := v.damagedEntries(ctx)
	if err != nil || len(bad) == 0 && pending == nil {
		return err
	}
	if len(bad) > 0 {
		// On record first: a kill in between must not leave a list that lost something unnoticed.
		if done.Aside, err = v.keepPacks(bad); err == nil {
			err = v.noteListLost(pending, done.Aside)
		}
	}
	if err = errors.Join(err, v.raiseClock(ctx)); err != nil {
		return err
	}
	err = v.session(ctx, func(ctx context.Context, rep repo.DirectRepositoryWriter) error {
		for id := range bad {
			if err := rep.ContentManager().DeleteContent(ctx, id); err != nil {
				return err
			}
		}
		done.Found, err = v.listAgain(ctx, rep, books.Completed)
		return err
	})
	if err != nil {
		return err
	}
	if err := v.rep.Refresh(ctx); err != nil {
		return err
	}
	if len(bad) > 0 { // what was set for maintenance is in the list too
		err = repo.WriteSession(ctx, v.rep, repo.WriteSessionOptions{Purpose: "repair"}, v.setMaintenance)
	}
	return errors.Join(err, v.unlistDeleted(ctx, books.Deleted), syncFolders(v.opts.Path))
}

// damagedEntries gives the contents of the list that cannot be read. What comes from the disk
// itself is an error: it may pass.
func (v *Vault) damagedEntries(ctx context.Context) (map[content.ID]content.Info, error) {
	bad := map[content.ID]content.Info{}
	options := content.IterateOptions{Range: index.PrefixRange(manifest.ContentPrefix)}
	err := v.rep.ContentReader().IterateContents(ctx, options, func(c content.Info) error {
		_, err := readEntries(ctx, v.rep, c.ContentID)
		if _, ofDisk := errors.AsType[syscall.Errno](err); ofDisk {
			return err
		}
		if err != nil {
			bad[c.ContentID] = c
		}
		return ctx.Err()
	})
	return bad, err
}

// keepPacks copies the packs of contents to where set-aside files are, and names them.
func (v *Vault) keepPacks(of map[content.ID]content.Info) ([]blob.ID, error) {
	packs := map[blob.ID]bool{}
	for _, c := range of {
		packs[c.PackBlobID] = true
	}
	names := slices.Sorted(maps.Keys(packs))
	for _, id := range names {
		text, err := os.ReadFile(blobPath(v.opts.Path, id))
		if errors.Is(err, os.ErrNotExist) {
			continue // lost as a whole
		}
		if err != nil {
			return nil, err
		}
		to, err := freeName(v.opts.Path, string(id)+".damaged")
		if err == nil {
			err = errors.Join(replaceFile(to, text), syncFolder(filepath.Dir(to)))
		}
		if err != nil {
			return nil, err
		}
	}
	return names, nil
}

// noteListLost puts on record that entries of the list are lost: see recovery.
func (v *Vault) noteListLost(pending *recovery, packs []blob.ID) error {
	if pending == nil {
		pending = &recovery{Rebuilt: true}
	}
	pending.At, pending.Checked, pending.List = v.opts.Clock().UTC(), false, true
	for _, id := range packs {
		pending.Torn = append(pending.Torn, string(id)+".f")
	}
	return v.saveRecovery(pending)
}

// listAgain saves entries of those backups that have none, and names them.
func (v *Vault) listAgain(ctx context.Context, rep repo.DirectRepositoryWriter, completed func(backup.ID) bool) ([]backup.ID, error) {
	have, err := newestEntries(ctx, v.rep, func(listEntry) bool { return true })
	if err != nil {
		return nil, err
	}
	held := map[backup.ID]bool{}
	for _, e := range have {
		held[backup.ID(e.Labels[tagID])] = !e.Deleted || held[backup.ID(e.Labels[tagID])]
	}
	roots, err := findRoots(ctx, v.rep)
	if err != nil {
		return nil, err
	}
	var found []backup.ID
	for _, root := range roots {
		t, err := readTree(ctx, v.rep, root)
		if err != nil {
			continue // nothing says what it is
		}
		m, err := readManifestPart(ctx, v.rep, t)
		if err != nil || held[m.ID] || !completed(m.ID) {
			continue
		}
		held[m.ID] = true
		if _, err := snapshot.SaveSnapshot(ctx, rep, newSnapshot(m, v.opts.Host, root, 0, time.Time{})); err != nil {
			return nil, err
		}
		found = append(found, m.ID)
	}
	slices.Sort(found)
	return found, ctx.Err()
}

// findRoots gives the folders that look like a backup's root and are in no other folder: one of a backup that
// somebody downloaded, and keeps in a folder that is backed up, is none.
func findRoots(ctx context.Context, rep repo.DirectRepository) ([]*snapshot.DirEntry, error) {
	inner := map[object.ID]bool{}
	roots := map[object.ID]*snapshot.DirEntry{}
	options := content.IterateOptions{Range: index.PrefixRange(folderPrefix)}
	err := rep.ContentReader().IterateContents(ctx, options, func(c content.Info) error {
		var dir snapshot.DirManifest
		data, err := rep.ContentReader().GetContent(ctx, c.ContentID)
		if err != nil || json.Unmarshal(data, &dir) != nil {
			return ctx.Err() // damaged, or a part of a long one
		}
		own := 0
		for _, e := range dir.Entries {
			switch {
			case e.Type == snapshot.EntryTypeDirectory:
				inner[e.ObjectID] = true
			case e.Name == backup.PartManifest || e.Name == backup.PartReadme:
				own++
			}
		}
		if own == 2 {
			id := object.DirectObjectID(c.ContentID)
			roots[id] = &snapshot.DirEntry{Name: ".", Type: snapshot.EntryTypeDirectory, Permissions: snapshot.Permissions(folderMode), ObjectID: id, DirSummary: dir.Summary}
		}
		return ctx.Err()
	})
	maps.DeleteFunc(roots, func(id object.ID, _ *snapshot.DirEntry) bool { return inner[id] })
	return slices.Collect(maps.Values(roots)), err
}

// folderPrefix begins the names of contents that are folders.
const folderPrefix = "k"

// unlistDeleted takes entries away whose deletion was lost with a part of the list.
func (v *Vault) unlistDeleted(ctx context.Context, deleted func(backup.ID) bool) error {
	all, err := v.snapshots(ctx)
	if err != nil {
		return err
	}
	var gone []backup.ID
	for _, s := range all {
		if deleted(idOf(s)) {
			gone = append(gone, idOf(s))
		}
	}
	return v.unlist(ctx, gone)
}
