package views_test

import (
	"fmt"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"holdfast/backup"
	"holdfast/views"
)

// withFolders is shop with folders, whose newest backup lacks some files.
func withFolders(b *views.Sandbox) {
	newest := b.Backups[0]
	newest.What, newest.ID = backup.ScopeBoth, "00000000000000ee"
	newest.Media = []backup.MediaFolder{
		{Name: "uploads", Path: "/srv/shop/uploads", Files: 12408, Bytes: 3 << 30, Excluded: 17, Skipped: 250, Notes: []backup.MediaNote{
			{Path: "2026/06/invoice-8812.pdf", Text: "it cannot be read: permission denied"},
			{Path: "tmp/session.lock", Text: "it vanished meanwhile"},
		}},
		{Name: "avatars", Path: "/srv/shop/avatars", Files: 640, Bytes: 20 << 20},
	}
	b.HasMedia = true
	b.Backups = append([]backup.Backup{newest}, b.Backups...)
	b.Media = &views.Media{Folders: []string{"/srv/shop/uploads", "/srv/shop/avatars"}, Exclude: []string{"node_modules/", "*.tmp"}, Takes: backup.ScopeBoth, Newest: &newest}
}

// changedFiles is a comparison of the folders with now.
func changedFiles(n int) *views.Compared {
	c := backup.FolderChanges{Name: "uploads", Path: "/srv/shop/uploads", Same: 12000, Added: 2, Changed: 1, Removed: int64(n)}
	c.Files = append(c.Files, backup.FileChange{Path: "2026/06/new.png", Change: backup.FileAdded, SizeNow: 4096}, backup.FileChange{Path: "logo.svg", Change: backup.FileChanged, SizeThen: 900, SizeNow: 950})
	for i := range n {
		c.Files = append(c.Files, backup.FileChange{Path: fmt.Sprintf("2026/05/picture-%04d.jpg", i), Change: backup.FileRemoved, SizeThen: 5 << 20})
	}
	return &views.Compared{Backup: "00000000000000ee", Folders: true, Result: backup.Comparison{Backup: "00000000000000ee", Media: []backup.FolderChanges{c}}}
}

func TestMediaOfASandboxWithoutFolders(t *testing.T) {
	s, st := section(t, "Media", func(b *views.Sandbox) { b.Media = &views.Media{Takes: backup.ScopeDatabase} })
	if s.told.place != (views.Place{Sandbox: "shop", Section: views.SectionMedia}) {
		t.Errorf("the program thinks that %+v is shown", s.told.place)
	}
	s.sees("It has no folders yet", "by the seconds between them")
	s.seesNo("Newest backup of the folders", "What is left out")
	s.entry("/srv/shop/uploads").SetText(" /srv/shop/uploads ")
	test.Tap(s.button("Add"))
	s.wasTold(fmt.Sprintf("media shop %q without %q", []string{"/srv/shop/uploads"}, backup.DefaultExclusion()))
	if s.entry("/srv/shop/uploads").Text != "" {
		t.Error("what was added is still to be added")
	}
	st.Sandboxes[0].Problem = &backup.Fault{Text: "the folder nowhere cannot be backed up", Hint: "Name a folder that is there."}
	s.shell.Refresh(st)
	s.sees("The folder nowhere cannot be backed up", "Name a folder that is there.")
}

func TestMedia(t *testing.T) {
	s, st := section(t, "Media", withFolders)
	s.sees("/srv/shop/uploads", "12,408 files  ·  3.0 GB  ·  17 left out by patterns  ·  250 skipped or not read", "250 files are not in it as they should be:",
		"uploads/tmp/session.lock", "it vanished meanwhile", "and 248 more like these", "13,048 files")
	if !s.tick("node_modules/").Checked || s.tick("*.log").Checked || !s.button("Save").Disabled() {
		t.Error("the ticks do not show what is left out")
	}
	s.tick("*.log").SetChecked(true)
	s.tick("*.tmp").SetChecked(false)
	s.field("node_modules/, *.tmp").TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	s.wasTold(`media shop ["/srv/shop/uploads" "/srv/shop/avatars"] without ["node_modules/" "*.log"]`)
	test.Tap(s.buttons("Remove")[0])
	s.wasTold(`media shop ["/srv/shop/avatars"] without ["node_modules/" "*.tmp"]`)
	s.tap("Folders")
	s.wasTold("takes shop media")
	test.Tap(s.button("Back up the folders now"))
	s.wasTold(`back up media of shop ""`)
	test.Tap(s.button("Compare with now"))
	s.wasTold("compare folders shop 00000000000000ee shop")
	st.Sandboxes[0].Busy = &views.Busy{Title: "Comparing shop with the backup"}
	s.shell.Refresh(st)
	if !s.button("Compare with now").Disabled() || !s.button("Restore…").Disabled() {
		t.Error("something else can be begun meanwhile")
	}
	st.Sandboxes[0].Busy, st.Sandboxes[0].Compared = nil, changedFiles(998)
	st.Sandboxes[0].Media.Takes = backup.ScopeMedia
	s.shell.Refresh(st)
	s.sees("Since this backup: 2 added, 1 changed, 998 removed.", "2026/06/new.png", "changed", "The database is backed up only by hand then.")
	st.Sandboxes[0].Compared = &views.Compared{Backup: "00000000000000ee", Folders: true, Result: backup.Comparison{Same: true}}
	s.shell.Refresh(st)
	s.sees("Nothing differs: the folders are as they were in this backup.")
	test.Tap(s.button("Secret files…"))
	s.wasTold("find secrets shop")
	s.sees("Secret files of shop")
}

