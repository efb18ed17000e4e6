package engine_test

import (
	"testing"

	"holdfast/app/engine"
	"holdfast/backup"
)

// TestDays: each of the last days says how it went, also when its backup was pruned since.
func TestDays(t *testing.T) {
	d := newDays(t)
	before := func(command string) {
		d.with(func(e *engine.Engine) {
			s, err := e.Sandbox("shop")
			if err != nil {
				t.Fatal(err)
			}
			s.Before = command
			if _, err := e.EditSandbox(t.Context(), s, engine.PutSandbox{}); err != nil {
				t.Fatal(err)
			}
		})
	}
	d.look()
	d.now = d.now.AddDate(0, 0, 2) // nobody looked for a day
	before("exit 1")
	d.with(func(e *engine.Engine) {
		if _, err := e.CreateBackup(t.Context(), "shop", "", 0); err == nil {
			t.Fatal("the backup did not fail")
		}
	})
	before("")
	d.now = d.now.AddDate(0, 0, 1)
	d.look()
	d.with(func(e *engine.Engine) {
		if _, err := e.VerifyBackup(t.Context(), "latest:shop", true, 0); err != nil {
			t.Fatal(err)
		}
	})
	d.now = d.now.AddDate(0, 0, 1) // today, and not run yet
	var got []engine.Day
	d.with(func(e *engine.Engine) {
		all, err := e.Days(t.Context(), 6)
		if err != nil {
			t.Fatal(err)
		}
		got = all["shop"]
	})
	want := []engine.DayMark{engine.DayNoneDue, engine.DayDone, engine.DayMissed, engine.DayFailed, engine.DayProven, engine.DayNoneDue}
	for i, m := range want {
		if got[i].Mark != m {
			t.Errorf("%s was %s, want %s", got[i].Date.Format("2 January"), got[i].Mark, m)
		}
	}
	if history := d.history(false); history[0].Status != backup.StatusCompleted {
		t.Errorf("history: %+v", history)
	}
	d.with(func(e *engine.Engine) {
		rules := backup.DefaultRetention()
		rules.Scheduled.Daily = 1
		if err := e.SetRetention(t.Context(), "shop", rules); err != nil {
			t.Fatal(err)
		}
	})
	d.look()
	if kept, all := len(d.history(false)), len(d.history(true)); kept == all {
		t.Fatal("nothing was pruned")
	}
	d.with(func(e *engine.Engine) {
		all, err := e.Days(t.Context(), 6)
		if err != nil {
			t.Fatal(err)
		}
		if marks := all["shop"]; marks[1].Mark != engine.DayDone {
			t.Errorf("the first day is %s once its backup is pruned", marks[1].Mark)
		}
	})
}
