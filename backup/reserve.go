package backup

import (
	"cmp"
	"context"
)

// reserve keeps other restores and undos of the database away. An undo by the pre-restore backup
// makes sure then that nobody was faster.
func (r *Restorer) reserve(ctx context.Context, req RestoreRequest) (release func(), err error) {
	database := cmp.Or(req.ToDatabase, req.Target.Connection.Database)
	release, err = r.Runner.Server.Reserve(ctx, req.Target, database, req.Wait)
	if err != nil || req.undoOf == nil {
		return release, err
	}
	return r.ifUnchanged(ctx, req.undoOf, release)
}

// reserveFor is reserve for what is done to the database that rec replaced.
func (r *Restorer) reserveFor(ctx context.Context, req UndoRequest, rec *Restore) (release func(), err error) {
	s := req.Target
	s.Connection = rec.Connection
	release, err = r.Runner.Server.Reserve(ctx, s, rec.Target, req.Wait)
	if err != nil {
		return nil, err
	}
	return r.ifUnchanged(ctx, rec, release)
}

// ifUnchanged gives release back, unless another process undid rec, or dropped what it keeps, since
// it was read: that is Busy.
func (r *Restorer) ifUnchanged(ctx context.Context, rec *Restore, release func()) (func(), error) {
	now, err := r.Runner.Catalog.Restore(ctx, rec.ID)
	if err == nil && (now.Status != rec.Status || now.Replaced != rec.Replaced || now.ReplacedGone && !rec.ReplacedGone) {
		err = Errorf(Busy, "Look at what it did: holdfast undo", "another process has just undone the restore %s, or dropped what it kept", rec.ID)
	}
	if err != nil {
		release()
		return nil, err
	}
	return release, nil
}
