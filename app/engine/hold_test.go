package engine_test

import (
	"testing"
	"time"

	"holdfast/app/engine"
	"holdfast/backup"
)

// TestOnlyOnMains: what is due on battery is not begun, recorded once with its reason, and made
// up for on mains; and so for a pause. A person's own backup runs anyway.
func TestOnlyOnMains(t *testing.T) {
	t.Parallel()
	d := newDays(t)
	d.with(func(e *engine.Engine) {
		if err := e.SetSetting(t.Context(), "run.only_on_mains", "true"); err != nil {
			t.Fatal(err)
		}
	})
	d.battery = true
	if runs := d.look() + d.look(); runs != 0 {
		t.Errorf("%d runs on battery", runs)
	}
	d.skips(backup.SkipBattery)
	d.with(func(e *engine.Engine) {
		if plans, err := e.Plans(t.Context()); err != nil || plans[0].Skipped == nil || plans[0].Skipped.Reason != backup.SkipBattery {
			t.Errorf("the plan does not say why: %+v %v", plans, err)
		}
		if _, err := e.CreateBackup(t.Context(), "shop", "", 0); err != nil {
			t.Errorf("a person's own backup: %v", err)
		}
	})
	d.now = d.now.AddDate(0, 0, 1)
	d.look()
	d.now = d.now.AddDate(0, 0, 1)
	d.look()
	d.skips(backup.SkipBattery, backup.SkipBattery, backup.SkipBattery)
	d.battery = false
	if runs := d.look() + d.look(); runs != 1 {
		t.Errorf("%d runs back on mains", runs)
	}
	if note := d.history(false)[0].Note; note != "was not begun at its time: on battery; catches up, 1 earlier run was missed" {
		t.Errorf("note %q", note)
	}

	d.now = d.now.AddDate(0, 0, 1)
	d.with(func(e *engine.Engine) {
		if err := e.Pause(t.Context(), d.now.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
	})
	if d.look() != 0 {
		t.Error("a run while paused")
	}
	d.skips(backup.SkipPaused, backup.SkipBattery, backup.SkipBattery, backup.SkipBattery)
	d.now = d.now.Add(2 * time.Hour)
	if d.look() != 1 {
		t.Error("a pause is not made up for")
	}
}

// skips checks the reasons of the runs that were not begun, newest first.
func (d *days) skips(want ...backup.SkipReason) {
	d.t.Helper()
	d.with(func(e *engine.Engine) {
		got, err := e.Skips(d.t.Context())
		if err != nil || len(got) != len(want) {
			d.t.Fatalf("skips %+v %v", got, err)
		}
		for i := range got {
			if got[i].Reason != want[i] || got[i].Sandbox != "shop" {
				d.t.Errorf("skip %d: %+v", i, got[i])
			}
		}
	})
}

// TestOverdue: a plan says since when its last good backup is too old; a broken one is no good.
func TestOverdue(t *testing.T) {
	t.Parallel()
	d := newDays(t)
	overdue := func() (since time.Time) {
		d.with(func(e *engine.Engine) {
			plans, err := e.Plans(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			since = plans[0].Overdue
		})
		return since
	}
	d.look()
	if since := overdue(); !since.IsZero() {
		t.Errorf("overdue since %s after a run", since)
	}
	d.now = time.Date(2031, 3, 2, 7, 59, 0, 0, d.now.Location())
	if since := overdue(); !since.IsZero() {
		t.Errorf("overdue since %s within the grace", since)
	}
	d.now = d.now.Add(2 * time.Minute)
	if since, want := overdue(), time.Date(2031, 3, 2, 8, 0, 0, 0, d.now.Location()); !since.Equal(want) {
		t.Errorf("overdue since %s, want %s", since, want)
	}
	d.look()
	if since := overdue(); !since.IsZero() {
		t.Errorf("overdue since %s after a run", since)
	}
}
