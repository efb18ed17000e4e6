//go:build unix

package engine

import (
	"testing"
	"time"

	"holdfast/backup"
)

// TestKilledRestore kills a restore with SIGKILL at each moment that its progress ("at …") and its
// journal name, and at random times after it. The next start leaves the live database whole, old or
// new, and nothing else.
func TestKilledRestore(t *testing.T) {
	t.Parallel()
	a := newTorture(t)
	moments := []string{
		"saving", "at saving: preflight", "at saving: tables", "at saving: verify",
		"shadow", "at create", "at definitions", "at tables", "at large objects", "at indexes", "at statistics", "at compare",
		"at event triggers", "at tidy", "compared", "at swap", "swapping", "before swapped", "swapped", "before done", "done",
	}
	states := map[string]int{}
	a.each(moments, func(at string, within time.Duration) {
		a.kill(victim{Work: "restore", Ref: string(a.backup), At: at, Within: within})
		a.recover()
		a.settled()
		if a.whole(a.good, a.bad) == a.bad {
			states["old"]++
			return
		}
		states["new"]++
		a.damage()
	})
	t.Logf("the live database was left as: %v", states)
	a.works()
}

// TestKilledTableRestore kills a restore of single tables, which is one transaction.
func TestKilledTableRestore(t *testing.T) {
	t.Parallel()
	a := newTorture(t)
	partly := a.tables()
	a.damage()
	moments := []string{"saving", "shadow", "at tables", "at check", "swapping", "before swapped", "swapped", "before done", "done"}
	a.each(moments, func(at string, within time.Duration) {
		a.kill(victim{Work: "table", Ref: string(a.backup), At: at, Within: within})
		a.recover()
		a.settled()
		if a.whole(partly, a.bad) == partly {
			a.damage()
		}
	})
	a.works()
}

// tables restores the tables that a victim restores, and gives what the database is then.
func (a *arena) tables() string {
	a.t.Helper()
	a.with(func(e *Engine) {
		_, err := e.Restore(a.t.Context(), RestoreRequest{Ref: string(a.backup), Tables: []string{"item", "state"}})
		must(a.t, err)
	})
	return a.fingerprint("shop")
}

// TestKilledUndo kills an undo, which is a swap.
func TestKilledUndo(t *testing.T) {
	t.Parallel()
	a := newTorture(t)
	a.each([]string{"planned", "swapping", "before swapped", "swapped", "done", "before undone", "undone"}, func(at string, within time.Duration) {
		rec := a.restore(a.backup)
		a.kill(victim{Work: "undo", Ref: string(rec.ID), At: at, Within: within})
		a.afterUndo(rec.ID)
	})
	a.works()
}

// TestKilledUndoByBackup kills an undo that goes by the pre-restore backup.
func TestKilledUndoByBackup(t *testing.T) {
	t.Parallel()
	a := newTorture(t)
	a.each([]string{"saving", "at tables", "swapping", "before swapped", "done", "before undone", "undone"}, func(at string, within time.Duration) {
		rec := a.restore(a.backup)
		a.drop(rec.ID)
		a.kill(victim{Work: "undo", Ref: string(rec.ID), At: at, Within: within})
		a.afterUndo(rec.ID)
	})
	a.works()
}

// afterUndo checks that the books say about the restore what is true on the server, and that an
// undo that did not come through does at the next try.
func (a *arena) afterUndo(id backup.ID) {
	a.t.Helper()
	a.recover()
	a.settled()
	undone := a.whole(a.good, a.bad) == a.bad
	a.with(func(e *Engine) {
		rec, err := e.catalog.Restore(a.t.Context(), id)
		must(a.t, err)
		if (rec.Status == backup.StatusUndone) != undone {
			a.t.Errorf("the restore is %s, and on the server it is undone: %v", rec.Status, undone)
		}
	})
	if a.t.Failed() {
		return
	}
	if !undone {
		a.undo(id)
		a.whole(a.bad)
	}
	a.damage()
}

// TestKilledDelete kills the deletion of a backup.
func TestKilledDelete(t *testing.T) {
	t.Parallel()
	a := newTorture(t)
	a.each([]string{"delete", "deleted"}, func(at string, within time.Duration) {
		id := a.take()
		a.kill(victim{Work: "delete", Ref: string(id), At: at, Within: within})
		a.recover()
		a.settled()
		a.gone(id)
	})
	a.works()
}

