package views_test

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"holdfast/backup"
	"holdfast/views"
)

// tabTo goes by Tab, as a person without a mouse does, to what has a label.
func (s *screen) tabTo(name string) {
	s.t.Helper()
	for range 200 {
		if had := s.window.Canvas().Focused(); had != nil && label(had) == name {
			s.focusedInFront()
			return
		}
		s.window.Canvas().FocusNext()
	}
	s.t.Fatalf("Tab does not come to %q; shown:\n%s", name, s.texts())
}

// enter goes to what has a label and presses it.
func (s *screen) enter(name string) {
	s.t.Helper()
	s.tabTo(name)
	s.strike(fyne.KeyReturn)
}

// strikes presses keys one after the other.
func (s *screen) strikes(names ...fyne.KeyName) {
	s.t.Helper()
	for _, k := range names {
		s.strike(k)
	}
}

// types writes letters where the focus is.
func (s *screen) types(text string) {
	s.t.Helper()
	had := s.window.Canvas().Focused()
	if had == nil {
		s.t.Fatalf("there is nothing to write %q into", text)
	}
	for _, r := range text {
		had.TypedRune(r)
	}
}

// journey is a window without a mouse.
func journey(t *testing.T, st views.State) *screen {
	t.Helper()
	s := newScreen(t)
	s.shell.Refresh(st)
	return s
}

func TestKeysAloneBackUp(t *testing.T) {
	s := journey(t, full())
	s.enter("Open")
	s.sees("shop  ›  Settings  ›  Backups")
	s.tabTo("Note, such as: before the migration")
	s.types("by hand")
	s.enter("Back up now")
	s.wasTold(`back up shop "by hand"`)
	s.focusedInFront()
	st := s.shell.Shown()
	st.Sandboxes[0].Busy = &views.Busy{Title: "Backing up shop"}
	s.shell.Refresh(st)
	s.enter("Cancel")
	s.wasTold("cancel shop")
	st.Sandboxes[0].Busy = nil // the button with the focus is gone
	s.shell.Refresh(st)
	s.focusedInFront()
}

func TestKeysAloneRestoreAndUndo(t *testing.T) {
	st := full()
	s := journey(t, st)
	s.shell.Open("shop")
	s.tabTo("a list")
	s.strikes(fyne.KeyDown, fyne.KeyReturn) // past the day
	chosen := st.Sandboxes[0].Backups[0]
	s.wasTold("choose shop " + string(chosen.ID))
	st.Sandboxes[0].Details = &chosen
	s.shell.Refresh(st)
	s.enter("Restore…")
	s.sees("Step 1 of 3")
	s.enter("Next")
	s.enter("Next")
	s.told.calls = nil
	s.enter("Restore…")
	if len(s.told.calls) != 1 || !strings.HasPrefix(s.told.calls[0], "restore ") {
		t.Errorf("the program was told %q", s.told.calls)
	}
	s.told.calls = nil
	s.shell.Ask(question())
	s.types("correct horse")
	s.enter("Replace shop")
	s.wasTold("approve correct horse")
	s.shell.Ask(nil)
	s.focusedInFront()
	st.Sandboxes[0].Restored = &views.Restored{Restore: "1", Of: chosen.ID, At: now, Database: "shop", CanUndo: true, Kept: "shop_before", Until: now.Add(time.Hour)}
	s.shell.Refresh(st)
	s.sees("Restored 15 June 09:30.")
	s.focusedInFront()
	s.told.calls = nil
	s.enter("Undo")
	s.wasTold("undo shop 1")
	s.shell.Ask(question())
	s.strike(fyne.KeyEscape)
	s.wasTold("decline")
	s.shell.Ask(nil)
	s.tabTo("Undo")
}

func TestKeysAloneOpenTheMenuOfARow(t *testing.T) {
	s := journey(t, full())
	s.shell.Open("shop")
	s.tabTo("a list")
	s.strikes(fyne.KeyDown, fyne.KeyF10, fyne.KeyEscape)
	s.wasTold()
	s.tabTo("a list")
	s.strikes(fyne.KeyF10, fyne.KeyDown, fyne.KeyDown, fyne.KeyDown, fyne.KeyReturn) // past Restore and Download
	s.wasTold("verify shop 0000000000001000")
	s.strikes(fyne.KeyF10, fyne.KeyUp, fyne.KeyUp, fyne.KeySpace) // the last but one
	if s.copied != "0000000000001000" {
		t.Errorf("%q was copied", s.copied)
	}
	s.focusedInFront()
}

