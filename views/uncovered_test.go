package views_test

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
	"holdfast/views"
)

// gaps are one of each kind.
func gaps() []backup.Gap {
	return []backup.Gap{
		{Kind: backup.GapFolders}, {Kind: backup.GapUploads, Names: []string{"/home/ada/code/shop/uploads"}}, {Kind: backup.GapPatterns, Names: []string{"node_modules/", "*.tmp"}},
		{Kind: backup.GapTables, Names: []string{"audit_logs", "public.sessions"}}, {Kind: backup.GapSchemas, Names: []string{"tenant_1"}},
		{Kind: backup.GapDatabases, Names: []string{"analytics", "blog", "c", "d", "e", "f", "g", "h", "wiki", "x"}}, {Kind: backup.GapRoles},
		{Kind: backup.GapStorage, Names: []string{"bucket pictures"}}, {Kind: backup.GapServers, Names: []string{"Redis at localhost:6379"}},
		{Kind: backup.GapSecrets, Names: []string{"/home/ada/code/shop/.env"}}, {Kind: backup.GapCode},
	}
}

// TestNotCovered: from the list of backups one reads what they do not hold, and gets to where something
// can be done about it; all with the keyboard.
func TestNotCovered(t *testing.T) {
	s := newScreen(t)
	st := state()
	s.shell.Refresh(st)
	s.shell.Open("shop")
	s.told.calls = nil
	open := func() {
		t.Helper()
		s.window.Canvas().Focus(s.focusable(func(o fyne.CanvasObject) bool {
			b := embedded[widget.Button](o)
			return b != nil && b.Text == "Not covered…"
		}))
		s.window.Canvas().Focused().TypedKey(key(fyne.KeyReturn))
	}
	open()
	s.sees("Looking at its folders and its server…", "Not covered")
	if want := (views.Place{Sandbox: "shop", Section: views.SectionUncovered}); s.told.place != want {
		t.Errorf("the program thinks that %+v is shown", s.told.place)
	}
	st.Sandboxes[0].Gaps = gaps()
	s.shell.Refresh(st)
	s.sees("bucket pictures", "rclone sync", "analytics, blog, c, d, e, f, g, h and 2 more", "audit_logs, public.sessions", "/home/ada/code/shop/.env", "git keeps it")
	s.seesNo("Looking at its folders")
	test.Tap(s.buttons("Copy the command")[1])
	if want := "holdfast sandbox edit shop --code FOLDER"; s.copied != want {
		t.Errorf("copied %q, want %q", s.copied, want)
	}
	test.Tap(s.buttons("Folders…")[0])
	if s.told.place.Section != views.SectionMedia {
		t.Errorf("its folders are at %+v", s.told.place)
	}
	s.tap("Backups")
	open()
	s.window.Canvas().OnTypedKey()(key(fyne.KeyEscape))
	if s.told.place.Section != views.SectionBackups {
		t.Errorf("Escape leads to %+v", s.told.place)
	}
}

// TestNotCoveredInGerman: what the code folders name is named in the language of the window.
func TestNotCoveredInGerman(t *testing.T) {
	s := german(t)
	st := state()
	st.Sandboxes[0].Gaps = []backup.Gap{
		{Kind: backup.GapStorage, Names: []string{"bucket pictures", "object storage at 127.0.0.1:9000", "object storage in the service files"}},
		{Kind: backup.GapServers, Names: []string{"Redis at localhost:6379", "MySQL in the service old", "SQLite file /srv/at home/a.db"}},
		{Kind: backup.GapUploads, Names: []string{"/srv/Uploads at home"}},
	}
	s.shell.Refresh(st)
	s.shell.Visit(views.Place{Sandbox: "shop", Section: views.SectionUncovered})
	s.shell.Refresh(st)
	s.sees("Bucket pictures, Objektspeicher auf 127.0.0.1:9000, Objektspeicher im Dienst files", "Redis auf localhost:6379, MySQL im Dienst old, SQLite-Datei /srv/at home/a.db", "/srv/Uploads at home")
}
