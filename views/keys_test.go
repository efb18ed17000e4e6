package views_test

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
)

func key(name fyne.KeyName) *fyne.KeyEvent { return &fyne.KeyEvent{Name: name} }

func control(name fyne.KeyName) fyne.Shortcut {
	return &desktop.CustomShortcut{KeyName: name, Modifier: fyne.KeyModifierControl}
}

// chosen is a screen that shows the details of shop's newest backup.
func chosen(t *testing.T) *screen {
	t.Helper()
	s := newScreen(t)
	st := state()
	st.Sandboxes[0].Details = &st.Sandboxes[0].Backups[0]
	s.shell.Refresh(st)
	s.shell.Open("shop")
	s.told.calls = nil
	return s
}

// history gives the list of backups as something to type into.
func (s *screen) history() fyne.Focusable {
	return s.focusable(func(o fyne.CanvasObject) bool {
		l := embedded[widget.List](o)
		return l != nil && !l.HideSeparators && l.Length() == 4 // not the sidebar; two days of one backup each
	})
}

func TestShortcutsWorkWhereverTheFocusIs(t *testing.T) {
	s := chosen(t)
	filter := s.field("Filter by note, status, trigger")
	for _, where := range []fyne.Shortcutable{s.field("Note, such as: before the migration").(fyne.Shortcutable), filter.(fyne.Shortcutable)} {
		where.TypedShortcut(control(fyne.KeyB))
		s.wasTold(`back up shop ""`)
		where.TypedShortcut(control(fyne.KeyF))
		if s.window.Canvas().Focused() != filter {
			t.Error("Ctrl+F does not go to the filter")
		}
	}
	filter.(fyne.Shortcutable).TypedShortcut(control(fyne.KeyR))
	s.sees("shop  ›  Restore", "What comes back")
}

func TestShortcutsOfTextStay(t *testing.T) {
	s := chosen(t)
	note := s.entry("Note, such as: before the migration")
	note.SetText("by hand")
	s.field(note.PlaceHolder).(fyne.Shortcutable).TypedShortcut(&fyne.ShortcutSelectAll{})
	if note.SelectedText() != "by hand" {
		t.Error("Ctrl+A does not select the note")
	}
}

func TestKeysInTheList(t *testing.T) {
	s := chosen(t)
	s.history().TypedKey(key(fyne.KeyDelete))
	s.wasTold("delete shop 00000000000000aa")
	s.history().TypedKey(key(fyne.KeyF5))
	s.wasTold("refresh")
	for range 3 { // past the heading of yesterday
		s.history().TypedKey(key(fyne.KeyDown))
	}
	s.history().TypedKey(key(fyne.KeyReturn))
	s.wasTold("choose shop 00000000000000bb")
}

func TestEscapeClosesTheInnermost(t *testing.T) {
	s := chosen(t)
	filter := s.entry("Filter by note, status, trigger")
	filter.SetText("manual")
	s.field(filter.PlaceHolder).TypedKey(key(fyne.KeyEscape))
	if filter.Text != "" {
		t.Error("Escape leaves the filter")
	}
	s.wasTold()
	s.history().TypedKey(key(fyne.KeyEscape))
	s.wasTold("choose shop ")
	test.Tap(s.button("Add a sandbox"))
	s.field("shop").TypedKey(key(fyne.KeyEscape))
	s.sees("Push your code to git")
}

func TestEnterPressesAButton(t *testing.T) {
	s := chosen(t)
	verify := s.focusable(func(o fyne.CanvasObject) bool {
		b := embedded[widget.Button](o)
		return b != nil && b.Text == "Verify"
	})
	verify.TypedKey(key(fyne.KeyReturn))
	s.wasTold("verify shop 00000000000000aa")
}

func TestNothingHappensBehindThePrompt(t *testing.T) {
	s := chosen(t)
	s.shell.Ask(question())
	for _, k := range []fyne.KeyName{fyne.KeyB, fyne.KeyR, fyne.KeyF} {
		s.field("Note, such as: before the migration").(fyne.Shortcutable).TypedShortcut(control(k))
		s.secret().(fyne.Shortcutable).TypedShortcut(control(k))
	}
	s.wasTold()
	cancel := s.focusable(func(o fyne.CanvasObject) bool {
		b := embedded[widget.Button](o)
		return b != nil && b.Text == "Cancel"
	})
	cancel.TypedKey(key(fyne.KeyEscape))
	s.wasTold("decline")
}

func TestTabGoesFromTopToBottom(t *testing.T) {
	s := newScreen(t)
	s.shell.Refresh(state())
	test.Tap(s.button("Add a sandbox"))
	for _, want := range []string{"shop", "postgres://app@localhost:5432/shop", "only if the server asks for one"} {
		if s.window.Canvas().Focused() != s.field(want) {
			t.Fatalf("the focus is not at %q", want)
		}
		s.window.Canvas().FocusNext()
	}
}