// gone checks that a deleted backup is in neither the books nor the vault, and that the other one
// is whole.
func (a *arena) gone(id backup.ID) {
	a.t.Helper()
	a.with(func(e *Engine) {
		b, err := e.catalog.Backup(a.t.Context(), id)
		must(a.t, err)
		stored, err := e.vault.List(a.t.Context())
		must(a.t, err)
		for _, s := range stored {
			if s.Manifest.ID == id {
				a.t.Errorf("the vault still has the deleted backup %s", id)
			}
		}
		if b.Status != backup.StatusDeleted {
			a.t.Errorf("the deleted backup is %s", b.Status)
		}
		must(a.t, e.vault.Verify(a.t.Context(), a.backup, 0, nil))
	})
}

// TestKilledDrop kills what gives the space of a replaced database back: a person's order, and the
// end of its time.
func TestKilledDrop(t *testing.T) {
	t.Parallel()
	a := newTorture(t)
	for _, work := range []string{"drop", "expire"} {
		a.each([]string{"drop", "before dropped", "dropped"}, func(at string, within time.Duration) {
			rec := a.restore(a.backup)
			a.kill(victim{Work: work, Ref: string(rec.ID), At: at, Within: within})
			a.recover()
			a.expire()
			a.settled()
			a.whole(a.good)
			a.damage()
		})
	}
	a.works()
}

// expire is the next run of the plan, a long time after.
func (a *arena) expire() (gone []backup.Restore) {
	a.t.Helper()
	a.with(func(e *Engine) {
		var err error
		gone, err = e.restorer.Expire(a.t.Context(), backup.Keeping{For: time.Nanosecond, AtMost: 1}, "test", e.Sandbox)
		must(a.t, err)
	})
	return gone
}

// TestKilledMakingOfADatabase kills a restore into a new database.
func TestKilledMakingOfADatabase(t *testing.T) {
	t.Parallel()
	a := newTorture(t)
	a.each([]string{"planned", "at create", "at tables", "swapping", "before swapped", "swapped", "done"}, func(at string, within time.Duration) {
		a.kill(victim{Work: "database", Ref: string(a.backup), At: at, Within: within})
		a.recover()
		a.settled()
		a.whole(a.bad)
		if len(a.databases()) == 1 {
			return
		}
		if got := a.fingerprint("made"); got != a.good {
			t.Errorf("the new database is %s", got)
		}
		a.exec("postgres", "DROP DATABASE made")
		a.forget("made")
	})
	a.works()
}

// TestKilledDrill kills a drill: its scratch database is gone after the next start, marked or not.
func TestKilledDrill(t *testing.T) {
	t.Parallel()
	a := newTorture(t)
	a.each([]string{"at create", "at definitions", "at tables", "at compare", "drop"}, func(at string, within time.Duration) {
		a.kill(victim{Work: "drill", Ref: string(a.backup), At: at, Within: within})
		a.recover()
		a.settled()
		a.whole(a.bad)
	})
	a.exec("postgres", "CREATE DATABASE shop_drill_0123456789abcdef ALLOW_CONNECTIONS false") // somebody's own
	a.with(func(e *Engine) {
		b, err := e.VerifyBackup(t.Context(), string(a.backup), true, 0)
		if err != nil || b.Verdict != backup.Proven {
			t.Errorf("the next drill: %v, %s", err, b.Verdict)
		}
	})
	a.exec("postgres", "DROP DATABASE shop_drill_0123456789abcdef")
	a.settled()
}

// forget takes the restores into a database that the test dropped out of what settled expects.
func (a *arena) forget(database string) {
	a.t.Helper()
	a.with(func(e *Engine) {
		all, err := e.Restores(a.t.Context())
		must(a.t, err)
		for i := range all {
			if all[i].Target == database && all[i].Status == backup.StatusCompleted {
				all[i].Status = backup.StatusUndone
				must(a.t, e.catalog.PutRestore(a.t.Context(), &all[i]))
			}
		}
	})
}
