package views_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
	"holdfast/views"
)

func TestNothingIsClaimedBeforeTheFirstState(t *testing.T) {
	s := newScreen(t)
	s.sees("Reading the history")
	if len(s.buttons("Back up now")) > 0 {
		t.Error("a backup is offered before anything is known")
	}
	// The sidebar's own button is always there; the sentence above must not be.
	for _, h := range []string{"Not protected yet", "Needs attention"} {
		s.seesNo(h)
	}
}

// TestAnotherStateChangesAll: what was true before must not stay on the screen.
func TestAnotherStateChangesAll(t *testing.T) {
	s := chosen(t)
	st := state()
	st.Sandboxes[0].Details = &st.Sandboxes[0].Backups[0]
	st.Sandboxes[0].Restored = &views.Restored{Restore: "00000000000000cc", At: now, Database: "shop"}
	st.Sandboxes[0].Problem = &backup.Fault{Text: "cannot reach PostgreSQL"}
	s.shell.Refresh(st)
	s.sees("public.orders", "Cannot reach")
	test.Tap(s.button("More…")) // the restore takes the place of the problem
	s.sees("public.orders", "Restored 15 June", "Cannot reach")
	next := state()
	next.Sandboxes[0].Backups = nil
	next.Sandboxes[0].Health = views.NotYet
	s.shell.Refresh(next)
	s.sees("No backup yet", "Not protected yet")
	s.seesNo("public.orders", "Restored 15 June", "Cannot reach", "before the migration", "Choose a backup")
}

func TestAPageWhoseSandboxIsGoneIsLeft(t *testing.T) {
	s := chosen(t)
	s.shell.Refresh(views.State{Now: now, Zone: time.UTC})
	s.sees("Add the database of a sandbox")
	s.seesNo("Settings")
}

func TestTheMarkStaysOnThePageWhenRowsMove(t *testing.T) {
	s := chosen(t)
	st := state()
	st.Sandboxes = append([]views.Sandbox{{Name: "blog"}}, st.Sandboxes...)
	s.shell.Refresh(st)
	s.sees("shop  ›  Settings  ›  Backups")
	s.wasTold()
}

func TestWhatIsTypedStaysWithItsSandbox(t *testing.T) {
	s := newScreen(t)
	st := state()
	st.Sandboxes = append(st.Sandboxes, views.Sandbox{Name: "blog"})
	s.shell.Refresh(st)
	s.shell.Open("shop")
	note := s.entry("Note, such as: before the migration")
	note.SetText("for shop")
	s.shell.Refresh(st)
	if note.Text != "for shop" {
		t.Error("a refresh drops what is being typed")
	}
	s.shell.Open("blog")
	test.Tap(s.button("Back up now"))
	s.wasTold(`back up blog ""`)
}

func TestFilter(t *testing.T) {
	s := newScreen(t)
	s.shell.Refresh(state())
	s.shell.Open("shop")
	filter := s.entry("Filter by note, status, trigger")
	filter.SetText("FAILED")
	s.sees("Yesterday")
	s.seesNo("before the migration")
	filter.SetText("nothing has this")
	s.sees("No backup matches the filter.")
}

func TestAFailedBackupSaysWhy(t *testing.T) {
	s := newScreen(t)
	st := state()
	st.Sandboxes[0].Details = &st.Sandboxes[0].Backups[1]
	s.shell.Refresh(st)
	s.shell.Open("shop")
	s.sees("Cannot reach PostgreSQL", "Start it.")
	if !s.button("Restore…").Disabled() || !s.button("Verify").Disabled() {
		t.Error("a failed backup can be restored or verified")
	}
}

func TestSetupKeepsWhatIsTyped(t *testing.T) {
	s := newScreen(t)
	setup := views.State{Setup: &views.Setup{Path: "/home/ada/vault", Free: 64 << 30, SameDisk: true}}
	s.shell.Refresh(setup)
	test.Tap(s.button("Continue"))
	s.entries()[0].SetText("/mnt/other/vault")
	s.shell.Refresh(setup)
	if got := s.entries()[0].Text; got != "/mnt/other/vault" {
		t.Errorf("a refresh made the place %q", got)
	}
	s.seesNo("64.0 GB", "same disk") // that was said of another place
	s.entries()[1].SetText("correct horse")
	s.entries()[2].SetText("correct horse")
	secrets := s.entries()[1:3]
	s.shell.Refresh(views.State{Setup: &views.Setup{Path: "/mnt/other/vault", Key: "AAAA-BBBB"}})
	if secrets[0].Text != "" || secrets[1].Text != "" {
		t.Error("the passphrases stay in their fields")
	}
	test.Tap(s.button("Copy"))
	if s.copied != "AAAA-BBBB" {
		t.Errorf("%q was copied", s.copied)
	}
}

