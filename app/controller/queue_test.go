//go:build unix

package controller_test

import (
	"testing"

	"holdfast/backup"
)

// TestBackupsQueue: a backup that is asked for while another one writes to the vault follows it, as
// those of several databases do at the first start.
func TestBackupsQueue(t *testing.T) {
	b := newBench(t)
	release := b.held("shop")
	b.BackUp("shop", "")
	b.until("the first one", func() bool { return b.Busy() == 1 })
	b.BackUp("blog", "")
	b.until("the other one", func() bool { return b.Busy() == 2 })
	release()
	b.until("both", func() bool { return b.Busy() == 0 && len(b.blog().Backups) == 1 })
	for _, got := range []*backup.Fault{b.shop().Problem, b.blog().Problem} {
		if got != nil {
			t.Errorf("%+v", got)
		}
	}
	if b.shop().Backups[0].Status != backup.StatusCompleted || b.blog().Backups[0].Status != backup.StatusCompleted {
		t.Errorf("%+v, %+v", b.shop().Backups, b.blog().Backups)
	}
}
