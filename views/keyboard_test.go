package views_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"holdfast/views"
)

// front is what is in front of everything: only that is reached by Tab.
func (s *screen) front() fyne.CanvasObject {
	if top := s.window.Canvas().Overlays().Top(); top != nil {
		return top
	}
	return s.window.Content()
}

// round is where the focus goes by Tab until it comes back to where it was.
func (s *screen) round() (all []fyne.Focusable) {
	s.window.Canvas().Unfocus()
	for range 500 {
		s.window.Canvas().FocusNext()
		now := s.window.Canvas().Focused()
		if now == nil || slices.Contains(all, now) {
			return all
		}
		all = append(all, now)
	}
	s.t.Fatal("Tab does not come round")
	return nil
}

// label is what a person calls something that can have the focus.
func label(f fyne.Focusable) (name string) {
	o := f.(fyne.CanvasObject)
	switch {
	case embedded[widget.Button](o) != nil:
		b := embedded[widget.Button](o)
		if b.Text == "" && b.Icon != nil {
			return b.Icon.Name()
		}
		return b.Text
	case embedded[widget.Entry](o) != nil:
		return embedded[widget.Entry](o).PlaceHolder
	case embedded[widget.Check](o) != nil:
		return embedded[widget.Check](o).Text
	case embedded[widget.Select](o) != nil:
		return embedded[widget.Select](o).Selected
	case embedded[widget.List](o) != nil:
		return "a list"
	}
	walk(o, func(part fyne.CanvasObject) {
		if l, is := part.(*widget.Label); is && name == "" {
			name = l.Text
		}
	})
	return name
}

// eachScene opens every screen in the window as it is at first.
func eachScene(t *testing.T, try func(t *testing.T, sc scene, s *screen)) {
	t.Helper()
	l := look{"en", "light", usual, 1}
	l.begin(t)
	for _, sc := range scenes() {
		t.Run(sc.name, func(t *testing.T) {
			s := l.window(t)
			sc.open(s)
			try(t, sc, s)
		})
	}
}

// TestKeysAloneOnEveryScreen: what the mouse can press is reached by Tab, or is part of a list, whose keys do the
// same; and Enter and Space press each button and turn each tick, once.
func TestKeysAloneOnEveryScreen(t *testing.T) {
	pressed := map[string]bool{}
	eachScene(t, func(t *testing.T, _ scene, s *screen) {
		reached := s.round()
		if len(reached) == 0 {
			t.Error("Tab reaches nothing")
		}
		for _, f := range s.keyed() {
			if !slices.Contains(reached, f) {
				t.Errorf("Tab does not reach %q, a %T", label(f), f)
			}
			if !pressed[label(f)] {
				pressed[label(f)] = true
				s.pressesOnce(f)
			}
		}
		s.clickedOnly(s.front(), func(o fyne.CanvasObject) { t.Errorf("only the mouse can press a %T", o) })
	})
}

// TestALaterStateLeavesTheFocus where it is, on the pages that make parts of them anew: time goes on, and the program
// tells the same again.
func TestALaterStateLeavesTheFocus(t *testing.T) {
	l := look{"en", "light", usual, 1}
	l.begin(t)
	for _, name := range []string{"overview-unknown", "add", "setup-tables", "offsite", "reminders", "media", "permissions", "uncovered", "download-rows", "key-asked"} {
		s := l.window(t)
		s.scene(name)
		s.aMinuteLater(s.keyed())
	}
}

// aMinuteLater fails where another State takes the focus from something.
func (s *screen) aMinuteLater(all []fyne.Focusable) {
	s.t.Helper()
	for _, f := range all {
		s.window.Canvas().Focus(f)
		st := s.shell.Shown()
		if !st.Now.IsZero() {
			st.Now = st.Now.Add(time.Minute)
		}
		st.Discovery.Found = slices.Clone(st.Discovery.Found)
		s.shell.Refresh(st)
		if now := s.window.Canvas().Focused(); now != f {
			s.t.Errorf("the focus went from %q to %T", label(f), now)
			return
		}
	}
}

// keyed is what can have the focus, of what is in front.
func (s *screen) keyed() (all []fyne.Focusable) {
	walk(s.front(), func(o fyne.CanvasObject) {
		f, can := o.(fyne.Focusable)
		if d, disables := o.(fyne.Disableable); can && (!disables || !d.Disabled()) && !slices.Contains(all, f) {
			all = append(all, f)
		}
	})
	return all
}