func TestSetupRefusesNoPassphrase(t *testing.T) {
	s := newScreen(t)
	s.shell.Refresh(views.State{Setup: &views.Setup{Path: "/vault"}})
	test.Tap(s.button("Continue"))
	test.Tap(s.button("Make the vault"))
	s.wasTold()
	s.sees("Choose a passphrase.")
	s.shell.Refresh(views.State{Setup: &views.Setup{Path: "/vault", Busy: true}})
	s.sees("Making the vault…")
	if !s.button("Make the vault").Disabled() {
		t.Error("the vault can be made twice")
	}
}

func TestFieldsMakeAConnectionString(t *testing.T) {
	s := newScreen(t)
	s.shell.Refresh(state())
	test.Tap(s.button("Add a sandbox"))
	s.entry("shop").SetText("blog")
	test.Tap(s.button("Enter fields instead"))
	s.entry("localhost").SetText("/var/run/postgresql")
	s.entry("5432").SetText("5433")
	s.entry("app").SetText(`o'brien\ host=evil`)
	test.Tap(s.button("Test the connection"))
	s.wasTold(`try blog host='/var/run/postgresql' port='5433' user='o\'brien\\ host=evil' `)
	s.shell.ShowAttempt(views.Attempt{OK: true})
	test.Tap(s.button("Enter a URL instead"))
	s.entry("postgres://app@localhost:5432/shop").SetText(" postgres://localhost/blog ")
	test.Tap(s.button("Test the connection"))
	s.wasTold("try blog postgres://localhost/blog ")
}

func TestAnotherQuestionReplacesThePrompt(t *testing.T) {
	s := newScreen(t)
	s.shell.Refresh(state())
	s.shell.Ask(question())
	other := question()
	other.Prompt.What, other.Verb = "Delete the backup of shop", "Delete the backup"
	s.shell.Ask(other)
	s.sees("Delete the backup of shop")
	s.seesNo("Replace shop (128,402 rows)")
}

func TestNarrowWindowsLeaveColumnsOutWhole(t *testing.T) {
	s := newScreen(t)
	s.shell.Refresh(state())
	s.shell.Open("shop")
	s.sees("08:30", "128,402", "5.0 MB", "1.0 MB")
	s.window.Resize(fyne.NewSize(800, 560))
	s.sees("08:30", "completed", "intact", "before the migration")
	s.seesNo("1.0 MB", "128,402")
	s.window.Resize(fyne.NewSize(1280, 800))
	s.sees("5.0 MB", "1.0 MB")
}

// TestNamesFit: no text that matters is cut at the smallest size of the window.
func TestNamesFit(t *testing.T) {
	s := newScreen(t)
	s.shell.Refresh(state())
	s.shell.Open("shop")
	s.window.Resize(fyne.NewSize(800, 560))
	mustFit := []string{"08:30", "Manual", "completed", "intact", "128,402", "Next backup: tomorrow 02:30"}
	s.visible(func(o fyne.CanvasObject) {
		l, ok := o.(*widget.Label)
		if !ok || !slices.ContainsFunc(mustFit, func(m string) bool { return strings.HasPrefix(l.Text, m) }) {
			return
		}
		if need := widget.NewLabel(l.Text).MinSize().Width; need > l.Size().Width {
			t.Errorf("%q needs %.0f and has %.0f", l.Text, need, l.Size().Width)
		}
	})
}

func TestTheOverviewSaysWhereCopiesAre(t *testing.T) {
	s := newScreen(t)
	st := state()
	s.shell.Refresh(st)
	s.sees("Newest off-site copy: never.")
	st.Copied, st.CopiedTo = now.Add(-time.Hour), "nas"
	s.shell.Refresh(st)
	s.sees("same disk", "Newest off-site copy: 15 June 08:30 (nas).")
}
