package backup

import (
	"context"
	"fmt"
	"strings"
)

// Adopt finds what restores of a lost catalog left on the server of s, by the marks that the
// databases carry: a replaced one is listed again, with what is needed for an undo; the shadow of a
// restore that was interrupted is dropped, and a ban that its swap left is lifted.
//
// Hazard: the running restore of another process looks like an interrupted one to a catalog that
// does not know it. Its lock on the server keeps it safe, except for the moment between filling
// and swapping.
func (r *Restorer) Adopt(ctx context.Context, s Sandbox) (Recovery, error) {
	var found Recovery
	marked, err := r.Runner.Server.Marked(ctx, s)
	if err != nil {
		return found, err
	}
	for _, m := range marked {
		m.complete(s)
		if rec, err := r.Runner.Catalog.Restore(ctx, m.Run); err == nil && rec.ID == m.Run || m.InUse || m.Drill {
			continue // known, or a living process's; a drill's own is dropped by a later one
		}
		err := r.adopt(ctx, s, m, &found)
		if err != nil {
			return found, err
		}
	}
	return found, nil
}

// complete fills in what marks of older versions do not say.
func (m *Marked) complete(s Sandbox) {
	if m.Sandbox == "" {
		m.Sandbox = s.Name
	}
	if before, _, ok := strings.Cut(m.Name, "_before_"); ok && m.Kept && m.Target == "" {
		m.Target = before
	}
	if m.Target == "" {
		m.Target = s.Connection.Database
	}
}

func (r *Restorer) adopt(ctx context.Context, s Sandbox, m Marked, found *Recovery) error {
	c := s.Connection
	c.Database = m.Target
	rec := &Restore{
		ID: m.Run, Backup: m.Backup, Sandbox: m.Sandbox, Connection: c, Target: m.Target, PreRestore: m.Saved,
		Shadow: m.Name, Stage: StageShadow, Started: m.Since, Finished: m.Since, Who: "found on the server",
	}
	if m.Banned {
		rec.Stage = StageSwapping
	}
	if !m.Kept || m.Banned { // of a kept one, an undo had begun that nobody knows of
		bounded, stop := context.WithTimeout(ctx, mendTime)
		defer stop()
		target := s
		target.Connection = c
		mended, err := r.Runner.Server.Mend(bounded, target, rec)
		if err != nil {
			return err
		}
		found.Interrupted = append(found.Interrupted, fmt.Sprintf("a restore of %s, which the lost history had, was interrupted: %s", m.Sandbox, mended.Text))
	}
	if !m.Kept {
		return nil
	}
	rec.Shadow, rec.Replaced, rec.Status, rec.Stage, rec.Unsaved = "", m.Name, StatusCompleted, StageDone, m.Saved == ""
	if b, err := r.Runner.Catalog.Backup(ctx, m.Backup); err == nil {
		rec.Tables, rec.Rows = len(b.Tables), b.Rows
	}
	found.Interrupted = append(found.Interrupted, fmt.Sprintf("the database %s, which the restore %s of %s replaced, was found by its mark; it can be undone again: holdfast undo %s", m.Name, m.Run, m.Sandbox, m.Run))
	return r.Runner.Catalog.PutRestore(ctx, rec)
}
