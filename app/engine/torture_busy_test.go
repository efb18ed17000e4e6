//go:build unix

package engine

import (
	"context"
	"errors"
	"sync"
	"testing"

	"holdfast/backup"
	"holdfast/backup/tally"
)

// together runs two pieces of work whose approvals are both given only when both are asked for: what
// each found before is old then.
func (a *arena) together(first, second func(*Engine) error) (errs [2]error) {
	a.t.Helper()
	return a.atOnce(func(int) {}, first, second)
}

// inTurn is together, but the second is approved only when the first is done.
func (a *arena) inTurn(first, second func(*Engine) error) (errs [2]error) {
	a.t.Helper()
	done := make(chan struct{})
	return a.atOnce(func(i int) {
		if i == 1 {
			<-done
		}
	}, func(e *Engine) error {
		defer close(done)
		return first(e)
	}, second)
}

func (a *arena) atOnce(approve func(i int), works ...func(*Engine) error) (errs [2]error) {
	a.t.Helper()
	var asked, done sync.WaitGroup
	asked.Add(len(works))
	for i, work := range works {
		opts := tortureOptions(a.home(), nil)
		opts.Approve = func(context.Context, backup.Prompt) (string, error) {
			asked.Done()
			asked.Wait()
			approve(i)
			return tortureApproval, nil
		}
		e, err := Open(a.t.Context(), opts)
		must(a.t, err)
		done.Go(func() { errs[i] = errors.Join(work(e), e.Close(context.Background())) })
	}
	done.Wait()
	return errs
}

// oneBusy checks that one of two did its work and the other said busy.
func oneBusy(t *testing.T, errs [2]error) {
	t.Helper()
	if errs[0] != nil {
		errs[0], errs[1] = errs[1], errs[0]
	}
	if errs[0] != nil || backup.KindOf(errs[1]) != backup.Busy {
		t.Fatalf("one of them must be done and the other busy: %v (%s), %v (%s)", errs[0], backup.KindOf(errs[0]), errs[1], backup.KindOf(errs[1]))
	}
	t.Log(errs[1], "|", backup.AsError(errs[1]).Hint)
}

// TestTwoAtOnce sets restores and undos of one database against each other.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	tally.Of(t, "two restores and undos at once, in every order").Try("the moments in the test")
	a := newTorture(t)
	restore := func(e *Engine) error {
		_, err := e.Restore(t.Context(), RestoreRequest{Ref: string(a.backup)})
		return err
	}
	undo := func(id backup.ID) func(*Engine) error {
		return func(e *Engine) error {
			_, err := e.Undo(t.Context(), string(id), false, 0)
			return err
		}
	}

	oneBusy(t, a.together(restore, restore))
	a.settled()
	a.whole(a.good)
	a.damage()

	kept := a.restore(a.backup).ID
	oneBusy(t, a.together(undo(kept), undo(kept)))
	a.settled()
	a.whole(a.bad)
	a.damage()

	for _, order := range [][2]func(*Engine) error{{restore, undo(a.restore(a.backup).ID)}, {undo(a.restore(a.backup).ID), restore}} {
		errs := a.inTurn(order[0], order[1])
		if errs[0] != nil {
			t.Error("the first:", errs[0])
		}
		oneBusy(t, errs)
		a.settled()
		a.whole(a.good, a.bad)
	}
	a.damage()

	kept = a.restore(a.backup).ID
	oneBusy(t, a.together(undo(kept), func(e *Engine) error {
		_, err := e.Undo(t.Context(), string(kept), true, 0)
		return err
	}))
	a.settled()
	a.damage()

	kept = a.restore(a.backup).ID
	a.drop(kept)
	oneBusy(t, a.together(undo(kept), undo(kept))) // both by the pre-restore backup
	a.settled()
	a.whole(a.bad)
	a.damage()

	a.exec("postgres", "DROP DATABASE shop")
	oneBusy(t, a.together(restore, restore)) // nothing to save: only the reservation keeps them apart
	a.settled()
	a.whole(a.good)
}

// TestCancelled cancels a restore at each moment: the live database is as it was, unless the renames
// were committed already.
func TestCancelled(t *testing.T) {
	t.Parallel()
	tally.Of(t, "cancelled at each moment").Try("the moments in the test")
	a := newTorture(t)
	for _, at := range []string{
		"saving", "at saving: preflight", "at saving: tables", "shadow", "at create", "at definitions", "at tables",
		"at large objects", "at indexes", "at statistics", "at compare", "at event triggers", "at tidy", "compared", "at swap", "swapping",
	} {
		rec, err := a.cancelAt(at, func(ctx context.Context, e *Engine) (*backup.Restore, error) {
			return e.Restore(ctx, RestoreRequest{Ref: string(a.backup)})
		})
		a.cancelled(at, rec, err)
	}
	for _, at := range []string{"saving", "shadow", "at tables", "at check", "swapping"} {
		rec, err := a.cancelAt(at, func(ctx context.Context, e *Engine) (*backup.Restore, error) {
			return e.Restore(ctx, RestoreRequest{Ref: string(a.backup), Tables: []string{"item", "state"}})
		})
		a.cancelled("tables: "+at, rec, err)
	}
	first := a.restore(a.backup)
	for _, at := range []string{"planned", "swapping"} {
		rec, err := a.cancelAt(at, func(ctx context.Context, e *Engine) (*backup.Restore, error) {
			return e.Undo(ctx, string(first.ID), false, 0)
		})
		if backup.KindOf(err) != backup.Cancelled || rec == nil || rec.Status != backup.StatusCancelled {
			t.Errorf("an undo cancelled at %q: %v, %+v", at, err, rec)
		}
		a.settled()
		a.whole(a.good)
	}
	a.undo(first.ID)
	a.whole(a.bad)
	a.works()
}

func (a *arena) cancelled(at string, rec *backup.Restore, err error) {
	a.t.Helper()
	if backup.KindOf(err) != backup.Cancelled || rec == nil || rec.Status != backup.StatusCancelled {
		a.t.Errorf("cancelled at %q: %v (%s), %+v", at, err, backup.KindOf(err), rec)
	}
	a.settled()
	if got := a.fingerprint("shop"); got != a.bad {
		a.t.Errorf("cancelled at %q: the live database is %q, before it was %q", at, got, a.bad)
	}
}

// cancelAt runs some work and cancels it at a moment.
func (a *arena) cancelAt(at string, work func(context.Context, *Engine) (*backup.Restore, error)) (rec *backup.Restore, err error) {
	a.t.Helper()
	ctx, cancel := context.WithCancel(a.t.Context())
	defer cancel()
	came := false
	moment := func(name string) {
		if name == at {
			came = true
			cancel()
		}
	}
	e, openErr := Open(a.t.Context(), tortureOptions(a.home(), func(p backup.Progress) { moment("at " + p.Stage) }))
	must(a.t, openErr)
	e.runner.Catalog = watchedCatalog{e.catalog, moment}
	rec, err = work(ctx, e)
	must(a.t, e.Close(context.Background()))
	if !came {
		a.t.Errorf("the moment %q never came", at)
	}
	return rec, err
}

// watchedCatalog names the entries in a restore's journal.
type watchedCatalog struct {
	backup.Catalog
	moment func(string)
}

func (c watchedCatalog) PutRestore(ctx context.Context, r *backup.Restore) error {
	err := c.Catalog.PutRestore(ctx, r)
	c.moment(string(r.Stage))
	return err
}
