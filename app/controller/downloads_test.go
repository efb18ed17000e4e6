//go:build unix

package controller_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/views"
)

// TestDownload: in the background, beside a run of the same sandbox; ready with a notification that
// opens its folder; a failure with its cause, a cancelled one leaves nothing.
func TestDownload(t *testing.T) {
	b := newBench(t)
	id := b.backUp()
	out := filepath.Join(b.dir, "out")
	must(t, os.Mkdir(out, 0o700))
	b.Download(views.Downloading{Sandbox: "shop", Backup: id, Format: "sql", Folder: out, Passphrase: "four quiet words here"})
	b.approve()
	b.until("the download", func() bool { return len(b.shop().Downloads) == 1 && b.shop().Downloads[0].Path != "" && b.Busy() == 0 })
	d := b.shop().Downloads[0]
	if !d.Sealed || d.Bytes == 0 || !strings.HasSuffix(d.Path, ".sql.age") || filepath.Dir(d.Path) != out || !strings.HasPrefix(d.Opens, "age -d") {
		t.Errorf("download: %+v", d)
	}
	if b.at != (views.Place{Folder: d.Path}) || b.notes[len(b.notes)-1] != "The download is ready" {
		t.Errorf("notes %q, a click opens %+v", b.notes, b.at)
	}
	b.ForgetDownload(d.Job)
	b.until("it is forgotten", func() bool { return len(b.shop().Downloads) == 0 })
	if _, err := os.Stat(d.Path); err != nil {
		t.Error("its file is gone:", err)
	}
	b.Download(views.Downloading{Sandbox: "shop", Backup: id, Format: "media.zip", Folder: out})
	b.until("the cause of the failure", func() bool {
		return len(b.shop().Downloads) == 1 && b.shop().Downloads[0].Problem != nil && strings.Contains(b.shop().Downloads[0].Problem.Text, "has no media") && b.shop().Downloads[0].Problem.Hint != ""
	})
	b.until("a click on its notification", func() bool { return b.at == views.Place{Sandbox: "shop", Section: views.SectionDownloads} })
	b.ForgetDownload(b.shop().Downloads[0].Job)
	b.Download(views.Downloading{Sandbox: "shop", Backup: id, Format: "dump", Folder: out})
	b.until("the prompt", func() bool { return b.question != nil && b.shop().Busy == nil && len(b.shop().Downloads) == 1 })
	b.Decline()
	b.until("nothing is left of it", func() bool { return len(b.shop().Downloads) == 0 && b.Busy() == 0 })
}

// TestScheduledDownloads are set in the window, written by the scheduler, and ended; what fails is said
// once.
func TestScheduledDownloads(t *testing.T) {
	b := newBench(t)
	b.Look(views.Place{Sandbox: "shop", Section: views.SectionDownloads})
	b.until("the section", func() bool { return b.shop().Writes != nil && !b.shop().Writes.On })
	out := filepath.Join(b.dir, "out")
	b.SetDownloads("shop", views.DownloadPlan{Folder: out, Format: "dump", Keep: 2}, "")
	b.until("a folder that is not there", func() bool { return b.shop().Problem != nil && b.shop().Problem.Kind == backup.Usage })
	must(t, os.Mkdir(out, 0o700))
	b.SetDownloads("shop", views.DownloadPlan{Folder: out, Format: "dump", Keep: 2, Every: 24 * time.Hour, Sealed: true}, "four quiet words here")
	b.approve()
	b.until("the plan", func() bool { return b.shop().Writes != nil && b.shop().Writes.On && b.question == nil })
	if w := b.shop().Writes; w.Folder != out || w.Keep != 2 || w.Every != 24*time.Hour || !w.Sealed {
		t.Errorf("plan: %+v", w)
	}
	b.backUp()
	b.RunDue(t.Context())
	b.until("the file", func() bool { return b.shop().Writes != nil && len(b.shop().Writes.Files) == 1 })
	if name := b.shop().Writes.Files[0]; filepath.Dir(name) != out || !strings.HasSuffix(name, ".dump.age") {
		t.Errorf("written: %s", name)
	}
	b.StopDownloads("shop")
	b.until("the end", func() bool { return b.shop().Writes != nil && !b.shop().Writes.On })
}

