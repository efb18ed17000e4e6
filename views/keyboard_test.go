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

// TestKeysAloneOnEveryScreen: what the mouse can press is reached by Tab, or is part of a list, whose keys do the same;
// Enter and Space press each button and turn each tick, once; whatever a button opens, closes or takes away, the focus
// is on something that is shown then; and Escape declines what is in front.
func TestKeysAloneOnEveryScreen(t *testing.T) {
	pressed, boxes := map[string]bool{}, 0
	eachScene(t, func(t *testing.T, sc scene, s *screen) {
		box := s.window.Canvas().Overlays().Top() != nil
		reached := s.round()
		if len(reached) == 0 {
			t.Error("Tab reaches nothing")
		}
		var fresh []int // those that no screen before had
		for i, f := range s.keyed() {
			if !slices.Contains(reached, f) {
				t.Errorf("Tab does not reach %q, a %T", label(f), f)
			}
			if !pressed[label(f)] {
				pressed[label(f)] = true
				s.pressesOnce(f)
				fresh = append(fresh, i)
			}
		}
		s.clickedOnly(s.front(), func(o fyne.CanvasObject) { t.Errorf("only the mouse can press a %T", o) })
		if box {
			boxes++
			s.escapes(sc)
			s = nil
		}
		staysInFront(t, sc, s, fresh)
	})
	if len(pressed) < 100 || boxes < 12 {
		t.Errorf("only %d labels and %d boxes were tried", len(pressed), boxes)
	}
}

// anew is the same screen in another window.
func anew(t *testing.T, sc scene) *screen {
	t.Helper()
	s := look{"en", "light", usual, 1}.window(t)
	sc.open(s)
	s.told.calls = nil
	return s
}

// staysInFront fails where the focus is lost, or on something that is not shown, after a button was pressed.
func staysInFront(t *testing.T, sc scene, s *screen, which []int) {
	t.Helper()
	for _, i := range which {
		if s == nil {
			s = anew(t, sc)
		}
		if f := s.keyed()[i]; embedded[widget.Button](f.(fyne.CanvasObject)) != nil {
			was, box := s.snapshot(), s.window.Canvas().Overlays().Top() != nil
			s.window.Canvas().Focus(f)
			s.told.calls = nil
			s.strike(fyne.KeyReturn)
			if had := s.window.Canvas().Focused(); had != nil || !box && !strings.Contains(s.texts(), "Reading the backup…") {
				s.focusedInFront() // else nothing had it before the box was opened, or it comes to Next once that can be pressed
			}
			if s.snapshot() != was {
				s = nil // it is another screen now
			}
		}
	}
}

// escapes fails where Escape does not close what is in front, or does more, whatever kind of thing has the focus.
func (s *screen) escapes(sc scene) {
	s.t.Helper()
	kinds := map[string]bool{}
	for i, f := range s.keyed() {
		kind := fmt.Sprintf("%T", f)
		if kinds[kind] {
			continue
		}
		kinds[kind] = true
		now := anew(s.t, sc)
		now.window.Canvas().Focus(now.keyed()[i])
		now.strike(fyne.KeyEscape)
		if strings.HasPrefix(sc.name, "gate") {
			now.wasTold("decline")
			now.shell.Ask(nil)
		}
		now.wasTold()
		if now.window.Canvas().Overlays().Top() != nil {
			s.t.Errorf("Escape at %q leaves it open", label(f))
		}
		if now.window.Canvas().Focused() != nil { // nothing had it where the mouse opened the box
			now.focusedInFront()
		}
	}
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
