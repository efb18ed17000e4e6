//go:build unix

package controller_test

import (
	"os"
	"path/filepath"
	"testing"

	"holdfast/views"
)

// TestCopyElsewhere adds a place, copies, checks and forgets, as the Off-site page does.
func TestCopyElsewhere(t *testing.T) {
	b := newBench(t)
	b.backUp()
	b.Look(views.Place{Section: views.SectionOffsite})
	b.until("the page", func() bool { return b.state.Offsite != nil && len(b.state.Offsite.Copies) == 0 })

	b.AddCopy(views.CopyPlace{Kind: views.CopyToSFTP, Name: "nas", Host: "127.0.0.1", Port: "many"})
	b.until("what is wrong", func() bool { return b.state.Offsite.Problem != nil })

	place := filepath.Join(b.dir, "elsewhere")
	b.AddCopy(views.CopyPlace{Kind: views.CopyToFolder, Name: "disk", Path: place})
	b.approve()
	b.until("the copy", func() bool {
		o := b.state.Offsite
		return len(o.Copies) == 1 && !o.Copies[0].Last.IsZero() && o.Copies[0].Busy == nil && o.Copies[0].Bytes > 0 && o.Problem == nil
	})
	if _, err := os.Stat(filepath.Join(place, "kopia.repository.f")); err != nil {
		t.Error(err)
	}
	b.CheckCopy("disk")
	b.until("what the check says", func() bool { return len(b.notes) > 0 && b.notes[len(b.notes)-1] == "Check of the copy disk" })

	b.RemoveCopy("disk")
	b.approve()
	b.until("the place is forgotten", func() bool { return len(b.state.Offsite.Copies) == 0 })
	if _, err := os.Stat(place); err != nil {
		t.Error("what is there does not stay:", err)
	}
}