func TestKeysAloneGoOnWithANote(t *testing.T) {
	s := journey(t, full())
	s.shell.Open("shop")
	s.tabTo("a list")
	s.strike(fyne.KeyDown)
	s.types("n")
	s.types(", gÜltig")
	s.strike(fyne.KeyReturn)
	s.wasTold(`note shop 0000000000001000 "before the migration to version 42, gÜltig"`)
	s.focusedInFront()
}

func TestKeysAloneAddASandbox(t *testing.T) {
	s := journey(t, full())
	s.enter("Add a sandbox")
	s.types("blog")
	s.tabTo("postgres://app@localhost:5432/shop")
	s.types("postgres://localhost/blog")
	s.enter("Test the connection")
	s.wasTold("try blog postgres://localhost/blog ")
	s.shell.ShowAttempt(views.Attempt{Problem: unreachable})
	s.enter("Copy details")
	s.shell.ShowAttempt(views.Attempt{OK: true, Asks: []string{"public.audit_logs"}})
	s.tabTo("public.audit_logs")
	s.strike(fyne.KeySpace)
	s.enter("Add and back up")
	s.wasTold("add blog postgres://localhost/blog  without [public.audit_logs]")
	s.tabTo("Folders without a database")
	s.strike(fyne.KeySpace)
	s.tabTo("/home/me/code")
	s.types("/srv/code")
	s.strike(fyne.KeyReturn)
	s.enter("Remove")
	s.focusedInFront()
	s.strike(fyne.KeyEscape)
	s.sees("Push your code to git")
}

func TestKeysAloneLookInAFolder(t *testing.T) {
	s := journey(t, full())
	s.enter("Add a sandbox")
	s.enter("Look in a folder…")
	s.types("/srv/shop")
	s.strike(fyne.KeyReturn)
	if n := len(s.told.folders); n != 2 || s.told.folders[1] != "/srv/shop" {
		t.Errorf("it looked in %q", s.told.folders)
	}
	s.focusedInFront()
	s.strike(fyne.KeySpace) // where the focus was
	s.strike(fyne.KeyEscape)
	if len(s.told.folders) != 2 {
		t.Error("it looks though it was declined")
	}
	s.tabTo("Look in a folder…")
}

func TestKeysAloneChangeSettings(t *testing.T) {
	st := full()
	s := journey(t, st)
	s.shell.Open("shop")
	b := &st.Sandboxes[0]
	for section, fill := range sectionsFilled() {
		if section != views.SectionUncovered {
			fill(b)
		}
	}
	s.shell.Refresh(st)
	s.enter("Schedule")
	s.tabTo("Every day")
	s.strikes(fyne.KeySpace, fyne.KeyDown, fyne.KeyDown, fyne.KeyReturn) // to every few hours
	s.focusedInFront()
	s.wasTold("draft shop every 6h")
	b.Schedule.Draft = &views.Draft{Text: "every 6h"}
	s.shell.Refresh(st)
	s.enter("Apply")
	s.wasTold("schedule shop every 6h")
	s.enter("Permissions")
	s.tabTo("Restores into this sandbox are allowed")
	s.strike(fyne.KeySpace)
	s.wasTold("allow restore shop false")
	s.enter("deny")
	s.wasTold("policy shop backups.read deny")
	s.enter("Connection")
	s.enter("Remove the sandbox…")
	s.sees("Remove shop?")
	s.strike(fyne.KeyReturn) // Cancel has the focus
	s.wasTold()
	s.tabTo("Remove the sandbox…")
	s.enter("Retention")
	s.tabTo("7 daily")
	s.enter("Backups")
	s.enter("Not covered…")
	s.focusedInFront()
	s.strike(fyne.KeyEscape)
	s.sees("shop  ›  Settings  ›  Backups")
}

// TestArrowsGoAlongARow of tabs and of answers.
func TestArrowsGoAlongARow(t *testing.T) {
	st := full()
	s := journey(t, st)
	s.shell.Open("shop")
	sectionsFilled()[views.SectionPermissions](&st.Sandboxes[0])
	at := func(want string) {
		t.Helper()
		if now := label(s.window.Canvas().Focused()); now != want {
			t.Errorf("the focus is at %q, want %q", now, want)
		}
	}
	s.tabTo("Backups")
	s.strikes(fyne.KeyLeft, fyne.KeyRight, fyne.KeyRight)
	at("Retention")
	s.strikes(fyne.KeyLeft)
	at("Schedule")
	s.sees("shop  ›  Settings  ›  Backups") // the focus alone went
	s.enter("Permissions")
	s.tabTo("ask")
	s.strikes(fyne.KeyRight)
	at("deny")
}

