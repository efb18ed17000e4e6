//go:build unix

package engine

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/backup"
)

// TestFoldersThatCannotFollow: somebody moves a folder away at the moment of the swap, so that it
// fails after the database is in its place. No folder is replaced then, that is said, and the
// database can be taken back or the folders restored.
func TestFoldersThatCannotFollow(t *testing.T) {
	t.Parallel()
	a := newArena(t, "CREATE TABLE state AS SELECT 'good' AS v")
	place := t.TempDir()
	folders := []string{filepath.Join(place, "one"), filepath.Join(place, "two")}
	fill := func(text string) {
		t.Helper()
		for _, root := range folders {
			must(t, os.MkdirAll(root, 0o700))
			must(t, os.WriteFile(filepath.Join(root, "state"), []byte(text), 0o600))
		}
	}
	hold := func(text string) {
		t.Helper()
		for _, root := range folders {
			if got, err := os.ReadFile(filepath.Join(root, "state")); err != nil || string(got) != text {
				t.Errorf("%s holds %q, %v; want %q", root, got, err, text)
			}
		}
	}
	fill("good")
	a.with(func(e *Engine) {
		s, err := e.Sandbox("shop")
		must(t, err)
		s.Media = folders
		_, err = e.EditSandbox(t.Context(), s, PutSandbox{})
		must(t, err)
	})
	both := a.take()
	a.exec("shop", "UPDATE state SET v = 'bad'")
	fill("bad")

	moved := folders[1] + "-moved"
	opts := tortureOptions(a.home(), nil)
	opts.Report = func(p backup.Progress) {
		if _, err := os.Stat(moved); p.Stage == "swap" && err != nil {
			must(t, os.Rename(folders[1], moved))
		}
	}
	e, err := Open(t.Context(), opts)
	must(t, err)
	rec, err := e.Restore(t.Context(), RestoreRequest{Ref: string(both)})
	must(t, e.Close(context.Background()))
	if err == nil || !strings.Contains(err.Error(), "the database is in its place, and the folders are as they were") {
		t.Fatalf("the restore says %v", err)
	}
	hint := backup.AsError(err).Hint
	if !strings.Contains(hint, "--what media") || !strings.Contains(hint, "holdfast undo "+string(rec.ID)) {
		t.Errorf("the remedy: %s", hint)
	}
	must(t, os.Rename(moved, folders[1]))
	hold("bad")
	if got := a.text("shop", "SELECT v FROM state"); got != "good" {
		t.Errorf("the database is %s", got)
	}
	if left, err := os.ReadDir(place); err != nil || len(left) != 2 {
		t.Errorf("beside the folders: %v, %v", left, err)
	}
	a.undo(rec.ID)
	hold("bad")
	if got := a.text("shop", "SELECT v FROM state"); got != "bad" {
		t.Errorf("after the undo the database is %s", got)
	}
	a.restore(both)
	hold("good")
	if got := a.text("shop", "SELECT v FROM state"); got != "good" {
		t.Errorf("after a restore of both the database is %s", got)
	}
}
