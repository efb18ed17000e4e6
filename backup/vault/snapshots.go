package vault

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kopia/kopia/fs"
	"github.com/kopia/kopia/repo"
	"github.com/kopia/kopia/repo/manifest"
	"github.com/kopia/kopia/snapshot"

	"holdfast/backup"
)

// Tags on our snapshots. They are enough to list a backup whose manifest.json is damaged.
const (
	tagID       = "tag:holdfast-id"
	tagTrigger  = "tag:holdfast-trigger"
	tagScope    = "tag:holdfast-scope"
	tagVerified = "tag:holdfast-verified-at"
	tagAdded    = "tag:holdfast-added-bytes"
)

// newSnapshot describes a backup as Kopia does, so that its stock command lists it by sandbox.
func newSnapshot(m *backup.Manifest, host string, root *snapshot.DirEntry, added int64, verified time.Time) *snapshot.Manifest {
	s := &snapshot.Manifest{
		Source:      snapshot.SourceInfo{Host: host, UserName: userName, Path: "/" + m.Sandbox},
		Description: describe(m),
		StartTime:   fs.UTCTimestampFromTime(m.Started),
		EndTime:     fs.UTCTimestampFromTime(m.Finished),
		RootEntry:   root,
		Tags: map[string]string{
			tagID:       string(m.ID),
			tagTrigger:  string(m.Trigger),
			tagScope:    string(m.What),
			tagVerified: verified.UTC().Format(time.RFC3339),
			tagAdded:    strconv.FormatInt(added, 10),
		},
	}
	if sum := root.DirSummary; sum != nil {
		s.Stats.TotalFileSize = sum.TotalFileSize
		s.Stats.TotalFileCount = int32(sum.TotalFileCount)
		s.Stats.TotalDirectoryCount = int32(sum.TotalDirCount)
	}
	return s
}

func describe(m *backup.Manifest) string {
	text := "Holdfast " + string(m.Trigger) + " backup of " + m.Sandbox
	if m.Note != "" {
		text += ": " + m.Note
	}
	return text
}

// snapshots gives all of our snapshots, oldest first, as the vault is now.
func (v *Vault) snapshots(ctx context.Context) ([]*snapshot.Manifest, error) {
	if err := v.rep.Refresh(ctx); err != nil {
		return nil, err
	}
	return findSnapshots(ctx, v.rep, nil)
}

// findSnapshots gives those of our snapshots that carry tags. Kopia's own LoadSnapshots drops
// what it cannot read without a word; here that is an error.
func findSnapshots(ctx context.Context, rep repo.DirectRepository, tags map[string]string) ([]*snapshot.Manifest, error) {
	ids, err := snapshot.ListSnapshotManifests(ctx, rep, nil, tags)
	if err != nil {
		err = listDamaged(ctx, err)
		if id := tags[tagID]; id != "" && backup.KindOf(err) == backup.Damaged {
			if s, tornErr := findInTornList(ctx, rep, id); tornErr != nil || s != nil {
				return []*snapshot.Manifest{s}, tornErr
			}
		}
		return nil, err
	}
	var found []*snapshot.Manifest
	for _, id := range ids {
		s, err := snapshot.LoadSnapshot(ctx, rep, id)
		if err != nil {
			return nil, damaged(err, hintVerify, "the list of backups in the vault is damaged")
		}
		if s.Tags[tagID] != "" && s.IncompleteReason == "" {
			found = append(found, s)
		}
	}
	slices.SortFunc(found, func(a, b *snapshot.Manifest) int {
		return cmp.Or(cmp.Compare(a.StartTime, b.StartTime), cmp.Compare(a.Tags[tagID], b.Tags[tagID]))
	})
	return found, nil
}

// find gives the snapshot of one backup.
func (v *Vault) find(ctx context.Context, id backup.ID) (*snapshot.Manifest, error) {
	if err := v.rep.Refresh(ctx); err != nil {
		return nil, err
	}
	found, err := findSnapshots(ctx, v.rep, map[string]string{tagID: string(id)})
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, backup.Errorf(backup.Damaged,
			"It may have been deleted. `holdfast backup list` shows what there is.", "the vault does not hold backup %s", id)
	}
	return found[0], nil
}

func idOf(s *snapshot.Manifest) backup.ID { return backup.ID(s.Tags[tagID]) }

// deleteSnapshots unlists the given backups.
func deleteSnapshots(ctx context.Context, rep repo.RepositoryWriter, ids []backup.ID) error {
	var doomed []manifest.ID
	for _, id := range ids {
		found, err := snapshot.ListSnapshotManifests(ctx, rep, nil, map[string]string{tagID: string(id)})
		if err != nil {
			return err
		}
		doomed = append(doomed, found...)
	}
	for _, id := range doomed {
		if err := rep.DeleteManifest(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// List gives every backup that the vault holds, oldest first. One whose manifest.json is damaged
// is listed with what its snapshot says, and Warnings names it.
func (v *Vault) List(ctx context.Context) ([]backup.Stored, error) {
	const op = "list the vault"
	// A deletion by another process may take a backup away while it is being read.
	for try := 0; ; try++ {
		list, gone, err := v.list(ctx)
		if err != nil {
			return nil, explain(op, err)
		}
		if len(gone) == 0 || try == 2 {
			for _, id := range gone {
				v.warn("The manifest of backup " + string(id) + " is damaged; what the backup holds is not known.")
			}
			return list, nil
		}
	}
}

func (v *Vault) list(ctx context.Context) (list []backup.Stored, unreadable []backup.ID, err error) {
	snapshots, err := v.snapshots(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, s := range snapshots {
		stored := storedOf(s)
		stored.Manifest, err = v.readManifest(ctx, s)
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		if err != nil {
			stored.Manifest = manifestOf(s)
			stored.VerifiedAt = time.Time{}
			unreadable = append(unreadable, idOf(s))
		}
		list = append(list, stored)
	}
	return list, unreadable, nil
}

func storedOf(s *snapshot.Manifest) backup.Stored {
	var stored backup.Stored
	// Tags that were tampered with give zero: unknown size, never verified.
	stored.AddedBytes, _ = strconv.ParseInt(s.Tags[tagAdded], 10, 64)
	stored.VerifiedAt, _ = time.Parse(time.RFC3339, s.Tags[tagVerified])
	return stored
}

// manifestOf makes what can be made of a manifest from the snapshot alone.
func manifestOf(s *snapshot.Manifest) *backup.Manifest {
	return &backup.Manifest{
		Version:  backup.ManifestVersion,
		ID:       idOf(s),
		Sandbox:  strings.TrimPrefix(s.Source.Path, "/"),
		What:     backup.Scope(s.Tags[tagScope]),
		Trigger:  backup.Trigger(s.Tags[tagTrigger]),
		Started:  s.StartTime.ToTime().UTC(),
		Captured: s.StartTime.ToTime().UTC(),
		Finished: s.EndTime.ToTime().UTC(),
	}
}
