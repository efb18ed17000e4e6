package views_test

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
	"holdfast/views"
)

// usual is the size that the window has at first.
var usual = fyne.NewSize(1040, 680)

// where is the place of something in the window.
func where(o fyne.CanvasObject) fyne.Position {
	return fyne.CurrentApp().Driver().AbsolutePositionForObject(o)
}

// pressedBy gives the button with a label as it stands in the window.
func (s *screen) pressedBy(label string) fyne.CanvasObject {
	s.t.Helper()
	return s.focusable(func(o fyne.CanvasObject) bool {
		b := embedded[widget.Button](o)
		return b != nil && b.Text == label
	}).(fyne.CanvasObject)
}

// restoredSandbox is one whose restore was told of, in one line or in two.
func restoredSandbox(undone bool) func(*views.Sandbox) {
	return func(b *views.Sandbox) {
		b.Details = &b.Backups[0]
		b.Restored = &views.Restored{Restore: "1", At: now, Database: "shop", Undone: undone}
		if !undone {
			b.Restored.CanUndo, b.Restored.Kept = true, "shop_before_20260615_093000"
			b.Restored.Until, b.Restored.Size = now.Add(72*time.Hour), 512<<20
		}
	}
}

// TestTheHeadOfAPageIsWhole: with what came of a restore and the details of a backup, all of the page has
// room in the window as it opens; in the smallest one the head is not what scrolls away.
func TestTheHeadOfAPageIsWhole(t *testing.T) {
	for _, language := range []string{"en", "de"} {
		for _, undone := range []bool{true, false} {
			for _, size := range []fyne.Size{usual, small} {
				l := look{language, "light", size, 1}
				l.begin(t)
				s := l.window(t)
				at(views.SectionBackups, restoredSandbox(undone))(s)
				s.arrange()
				s.visible(func(o fyne.CanvasObject) {
					if scroll, ok := o.(*container.Scroll); ok && size == usual && scroll.Size().Height > size.Height/2 && scroll.Content.MinSize().Height > scroll.Size().Height {
						t.Errorf("%s, undone %v: what needs a height of %.0f has %.0f", l, undone, scroll.Content.MinSize().Height, scroll.Size().Height)
					}
				})
				tab := s.tab(lang.L("Retention"))
				if y := where(tab).Y; y < 40 || !s.whole(tab) {
					t.Errorf("%s, undone %v: the tabs are at %.0f", l, undone, y)
				}
			}
		}
	}
}

// tab gives the tab with a name.
func (s *screen) tab(name string) (found fyne.CanvasObject) {
	s.t.Helper()
	s.visible(func(o fyne.CanvasObject) {
		if _, can := o.(fyne.Focusable); can && found == nil && has(o, name) && embedded[widget.List](o) == nil {
			found = o
		}
	})
	if found == nil {
		s.t.Fatalf("there is no tab %q", name)
	}
	return found
}

// TestTheChosenTabIsUnderlined, and no other one.
func TestTheChosenTabIsUnderlined(t *testing.T) {
	s := newScreen(t)
	s.show("shop", full())
	names := []string{"Backups", "Schedule", "Retention", "Media", "Downloads", "Permissions", "Connection"}
	for _, chosen := range names {
		test.Tap(s.tab(chosen).(fyne.Tappable))
		s.arrange()
		for _, name := range names {
			tab, under := s.tab(name), false
			for _, part := range test.WidgetRenderer(tab.(fyne.Widget)).Objects() {
				line, is := part.(*canvas.Rectangle)
				under = under || is && line.Visible() && line.Size().Height == 2 && line.Position().Y+2 == tab.Size().Height && line.Size().Width > tab.Size().Width/2
			}
			if under != (name == chosen) {
				t.Errorf("%s is chosen: underlined is %v of %s", chosen, under, name)
			}
		}
	}
}

