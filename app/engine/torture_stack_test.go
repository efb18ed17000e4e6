//go:build unix

package engine

import (
	"strings"
	"testing"

	"holdfast/backup"
)

// mark writes a state into the live database.
func (a *arena) mark(state string) {
	a.t.Helper()
	a.exec("shop", "UPDATE state SET v = '"+state+"'")
}

// live reads the state of the live database.
func (a *arena) live() string {
	a.t.Helper()
	return a.text("shop", "SELECT v FROM state")
}

func (a *arena) is(state string) {
	a.t.Helper()
	if got := a.live(); got != state {
		a.t.Errorf("the live database is %q, want %q", got, state)
	}
	a.settled()
}

const stateSQL = "CREATE TABLE state AS SELECT 'one'::text AS v"

// TestStackOfRestores restores three times on top of each other and takes each back, in any order:
// each undo brings back just what that restore replaced, and keeps what it replaces.
func TestStackOfRestores(t *testing.T) {
	t.Parallel()
	for _, order := range [][]int{{2, 1, 0}, {0, 1, 2}, {1, 2, 0}} {
		a := newArena(t, stateSQL)
		one := a.take()
		var stack [3]*backup.Restore
		states := []string{"later one", "later two", "later three"}
		for i, state := range states {
			a.mark(state)
			stack[i] = a.restore(one)
			a.is("one")
		}
		for _, i := range order {
			a.undo(stack[i].ID)
			a.is(states[i])
		}
		if got := len(a.databases()); got != 4 {
			t.Errorf("%d databases are on the server: %q", got, a.databases())
		}
	}
}

// TestUndoOfAnUndo goes back and forth; what was written in between is kept each time.
func TestUndoOfAnUndo(t *testing.T) {
	t.Parallel()
	a := newArena(t, stateSQL)
	one := a.take()
	a.mark("two")
	rec := a.restore(one)
	a.mark("three")
	undo := a.undo(rec.ID)
	a.is("two")
	a.mark("four")
	again := a.undo(undo.ID)
	a.is("three")
	if gone := a.expire(); len(gone) != 0 || undo.PreRestore != "" {
		t.Errorf("what only an undo keeps has no backup, and expired: %+v", gone)
	}
	a.undo(again.ID)
	a.is("four")
}

// TestUndoWithoutItsDatabase undoes after the kept database was dropped, by hand or by the plan.
func TestUndoWithoutItsDatabase(t *testing.T) {
	t.Parallel()
	a := newArena(t, stateSQL)
	one := a.take()
	for _, drop := range []func(*backup.Restore){
		func(rec *backup.Restore) { a.exec("postgres", "DROP DATABASE "+rec.Replaced) },
		func(_ *backup.Restore) {
			if gone := a.expire(); len(gone) != 1 {
				t.Errorf("expired: %+v", gone)
			}
		},
	} {
		a.mark("two")
		rec := a.restore(one)
		drop(rec)
		a.mark("three")
		undo := a.undo(rec.ID)
		if undo.Backup != rec.PreRestore || undo.PreRestore == "" {
			t.Errorf("the undo: %+v", undo)
		}
		a.is("two")
		a.undo(undo.ID)
		a.is("three")
	}
	a.mark("five")
	rec := a.restore(one)
	a.exec("postgres", "DROP DATABASE "+rec.Replaced)
	a.drop(rec.ID) // what is gone already counts as dropped
	a.settled()
}

// TestUndoWithoutItsBackup: the pre-restore backup is deleted. While the database is kept, an undo needs
// none; and it does not expire, for nothing stands for it.
func TestUndoWithoutItsBackup(t *testing.T) {
	t.Parallel()
	a := newArena(t, stateSQL)
	one := a.take()
	a.mark("two")
	rec := a.restore(one)
	a.remove(rec.PreRestore)
	if gone := a.expire(); len(gone) != 0 {
		t.Errorf("expired: %+v", gone)
	}
	a.drop(rec.ID)
	a.with(func(e *Engine) {
		_, err := e.Undo(t.Context(), string(rec.ID), false, 0)
		if backup.KindOf(err) != backup.Refused || !strings.Contains(err.Error(), "is deleted") {
			t.Errorf("%s: %v", backup.KindOf(err), err)
		}
		t.Log(err)
	})
	a.is("one")

	a.mark("three")
	rec = a.restore(one)
	a.remove(rec.PreRestore)
	a.undo(rec.ID)
	a.is("three")
}

func (a *arena) remove(id backup.ID) {
	a.t.Helper()
	a.with(func(e *Engine) {
		_, _, err := e.DeleteBackup(a.t.Context(), string(id), 0)
		must(a.t, err)
	})
}

