//go:build unix

package controller_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/views"
)

// TestKeyGoesAway while the program runs: it asks once, takes no other key, carries on with the right one,
// and what was due is made up for.
func TestKeyGoesAway(t *testing.T) {
	b := newBench(t)
	b.engine(func(e *engine.Engine) {
		for _, name := range []string{"shop", "blog"} { // a drill that is due would be begun in between
			must(t, e.SetDrill(t.Context(), name, false))
		}
	})
	b.backUp()
	file := filepath.Join(b.dir, "key")
	text, err := os.ReadFile(file)
	must(t, err)
	must(t, os.Remove(file))
	b.RunDue(t.Context())
	b.until("it asks", func() bool { return b.state.KeyAsked.Cause != nil })
	if s := b.shop(); s.Health != views.NeedsAttention || s.Trouble != views.TroubleKey {
		t.Errorf("without the key shop is %v, for %v", s.Health, s.Trouble)
	}
	told := func() (n int) {
		for _, note := range b.notes {
			if note == "Backups wait for the vault key" {
				n++
			}
		}
		return n
	}
	b.until("a notification", func() bool { return told() == 1 })
	b.RunDue(t.Context())
	b.GiveKey(string(backup.NewRecoveryKey()))
	b.until("another key", func() bool {
		p := b.state.KeyAsked.Trouble
		return p != nil && strings.Contains(p.Text, "does not open") && b.state.KeyAsked.Cause != nil
	})
	if told() != 1 {
		t.Errorf("it notified again: %q", b.notes)
	}
	if len(b.shop().Backups) != 1 {
		t.Errorf("%d backups are listed", len(b.shop().Backups))
	}
	b.GiveKey(strings.ToLower(string(text)))
	b.until("it carries on", func() bool { return b.state.KeyAsked.Cause == nil && b.shop().Health == views.Protected })
	b.RunDue(t.Context())
	b.until("what was due is made up for, and nothing runs", func() bool {
		done := slices.ContainsFunc(b.blog().Backups, func(one backup.Backup) bool { return one.Status == backup.StatusCompleted })
		return done && b.shop().Busy == nil && b.blog().Busy == nil
	})
	b.backUp()
	if _, err := os.Stat(file); err != nil {
		t.Error("the key is not back in its file:", err)
	}
}

// TestKeyAgain shows the key behind the gate, tests the kit, changes the key, and tests it again.
func TestKeyAgain(t *testing.T) {
	b := newBench(t)
	b.backUp()
	b.Look(views.Place{Section: views.SectionPreferences})
	b.ShowKey()
	b.approve()
	b.until("the key", func() bool { return b.state.Setup != nil && b.state.Setup.Key != "" && b.state.Setup.Again })
	old := b.state.Setup.Key
	b.HideKey()
	b.until("it is hidden", func() bool { return b.state.Setup == nil })
	b.TestKit("AAAA")
	b.until("another kit", func() bool { return b.state.Preferences != nil && b.state.Preferences.Problem != nil })
	if !b.state.Preferences.KitKept.IsZero() {
		t.Error("a kit that is another's counts")
	}
	b.TestKit(strings.ToLower(old[len(old)-4:]))
	b.until("the kit", func() bool { return b.state.Preferences.Problem == nil && !b.state.Preferences.KitKept.IsZero() })

	b.ChangeKey()
	b.approve()
	b.until("another key", func() bool { return b.state.Setup != nil && b.state.Setup.Key != "" && b.state.Setup.Key != old })
	changed := b.state.Setup.Key
	b.HideKey()
	b.until("the kit is void", func() bool { return b.state.Setup == nil && b.state.Preferences.KitKept.IsZero() })
	b.TestKit(changed[len(changed)-4:])
	b.until("the new kit", func() bool { return !b.state.Preferences.KitKept.IsZero() })
	b.backUp()
}
