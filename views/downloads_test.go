package views_test

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"holdfast/backup"
	"holdfast/views"
)

func TestDownloadIsAskedFor(t *testing.T) {
	s := newScreen(t)
	st := state()
	st.WriteTo = "/home/ada/Downloads"
	withFolders(&st.Sandboxes[0])
	st.Sandboxes[0].Details = st.Sandboxes[0].Media.Newest
	s.shell.Refresh(st)
	s.shell.Open("shop")
	test.Tap(s.button("Download…"))
	s.sees("The file will not be encrypted")
	var format = s.picks()[len(s.picks())-1]
	if len(format.Options) != 5 {
		t.Errorf("formats: %q", format.Options)
	}
	format.SetSelectedIndex(2)
	s.tick("Rows of sessions, job queues and audit logs too").SetChecked(true)
	s.tick("Seal it with a passphrase (age opens it)").SetChecked(true)
	s.sees("Without the passphrase nobody opens the file")
	test.Tap(s.button("Download…"))
	s.sees("Type a passphrase to seal with.")
	test.Type(s.field("Passphrase to seal with"), "four quiet words here")
	test.Type(s.field("Once more"), "four quiet words")
	s.field("Once more").TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	s.sees("The two passphrases differ.")
	s.wasTold()
	s.entry("Once more").SetText("four quiet words here")
	s.field("Once more").TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	s.wasTold("download {Sandbox:shop Backup:00000000000000ee Format:json AllTables:true Folder:/home/ada/Downloads Passphrase:four quiet words here}")
	s.seesNo("Without the passphrase nobody opens the file") // it is closed
	test.Tap(s.button("Download…"))
	s.field("/home/me/Downloads").TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	s.wasTold()
	s.seesNo("The file will not be encrypted")
}

func TestDownloadsAreShown(t *testing.T) {
	s := newScreen(t)
	st := state()
	st.Sandboxes[0].Downloads = []views.Download{
		{Job: "1", Title: "Download of shop as dump", Busy: &views.Busy{Fraction: 0.25, Progress: backup.Progress{Stage: "download", Bytes: 1 << 20, BytesTotal: 4 << 20}}},
		{Job: "2", Title: "Download of shop as sql", Path: "/out/shop.sql", Bytes: 5 << 20, Opens: "psql -f /out/shop.sql"},
		{Job: "3", Title: "Download of shop as zip", Problem: &backup.Fault{Text: "no room is left", Hint: "Make room."}},
	}
	s.shell.Refresh(st)
	s.shell.Open("shop")
	s.sees("Download of shop as dump", "25 %") // the list needs the room
	s.seesNo("Ready: /out/shop.sql", "No room is left")
	test.Tap(s.button("Cancel"))
	s.wasTold("cancel 1")
	test.Tap(s.button("More…"))
	st.Sandboxes[0].Writes = &views.DownloadPlan{Format: "dump", Keep: 7}
	s.shell.Refresh(st)
	s.sees("shop  ›  Settings  ›  Downloads", "Download of shop as dump", "Ready: /out/shop.sql  ·  5.0 MB  ·  not encrypted", "No room is left. Make room.")
	test.Tap(s.button("Cancel"))
	s.wasTold("cancel 1")
	st.Sandboxes[0].Downloads[0].Busy = &views.Busy{Stopping: true, Writes: true}
	s.shell.Refresh(st)
	s.sees("Stopping; what was written so far is removed")
	test.Tap(s.button("Open the folder"))
	s.wasTold("open /out/shop.sql")
	test.Tap(s.button("Copy the command that opens it"))
	if s.copied != "psql -f /out/shop.sql" {
		t.Errorf("copied %q", s.copied)
	}
	test.Tap(s.button("More…"))
	test.Tap(s.button("Copy details"))
	if s.copied != "no room is left\nMake room." {
		t.Errorf("copied %q", s.copied)
	}
	test.Tap(s.button("Close"))

	s.tap("Backups")
	st.Sandboxes[0].Downloads = st.Sandboxes[0].Downloads[1:]
	s.shell.Refresh(st)
	s.sees("Ready: /out/shop.sql  ·  5.0 MB  ·  not encrypted")
	test.Tap(s.button("Open the folder"))
	s.wasTold("open /out/shop.sql")
	st.Sandboxes[0].Downloads = st.Sandboxes[0].Downloads[1:]
	s.shell.Refresh(st)
	s.sees("No room is left. Make room.")
	s.pressed("") // the cross
	s.wasTold("forget download 3")
}

