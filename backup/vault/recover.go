package vault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/kopia/kopia/repo"
	"github.com/kopia/kopia/repo/blob"
	"github.com/kopia/kopia/repo/content"

	"holdfast/backup"
)

// recovery is on disk from the moment when a torn index was set aside until a full check found
// every backup whole. Until then nothing is removed from the vault: maintenance would take what
// the lost index named for garbage.
type recovery struct {
	At      time.Time   `json:"at"`
	Torn    []string    `json:"torn"`    // index blobs that were set aside
	Rebuilt bool        `json:"rebuilt"` // the packs were indexed again
	List    bool        `json:"list"`    // parts of the list of backups were given up; see Relist
	Checked bool        `json:"checked"` // a full check has run
	Damaged []backup.ID `json:"damaged"` // what it found damaged; these may be deleted
}

func (r *recovery) text() string {
	what := "An index of the vault was damaged, as by a power cut, and was rebuilt on %s."
	if r.List {
		what = "The list of backups in the vault was damaged, and was made anew from what could be read on %s."
	}
	return fmt.Sprintf(what+" Nothing is removed from the vault until every backup has been verified.",
		r.At.Local().Format("2006-01-02 15:04"))
}

func (r *recovery) damagedText() string {
	var ids []string
	for _, id := range r.Damaged {
		ids = append(ids, string(id))
	}
	return strings.Join(ids, ", ")
}

// coversAll says whether ids are some of the damaged backups.
func (r *recovery) coversAll(ids []backup.ID) bool {
	return r.Checked && len(ids) > 0 && !slices.ContainsFunc(ids, func(id backup.ID) bool {
		return !slices.Contains(r.Damaged, id)
	})
}

