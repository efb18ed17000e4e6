package views_test

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"holdfast/backup"
	"holdfast/views"
)

// TestAddFolders: a sandbox without a database is added on the page for a new sandbox, with the usual
// exclusions; what fails leaves what was typed.
func TestAddFolders(t *testing.T) {
	s := newScreen(t)
	s.shell.Refresh(state())
	test.Tap(s.button("Add a sandbox"))
	s.tap("Folders without a database")
	s.seesNo("By its address")
	s.entry("code").SetText(" volume ")
	s.entry("/home/me/code").SetText("/srv/one")
	test.Tap(s.buttons("Add")[0])
	s.entry("/home/me/code").SetText("/srv/two")
	test.Tap(s.buttons("Add")[0])
	s.sees("/srv/one", "/srv/two")
	test.Tap(s.buttons("Remove")[0])
	s.seesNo("/srv/one")
	s.entry("/home/me/code").SetText("/srv/three")
	usual := backup.FoldersOnlyExclusion()
	if got := s.entry("node_modules/, *.tmp").Text; got != strings.Join(usual, ", ") {
		t.Errorf("left out is %q", got)
	}
	test.Tap(s.button("Add and back up"))
	s.wasTold(fmt.Sprintf("add folders volume %q without %q", []string{"/srv/two", "/srv/three"}, usual))
	if !s.button("Add and back up").Disabled() {
		t.Error("it can be asked for twice")
	}

	s.shell.ShowAttempt(views.Attempt{Problem: &backup.Fault{Text: "the folder /srv/two cannot be backed up", Hint: "Name a folder that is there."}})
	s.sees("The folder /srv/two cannot be backed up", "/srv/two", "/srv/three")
	s.entry("node_modules/, *.tmp").SetText("*.log")
	test.Tap(s.button("Add and back up"))
	s.wasTold(fmt.Sprintf("add folders volume %q without %q", []string{"/srv/two", "/srv/three"}, []string{"*.log"}))
	s.shell.ShowAttempt(views.Attempt{OK: true})
	s.shell.Added("shop")
	test.Tap(s.button("Add a sandbox"))
	s.sees("By its address")
	s.tap("Folders without a database")
	s.seesNo("/srv/two")
	s.tap("A PostgreSQL database")
	s.sees("By its address")
}
