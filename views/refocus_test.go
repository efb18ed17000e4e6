package views_test

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
	"holdfast/views"
)

// focused is what has the focus; it fails where that is nothing that is shown.
func (s *screen) focused() fyne.Focusable {
	s.t.Helper()
	had, found := s.window.Canvas().Focused(), false
	s.visible(func(o fyne.CanvasObject) {
		f, can := o.(fyne.Focusable)
		found = found || can && f == had
	})
	if !found {
		s.t.Errorf("the focus is on %T, which is not shown", had)
	}
	return had
}

// pressed is a button with the focus that Enter was pressed on.
func (s *screen) pressed(label string) {
	s.t.Helper()
	b := s.focusable(func(o fyne.CanvasObject) bool {
		found := embedded[widget.Button](o)
		return found != nil && found.Text == label
	})
	s.window.Canvas().Focus(b)
	b.TypedKey(key(fyne.KeyReturn))
}

// TestTheFocusIsAlwaysSeen: where what has it goes away, it goes to where the page begins, and the next key
// does nothing that nobody sees.
func TestTheFocusIsAlwaysSeen(t *testing.T) {
	for what, do := range map[string]func(s *screen, st views.State){
		"the problem is gone": func(s *screen, st views.State) {
			s.pressed("More…")
			s.focused()
			st.Sandboxes[0].Problem = nil
			s.shell.Refresh(st)
		},
		"undone": func(s *screen, st views.State) {
			s.pressed("Undo")
			s.shell.Ask(question())
			s.focused()
			st.Sandboxes[0].Restored = nil
			s.shell.Refresh(st)
			s.shell.Ask(nil)
		},
		"a page is opened": func(s *screen, _ views.State) {
			s.pressed("Back up now")
			s.shell.Open("\x00overview")
		},
		"a section is opened": func(s *screen, _ views.State) {
			s.pressed("Back up now")
			s.shell.Visit(views.Place{Sandbox: "shop", Section: views.SectionMedia})
		},
		"the wizard is closed": func(s *screen, st views.State) {
			st.Sandboxes[0].Details = &st.Sandboxes[0].Backups[0]
			s.shell.Refresh(st)
			s.pressed("Restore…")
			s.focused()
			s.press(fyne.KeyEscape)
		},
		"the first start": func(s *screen, _ views.State) {
			s.pressed("Back up now")
			s.shell.Refresh(firstStart())
		},
		"the help is closed on another page": func(s *screen, _ views.State) {
			s.pressed("Undo")
			s.window.Canvas().OnTypedKey()(key(fyne.KeyF1))
			s.focused()
			s.shell.Open("\x00reminders")
			s.focused().TypedKey(key(fyne.KeyEscape))
		},
		"a question is answered": func(s *screen, st views.State) {
			s.pressed("Undo")
			s.shell.SavePoint("shop")
			st.Sandboxes[0].Restored = nil
			s.shell.Refresh(st)
			s.focused().TypedKey(key(fyne.KeyEscape))
		},
	} {
		t.Run(what, func(t *testing.T) {
			s := newScreen(t)
			st := full()
			if what == "the problem is gone" {
				st.Sandboxes[0].Problem = &backup.Fault{Text: "cannot reach PostgreSQL", Hint: "Start it."}
			}
			st.Sandboxes[0].Restored = &views.Restored{Restore: "1", At: now, Database: "shop", CanUndo: true, Kept: "shop_before", Until: now}
			s.show("shop", st)
			do(s, st)
			s.focused()
		})
	}
}

// TestAnotherStateLeavesTheFocus where it is, on each kind of page.
func TestAnotherStateLeavesTheFocus(t *testing.T) {
	for _, sc := range scenes() {
		if !slices.Contains([]string{"backups", "restored-details", "restore-what", "connection", "retention", "media", "preferences", "add", "setup", "setup-vault", "activity", "offsite"}, sc.name) {
			continue
		}
		s := newScreen(t)
		sc.open(s)
		var all []fyne.Focusable
		s.visible(func(o fyne.CanvasObject) {
			switch f := o.(type) {
			case *widget.Entry: // part of one of ours
			case fyne.Focusable:
				if d, disables := o.(fyne.Disableable); !disables || !d.Disabled() {
					all = append(all, f)
				}
			}
		})
		for _, f := range all {
			s.window.Canvas().Focus(f)
			if s.window.Canvas().Focused() != f {
				continue // a part of another widget
			}
			s.shell.Ask(nil)
			if now := s.window.Canvas().Focused(); now != f {
				t.Errorf("%s: the focus of a %T went to a %T", sc.name, f, now)
			}
		}
		if len(all) < 4 {
			t.Errorf("%s: only %d can have the focus", sc.name, len(all))
		}
	}
}

// TestTabGoesAsOneReads: from the tabs over the note and the filter to the list and what is below it.
func TestTabGoesAsOneReads(t *testing.T) {
	l := look{"en", "light", usual, 1}
	l.begin(t)
	s := l.window(t)
	at(views.SectionBackups, func(b *views.Sandbox) { b.Details = &b.Backups[0] })(s)
	s.arrange()
	s.window.Canvas().FocusNext()
	last := fyne.Position{}
	for range 20 {
		o := s.focused().(fyne.CanvasObject)
		is := where(o)
		if is.X < 200 {
			return // the sidebar comes after the page
		}
		if is.Y < last.Y-10 || is.Y < last.Y+10 && is.X < last.X {
			t.Errorf("Tab goes from %v to %v, a %T", last, is, o)
		}
		last = is
		s.window.Canvas().FocusNext()
	}
	t.Error("Tab does not leave the page")
}

// TestTabScrolls: what gets the focus by Tab is whole in what scrolls around it, down the page and up again.
func TestTabScrolls(t *testing.T) {
	l := look{"en", "light", usual, 1}
	l.begin(t)
	s := l.window(t)
	at(views.SectionConnection, none)(s)
	s.arrange()
	for _, step := range []func(){s.window.Canvas().FocusNext, s.window.Canvas().FocusPrevious} {
		for range 24 {
			step()
			s.inView(s.focused().(fyne.CanvasObject))
		}
	}
}

// inView says where something is cut by what scrolls around it.
func (s *screen) inView(o fyne.CanvasObject) {
	s.t.Helper()
	s.visible(func(around fyne.CanvasObject) {
		scroll, is := around.(*container.Scroll)
		if !is {
			return
		}
		walk(scroll.Content, func(inner fyne.CanvasObject) {
			if top := where(o).Y - where(scroll).Y; inner == o && (top < 0 || top+o.Size().Height > scroll.Size().Height+1) {
				s.t.Errorf("a %T is at %.0f of %.0f", o, top, scroll.Size().Height)
			}
		})
	})
}
