package views_test

import (
	"fmt"
	"image/color"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"holdfast/views"
)

// TestFocusIsSeen holds the line around what has the focus to WCAG's 3 for what is no text, on every
// colour that a button has.
func TestFocusIsSeen(t *testing.T) {
	for _, only := range []string{"light", "dark"} {
		l := look{"en", only, large, 1}
		l.begin(t)
		s := l.window(t)
		s.shell.Refresh(losing())
		test.Tap(s.button("More…"))
		for _, label := range []string{"Restore these tables…", "It is gone on purpose", "Not covered…", "Help"} {
			b := s.focusable(func(o fyne.CanvasObject) bool {
				found := embedded[widget.Button](o)
				return found != nil && found.Text == label
			})
			if ring := ringOf(b); ring.Visible() {
				t.Errorf("%s: %q has a ring without the focus", only, label)
			}
			s.window.Canvas().Focus(b)
			ring := ringOf(b)
			if !ring.Visible() || ring.StrokeWidth < 2 {
				t.Fatalf("%s: %q shows no focus", only, label)
			}
			if c := contrast(ring.StrokeColor, behind(b, only)); c < 3 {
				t.Errorf("%s: the ring of %q has %.1f", only, label, c)
			}
		}
	}
}

// ringOf is the line over a button.
func ringOf(b fyne.Focusable) *canvas.Rectangle {
	objects := test.WidgetRenderer(b.(fyne.Widget)).Objects()
	return objects[len(objects)-1].(*canvas.Rectangle)
}

// behind is the colour of a button.
func behind(b fyne.Focusable, only string) color.Color {
	name := theme.ColorNameBackground
	switch embedded[widget.Button](b.(fyne.CanvasObject)).Importance {
	case widget.HighImportance:
		name = theme.ColorNamePrimary
	case widget.DangerImportance:
		name = theme.ColorNameError
	case widget.MediumImportance:
		name = theme.ColorNameButton
	default: // it has the page's
	}
	return views.Theme{Only: only}.Color(name, theme.VariantLight)
}

// TestEveryFocusIsSeen: each kind of widget that can have the focus changes by WCAG's 3 where it is
// drawn, in both themes.
func TestEveryFocusIsSeen(t *testing.T) {
	for _, only := range []string{"light", "dark"} {
		l := look{"en", only, large, 1}
		l.begin(t)
		tried := map[string]bool{}
		for _, sc := range scenes() {
			if !slices.Contains([]string{"backups", "restore-what", "retention", "connection", "gate"}, sc.name) {
				continue
			}
			s := l.window(t)
			sc.open(s)
			s.arrange()
			s.visible(func(o fyne.CanvasObject) {
				f, can := o.(fyne.Focusable)
				kind := fmt.Sprintf("%T", o)
				if b := embedded[widget.Button](o); b != nil {
					kind += fmt.Sprint(b.Importance)
				}
				if d, disables := o.(fyne.Disableable); !can || tried[kind] || disables && d.Disabled() || !s.whole(o) {
					return
				}
				tried[kind] = true
				if n := s.changedByFocus(f); n < 60 {
					t.Errorf("%s: %s: the focus of a %s changes %d points", only, sc.name, kind, n)
				}
			})
		}
		if len(tried) < 8 {
			t.Errorf("%s: only %v was tried", only, tried)
		}
	}
}

// whole says whether all of an object is in the window.
func (s *screen) whole(o fyne.CanvasObject) bool {
	at, size := fyne.CurrentApp().Driver().AbsolutePositionForObject(o), s.window.Canvas().Size()
	return at.X >= 0 && at.Y >= 0 && at.X+o.Size().Width <= size.Width && at.Y+o.Size().Height <= size.Height
}

// changedByFocus counts the points that a widget's focus changes so much that it is seen.
func (s *screen) changedByFocus(f fyne.Focusable) (n int) {
	canvas := s.window.Canvas()
	canvas.Unfocus()
	before := canvas.Capture()
	canvas.Focus(f)
	after := canvas.Capture()
	for y := before.Bounds().Min.Y; y < before.Bounds().Max.Y; y++ {
		for x := before.Bounds().Min.X; x < before.Bounds().Max.X; x++ {
			if a, b := before.At(x, y), after.At(x, y); a != b && contrast(a, b) >= 3 {
				n++
			}
		}
	}
	return n
}

// TestTabReachesTheWholePage: the focus goes round everything that can be pressed on a page, and each
// time to something that is in the window's content.
func TestTabReachesTheWholePage(t *testing.T) {
	l := look{"en", "light", large, 1}
	l.begin(t)
	s := l.window(t)
	s.shell.Refresh(full())
	s.shell.Open("shop")
	seen := map[fyne.Focusable]bool{}
	for range 200 {
		s.window.Canvas().FocusNext()
		now := s.window.Canvas().Focused()
		if now == nil || seen[now] {
			break
		}
		seen[now] = true
	}
	s.visible(func(o fyne.CanvasObject) {
		f, can := o.(fyne.Focusable)
		if d, disables := o.(fyne.Disableable); !can || disables && d.Disabled() {
			return
		}
		if b := embedded[widget.Button](o); b != nil && !seen[f] {
			t.Errorf("Tab does not reach %q", b.Text)
		}
	})
	if len(seen) < 10 {
		t.Errorf("Tab reaches only %d places", len(seen))
	}
}