// TestFoldersAreRestored goes from the section through the wizard: whole folders, chosen files, and
// beside the present ones.
func TestFoldersAreRestored(t *testing.T) {
	s, st := section(t, "Media", withFolders)
	test.Tap(s.button("Restore…"))
	s.wasTold("choose shop 00000000000000ee")
	s.sees("Reading the backup…")
	newest := *st.Sandboxes[0].Media.Newest
	newest.Tables = []backup.Table{{Schema: "public", Name: "orders", Rows: 7}}
	st.Sandboxes[0].Details = &newest
	s.shell.Refresh(st)
	s.sees("Database and folders", "Only some tables", "Only some files", "13,048 files")
	test.Tap(s.button("Next"))
	s.sees("Replaces what is in its folders now.", "Beside the present folders")
	test.Tap(s.button("Next"))
	s.wasTold("compare folders shop 00000000000000ee shop")
	st.Sandboxes[0].Compared = changedFiles(3)
	s.shell.Refresh(st)
	s.sees("Since this backup: 2 added, 1 changed, 3 removed.", "uploads/2026/05/picture-0002.jpg", "gone now; comes back", "new since; goes away", "its contents")
	test.Tap(s.button("Copy the command for it"))
	if want := "holdfast restore 00000000000000ee --what media"; s.copied != want {
		t.Errorf("the command is %q, want %q", s.copied, want)
	}
	test.Tap(s.button("Restore…"))
	s.wasTold("restore {Sandbox:shop Backup:00000000000000ee What:media Tables:[] Files:[] Beside:false Target:shop NewDatabase:}")

	test.Tap(s.button("Back"))
	test.Tap(s.button("Back"))
	s.tap("Only some files")
	s.wasTold(`list files shop 00000000000000ee ""`)
	if !s.button("Next").Disabled() {
		t.Error("no file is chosen, and it goes on")
	}
	st.Sandboxes[0].Files = &views.MediaFiles{Backup: "00000000000000ee", All: 12408, Files: []views.File{{Folder: "uploads", Path: "logo.svg", Size: 900}, {Folder: "uploads", Path: "2026/a*b[1].jpg", Size: 100}}}
	s.shell.Refresh(st)
	s.sees("uploads/logo.svg", "12,406 more; type to find them")
	s.entry("Filter by folder and name").SetText("logo ")
	s.wasTold(`list files shop 00000000000000ee "logo"`)
	s.tick("Select all shown").SetChecked(true)
	s.sees("Chosen: 2 files  ·  1000 B")
	test.Tap(s.button("Next"))
	s.tap("Beside the present folders")
	test.Tap(s.button("Next"))
	s.wasTold()
	s.sees("The folders come beside the present ones.")
	test.Tap(s.button("Copy the command for it"))
	if want := `holdfast restore 00000000000000ee --what media --media-path 'uploads:/2026/a\*b\[1].jpg' --media-path 'uploads:/logo.svg' --beside`; s.copied != want {
		t.Errorf("the command is %q, want %q", s.copied, want)
	}
	st.Sandboxes[0].Files = &views.MediaFiles{Backup: "00000000000000ee", Problem: &backup.Fault{Text: "the vault is away", Hint: "Attach its disk."}}
	test.Tap(s.button("Back"))
	test.Tap(s.button("Back"))
	s.shell.Refresh(st)
	s.sees("The vault is away", "Attach its disk.")
	test.Tap(s.button("Copy details"))
	if s.copied != "the vault is away\nAttach its disk." {
		t.Errorf("%q was copied", s.copied)
	}
}

// TestWhatIsBackedUp: where there are folders a person chooses; elsewhere there is nothing to choose.
func TestWhatIsBackedUp(t *testing.T) {
	s, st := section(t, "Backups", withFolders)
	for _, o := range s.picks() {
		if o.Selected == "Database and folders" {
			o.SetSelected("Folders")
		}
	}
	s.entry("Note, such as: before the migration").SetText("the pictures")
	test.Tap(s.button("Back up now"))
	s.wasTold(`back up media of shop "the pictures"`)
	media := st.Sandboxes[0].Backups[0]
	media.ID, media.What, media.Started = "00000000000000ff", backup.ScopeMedia, now.Add(-time.Minute)
	st.Sandboxes[0].Backups = append([]backup.Backup{media}, st.Sandboxes[0].Backups...)
	st.Sandboxes[0].Details = &media
	s.shell.Refresh(st)
	s.sees("folders only  ·  before the migration", "13,048 files  ·", "/srv/shop/avatars")
	if !s.button("Try a restore").Disabled() || s.button("Download…").Disabled() {
		t.Error("folders alone can be drilled, or not downloaded")
	}
	st.Sandboxes[0].HasMedia = false
	s.shell.Refresh(st)
	if len(s.picks()) != 0 {
		t.Error("there is something to choose without folders")
	}
	st.Sandboxes[0].Restored = &views.Restored{Restore: "r1", At: now, Folders: []string{"/srv/shop/uploads"}, Kept: "/srv/shop/uploads_before_20260615_093000", CanUndo: true}
	s.shell.Refresh(st)
	s.sees("Restored 15 June 09:30: /srv/shop/uploads")
	test.Tap(s.button("More…"))
	s.sees("Restored 15 June 09:30: /srv/shop/uploads", "kept as /srv/shop/uploads_before_20260615_093000 until you drop it")
}