// clickedOnly visits what can be pressed and neither has the focus nor is part of what has it.
func (s *screen) clickedOnly(o fyne.CanvasObject, visit func(fyne.CanvasObject)) {
	if !o.Visible() {
		return
	}
	if _, keyed := o.(fyne.Focusable); keyed {
		return
	}
	if _, pressed := o.(fyne.Tappable); pressed && !slices.Contains([]string{"*widget.OverlayContainer", "*widget.PopUp", "*widget.scrollBarArea"}, fmt.Sprintf("%T", o)) {
		visit(o)
	}
	for _, part := range partsOf(o) {
		s.clickedOnly(part, visit)
	}
}

// partsOf are what an object draws.
func partsOf(o fyne.CanvasObject) []fyne.CanvasObject {
	switch o := o.(type) {
	case *fyne.Container:
		return o.Objects
	case fyne.Widget:
		return test.WidgetRenderer(o).Objects()
	}
	return nil
}

// snapshot is all that a press may change.
func (s *screen) snapshot() string {
	var all []string
	s.visible(func(o fyne.CanvasObject) {
		if c := embedded[widget.Check](o); c != nil {
			all = append(all, fmt.Sprint(c.Text, c.Checked))
		}
		if b := embedded[widget.Button](o); b != nil {
			all = append(all, fmt.Sprint(b.Text, b.Disabled()))
		}
	})
	return fmt.Sprintln(s.told.calls, s.told.place, s.told.folders, s.copied, len(s.window.Canvas().Overlays().List()), all) + s.texts()
}

// TestAKeyDoesWhatAClickDoes: Enter and Space each choose a tab or an answer as the mouse does.
func TestAKeyDoesWhatAClickDoes(t *testing.T) {
	l := look{"en", "light", usual, 1}
	l.begin(t)
	for name, which := range map[string]string{"backups": "Media", "permissions": "deny", "activity": "Audit log", "restore-both": "Only some tables", "restore-where": "A new database", "add": "Folders without a database", "secrets-format": "Bitwarden"} {
		by := func(press func(s *screen, f fyne.Focusable)) string {
			s := l.window(t)
			s.scene(name)
			s.told.calls = nil
			s.tabTo(which)
			press(s, s.window.Canvas().Focused())
			return s.snapshot()
		}
		was, clicked := by(func(*screen, fyne.Focusable) {}), by(func(_ *screen, f fyne.Focusable) { test.Tap(f.(fyne.Tappable)) })
		if was == clicked {
			t.Errorf("%s: a click on %q does nothing", name, which)
		}
		for _, k := range []fyne.KeyName{fyne.KeyReturn, fyne.KeySpace} {
			if keyed := by(func(s *screen, _ fyne.Focusable) { s.strike(k); s.focusedInFront() }); keyed != clicked {
				t.Errorf("%s: %s at %q does\n%s\nand a click\n%s", name, k, which, keyed, clicked)
			}
		}
	}
}

// scene opens one of the screens.
func (s *screen) scene(name string) {
	s.t.Helper()
	for _, sc := range scenes() {
		if sc.name == name {
			sc.open(s)
			return
		}
	}
	s.t.Fatalf("there is no screen %q", name)
}

// TestTheFocusIsInFrontAfterEveryButton: whatever a button opens, closes or takes away, the next key goes to something
// that is shown. Each button is pressed once, on the first screen that has it.
func TestTheFocusIsInFrontAfterEveryButton(t *testing.T) {
	l := look{"en", "light", usual, 1}
	tried := map[string]bool{}
	eachScene(t, func(t *testing.T, sc scene, s *screen) {
		now := s
		for i, f := range s.keyed() {
			if embedded[widget.Button](f.(fyne.CanvasObject)) == nil || tried[label(f)] {
				continue
			}
			tried[label(f)] = true
			if now == nil {
				now = l.window(t)
				sc.open(now)
			}
			was, box := now.snapshot(), now.window.Canvas().Overlays().Top() != nil
			now.window.Canvas().Focus(now.keyed()[i])
			now.told.calls = nil
			now.strike(fyne.KeyReturn)
			if had := now.window.Canvas().Focused(); had != nil || !box && !strings.Contains(now.texts(), "Reading the backup…") {
				now.focusedInFront() // else nothing had it before the box was opened, or it comes to Next once that can be pressed
			}
			if now.snapshot() != was {
				now = nil // another screen, which is not gone on with
			}
		}
	})
	if len(tried) < 80 {
		t.Errorf("only %d were tried", len(tried))
	}
}

