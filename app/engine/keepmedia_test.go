package engine_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"holdfast/app/engine"
	"holdfast/app/secret"
	"holdfast/backup"
)

// TestReplacedFoldersExpire: a day after a restore the replaced folder goes, and an undo takes the
// backup that was made before it. One that holds what no backup has stays.
func TestReplacedFoldersExpire(t *testing.T) {
	t.Parallel()
	d := newDays(t)
	phrase := "a good passphrase"
	if err := (secret.Passphrase{File: d.paths.Gate, Now: func() time.Time { return d.now }}).Set(phrase); err != nil {
		t.Fatal(err)
	}
	d.approve = func(context.Context, backup.Prompt) (string, error) { return phrase, nil }
	root := filepath.Join(t.TempDir(), "files")
	put := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	is := func(want string) {
		t.Helper()
		if got, err := os.ReadFile(filepath.Join(root, "state")); err != nil || string(got) != want {
			t.Errorf("the file holds %q, %v; want %q", got, err, want)
		}
	}
	put("state", "one")
	var one backup.ID
	d.with(func(e *engine.Engine) {
		s, err := e.Sandbox("shop")
		if err != nil {
			t.Fatal(err)
		}
		s.Media, s.MediaExclude = []string{root}, backup.DefaultExclusion()
		if _, err := e.EditSandbox(t.Context(), s, engine.PutSandbox{}); err != nil {
			t.Fatal(err)
		}
		b, err := e.CreateBackupOf(t.Context(), "shop", backup.ScopeMedia, "", 0)
		if err != nil {
			t.Fatal(err)
		}
		one = b.ID
	})
	restore := func() (aside string, rec *backup.Restore) {
		t.Helper()
		d.now = d.now.Add(time.Minute)
		d.with(func(e *engine.Engine) {
			var err error
			if rec, err = e.Restore(t.Context(), engine.RestoreRequest{Ref: string(one), What: backup.ScopeMedia}); err != nil {
				t.Fatal(err)
			}
		})
		is("one")
		return rec.Media[0].Aside, rec
	}
	put("state", "two")
	goes, first := restore()
	put("node_modules/left/pad", "in no backup")
	stays, _ := restore()
	d.now = d.now.Add(25 * time.Hour)
	d.look()
	if _, err := os.Stat(goes); err == nil {
		t.Errorf("%s is there after a day", goes)
	}
	if _, err := os.Stat(filepath.Join(stays, "node_modules", "left", "pad")); err != nil {
		t.Errorf("what is in no backup is gone: %v", err)
	}
	d.with(func(e *engine.Engine) {
		if _, err := e.Undo(t.Context(), string(first.ID), false, 0); err != nil {
			t.Fatal(err)
		}
	})
	is("two")
}
