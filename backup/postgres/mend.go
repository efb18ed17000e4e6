package postgres

import (
	"context"
	"fmt"
	"strings"

	"holdfast/backup"
)

// mending is what is on the server of an interrupted restore. A nil database is not there.
type mending struct {
	s      *Server
	a      *admin
	r      *backup.Restore
	live   *found
	shadow *found
	kept   *found
}

// Mend finishes or takes back what a dead process left of r. What is true is read from the
// server, not from the journal: the swap is one transaction, so either the database that was
// live carries the kept mark of this run, or nothing was swapped.
//
// It may be called again at any time. The target is never left without a live database if
// there was one, and databases without the mark of this home and run are left alone.
func (s *Server) Mend(ctx context.Context, sb backup.Sandbox, r *backup.Restore) (backup.Mended, error) {
	if r.Shadow == "" {
		return s.mendTransaction(ctx, sb, r)
	}
	a, err := s.admin(ctx, sb, r.Target, r.Shadow, r.Replaced)
	if err != nil {
		return backup.Mended{}, err
	}
	defer a.close()
	w := &mending{s: s, a: a, r: r}
	if err := w.nobodyElse(ctx); err != nil {
		return backup.Mended{}, err
	}
	if err := w.look(ctx); err != nil {
		return backup.Mended{}, err
	}
	if w.swapped() {
		return w.finish(ctx)
	}
	return w.takeBack(ctx)
}

func (w *mending) look(ctx context.Context) (err error) {
	if w.live, err = w.a.find(ctx, w.r.Target); err != nil {
		return err
	}
	if w.shadow, err = w.a.find(ctx, w.r.Shadow); err != nil {
		return err
	}
	if w.kept, err = w.a.find(ctx, w.r.Replaced); err != nil {
		return err
	}
	if !w.byThisRun(w.kept, markKept) {
		w.kept = nil
	}
	return nil
}

// nobodyElse is Busy while a session holds the run's lock. It comes before looking: the server
// may still be at CREATE DATABASE or at the renames for a process that was killed.
func (w *mending) nobodyElse(ctx context.Context) error {
	held, err := w.a.locked(ctx, w.r.ID, 3*leaveTries)
	if err == nil && held {
		err = backup.Errorf(backup.Busy, "Wait until it has ended.", "another process still works on the restore %s", w.r.ID)
	}
	return err
}

// byThisRun says whether d carries this home's and this run's mark of that kind.
func (w *mending) byThisRun(d *found, kind string) bool {
	m, ours := w.s.mark(d)
	return ours && m.Kind == kind && m.Run == string(w.r.ID)
}

// swapped says whether the renames are committed. Where no database was replaced, they are if
// the shadow is gone and the target there: the target did not exist before, and a shadow is
// dropped without a swap only by a run that lived to say so.
func (w *mending) swapped() bool {
	if w.live == nil {
		return false
	}
	if w.byThisRun(w.live, markShadow) {
		return true
	}
	if w.r.Replaced != "" {
		return w.kept != nil
	}
	return w.shadow == nil && (w.r.Stage == backup.StageSwapping || w.r.Stage == backup.StageSwapped)
}

// finish completes a swap: no mark and no ban stays on what is live now.
func (w *mending) finish(ctx context.Context) (backup.Mended, error) {
	sql := []string{allowSQL(w.live.Name, true)}
	if w.byThisRun(w.live, markShadow) {
		m, _ := w.s.mark(w.live)
		sql = append(sql, commentSQL(w.live.Name, m.Comment))
	}
	if w.kept != nil && !w.kept.Allow {
		sql = append(sql, allowSQL(w.kept.Name, true))
	}
	if err := w.together(ctx, sql); err != nil {
		return backup.Mended{}, err
	}
	text := fmt.Sprintf("the restored database is live as %q", w.r.Target)
	if w.kept != nil {
		text += fmt.Sprintf("; the one before it is kept as %q", w.kept.Name)
	}
	return backup.Mended{Swapped: true, Text: text + "."}, nil
}

// takeBack puts the live database back as it was and drops the shadow.
func (w *mending) takeBack(ctx context.Context) (backup.Mended, error) {
	var done []string
	if w.live == nil && w.kept != nil {
		if err := w.putBack(ctx); err != nil {
			return backup.Mended{}, err
		}
		done = append(done, fmt.Sprintf("the database %q was put back into its place", w.r.Target))
	}
	if lifted, err := w.liftBans(ctx); err != nil {
		return backup.Mended{}, err
	} else if lifted {
		done = append(done, fmt.Sprintf("%q takes sessions again", w.r.Target))
	}
	dropped, err := w.dropShadow(ctx)
	if err != nil {
		return backup.Mended{}, err
	}
	if dropped {
		done = append(done, "its shadow database was dropped")
	}
	if len(done) == 0 {
		done = append(done, "nothing was left to clean up")
	}
	return backup.Mended{Text: "the database is as it was before; " + strings.Join(done, ", ") + "."}, nil
}

// putBack gives the kept database its name, its comment and its sessions back.
func (w *mending) putBack(ctx context.Context) error {
	m, _ := w.s.mark(w.kept)
	if err := w.a.execute(ctx, allowSQL(w.kept.Name, false)); err != nil {
		return err
	}
	if err := w.a.clear(ctx, []*found{w.kept}); err != nil {
		return err
	}
	return w.together(ctx, []string{
		"ALTER DATABASE " + quoteIdent(w.kept.Name) + " RENAME TO " + quoteIdent(w.r.Target),
		commentSQL(w.r.Target, m.Comment),
		allowSQL(w.r.Target, true),
	})
}

// liftBans lifts the ban that a swap puts on both databases before the renames. An undo swaps a
// kept database, which is no orphan and stays.
func (w *mending) liftBans(ctx context.Context) (lifted bool, err error) {
	if w.r.Stage != backup.StageSwapping && w.r.Stage != backup.StageSwapped {
		return false, nil
	}
	var sql []string
	if w.live != nil && !w.live.Allow {
		sql = append(sql, allowSQL(w.live.Name, true))
	}
	if m, ours := w.s.mark(w.shadow); ours && m.Kind == markKept && !w.shadow.Allow {
		sql = append(sql, allowSQL(w.shadow.Name, true))
	}
	return len(sql) > 0, w.together(ctx, sql)
}

// dropShadow drops the shadow of this run, whether or not the mark came to be set.
func (w *mending) dropShadow(ctx context.Context) (bool, error) {
	if w.shadow == nil || !(w.byThisRun(w.shadow, markShadow) || unfinished(w.shadow, w.r.ID)) {
		return false, nil
	}
	return true, w.a.drop(ctx, w.shadow)
}

// unfinished recognises a shadow whose process died between CREATE DATABASE and the mark: it
// has the random ID of the journaled run in its name, refuses sessions and has no comment.
func unfinished(d *found, run backup.ID) bool {
	return d != nil && !d.Allow && d.Comment == nil && run != "" && strings.Contains(d.Name, string(run))
}

// together runs statements in one transaction.
func (w *mending) together(ctx context.Context, sql []string) error {
	if len(sql) == 0 {
		return nil
	}
	return w.a.execute(ctx, "BEGIN;"+strings.Join(sql, ";")+";COMMIT")
}
