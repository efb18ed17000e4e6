//go:build linux && !headless

package desktop_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
)

// probeEnv names the socket at which a program that the test started says what its window shows.
const probeEnv = "HOLDFAST_TEST_PROBE"

// shown is one text of a window, or something to press with one.
type shown struct {
	Text  string
	Press bool // a button that can be pressed now
	Field bool // something to type into; the text is its hint
	X, Y  int  // its middle, in pixels of the window
}

// serveProbe answers each connection with all that the window shows. It is in the test's binary
// only, which stands in for the program.
func serveProbe() {
	at, args := os.Getenv(probeEnv), os.Args[1:]
	if at == "" || len(args) > 0 && args[0] != "--background" {
		return // a command beside the window
	}
	if c, err := net.Dial("unix", at); err == nil { // a second start raises the first window
		_ = c.Close()
		return
	}
	_ = os.Remove(at) // of a program that ended
	l, err := net.Listen("unix", at)
	if err != nil {
		panic(err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			var all []shown
			fyne.DoAndWait(func() { all = look() })
			_ = json.NewEncoder(c).Encode(all) // who asked may be gone
			_ = c.Close()
		}
	}()
}

// look gives what the windows show: of a window with something in front, only that.
func look() (all []shown) {
	driver := fyne.CurrentApp().Driver()
	for _, w := range driver.AllWindows() {
		root := w.Content()
		if top := w.Canvas().Overlays().Top(); top != nil {
			root = top
		}
		scale := w.Canvas().Scale()
		visit(root, func(o fyne.CanvasObject, found shown) {
			if driver.CanvasForObject(o) == nil {
				return // not drawn yet: it has no place where it could be clicked
			}
			size := o.Size()
			if part[widget.Check](o) != nil {
				size = o.MinSize() // beside its words it is deaf
			}
			middle := driver.AbsolutePositionForObject(o).AddXY(size.Width/2, size.Height/2)
			if size := w.Canvas().Size(); middle.X > 0 && middle.Y > 0 && middle.X < size.Width && middle.Y < size.Height {
				found.X, found.Y = int(middle.X*scale), int(middle.Y*scale)
				all = append(all, found)
			}
		})
	}
	return all
}

func visit(o fyne.CanvasObject, found func(fyne.CanvasObject, shown)) {
	if o == nil || !o.Visible() {
		return
	}
	switch o := o.(type) {
	case *fyne.Container:
		for _, child := range o.Objects {
			visit(child, found)
		}
		return
	case *container.Scroll:
		visit(o.Content, found)
		return
	case *widget.Label:
		found(o, shown{Text: o.Text})
		return
	case fyne.Widget:
		if b := part[widget.Button](o); b != nil {
			found(o, shown{Text: b.Text, Press: !b.Disabled()})
			return
		}
		if e := part[widget.Entry](o); e != nil {
			found(o, shown{Text: e.PlaceHolder, Field: true})
			return
		}
		if c := part[widget.Check](o); c != nil {
			found(o, shown{Text: c.Text, Press: !c.Disabled()})
			return
		}
		if p := part[widget.Select](o); p != nil {
			found(o, shown{Text: p.Selected, Press: true})
			return
		}
		for _, child := range test.WidgetRenderer(o).Objects() {
			visit(child, found)
		}
	}
}

// part gives the widget of Fyne that o is made of; nil if it is another.
func part[W any](o fyne.CanvasObject) *W {
	v := reflect.ValueOf(o)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return nil
	}
	for i := range v.Elem().NumField() {
		if f := v.Elem().Type().Field(i); f.Anonymous && f.IsExported() {
			if w, ok := v.Elem().Field(i).Addr().Interface().(*W); ok {
				return w
			}
		}
	}
	w, _ := any(o).(*W)
	return w
}

// all asks the program what its window shows; nothing while it does not answer.
func (s *session) all() (list []shown) {
	c, err := net.DialTimeout("unix", filepath.Join(s.dir, "probe"), time.Second)
	if err != nil {
		return nil
	}
	defer func() { _ = c.Close() }()
	_ = c.SetDeadline(time.Now().Add(patience)) // a socket takes one
	if json.NewDecoder(bufio.NewReader(c)).Decode(&list) != nil {
		return nil
	}
	return list
}

// sees waits until the window shows texts.
func (s *session) sees(wants ...string) {
	s.t.Helper()
	for _, want := range wants {
		s.until(fmt.Sprintf("the window shows %q", want), func() bool {
			for _, o := range s.all() {
				if strings.Contains(o.Text, want) {
					return true
				}
			}
			return false
		})
	}
}

// tap clicks what has this text, the last of them, once it is there, can be pressed, and stands still.
func (s *session) tap(text string) {
	s.t.Helper()
	s.tapOf(text, -1)
}

// tapOf clicks the n-th of those with this text, from the top; -1 is the last.
func (s *session) tapOf(text string, n int) {
	s.t.Helper()
	s.clickStill(text, n, func() []shown { return s.named(text) })
}

// enter presses Enter once the button with the focus, which has this text, can be pressed.
func (s *session) enter(text string) {
	s.t.Helper()
	s.until(fmt.Sprintf("%q can be pressed", text), func() bool {
		found := s.named(text)
		return len(found) > 0 && found[len(found)-1].Press
	})
	s.xdo("key", "Return")
}

// fill types a text into the field with a hint, in place of what it has.
func (s *session) fill(hint, text string) {
	s.t.Helper()
	s.clickStill(hint, 0, func() (fields []shown) {
		for _, o := range s.all() {
			if o.Field && o.Text == hint {
				fields = append(fields, o)
			}
		}
		return fields
	})
	s.xdo("key", "ctrl+a")
	s.write(text, "Tab")
}

// clickStill clicks the n-th of what is found, once it is at the same place twice.
func (s *session) clickStill(what string, n int, find func() []shown) {
	s.t.Helper()
	var at, before shown
	s.until(fmt.Sprintf("%q can be clicked", what), func() bool {
		found := find()
		if len(found) <= max(n, 0) {
			return false
		}
		if n < 0 {
			at = found[len(found)-1]
		} else {
			at = found[n]
		}
		still := at == before
		before = at
		return still
	})
	s.click(at.X, at.Y)
}

// named are those with exactly this text that can be clicked: buttons that are enabled, else labels.
func (s *session) named(text string) (found []shown) {
	var labels []shown
	for _, o := range s.all() {
		switch {
		case o.Text != text:
		case o.Press:
			found = append(found, o)
		default:
			labels = append(labels, o)
		}
	}
	if found == nil {
		return labels
	}
	return found
}
