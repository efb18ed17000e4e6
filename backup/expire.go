package backup

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// Keeping says how long replaced databases are kept for undo.
type Keeping struct {
	For    time.Duration // each; 0 keeps them until they are dropped by hand
	AtMost int           // of one target, the newest ones; below 1 counts as 1
}

// DefaultKeeping is a day, and three on top of each other.
func DefaultKeeping() Keeping { return Keeping{For: 24 * time.Hour, AtMost: 3} }

// expired gives the restores whose replaced database is not kept any longer, oldest first. One
// that no pre-restore backup stands for, as after an undo by swap, never expires. A restore from the future, by a clock that
// was wrong, does not either.
func (k Keeping) expired(all []Restore, now time.Time) []Restore {
	sorted := slices.SortedFunc(slices.Values(all), func(a, b Restore) int { return b.Finished.Compare(a.Finished) })
	kept := map[string]int{}
	var expired []Restore
	for _, rec := range sorted { // newest first
		if !rec.keeps() {
			continue
		}
		place := fmt.Sprintf("%+v %s %s", rec.Connection, rec.Target, rec.folderPaths())
		kept[place]++
		tooOld := k.For > 0 && now.Sub(rec.Finished) >= k.For
		if rec.MayExpire() && (tooOld || kept[place] > max(k.AtMost, 1)) {
			expired = append(expired, rec)
		}
	}
	slices.Reverse(expired)
	return slices.Clip(expired)
}

// keeps says whether the database that rec replaced should still be on the server.
func (rec *Restore) keeps() bool {
	return rec.Status == StatusCompleted && rec.Kept() != "" && !rec.ReplacedGone
}

// Expire drops the replaced databases that are not kept any longer, and names their restores.
// It needs no approval, for the keeping is a plan and a backup stands for each; it is in the audit
// log. A server that cannot be reached now is asked again at the next time: the error is the first.
func (r *Restorer) Expire(ctx context.Context, k Keeping, who string, sandbox func(name string) (Sandbox, error)) ([]Restore, error) {
	all, err := r.Runner.Catalog.Restores(ctx)
	if err != nil {
		return nil, err
	}
	var gone []Restore
	var first error
	for _, rec := range k.expired(all, r.Runner.Now()) {
		s, err := sandbox(rec.Sandbox)
		if err != nil {
			s = Sandbox{Name: rec.Sandbox}
		}
		s.Connection = rec.Connection
		dropped, err := r.expire(ctx, s, rec, who)
		if first = cmp.Or(first, err); dropped {
			gone = append(gone, rec)
		}
	}
	return gone, first
}

// expire drops one replaced database, if the backup that stands for it can still be restored.
func (r *Restorer) expire(ctx context.Context, s Sandbox, rec Restore, who string) (dropped bool, err error) {
	op := "drop " + rec.Kept()
	release, err := r.reserveFor(ctx, UndoRequest{Target: s, Drop: true}, &rec, Target{})
	if KindOf(err) == Busy {
		return false, nil // somebody works on it: the next run of the plan looks again
	}
	if err != nil {
		return false, WithOp(op, err)
	}
	defer release()
	stands, err := r.standsFor(ctx, rec.PreRestore)
	if err != nil || !stands {
		return false, WithOp(op, err)
	}
	grant, err := r.Runner.Gate.ByPlan(ctx, Request{
		Op: op, Action: ActionDBFull, Sandbox: rec.Sandbox, Object: string(rec.ID), Who: who,
		What: "the replaced database was kept for its time; the backup " + string(rec.PreRestore) + " stands for it",
	})
	if err != nil {
		return false, err
	}
	bounded, stop := context.WithTimeout(ctx, mendTime)
	defer stop()
	err = grant.Outcome(ctx, WithOp(op, r.dropKept(bounded, UndoRequest{Target: s}, &rec)))
	return err == nil, err
}

// standsFor says whether a backup can stand for a database that is dropped: only if every byte of it
// can be read, those included that an older backup stored. Else the database stays until a person
// drops it.
func (r *Restorer) standsFor(ctx context.Context, id ID) (bool, error) {
	b, err := r.Runner.Catalog.Backup(ctx, id)
	if err != nil || !b.Restorable() {
		return false, nil //nolint:nilerr // not in the books: no backup stands for it
	}
	err = r.Runner.Vault.Verify(ctx, id, 0, nil)
	if KindOf(err) == Damaged {
		return false, r.Runner.condemn(ctx, b, err)
	}
	if KindOf(err) == Busy {
		return false, nil // the next run of the plan looks again
	}
	return err == nil, err
}