// TestNothingMovesWhenSomethingIsWrong: an alarm and a problem that come by themselves move nothing that a
// person may be aiming at; all of them is shown where it is asked for.
func TestNothingMovesWhenSomethingIsWrong(t *testing.T) {
	for _, size := range []fyne.Size{large, usual} {
		l := look{"en", "light", size, 1}
		l.begin(t)
		s := l.window(t)
		st := full()
		s.show("shop", st)
		s.arrange()
		at := func() [2]fyne.Position {
			s.shell.Refresh(st)
			s.arrange()
			return [2]fyne.Position{where(s.longest().(fyne.CanvasObject)), where(s.pressedBy("Back up now"))}
		}
		was, shop := at(), &st.Sandboxes[0]
		stays := func(what string) {
			t.Helper()
			if is := at(); is != was {
				t.Errorf("%v: with %s, list and button were at %v and are at %v", size, what, was, is)
			}
		}
		shop.Alarm = losing().Sandboxes[0].Alarm
		stays("an alarm")
		s.sees("Data is missing in shop", "public.orders fell from 128,402 rows to 12")
		s.button("Restore these tables…")
		shop.Problem = &backup.Fault{Text: "cannot reach PostgreSQL at localhost:5432: nothing listens there", Hint: "Start PostgreSQL, or correct host and port."}
		stays("a problem")
		s.sees("Cannot reach PostgreSQL at localhost:5432", "Start PostgreSQL, or correct host and port.")
		shop.Busy = &views.Busy{Title: "Backing up shop"}
		stays("a run")
		shop.Busy = nil
		stays("a problem after the run")
		test.Tap(s.button("More…"))
		if had, _ := s.window.Canvas().Focused().(fyne.CanvasObject); had != s.pressedBy("Copy details") {
			t.Error("the focus is not where all of the problem is")
		}
		test.Tap(s.button("More…")) // of the alarm, which is next
		s.sees("Missing since the backup of", "Start PostgreSQL, or correct host and port.")
		s.button("It is gone on purpose")
		shop.Problem, shop.Alarm = nil, nil
		stays("nothing")
	}
}

// TestButtonsStayWhenPassphrasesDiffer: a line that says so has its place before.
func TestButtonsStayWhenPassphrasesDiffer(t *testing.T) {
	l := look{"en", "light", usual, 1}
	l.begin(t)
	s := l.window(t)
	s.shell.Refresh(firstStart())
	test.Tap(s.button("Protect 2 databases"))
	stays := func(label string, do func(), says string) {
		t.Helper()
		s.arrange()
		was := where(s.pressedBy(label))
		do()
		s.arrange()
		s.sees(says)
		if is := where(s.pressedBy(label)); is != was {
			t.Errorf("%q was at %v and is at %v", label, was, is)
		}
	}
	stays("Make the vault", func() {
		s.entries()[1].SetText("correct horse")
		test.Tap(s.button("Make the vault"))
	}, "The two passphrases differ.")
	stays("Make the vault", func() { s.entries()[2].SetText("correct") }, "It does not open the vault")
	s.seesNo("The two passphrases differ.")
	test.Tap(s.button("I have a vault already"))
	stays("Open the vault", func() { test.Tap(s.button("Open the vault")) }, "Type the recovery key.")
}

// TestTheGateStaysWhereItIs when a passphrase is wrong.
func TestTheGateStaysWhereItIs(t *testing.T) {
	l := look{"en", "light", usual, 1}
	l.begin(t)
	s := l.window(t)
	s.shell.Refresh(full())
	q := question()
	s.shell.Ask(q)
	s.arrange()
	was := where(s.pressedBy("Replace shop"))
	q.Trouble = "That is not the approval passphrase. Try again."
	s.shell.Ask(q)
	s.arrange()
	s.sees(q.Trouble)
	if is := where(s.pressedBy("Replace shop")); is != was {
		t.Errorf("the button was at %v and is at %v", was, is)
	}
}

// TestRemediesOfTheNewSandbox: the page for one names no section that it has only once it is added.
func TestRemediesOfTheNewSandbox(t *testing.T) {
	for language, want := range map[string][]string{
		"en": {"Type the right one into the form, or put it into", "its password (in the form, or in"},
		"de": {"Geben Sie das richtige ins Formular ein", "ihr Passwort (im Formular oder in"},
	} {
		l := look{language, "light", usual, 1}
		l.begin(t)
		s := l.window(t)
		s.shell.Refresh(full())
		s.tapOn("Add a sandbox")
		for i, hint := range []string{
			"Give the right one with --password-file, or put it into ~/.pgpass (mode 0600).",
			"Check the role's name, its password (--password-file or ~/.pgpass) and the server's pg_hba.conf.",
		} {
			s.shell.ShowAttempt(views.Attempt{Problem: &backup.Fault{Text: "the server refused the password", Hint: hint}})
			s.sees(want[i])
			s.seesNo("under Connection", "unter „Verbindung“")
		}
	}
}
