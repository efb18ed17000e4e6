//go:build unix

package controller_test

import (
	"slices"
	"testing"
	"time"

	"holdfast/app/config"
	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/views"
)

// TestOverdueIsToldOnce: at the first look, not again while it lasts; with the place to go to; and
// a pause keeps its run from being begun. What is due afterwards runs, and is told where a person
// wants to hear of that.
func TestOverdueIsToldOnce(t *testing.T) {
	b := newBench(t)
	b.engine(func(e *engine.Engine) {
		text, err := e.ConfigText()
		must(t, err)
		c, _, err := config.Parse([]byte(text))
		must(t, err)
		for i := range c.Sandboxes {
			c.Sandboxes[i].Added = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
		}
		must(t, config.Store{Path: b.dir + "/home/config.toml"}.Save(c))
	})
	b.Pause(time.Now().Add(time.Hour))
	b.until("the pause", func() bool { return !b.state.Paused.IsZero() })
	overdue := func() (n int) {
		for _, title := range b.notes {
			if title == "The backup of shop is overdue" || title == "The backup of blog is overdue" {
				n++
			}
		}
		return n
	}
	for range 3 {
		b.RunDue(t.Context())
	}
	b.Refresh()
	b.until("one notification for each sandbox", func() bool { return overdue() == 2 && b.shop().Waits == backup.SkipPaused })
	if want := (views.Place{Sandbox: "blog"}); b.at != want {
		t.Errorf("a click opens %+v", b.at)
	}
	b.Look(views.Place{Section: views.SectionRuns})
	b.until("the activity has what was not begun", func() bool {
		return b.state.Activity != nil && slices.ContainsFunc(b.state.Activity.Runs, func(r views.Run) bool { return r.Skipped == backup.SkipPaused && r.Sandbox == "shop" })
	})
	b.engine(func(e *engine.Engine) { must(t, e.SetSetting(t.Context(), "desktop.notify", "all")) })
	b.Resume()
	b.until("what is due runs at once", func() bool {
		return b.state.Paused.IsZero() && len(b.shop().Backups) == 1 && len(b.blog().Backups) == 1 && b.blog().Trouble == views.TroubleNone
	})
	b.until("a notification of the run", func() bool { return slices.Contains(b.notes, "Daily backup of blog: done") })
	if overdue() != 2 {
		t.Errorf("notes: %q", b.notes)
	}
}