// recovery gives the state of an unfinished recovery; nil when there is none. A file that
// cannot be read counts as one: it stands for caution.
func (v *Vault) recovery() (*recovery, error) {
	text, err := os.ReadFile(filepath.Join(v.opts.Path, recoverFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r := &recovery{}
	if json.Unmarshal(text, r) != nil {
		return &recovery{}, nil //nolint:nilerr // that it is there says enough
	}
	return r, nil
}

// saveRecovery replaces the state; one without anything left to do is removed.
func (v *Vault) saveRecovery(r *recovery) error {
	path := filepath.Join(v.opts.Path, recoverFile)
	if r.Checked && len(r.Damaged) == 0 {
		return errors.Join(ignoreMissing(os.Remove(path)), syncFolder(v.opts.Path))
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return replaceFile(path, append(text, '\n'))
}

// settleRecovery notes what a full check found.
func (v *Vault) settleRecovery(results map[backup.ID]error) error {
	r, err := v.recovery()
	if err != nil || r == nil {
		return err
	}
	r.Checked, r.Damaged = true, nil
	for id, err := range results {
		if err != nil {
			r.Damaged = append(r.Damaged, id)
		}
	}
	slices.Sort(r.Damaged)
	return v.saveRecovery(r)
}

// forgetDamaged notes that damaged backups are gone.
func (v *Vault) forgetDamaged(ids []backup.ID) error {
	r, err := v.recovery()
	if err != nil || r == nil {
		return err
	}
	r.Damaged = slices.DeleteFunc(r.Damaged, func(id backup.ID) bool { return slices.Contains(ids, id) })
	return v.saveRecovery(r)
}

// mayBeTorn says whether err can come from a torn index: anything but the key, the format, the
// rights and the caller.
func mayBeTorn(err error) bool {
	known, ok := errors.AsType[*backup.Error](openError(err))
	return ok && known.Text == unreadable && !errors.Is(err, context.DeadlineExceeded)
}

// tornAtMost is how many index blobs may be set aside: a power cut tears the newest few. More
// damage than that is no power cut, and a person should look.
const tornAtMost = 8

// recoverVault opens a vault whose newest index blobs are torn: those that Kopia names are set
// aside until it opens, and the index is rebuilt from the packs. When that does not help,
// everything is put back and the first error returned.
func recoverVault(ctx context.Context, o Options, key string, first error) (*Vault, error) {
	v := &Vault{opts: o, key: key, clock: &forwardClock{now: o.Clock}}
	if _, found := v.findTorn(first); !found {
		return nil, first
	}
	l, err := v.acquire(ctx, true, 0, "a recovery")
	if err != nil {
		return nil, err
	}
	if err = v.setAside(ctx, first); err == nil {
		if err = v.finishRecovery(ctx); err != nil {
			err = errors.Join(err, v.rep.Close(ctx))
		}
	}
	// Whoever held the lock may have been killed by the power cut: leave its mark.
	if err = errors.Join(err, l.release(false)); err != nil {
		return nil, err
	}
	return v, nil
}

// resumeRecovery ends a recovery whose process was killed between setting aside and rebuilding.
func (v *Vault) resumeRecovery(ctx context.Context) error {
	l, err := v.acquire(ctx, true, 0, "a recovery")
	if backup.KindOf(err) == backup.Busy {
		return nil // its process still lives
	}
	if err != nil {
		return err
	}
	return errors.Join(v.finishRecovery(ctx), l.release(false))
}

// finishRecovery rebuilds the index and notes that. Call it under the exclusive lock.
func (v *Vault) finishRecovery(ctx context.Context) error {
	pending, err := v.recovery()
	if err != nil || pending == nil || pending.Rebuilt {
		return err
	}
	if err := errors.Join(v.rebuildIndex(ctx), syncFolders(v.opts.Path)); err != nil {
		return err
	}
	pending.Rebuilt = true
	return v.saveRecovery(pending)
}

// setAside moves index blobs away that err, and the errors after it, name, until the repository
// opens.
func (v *Vault) setAside(ctx context.Context, err error) error {
	first := err
	pending, err2 := v.recovery()
	if err2 != nil {
		return err2
	}
	fresh := pending == nil
	if fresh {
		pending = &recovery{}
	}
	pending.At, pending.Checked, pending.Rebuilt = v.opts.Clock().UTC(), false, false
	var moved []aside
	for len(moved) < tornAtMost {
		next, found := v.findTorn(err)
		if !found {
			break
		}
		pending.Torn = append(pending.Torn, filepath.Base(next.from))
		// On record first: a kill in between must not leave an index that is lost unnoticed.
		if err := errors.Join(v.saveRecovery(pending), next.move()); err != nil {
			return errors.Join(first, err)
		}
		moved = append(moved, next)
		if v.rep, err = v.openRepository(ctx); err == nil {
			v.format, err = readFormat(v.opts.Path)
			return err
		}
		if !mayBeTorn(err) {
			break
		}
	}
	for _, a := range moved {
		first = errors.Join(first, os.Rename(a.to, a.from))
	}
	if fresh {
		first = errors.Join(first, ignoreMissing(os.Remove(filepath.Join(v.opts.Path, recoverFile))))
	}
	return first
}

// aside is an index blob on its way out.
type aside struct{ from, to string }

func (a aside) move() error {
	if err := os.MkdirAll(filepath.Dir(a.to), folderMode); err != nil {
		return err
	}
	if err := os.Rename(a.from, a.to); err != nil {
		return err
	}
	return errors.Join(syncFolder(filepath.Dir(a.to)), syncFolder(filepath.Dir(a.from)))
}

// findTorn gives the index blob that cause names: xn…, xs… or xr…, of which the storage makes the
// first letter a folder.
func (v *Vault) findTorn(cause error) (aside, bool) {
	for _, word := range strings.FieldsFunc(cause.Error(), func(r rune) bool { return strings.ContainsRune(" :\"\n", r) }) {
		if !strings.HasPrefix(word, "x") {
			continue
		}
		for _, from := range []string{filepath.Join("x", word[1:]+".f"), word + ".f"} {
			from = filepath.Join(v.opts.Path, from)
			if _, err := os.Stat(from); err == nil {
				return aside{from: from, to: filepath.Join(v.opts.Path, asideFolder, word+".torn")}, true
			}
		}
	}
	return aside{}, false
}

// rebuildIndex indexes the packs that no index names any more, from the copies of their entries
// that the packs hold themselves. Packs that are torn too are passed over: verifying finds what
// is missing.
func (v *Vault) rebuildIndex(ctx context.Context) error {
	known := map[blob.ID]bool{}
	err := v.rep.ContentReader().IteratePacks(ctx, content.IteratePackOptions{IncludePacksWithOnlyDeletedContent: true}, func(p content.PackInfo) error {
		known[p.PackID] = true
		return nil
	})
	if err != nil {
		return err
	}
	return v.session(ctx, func(ctx context.Context, rep repo.DirectRepositoryWriter) error {
		lost := 0
		for _, prefix := range content.PackBlobIDPrefixes {
			err := rep.BlobReader().ListBlobs(ctx, prefix, func(b blob.Metadata) error {
				if known[b.BlobID] {
					return nil
				}
				if _, err := rep.ContentManager().RecoverIndexFromPackBlob(ctx, b.BlobID, b.Length, true); err != nil {
					lost++
				}
				return ctx.Err()
			})
			if err != nil {
				return err
			}
		}
		if lost > 0 {
			v.warn(fmt.Sprintf("%d data files of the vault could not be indexed again.", lost))
		}
		return nil
	})
}
