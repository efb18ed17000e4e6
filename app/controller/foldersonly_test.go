//go:build unix

package controller_test

import (
	"os"
	"path/filepath"
	"testing"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/views"
)

// TestFoldersOnly: a sandbox without a database is protected as soon as its folders are backed up, and
// is not judged by the database that it lacks.
func TestFoldersOnly(t *testing.T) {
	b := newBench(t)
	folder := filepath.Join(b.dir, "code")
	must(t, os.Mkdir(folder, 0o700))
	must(t, os.WriteFile(filepath.Join(folder, "main.go"), []byte("first"), 0o600))
	b.engine(func(e *engine.Engine) {
		_, err := e.AddSandbox(t.Context(), backup.Sandbox{Name: "volume", FoldersOnly: true, Media: []string{folder}}, engine.PutSandbox{Test: true})
		must(t, err)
	})
	b.Refresh()
	volume := func() *views.Sandbox {
		if len(b.state.Sandboxes) < 3 {
			return &views.Sandbox{}
		}
		return &b.state.Sandboxes[2]
	}
	b.until("the sandbox", func() bool { return volume().FoldersOnly && volume().Trouble == views.TroubleNoBackup && volume().Due })
	b.RunDue(t.Context())
	b.until("it is protected", func() bool {
		return volume().Health == views.Protected && !volume().Last.IsZero() && volume().LastVerdict == backup.Intact && volume().Busy == nil
	})
	if newest := volume().Backups[0]; newest.What != backup.ScopeMedia || newest.Status != backup.StatusCompleted {
		t.Errorf("newest: %+v", newest)
	}
	b.Look(views.Place{Sandbox: "volume", Section: views.SectionMedia})
	b.until("its folders", func() bool { return volume().Media != nil && volume().Media.Newest != nil })
	if m := volume().Media; m.Takes != backup.ScopeMedia || m.Newest.Media[0].Files != 1 {
		t.Errorf("media: %+v", m)
	}
	b.SetMedia("volume", nil, nil)
	b.until("the last folder stays", func() bool { return volume().Problem != nil && volume().Problem.Kind == backup.Usage })
	must(t, os.RemoveAll(folder))
	b.BackUp("volume", "")
	b.until("a lost folder is a failure", func() bool { return volume().Trouble == views.TroubleFailed && volume().Busy == nil })
}