// TestFoldersInTheWindow: added, backed up alone, compared, listed, one file restored, undone.
func TestFoldersInTheWindow(t *testing.T) {
	b := newBench(t)
	folder := filepath.Join(b.dir, "uploads")
	must(t, os.MkdirAll(filepath.Join(folder, "2026"), 0o700))
	write := func(name, text string) { must(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600)) }
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(folder, name))
		must(t, err)
		return string(text)
	}
	write("a[1].txt", "first")
	write("2026/b.txt", "second")
	b.Look(views.Place{Sandbox: "shop", Section: views.SectionMedia})
	b.until("the section", func() bool { return b.shop().Media != nil })
	b.SetMedia("shop", []string{folder}, []string{"*.tmp"})
	b.until("the folder", func() bool { return b.shop().Media != nil && len(b.shop().Media.Folders) == 1 && b.shop().HasMedia })
	b.SetTakes("shop", backup.ScopeMedia)
	b.until("what scheduled backups take", func() bool { return b.shop().Media.Takes == backup.ScopeMedia })
	b.BackUpOf("shop", backup.ScopeMedia, "pictures")
	b.until("its backup", func() bool { return b.shop().Media != nil && b.shop().Media.Newest != nil && b.shop().Busy == nil })
	newest := b.shop().Media.Newest
	if newest.What != backup.ScopeMedia || newest.Note != "pictures" || newest.Media[0].Files != 2 {
		t.Errorf("newest: %+v", newest)
	}
	write("a[1].txt", "spoilt")
	write("2026/b.txt", "kept")
	b.CompareFolders("shop", newest.ID, "shop")
	b.until("the comparison", func() bool { return b.shop().Compared != nil && b.shop().Busy == nil })
	if c := b.shop().Compared; !c.Folders || c.Result.Same || c.Result.Media[0].Changed != 2 {
		t.Errorf("compared: %+v", c)
	}
	b.ListFiles("shop", newest.ID, "TXT")
	b.until("the files", func() bool { return b.shop().Files != nil && !b.shop().Files.Reading && b.shop().Files.All == 2 })
	b.ListFiles("shop", newest.ID, "a[")
	b.until("one file", func() bool { return b.shop().Files.Text == "a[" && !b.shop().Files.Reading && b.shop().Files.All == 1 })
	b.Restore(views.Restoring{Sandbox: "shop", Backup: newest.ID, What: backup.ScopeMedia, Files: b.shop().Files.Files, Target: "shop"})
	b.until("the prompt", func() bool { return b.question != nil })
	if !strings.HasPrefix(b.question.Verb, "Replace 1 file") {
		t.Errorf("the gate's button says %q", b.question.Verb)
	}
	b.Approve(phrase)
	b.until("the restore", func() bool { return b.shop().Restored != nil && b.shop().Busy == nil })
	if read("a[1].txt") != "first" || read("2026/b.txt") != "kept" {
		t.Errorf("after it: %q, %q", read("a[1].txt"), read("2026/b.txt"))
	}
	r := b.shop().Restored
	if r.Database != "" || len(r.Folders) != 1 || !strings.HasPrefix(r.Kept, folder+"_before_") || !r.CanUndo {
		t.Errorf("restored: %+v", r)
	}
	if now := b.shop().Media.Newest; now == nil || now.ID != newest.ID {
		t.Errorf("what was saved before the restore is the newest: %+v", now)
	}
	b.Undo("shop", r.Restore)
	b.until("the question of the undo", func() bool { return b.question != nil })
	b.approve()
	b.until("the undo", func() bool { return b.shop().Restored != nil && b.shop().Restored.Undone && b.shop().Busy == nil })
	if read("a[1].txt") != "spoilt" {
		t.Errorf("after the undo: %q", read("a[1].txt"))
	}
}

// TestSecretsInTheWindow: found, also by a pattern; exported plain, deleted; never shown.
func TestSecretsInTheWindow(t *testing.T) {
	b := newBench(t)
	code := filepath.Join(b.dir, "code")
	must(t, os.MkdirAll(code, 0o700))
	must(t, os.WriteFile(filepath.Join(code, ".env"), []byte("TOKEN=hunter2\n"), 0o600))
	must(t, os.WriteFile(filepath.Join(code, "server.key"), []byte("hunter3"), 0o600))
	b.edit("shop", func(s *backup.Sandbox) { must(t, engine.SetPlaces(s, []string{code}, nil)) })
	b.FindSecrets("shop")
	found := func(n int) func() bool {
		return func() bool {
			return b.state.Secrets != nil && !b.state.Secrets.Looking && len(b.state.Secrets.Files) == n
		}
	}
	b.until("one secret file", found(1))
	b.WatchSecrets("shop", []string{filepath.Join(b.dir, "nowhere", "*.key")})
	b.until("a folder that is not there", func() bool { return found(1)() && b.state.Secrets.Problem != nil })
	b.WatchSecrets("shop", []string{filepath.Join(code, "*.key")})
	b.until("the other one, by a pattern", func() bool { return found(2)() && len(b.state.Secrets.Watched) == 1 })
	out := filepath.Join(b.dir, "shop.json")
	b.ExportSecrets(views.SecretsExport{Sandbox: "shop", Format: "bitwarden", Out: out, Files: []string{b.state.Secrets.Files[0].Path}})
	b.approve()
	b.until("the export", func() bool { return b.state.Secrets != nil && b.state.Secrets.Done != nil && !b.state.Secrets.Busy })
	if d := b.state.Secrets.Done; !d.Plain || d.Path != out || d.Files != 1 || d.Deleted {
		t.Errorf("done: %+v", d)
	}
	if info, err := os.Stat(out); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	b.DeleteExport("shop")
	b.until("the file is deleted", func() bool { return b.state.Secrets.Done.Deleted })
	if _, err := os.Stat(out); !os.IsNotExist(err) {
		t.Errorf("it is still there: %v", err)
	}
	b.FindSecrets("shop")
	b.until("what is exported is known", func() bool {
		return found(2)() && !b.state.Secrets.Files[0].Changed && b.state.Secrets.Files[1].Changed
	})
	b.EndSecrets()
	b.until("nothing is shown of it", func() bool { return b.state.Secrets == nil })
}
