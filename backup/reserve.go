package backup

import (
	"cmp"
	"context"
)

// reserve keeps other restores and undos of the database away, and makes sure that it is still the
// one that the plan speaks of. An undo by the pre-restore backup makes sure that nobody was faster.
func (r *Restorer) reserve(ctx context.Context, req RestoreRequest, planned Target) (release func(), err error) {
	c := req.Target.Connection
	c.Database = cmp.Or(req.ToDatabase, c.Database)
	release, err = r.Runner.Server.Reserve(ctx, req.Target, c.Database, req.Wait)
	if err != nil {
		return nil, err
	}
	if err := cmp.Or(r.asPlanned(ctx, req.Target, c, planned), r.unchanged(ctx, req.undoOf)); err != nil {
		release()
		return nil, err
	}
	return release, nil
}

// reserveFor is reserve for what is done to the database that rec replaced. Only where that is
// swapped back does it matter what is live.
func (r *Restorer) reserveFor(ctx context.Context, req UndoRequest, rec *Restore, planned Target) (release func(), err error) {
	s := req.Target
	s.Connection = rec.Connection
	release, err = r.Runner.Server.Reserve(ctx, s, rec.Target, req.Wait)
	if err != nil {
		return nil, err
	}
	err = r.unchanged(ctx, rec)
	if err == nil && !req.Drop {
		err = r.asPlanned(ctx, req.Target, rec.place(rec.Target), planned)
	}
	if err != nil {
		release()
		return nil, err
	}
	return release, nil
}

// asPlanned is Busy when another database has taken the place of the one that was looked at, or it came
// or went: what a person agreed to was about the other one.
func (r *Restorer) asPlanned(ctx context.Context, s Sandbox, c Connection, planned Target) error {
	now, err := r.Runner.Server.Inspect(ctx, c, s)
	if err == nil && now.OID != planned.OID {
		err = Errorf(Busy, "Look at what it did, then try again: holdfast undo", "another run has just made, replaced or removed the database %q", c.Database)
	}
	return err
}

// unchanged is Busy when another process undid rec, or dropped what it keeps, since it was read.
func (r *Restorer) unchanged(ctx context.Context, rec *Restore) error {
	if rec == nil {
		return nil
	}
	now, err := r.Runner.Catalog.Restore(ctx, rec.ID)
	if err == nil && (now.Status != rec.Status || now.Replaced != rec.Replaced || now.ReplacedGone && !rec.ReplacedGone) {
		err = Errorf(Busy, "Look at what it did: holdfast undo", "another process has just undone the restore %s, or dropped what it kept", rec.ID)
	}
	return err
}
