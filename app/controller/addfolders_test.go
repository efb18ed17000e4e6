//go:build unix

package controller_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/views"
)

// TestAddFolders adds a sandbox of folders alone, as the window does: it is backed up at once, has the usual
// schedule, and what cannot be a sandbox is refused with a remedy.
func TestAddFolders(t *testing.T) {
	b := newBench(t)
	code := filepath.Join(b.dir, "code")
	must(t, os.MkdirAll(filepath.Join(code, "target"), 0o700))
	must(t, os.WriteFile(filepath.Join(code, "main.go"), []byte("package main"), 0o600))
	must(t, os.WriteFile(filepath.Join(code, "target", "main"), []byte("made again"), 0o600))
	for i, c := range []struct {
		name    string
		folders []string
	}{{"volume", nil}, {"volume", []string{filepath.Join(b.dir, "nowhere")}}, {"no such name/", []string{code}}, {"shop", []string{code}}} {
		b.AddFolders(c.name, c.folders, backup.FoldersOnlyExclusion())
		b.until("why not", func() bool {
			return len(b.attempts) == i+1 && !b.attempts[i].OK && b.attempts[i].Problem.Kind == backup.Usage && b.attempts[i].Problem.Hint != ""
		})
	}
	b.AddFolders("volume", []string{code}, backup.FoldersOnlyExclusion())
	volume := func() *views.Sandbox {
		at := slices.IndexFunc(b.state.Sandboxes, func(s views.Sandbox) bool { return s.Name == "volume" })
		if at < 0 {
			return &views.Sandbox{}
		}
		return &b.state.Sandboxes[at]
	}
	b.until("its first backup", func() bool {
		return volume().FoldersOnly && volume().Health == views.Protected && volume().Busy == nil && !volume().Next.IsZero()
	})
	if !b.attempts[len(b.attempts)-1].OK {
		t.Errorf("the window was told %+v", b.attempts)
	}
	b.engine(func(e *engine.Engine) {
		files, all, err := e.MediaFiles(t.Context(), "latest:volume", "", 10)
		must(t, err)
		if all != 1 || files[0].Path != "main.go" {
			t.Errorf("the backup holds %+v of %d files", files, all)
		}
	})
}