func TestKeysAloneKeepACopyElsewhere(t *testing.T) {
	st := full()
	s := journey(t, st)
	s.enter("Off-site copies")
	s.tabTo("Another disk or share")
	s.strikes(fyne.KeyReturn, fyne.KeyDown, fyne.KeyDown, fyne.KeyReturn)
	s.tabTo("disk")
	s.types("nas")
	s.tabTo("nas")
	s.types("nas.local")
	s.enter("Try it and add it…")
	s.wasTold("add copy {Name:nas Kind:sftp Path: Host:nas.local Port: User: Identity: HostKey: Endpoint: Bucket: Prefix: Region: AccessKey: URL: Secret:}")
	s.shell.Ask(question())
	s.strike(fyne.KeyEscape)
	s.wasTold("decline")
	s.shell.Ask(nil)
	s.tabTo("Try it and add it…")

	c := views.Copy{Name: "nas", Where: "sftp://nas", Last: now.Add(-time.Hour), Bytes: 3 << 20, Job: "offsite:nas"}
	st.Offsite = &views.Offsite{Added: true, Copies: []views.Copy{c}}
	s.shell.Refresh(st)
	s.enter("Bring up to date")
	s.wasTold("sync copy nas")
	c.Busy = &views.Busy{Title: "Off-site copy nas", Fraction: 0.1}
	st.Offsite.Copies = []views.Copy{c}
	s.shell.Refresh(st)
	s.tabTo("Cancel")
	c.Busy = &views.Busy{Title: "Off-site copy nas", Fraction: 0.2}
	st.Offsite.Copies = []views.Copy{c}
	s.shell.Refresh(st)
	s.strike(fyne.KeyReturn) // it went on meanwhile
	s.wasTold("cancel offsite:nas")
	c.Busy, c.Problem = nil, unreachable
	st.Offsite.Copies = []views.Copy{c}
	s.shell.Refresh(st)
	s.focusedInFront()
	s.enter("More…")
	s.sees("Start PostgreSQL")
	s.strike(fyne.KeyEscape)
	s.tabTo("More…")
	s.enter("Prove from this copy…")
	s.enter("Prove it")
	s.wasTold("prove copy nas of shop")
	s.enter("Remove…")
	s.wasTold("remove copy nas")
}

func TestKeysAloneReadTheHelp(t *testing.T) {
	s := journey(t, full())
	s.enter("Help")
	first := s.helpPage()
	s.strike(fyne.KeyDown)
	if s.helpPage() == first {
		t.Error("the arrows turn no page")
	}
	s.strike(fyne.KeyPageDown)
	s.enter("Close")
	s.tabTo("Help")
	s.strikes(fyne.KeySpace, fyne.KeyEscape)
	if s.window.Canvas().Overlays().Top() != nil {
		t.Error("Escape leaves the help open")
	}
	s.tabTo("Help")
}

// helpPage is the text of the help that is shown.
func (s *screen) helpPage() (text string) {
	s.visible(func(o fyne.CanvasObject) {
		if scroll, is := o.(*container.Scroll); is {
			if page, is := scroll.Content.(interface{ String() string }); is {
				text = page.String()
			}
		}
	})
	return text
}

func TestKeysAloneGiveTheKey(t *testing.T) {
	st := full()
	s := journey(t, st)
	st.KeyAsked.Cause = &backup.Fault{Text: "the keyring is locked, so the vault key cannot be had"}
	s.shell.Refresh(st)
	s.enter("Give the key…")
	s.types("AAAA-BBBB")
	s.strike(fyne.KeyReturn)
	s.wasTold("give key AAAA-BBBB")
	s.enter("Try the keyring again")
	s.wasTold("try the keyring")
	s.strike(fyne.KeyEscape)
	s.tabTo("Give the key…")
	s.strike(fyne.KeyReturn)
	st.KeyAsked.Cause = nil // it was unlocked elsewhere
	s.shell.Refresh(st)
	s.focusedInFront()
}