// pressesOnce fails where a key does not press a button or turn a tick, or does it twice.
func (s *screen) pressesOnce(f fyne.Focusable) {
	s.t.Helper()
	b, c, n := embedded[widget.Button](f.(fyne.CanvasObject)), embedded[widget.Check](f.(fyne.CanvasObject)), 0
	switch {
	case b != nil:
		was := b.OnTapped
		b.OnTapped = func() { n++ }
		defer func() { b.OnTapped = was }()
	case c != nil:
		was := c.OnChanged
		c.OnChanged = func(bool) { n++ }
		defer func() { c.OnChanged = was }()
	default:
		return
	}
	for i, k := range []fyne.KeyName{fyne.KeyReturn, fyne.KeySpace} {
		s.window.Canvas().Focus(f)
		s.strike(k)
		if n != i+1 {
			s.t.Errorf("after %s %q was pressed %d times, want %d", k, label(f), n, i+1)
		}
	}
}

// strike presses a key as the desktop reports it: Space is a letter too.
func (s *screen) strike(k fyne.KeyName) {
	s.t.Helper()
	f := s.window.Canvas().Focused()
	if f == nil {
		s.window.Canvas().OnTypedKey()(key(k))
		return
	}
	f.TypedKey(key(k))
	if k == fyne.KeySpace && s.window.Canvas().Focused() == f {
		f.TypedRune(' ')
	}
}

// focusedInFront fails where the focus is not on something that is shown in front of everything.
func (s *screen) focusedInFront() {
	s.t.Helper()
	had, found := s.window.Canvas().Focused(), false
	walk(s.front(), func(o fyne.CanvasObject) {
		f, can := o.(fyne.Focusable)
		found = found || can && f == had
	})
	if !found {
		s.t.Errorf("the focus is on %T, which is not in front; shown:\n%s", had, s.texts())
	}
}

// TestEscapeDeclines: whatever kind of thing has the focus of what is in front, Escape closes it, and nothing is done.
func TestEscapeDeclines(t *testing.T) {
	l := look{"en", "light", usual, 1}
	boxes := 0
	eachScene(t, func(t *testing.T, sc scene, s *screen) {
		if s.window.Canvas().Overlays().Top() == nil {
			return
		}
		boxes++
		kinds := map[string]bool{}
		for i, f := range s.keyed() {
			if kind := fmt.Sprintf("%T", f); kinds[kind] {
				continue
			} else {
				kinds[kind] = true
			}
			again := l.window(t)
			sc.open(again)
			again.told.calls = nil
			again.window.Canvas().Focus(again.keyed()[i])
			again.strike(fyne.KeyEscape)
			if strings.HasPrefix(sc.name, "gate") {
				again.wasTold("decline")
				again.shell.Ask(nil)
			}
			again.wasTold()
			if again.window.Canvas().Overlays().Top() != nil {
				t.Errorf("Escape at %q leaves it open", label(f))
			}
			again.focusedInFront()
		}
	})
	if boxes < 12 {
		t.Errorf("only %d boxes were tried", boxes)
	}
}

// TestTheMenuPressesNothingThatIsDisabled: Fyne lets Enter do it.
func TestTheMenuPressesNothingThatIsDisabled(t *testing.T) {
	s := newScreen(t)
	s.show("shop", full())
	at(views.SectionBackups, func(b *views.Sandbox) { b.Details, b.AllowRestore = &b.Backups[0], false })(s)
	s.told.calls = nil
	s.window.Canvas().Focus(s.longest())
	s.strike(fyne.KeyF10)
	if s.window.Canvas().Overlays().Top() == nil {
		t.Fatal("the menu does not open")
	}
	s.strike(fyne.KeyDown)
	s.strike(fyne.KeyReturn) // Restore…
	s.wasTold()
	s.sees("Settings  ›  Backups")
	s.focusedInFront()
}