func TestScheduledDownloads(t *testing.T) {
	s, st := section(t, "Downloads", func(b *views.Sandbox) { b.Writes = &views.DownloadPlan{Format: "dump", Keep: 7} })
	s.sees("Nothing is written by itself yet.", "None yet.", "Files that are not sealed are not encrypted")
	test.Tap(s.button("Save…"))
	s.sees("Name the folder to write into.")
	s.entry("/media/backup/shop").SetText("/out")
	s.entry("7").SetText("many")
	test.Tap(s.button("Save…"))
	s.sees("How many are kept is a number")
	s.entry("7").SetText("3")
	s.picks()[1].SetSelectedIndex(2)
	s.tick("Seal the files with a passphrase (age opens them)").SetChecked(true)
	test.Tap(s.button("Save…"))
	s.sees("Type a passphrase to seal with.")
	s.wasTold()
	s.entry("Passphrase to seal with").SetText("four quiet words here")
	s.entry("Once more").SetText("four quiet words here")
	s.field("Once more").TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	s.wasTold(`downloads shop {On:true Folder:/out Format:dump Every:168h0m0s Keep:3 Sealed:true AllTables:false Files:[]} "four quiet words here"`)
	st.Sandboxes[0].Writes = &views.DownloadPlan{On: true, Folder: "/out", Format: "json", Every: 7 * 24 * time.Hour, Keep: 3, Sealed: true, Files: []string{"/out/older.json.age", "/out/newer.json.age"}}
	s.shell.Refresh(st)
	s.sees("On: .json – a snapshot of the rows, into /out", "A passphrase is kept", "/out/newer.json.age")
	s.seesNo("are not encrypted")
	test.Tap(s.button("Save…"))
	s.wasTold(`downloads shop {On:true Folder:/out Format:json Every:168h0m0s Keep:3 Sealed:true AllTables:false Files:[]} ""`)
	s.list().Select(0)
	s.wasTold("open /out/newer.json.age")
	test.Tap(s.button("Write no more files…"))
	s.wasTold("stop downloads shop")
}

// TestCommands: what is on the screen, as commands without secrets.
func TestCommands(t *testing.T) {
	s, st := section(t, "Media", withFolders)
	b := &st.Sandboxes[0]
	copied := func() string {
		t.Helper()
		test.Tap(s.button("As a command…"))
		all := s.buttons("Copy")
		test.Tap(all[0])
		return s.copied
	}
	b.Schedule = &views.Schedule{Text: "weekly fri 03:00"}
	b.Retention = &views.Retention{Rules: backup.DefaultRetention()}
	b.Writes = &views.DownloadPlan{On: true, Folder: "/out", Format: "sql", Keep: 3}
	b.Connection = &views.Connection{Sandbox: backup.Sandbox{Name: "shop", ExcludeTables: []string{"audit_*"}, Before: "curl -H 'Token: hunter2' http://localhost"}}
	b.Permissions = &views.Permissions{Policy: backup.DefaultPolicy()}
	for _, one := range []struct{ tab, want string }{
		{"Media", "holdfast sandbox edit shop --media /srv/shop/uploads --media /srv/shop/avatars --media-exclude node_modules/ --media-exclude '*.tmp' --scheduled-what both"},
		{"Schedule", "holdfast schedule set shop weekly fri '03:00'"},
		{"Retention", "holdfast retention set shop --scheduled '7 daily' --on-demand '3 newest, 30 days' --pre-restore '3 newest, 30 days'"},
		{"Downloads", "holdfast sandbox edit shop --downloads-to /out --downloads-format sql --downloads-keep 3 --downloads-every 0"},
		{"Permissions", "holdfast gate policy shop"},
		{"Connection", "holdfast sandbox edit shop --exclude-table 'audit_*'"},
		{"Backups", "holdfast backup list shop"},
		{"Overview", "holdfast sandbox list"},
		{"Activity", "holdfast backup list"},
		{"Reminders", "holdfast remind"},
	} {
		s.tap(one.tab)
		s.shell.Refresh(st)
		if got := copied(); got != one.want {
			t.Errorf("%s: %q, want %q", one.tab, got, one.want)
		}
	}
	s.shell.Open("shop")
	s.entry("Note, such as: before the migration").SetText("it's late")
	test.Tap(s.button("As a command…"))
	s.sees(`holdfast backup create shop --what both --note 'it'\''s late'`)
	if !strings.Contains(s.texts(), "for scripts") {
		t.Error("it does not say what that is for")
	}
}

func TestSavePointFromTheTray(t *testing.T) {
	s := newScreen(t)
	s.shell.Refresh(state())
	s.shell.SavePoint("gone")
	s.seesNo("A save point of gone")
	s.shell.SavePoint("shop")
	e := s.field("What comes next, such as: migration, bulk update, deploy")
	test.Type(e, "bulk update")
	e.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	s.wasTold(`back up shop "bulk update"`)
}
