package views_test

import (
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"holdfast/views"
)

// look is how a screen is looked at.
type look struct {
	language, theme string
	size            fyne.Size // of the window, before scaling
	scale           float32
}

var (
	small = fyne.NewSize(800, 560)   // the smallest window that must do
	large = fyne.NewSize(1280, 800)  // a small screen, whole
	zoom  = fyne.NewSize(853, 533.3) // the same screen at 150 %
)

func (l look) String() string {
	return fmt.Sprintf("%s-%s-%.0f-at-%.0f", l.language, l.theme, l.size.Width, 100*l.scale)
}

// begin makes the program whose windows are looked at so, until the test ends.
func (l look) begin(t *testing.T) {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(views.Theme{Only: l.theme})
	if err := views.Speak(l.language); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := views.Speak("en"); err != nil {
			t.Error(err)
		}
	})
}

// window is one of its windows, without a display.
func (l look) window(t *testing.T) *screen {
	t.Helper()
	s := &screen{t: t, told: &told{}, window: test.NewTempWindow(t, nil)}
	s.window.Canvas().(software.WindowlessCanvas).SetScale(l.scale)
	s.window.Canvas().Capture() // Fyne looks at its clock only when it draws, and soon drops what it takes for old; empty it is drawn fast
	s.shell = views.NewShell(s.window, s.told, func(text string) { s.copied = text })
	s.window.Resize(l.size)
	return s
}

// keep writes a picture of the window into a folder.
func (s *screen) keep(folder, name string) {
	s.t.Helper()
	s.visible(still)
	f, err := os.Create(filepath.Join(folder, name+".png"))
	if err != nil {
		s.t.Fatal(err)
	}
	if err := png.Encode(f, s.window.Canvas().Capture()); err != nil {
		s.t.Error(err)
	}
	if err := f.Close(); err != nil {
		s.t.Error(err)
	}
}

// arrange lays everything out anew, as a real window does before each frame where something
// needs more room than before. What breaks its lines knows its height only afterwards: twice.
func (s *screen) arrange() {
	for range 2 {
		s.visible(func(o fyne.CanvasObject) {
			switch o := o.(type) {
			case *fyne.Container:
				if o.Layout != nil {
					o.Layout.Layout(o.Objects, o.Size())
				}
			case fyne.Widget:
				test.WidgetRenderer(o).Layout(o.Size())
			}
		})
	}
}

// still sets a bar that moves to where it can be drawn: without a display it is past its end.
func still(o fyne.CanvasObject) {
	if bar, ok := o.(*widget.ProgressBarInfinite); ok {
		moving := test.WidgetRenderer(bar).Objects()[1]
		moving.Move(fyne.NewPos(bar.Size().Width/4, 0))
		moving.Resize(fyne.NewSize(bar.Size().Width/5, bar.Size().Height))
	}
}