// TestTargetMovedMeanwhile: between restore and undo somebody drops or renames the live database, or
// does so while a restore runs.
func TestTargetMovedMeanwhile(t *testing.T) {
	t.Parallel()
	a := newArena(t, stateSQL)
	one := a.take()
	a.mark("two")
	rec := a.restore(one)
	a.exec("postgres", "DROP DATABASE shop")
	undo := a.undo(rec.ID)
	a.is("two")
	if undo.Replaced != "" {
		t.Errorf("nothing was there, and it is kept as %s", undo.Replaced)
	}

	rec = a.restore(one)
	a.exec("postgres", "ALTER DATABASE shop RENAME TO mine")
	a.undo(rec.ID)
	if got := a.live(); got != "two" || a.text("mine", "SELECT v FROM state") != "one" {
		t.Errorf("after the rename: %s", got)
	}
	a.exec("postgres", "DROP DATABASE mine")
	a.settled()

	for _, sql := range []string{"DROP DATABASE shop", "ALTER DATABASE shop RENAME TO mine"} {
		a.during("at tables", func() { a.exec("postgres", sql) }, func(e *Engine) {
			rec, err := e.Restore(t.Context(), RestoreRequest{Ref: string(one)})
			if err == nil || rec.Status != backup.StatusFailed {
				t.Errorf("%s in the middle: %v, %+v", sql, err, rec)
			}
			t.Log(err)
		})
		for _, name := range a.databases() {
			if strings.Contains(name, "_shadow_") || name == "shop" {
				t.Errorf("%s in the middle leaves %s", sql, name)
			}
		}
		a.exec("postgres", "DROP DATABASE IF EXISTS mine")
		a.restore(one)
		a.is("one")
	}
}

// during does something at a moment of some work.
func (a *arena) during(at string, what func(), work func(*Engine)) {
	a.t.Helper()
	done := false
	e, err := Open(a.t.Context(), tortureOptions(a.home(), func(p backup.Progress) {
		if "at "+p.Stage == at && !done {
			done = true
			what()
		}
	}))
	must(a.t, err)
	work(e)
	must(a.t, e.Close(a.t.Context()))
	if !done {
		a.t.Errorf("the moment %q never came", at)
	}
}

// TestOtherTargets: the backup's own sandbox is removed; it is restored into another one, and into a new
// database.
func TestOtherTargets(t *testing.T) {
	t.Parallel()
	a := newArena(t, stateSQL)
	one := a.take()
	a.exec("postgres", "CREATE DATABASE other")
	a.exec("other", "CREATE TABLE mine AS SELECT 'other'::text AS v")
	var removed, into *backup.Restore
	a.with(func(e *Engine) {
		_, err := e.AddSandbox(t.Context(), backup.Sandbox{Name: "other", Connection: a.server.Connection("other")}, PutSandbox{})
		must(t, err)
		a.mark("two")
		removed, err = e.Restore(t.Context(), RestoreRequest{Ref: string(one)})
		must(t, err)
		must(t, e.RemoveSandbox(t.Context(), "shop"))
		if _, err = e.Restore(t.Context(), RestoreRequest{Ref: string(one)}); err == nil {
			t.Error("restored into a sandbox that was removed")
		}
		into, err = e.Restore(t.Context(), RestoreRequest{Ref: string(one), Target: "other"})
		must(t, err)
		if got := a.text("other", "SELECT v FROM state"); got != "one" {
			t.Errorf("the other sandbox has %q", got)
		}
		made, err := e.Restore(t.Context(), RestoreRequest{Ref: string(one), Target: "other", ToDatabase: "made"})
		must(t, err)
		if got := a.text("made", "SELECT v FROM state"); got != "one" || made.Replaced != "" || made.PreRestore != "" {
			t.Errorf("the new database has %q; %+v", got, made)
		}
		_, err = e.Restore(t.Context(), RestoreRequest{Ref: string(one), Target: "other", ToDatabase: "made"})
		if backup.KindOf(err) != backup.Usage {
			t.Errorf("into a name that is taken: %v", err)
		}
		if _, err := e.Undo(t.Context(), string(made.ID), false, 0); backup.KindOf(err) != backup.Usage {
			t.Errorf("undo of a new database: %v", err)
		}
	})
	a.settled()
	a.undo(into.ID)
	if got := a.text("other", "SELECT v FROM mine"); got != "other" {
		t.Errorf("the other sandbox after the undo: %q", got)
	}
	a.undo(removed.ID) // the connection on record is enough
	a.is("two")
}
