package backup

import (
	"context"
	"fmt"
	"io"
)

// InPlaceJob says which database's contents are replaced where they are.
type InPlaceJob struct {
	Sandbox Sandbox // its connection names the database
	Run     ID
}

// Script writes a backup as SQL that fills an empty database.
type Script func(ctx context.Context, m *Manifest, parts Parts, to io.Writer) error

// checkInPlace refuses what an in-place restore cannot be combined with, or cannot do.
func (r *Restorer) checkInPlace(ctx context.Context, req *RestoreRequest, target Target, m *Manifest) error {
	switch {
	case len(req.Tables) > 0 || req.ToDatabase != "":
		return Errorf(Usage, "Leave one of them out.", "--in-place replaces all that a live database holds")
	case !target.Exists:
		return Errorf(Usage, "Create it first, or leave --in-place out.", "the database %q does not exist", req.Target.Connection.Database)
	case req.Unsaved:
		return Errorf(Refused, "Mend what keeps the backup from being taken.", "an in-place restore keeps no replaced database, so the present state must be saved")
	}
	return r.Runner.Server.PlanInPlace(ctx, InPlaceJob{Sandbox: req.Target}, m)
}

func (r *Restorer) describeInPlace(req RestoreRequest, b *Backup, m *Manifest, t Target) (what, loss string) {
	when := b.Started.In(r.zone()).Format("2 January 2006 15:04 MST")
	return fmt.Sprintf("Replace what is in %s, the database %s (%s, about %s), in place, with the backup of %s from %s (%s, %s)",
			req.Target.Name, req.Target.Connection.At(req.Target.Connection.Database), tableCount(t.Tables), rowCount(t.Rows), b.Sandbox, when, tableCount(len(m.Tables)), rowCount(m.Rows())),
		"It is one transaction, all or nothing; others wait until it ends. What was written since then is replaced. Today's state is saved first; nothing else is kept for undo. Code is not rewound."
}

// loadInPlace replaces the contents of the live database in one transaction.
func (r *Restorer) loadInPlace(ctx context.Context, req RestoreRequest, rec *Restore, parts VaultReader) error {
	if err := r.note(ctx, rec, StageShadow); err != nil {
		return err
	}
	m := parts.Manifest()
	script := func(to io.Writer) error { return r.Script(ctx, m, parts, to) }
	err := r.Runner.Server.ReplaceInPlace(ctx, InPlaceJob{Sandbox: req.Target, Run: rec.ID}, m, script, func(xact string) error {
		rec.Transaction = xact
		return r.note(ctx, rec, StageSwapping)
	}, r.Runner.report)
	if err != nil {
		return err
	}
	return r.note(context.WithoutCancel(ctx), rec, StageSwapped)
}
