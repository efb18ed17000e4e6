//go:build unix

package controller_test

import (
	"os"
	"path/filepath"
	"testing"

	"holdfast/backup"
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

	// What cannot even begin leaves the form usable.
	mend := b.breakConfig()
	place := filepath.Join(b.dir, "elsewhere")
	b.AddCopy(views.CopyPlace{Kind: views.CopyToFolder, Name: "disk", Path: place})
	b.until("why not", func() bool { return b.state.Unread != nil && b.state.Offsite.Problem != nil && !b.state.Offsite.Adding })
	mend()
	b.Refresh()
	b.until("how things are", func() bool { return b.state.Unread == nil && b.state.Offsite != nil && !b.state.Offsite.Adding })
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

	b.until("the check has ended", func() bool { return b.state.Offsite.Copies[0].Busy == nil && b.state.Offsite.Copies[0].Checked != nil })
	b.ProveCopy("disk", "shop")
	b.until("what the drill says", func() bool { return b.notes[len(b.notes)-1] == "Restore drill from the copy disk" })
	b.until("it is remembered", func() bool {
		c := b.state.Offsite.Copies[0]
		return c.Busy == nil && c.Drilled != nil && c.Drilled.Verdict == backup.Proven && c.Drilled.Sandbox == "shop" && c.Checked != nil && c.Checked.Verdict == backup.Intact
	})

	b.RemoveCopy("disk")
	b.approve()
	b.until("the place is forgotten", func() bool { return len(b.state.Offsite.Copies) == 0 })
	if _, err := os.Stat(place); err != nil {
		t.Error("what is there does not stay:", err)
	}
}

// breakConfig makes the configuration and its last good copy such that no engine opens, until mend is
// called.
func (b *bench) breakConfig() (mend func()) {
	b.t.Helper()
	kept := map[string][]byte{}
	for _, name := range []string{"config.toml", "config.toml.last-good"} {
		path := filepath.Join(b.dir, "home", name)
		text, err := os.ReadFile(path)
		must(b.t, err)
		kept[path] = text
		must(b.t, os.WriteFile(path, []byte("version = 99\n"), 0o600))
	}
	return func() {
		b.t.Helper()
		for path, text := range kept {
			must(b.t, os.WriteFile(path, text, 0o600))
		}
	}
}
