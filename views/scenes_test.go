package views_test

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"holdfast/views"
)

// scene is one screen as a person meets it: what is in it, and how one gets there.
type scene struct {
	name string
	open func(s *screen)
}

// scenes are all screens and dialogs of the window.
func scenes() []scene {
	all := overviewScenes()
	all = append(all, backupScenes()...)
	all = append(all, wizardScenes()...)
	all = append(all, sectionScenes()...)
	all = append(all, pageScenes()...)
	all = append(all, offsiteScenes()...)
	all = append(all, folderScenes()...)
	all = append(all, fileScenes()...)
	all = append(all, vaultScenes()...)
	return append(all, setupScenes()...)
}

// tapOn presses the button with a text, in the language that is spoken.
func (s *screen) tapOn(label string) {
	s.t.Helper()
	test.Tap(s.button(lang.L(label)))
}

// show opens a page with a state.
func (s *screen) show(page string, st views.State) {
	s.shell.Refresh(st)
	if page != "" {
		s.shell.Open(page)
	}
}

// at opens a section of shop.
func at(section views.Section, fill func(b *views.Sandbox)) func(*screen) {
	return func(s *screen) {
		st := full()
		s.shell.Refresh(st)
		s.shell.Visit(views.Place{Sandbox: "shop", Section: section})
		fill(&st.Sandboxes[0])
		s.shell.Refresh(st)
	}
}

// onPage opens a page that is about all sandboxes.
func onPage(page string, fill func(st *views.State)) func(*screen) {
	return func(s *screen) {
		st := full()
		fill(&st)
		s.show(page, st)
	}
}

func none(*views.Sandbox) {}

// longest is the list with the most rows.
func (s *screen) longest() (found fyne.Focusable) {
	most := 0
	s.visible(func(o fyne.CanvasObject) {
		if l := embedded[widget.List](o); l != nil && l.Length() > most && !l.HideSeparators { // not the sidebar
			most, found = l.Length(), o.(fyne.Focusable)
		}
	})
	return found
}
