//go:build unix

package engine

import (
	"os"
	"testing"
	"time"

	"holdfast/backup"
	"holdfast/backup/tally"
)

// lose deletes the catalog, as a careless hand would.
func (a *arena) lose() {
	a.t.Helper()
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(tortureOptions(a.home(), nil).Paths.Catalog + end); err != nil && !os.IsNotExist(err) {
			a.t.Fatal(err)
		}
	}
}

// TestLostCatalog deletes the catalog after restores: the replaced databases are found again by their
// marks, can be undone, and expire as before.
func TestLostCatalog(t *testing.T) {
	t.Parallel()
	tally.Of(t, "the catalog is lost after restores").Try("the moments in the test")
	a := newArena(t, stateSQL)
	one := a.take()
	a.mark("two")
	first := a.restore(one)
	a.mark("three")
	second := a.restore(one)
	undo := a.undo(second.ID) // keeps what no backup stands for
	a.is("three")
	a.lose()
	a.recover()
	a.is("three")
	a.with(func(e *Engine) {
		for _, was := range []*backup.Restore{first, undo} {
			is, err := e.catalog.Restore(t.Context(), was.ID)
			must(t, err)
			if is.Target != "shop" || is.Replaced != was.Replaced || is.PreRestore != was.PreRestore || is.Backup != one || is.Sandbox != "shop" ||
				is.Finished.Sub(was.Finished).Abs() > time.Minute {
				t.Errorf("found again: %+v, it was %+v", is, was)
			}
		}
	})
	a.recover() // finds nothing new
	a.undo(first.ID)
	a.is("two")
	a.undo(undo.ID)
	a.is("one")

	rec := a.restore(one)
	a.lose()
	a.recover()
	if gone := a.expire(); len(gone) == 0 || gone[len(gone)-1].ID != rec.ID {
		t.Errorf("expired: %+v", gone)
	}
	a.is("one")
}

// TestLostCatalogOfAKilledRestore kills a restore and deletes the catalog: the shadow is dropped by its
// mark, and a ban that the swap left is lifted.
func TestLostCatalogOfAKilledRestore(t *testing.T) {
	t.Parallel()
	tally.Of(t, "the catalog is lost and a restore killed").Try("the moments in the test")
	a := newTorture(t)
	for _, at := range []string{"at definitions", "at tables", "compared", "swapping", "before swapped", "swapped"} {
		a.kill(victim{Work: "restore", Ref: string(a.backup), At: at})
		a.quiet()
		a.lose()
		a.recover()
		a.settled()
		if a.whole(a.good, a.bad) == a.good {
			a.damage()
		}
	}
	a.works()
}

// TestLostCatalogMidSwap leaves both databases banned, as a death in the middle of a swap does.
func TestLostCatalogMidSwap(t *testing.T) {
	t.Parallel()
	tally.Of(t, "the catalog is lost in the middle of a swap").Try("the moments in the test")
	a := newTorture(t)
	a.kill(victim{Work: "restore", Ref: string(a.backup), At: "compared"})
	a.quiet()
	for _, name := range a.databases() {
		a.exec("postgres", "ALTER DATABASE "+name+" ALLOW_CONNECTIONS false")
	}
	a.lose()
	a.recover()
	a.settled()
	a.whole(a.bad)

	rec := a.restore(a.backup)
	for _, name := range a.databases() { // an undo that died there
		a.exec("postgres", "ALTER DATABASE "+name+" ALLOW_CONNECTIONS false")
	}
	a.lose()
	a.recover()
	a.settled()
	a.whole(a.good)
	a.undo(rec.ID)
	a.whole(a.bad)
}
