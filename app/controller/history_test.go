//go:build unix

package controller_test

import (
	"slices"
	"testing"

	"holdfast/backup"
	"holdfast/views"
)

// TestWhatIsKeptAndWhatIsGone: what the vault takes, as what a backup is kept, and who deleted one.
func TestWhatIsKeptAndWhatIsGone(t *testing.T) {
	b := newBench(t)
	id := b.backUp()
	b.until("the size of the vault", func() bool { return b.state.VaultBytes > 0 })
	b.Look(views.Place{Sandbox: "shop"})
	b.until("its fate", func() bool { return len(b.shop().Fates) == 1 })
	if f := b.shop().Fates[0]; f.Backup.ID != id || !f.Keep || f.Tier != backup.TierOnDemand {
		t.Errorf("fate: %+v", f)
	}
	b.Delete("shop", id)
	b.approve()
	b.until("the deletion", func() bool { return len(b.shop().Backups) == 0 && b.shop().Busy == nil })
	b.Look(views.Place{Section: views.SectionRuns})
	b.until("its line in the history", func() bool {
		a := b.state.Activity
		return a != nil && slices.ContainsFunc(a.Runs, func(r views.Run) bool {
			return r.ID == id && r.Status == backup.StatusDeleted && r.GoneBy != "" && r.GoneWhy == "asked for"
		})
	})
}
