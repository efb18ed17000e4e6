package vault

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/kopia/kopia/repo/blob"
	"github.com/kopia/kopia/repo/blob/filesystem"
	"github.com/kopia/kopia/repo/blob/readonly"
	"github.com/kopia/kopia/repo/blob/sharded"
	"github.com/kopia/kopia/repo/content"
	"github.com/kopia/kopia/repo/format"

	"holdfast/backup"
)

// copyStorage is the name under which Kopia is handed a storage that is open already: so no
// configuration file ever names a place's secrets.
const copyStorage = "holdfast-copy"

type copyKey struct{}

func init() {
	blob.AddSupportedStorage(copyStorage, struct{}{}, func(ctx context.Context, _ *struct{}, _ bool) (blob.Storage, error) {
		st, ok := ctx.Value(copyKey{}).(blob.Storage)
		if !ok {
			return nil, errors.New("no open storage was handed over")
		}
		return readonly.NewWrapper(st), nil
	})
}

// FolderStorage opens a folder as Kopia's blobs lie in it, the same way as in a vault.
func FolderStorage(ctx context.Context, path string) (blob.Storage, error) {
	return filesystem.New(ctx, &filesystem.Options{
		Path: path, FileMode: fileMode, DirectoryMode: folderMode, Options: Shards(),
	}, true)
}

// Shards is how blobs are spread over folders.
func Shards() sharded.Options { return sharded.Options{DirectoryShards: []int{1}, ListParallelism: 4} }

// MakeDurable makes the names of all files below a folder survive a power cut.
func MakeDurable(path string) error { return syncFolders(path) }

// Blobs reads the vault's files by Kopia's names.
func (v *Vault) Blobs() blob.Reader { return v.rep.BlobReader() }

// Share keeps writers and maintenance away until release is called; other readers may come.
func (v *Vault) Share(ctx context.Context, wait time.Duration) (release func() error, err error) {
	l, err := v.acquire(ctx, false, wait, "")
	if err != nil {
		return nil, explain("read the vault", err)
	}
	return func() error { return l.release(true) }, nil
}

// CheckPacks says why what a vault's folder holds must not be taken for all that it should: blobs
// that its index names are missing or too short, or an index was lost.
func (v *Vault) CheckPacks(ctx context.Context, blobs map[blob.ID]int64) error {
	const op = "look at the vault"
	pending, err := v.recovery()
	if err != nil {
		return explain(op, err)
	}
	if pending != nil {
		return backup.WithOp(op, backup.Errorf(backup.Refused, "Verify the whole vault first: `holdfast vault verify --full`.", "an index of the vault was lost and rebuilt"))
	}
	if err := v.rep.Refresh(ctx); err != nil {
		return explain(op, err)
	}
	err = v.rep.ContentReader().IterateContents(ctx, content.IterateOptions{}, func(c content.Info) error {
		if blobs[c.PackBlobID] < int64(c.PackOffset)+int64(c.PackedLength) {
			return damaged(nil, "Verify the vault: `holdfast vault verify --full`. An off-site copy may have the file: `holdfast vault open --offsite`.",
				fmt.Sprintf("the vault misses the file %s, or a part of it", c.PackBlobID))
		}
		return ctx.Err()
	})
	return explain(op, err)
}

// CheckKey says whether key opens the vault or copy whose blobs st holds. A wrong key is Damaged.
func CheckKey(ctx context.Context, st blob.Storage, key string, clock backup.Clock) error {
	_, err := format.NewManager(ctx, st, "", -1, key, clock)
	return explain("open the copy", openError(err))
}

// CheckedCopy says what a check of a copy found.
type CheckedCopy struct {
	Backups int
	Damaged map[blob.ID]string // files of the copy that are not what they must be, and why
	Broken  []backup.ID        // backups that they are needed for
}

// CheckCopy opens the copy whose blobs st holds, without changing it, and reads and checks every
// content of every backup. The error says that the copy does not open, or could not be read.
func CheckCopy(ctx context.Context, st blob.Storage, key string, clock backup.Clock, report func(done, total int64)) (CheckedCopy, error) {
	const op = "verify the copy"
	c, err := OpenCopy(ctx, st, key, clock)
	if err != nil {
		return CheckedCopy{}, backup.WithOp(op, err)
	}
	checked, err := c.v.checkCopy(ctx, report)
	return checked, explain(op, errors.Join(err, c.Close(ctx)))
}

func (v *Vault) checkCopy(ctx context.Context, report func(done, total int64)) (CheckedCopy, error) {
	checked := CheckedCopy{Damaged: map[blob.ID]string{}}
	bad, err := readContents(ctx, v.rep, func(content.Info) bool { return true }, report)
	if err != nil {
		return checked, err
	}
	for id, err := range bad {
		c, infoErr := v.rep.ContentInfo(ctx, id)
		if infoErr != nil {
			return checked, infoErr
		}
		checked.Damaged[c.PackBlobID] = err.Error()
	}
	snapshots, err := v.snapshots(ctx)
	if err != nil && len(bad) > 0 {
		return checked, nil // which backups there are is in a file that is damaged
	}
	if err != nil {
		return checked, err
	}
	blobs, err := blobLengths(ctx, v.rep)
	if err != nil {
		return checked, err
	}
	checked.Backups = len(snapshots)
	for _, s := range snapshots {
		if v.verifyStored(ctx, idOf(s), blobs, bad) != nil {
			checked.Broken = append(checked.Broken, idOf(s))
		}
	}
	slices.Sort(checked.Broken)
	return checked, ctx.Err()
}

// First names the first damaged file.
func (c CheckedCopy) First() blob.ID {
	ids := slices.Sorted(maps.Keys(c.Damaged))
	if len(ids) == 0 {
		return ""
	}
	return ids[0]
}
