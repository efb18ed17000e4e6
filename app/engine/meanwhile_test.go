package engine_test

import (
	"context"
	"testing"
	"time"

	"holdfast/app/engine"
	"holdfast/app/secret"
	"holdfast/backup"
)

// TestWhatIsChangedMeanwhileStays: while a check or a note of a backup waits for a person, another process
// changes the same line of the history. Neither takes the other back.
func TestWhatIsChangedMeanwhileStays(t *testing.T) {
	t.Parallel()
	d := newDays(t)
	d.look()
	phrase := "a good passphrase"
	if err := (secret.Passphrase{File: d.paths.Gate, Now: func() time.Time { return d.now }}).Set(phrase); err != nil {
		t.Fatal(err)
	}
	meanwhile := func(*engine.Engine) error { return nil }
	d.approve = func(context.Context, backup.Prompt) (string, error) {
		do := meanwhile
		meanwhile = func(*engine.Engine) error { return nil }
		d.with(func(other *engine.Engine) {
			if err := do(other); err != nil {
				t.Error(err)
			}
		})
		return phrase, nil
	}
	ask := func(a backup.Action, decision backup.Decision) {
		d.with(func(e *engine.Engine) {
			if err := e.SetPolicy(t.Context(), "shop", a, decision); err != nil {
				t.Fatal(err)
			}
		})
	}
	ask(backup.ActionCreate, backup.Ask)
	d.with(func(e *engine.Engine) {
		meanwhile = func(other *engine.Engine) error {
			_, err := other.PinBackup(t.Context(), "latest", true)
			return err
		}
		if _, err := e.VerifyBackup(t.Context(), "latest", false, 0); err != nil {
			t.Fatal(err)
		}
	})
	checked := d.history(false)[0]
	if !checked.Pinned || checked.VerdictReason != "every stored byte was read and verified" {
		t.Errorf("pinned during a check: %+v", checked)
	}
	ask(backup.ActionCreate, backup.Allow)
	ask(backup.ActionUpdate, backup.Ask)
	d.with(func(e *engine.Engine) {
		meanwhile = func(other *engine.Engine) error {
			_, err := other.VerifyBackup(t.Context(), "latest", true, 0)
			return err
		}
		if _, err := e.NoteBackup(t.Context(), "latest", "a note"); err != nil {
			t.Fatal(err)
		}
	})
	if noted := d.history(false)[0]; noted.Note != "a note" || noted.Verdict != backup.Proven || !noted.Pinned {
		t.Errorf("proven while its note was approved: %+v", noted)
	}
}
