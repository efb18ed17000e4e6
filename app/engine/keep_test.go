package engine_test

import (
	"context"
	"testing"
	"time"

	"holdfast/app/engine"
	"holdfast/app/secret"
	"holdfast/backup"
)

// TestMonthlyDrill: a month after a sandbox was added its newest backup is tried, at night, once.
func TestMonthlyDrill(t *testing.T) {
	d := newDays(t)
	d.look()
	drill := func() (last engine.Drilled) {
		t.Helper()
		d.look()
		d.with(func(e *engine.Engine) {
			var err error
			if last, err = e.LastDrill(t.Context(), "shop"); err != nil {
				t.Fatal(err)
			}
		})
		return last
	}
	d.now = d.now.AddDate(0, 0, 31)
	if last := drill(); !last.At.IsZero() {
		t.Errorf("tried at noon: %+v", last)
	}
	d.now = time.Date(d.now.Year(), d.now.Month(), d.now.Day()+1, 2, 30, 0, 0, d.now.Location())
	first := drill()
	if !first.Proven || first.Backup == "" || first.Reason != "" {
		t.Fatalf("the drill: %+v", first)
	}
	if newest := d.history(false)[0]; newest.ID != first.Backup || newest.Verdict != backup.Proven {
		t.Errorf("verdict of the newest: %s", newest.Verdict)
	}
	d.now = d.now.Add(time.Hour)
	if again := drill(); !again.At.Equal(first.At) {
		t.Error("tried twice in a night")
	}
	d.now = d.now.AddDate(0, 0, 36).Add(9 * time.Hour) // never on at night
	if late := drill(); !late.At.After(first.At) {
		t.Error("a drill that is long overdue still waits for the night")
	}
}

// TestReplacedDatabasesExpire: a day after a restore the replaced database goes, and an undo
// takes the backup that was made before it.
func TestReplacedDatabasesExpire(t *testing.T) {
	d := newDays(t)
	d.look()
	phrase := "a good passphrase"
	if err := (secret.Passphrase{File: d.paths.Gate, Now: func() time.Time { return d.now }}).Set(phrase); err != nil {
		t.Fatal(err)
	}
	d.approve = func(context.Context, backup.Prompt) (string, error) { return phrase, nil }
	restore := func() (rec *backup.Restore) {
		t.Helper()
		d.now = d.now.Add(time.Minute)
		d.with(func(e *engine.Engine) {
			var err error
			if rec, err = e.Restore(t.Context(), engine.RestoreRequest{Ref: "latest"}); err != nil {
				t.Fatal(err)
			}
		})
		return rec
	}
	kept := func() (names []string) {
		t.Helper()
		d.with(func(e *engine.Engine) {
			all, err := e.Restores(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range all {
				if r.Replaced != "" && !r.ReplacedGone {
					names = append(names, r.Replaced)
				}
			}
		})
		return names
	}
	first := restore()
	for range 3 {
		restore()
	}
	d.look()
	if names := kept(); len(names) != 3 {
		t.Errorf("kept on top of each other: %q", names)
	}
	d.now = d.now.Add(25 * time.Hour)
	d.look()
	if names := kept(); len(names) != 0 {
		t.Errorf("kept after a day: %q", names)
	}
	d.with(func(e *engine.Engine) {
		undo, err := e.Undo(t.Context(), string(first.ID), false, 0)
		if err != nil {
			t.Fatal(err)
		}
		if undo.UndoOf != first.ID || undo.Backup != first.PreRestore || undo.Replaced == "" {
			t.Errorf("the undo: %+v", undo)
		}
		if _, err := e.Undo(t.Context(), string(first.ID), false, 0); backup.KindOf(err) != backup.Usage {
			t.Errorf("undone twice: %v", err)
		}
	})
}
