package views_test

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2/test"

	"holdfast/backup"
	"holdfast/views"
)

// foldersOnly makes the sandbox one that has no database.
func foldersOnly(b *views.Sandbox) {
	withFolders(b)
	b.FoldersOnly, b.Database = true, ""
	b.Media.Takes, b.Media.Newest.What = backup.ScopeMedia, backup.ScopeMedia
	b.Connection = &views.Connection{Sandbox: backup.Sandbox{Name: "shop", FoldersOnly: true, Media: b.Media.Folders}}
}

// TestFoldersOnly: what is about a database is not shown where there is none.
func TestFoldersOnly(t *testing.T) {
	s, st := section(t, "Media", foldersOnly)
	s.sees("/srv/shop/uploads", "12,408 files", "What is left out")
	s.seesNo("Scheduled backups take", "by the seconds between them", "Connection")
	s.tap("Commands")
	s.sees("Commands around a backup")
	s.button("Remove the sandbox…")
	s.seesNo("Where the database is", "Restore drill", "Data loss", "Password")
	if n := len(s.buttons("Test the connection")); n != 0 {
		t.Errorf("a connection can be tested %d times", n)
	}
	s.entry("such as: systemctl --user stop app").SetText("sync")
	test.Tap(s.button("Save"))
	saved := st.Sandboxes[0].Connection.Sandbox
	saved.Before = "sync"
	s.wasTold(fmt.Sprintf("save %+v ", saved))
	s.tap("Backups")
	before := len(s.picks())
	test.Tap(s.button("Back up now"))
	s.wasTold(`back up shop ""`)
	st.Sandboxes[0].FoldersOnly = false
	s.shell.Refresh(st)
	s.sees("Connection")
	if len(s.picks()) != before+1 {
		t.Error("what a backup takes cannot be chosen exactly where there is a database")
	}
}
