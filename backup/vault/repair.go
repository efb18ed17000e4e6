package vault

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/kopia/kopia/repo/blob"
	"github.com/kopia/kopia/repo/content"

	"holdfast/backup"
)

// Repaired says what a repair did.
type Repaired struct {
	Mended []blob.ID          // files that are whole again
	Left   map[blob.ID]string // files that are still damaged, and why
}

// Repair reads every content of the vault, and replaces each pack that is damaged or missing by what a copy
// has; see Mend for the other files. What came is read and verified in its place; one that is no
// better is taken back. What was there is kept beside the vault's files, in holdfast.set-aside.
func (v *Vault) Repair(ctx context.Context, wait time.Duration, from Lender, report func(done, total int64)) (Repaired, error) {
	const op = "repair the vault"
	repaired := Repaired{Left: map[blob.ID]string{}}
	l, err := v.acquire(ctx, true, wait, "a repair")
	if err != nil {
		return repaired, explain(op, err)
	}
	_, err = v.checkHome() // no more: the list of backups may be what is damaged
	if err == nil {
		err = v.repair(ctx, from, report, &repaired)
	}
	return repaired, explain(op, errors.Join(err, l.release(!l.dirty)))
}

func (v *Vault) repair(ctx context.Context, from Lender, report func(done, total int64), repaired *Repaired) error {
	if err := v.rep.Refresh(ctx); err != nil {
		return err
	}
	bad, err := v.badPacks(ctx, func(content.Info) bool { return true }, report)
	if err != nil {
		return err
	}
	for _, id := range bad {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		data, err := from.Get(ctx, id)
		if errors.Is(err, blob.ErrBlobNotFound) {
			repaired.Left[id] = "it is not there either"
			continue
		}
		if err != nil {
			return err
		}
		whole, err := v.replacePack(ctx, id, data)
		switch {
		case err != nil:
			return err
		case whole:
			repaired.Mended = append(repaired.Mended, id)
		default:
			repaired.Left[id] = "it is damaged there too"
		}
	}
	return nil
}

// badPacks reads the contents that want chooses, and names the packs of those that are damaged.
func (v *Vault) badPacks(ctx context.Context, want func(content.Info) bool, report func(done, total int64)) ([]blob.ID, error) {
	bad, err := readContents(ctx, v.rep, want, report)
	if err != nil {
		return nil, err
	}
	var packs []blob.ID
	for id := range bad {
		c, err := v.rep.ContentInfo(ctx, id)
		if err != nil {
			return nil, err
		}
		packs = append(packs, c.PackBlobID)
	}
	slices.Sort(packs)
	return slices.Compact(packs), nil
}

// replacePack puts data in a pack's place and says whether all of its contents are whole then. If not, what
// was there comes back.
func (v *Vault) replacePack(ctx context.Context, id blob.ID, data []byte) (whole bool, err error) {
	path := filepath.Join(v.opts.Path, string(id[0]), string(id[1:])+".f")
	kept := filepath.Join(v.opts.Path, asideFolder, string(id)+".damaged")
	if err := os.MkdirAll(filepath.Dir(kept), folderMode); err != nil {
		return false, err
	}
	if err := os.MkdirAll(filepath.Dir(path), folderMode); err != nil {
		return false, err
	}
	old, err := os.ReadFile(path)
	missing := errors.Is(err, fs.ErrNotExist)
	if err != nil && !missing {
		return false, err
	}
	if !missing {
		if err := replaceFile(kept, old); err != nil {
			return false, fmt.Errorf("keep the damaged file: %w", err)
		}
	}
	if err := replaceFile(path, data); err != nil {
		return false, err
	}
	still, err := v.badPacks(ctx, func(c content.Info) bool { return c.PackBlobID == id }, nil)
	if err == nil && len(still) == 0 {
		return true, nil
	}
	if missing {
		return false, errors.Join(err, os.Remove(path))
	}
	return false, errors.Join(err, replaceFile(path, old))
}

// Trouble is an error that names a file which could not be mended from a place; nil when all were.
func (r Repaired) Trouble(place string) error {
	for id, why := range r.Left {
		return backup.Errorf(backup.Damaged, "Try another copy. The backups that do not need these files are usable.",
			"files of the vault that are still damaged: %d; one is %s, and at %s %s", len(r.Left), id, place, why)
	}
	return nil
}
