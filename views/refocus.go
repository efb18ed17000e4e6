package views

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"
)

// refocus gives the focus to where the page begins when what had it is shown no more: Fyne leaves it there, where
// nobody sees what the next key does.
func (s *Shell) refocus() {
	window := s.window.Canvas()
	had := window.Focused()
	switch had.(type) {
	case *button, *entry, *list, *pick, *pressable, *tick:
	default:
		return // nothing, or a text that somebody selects
	}
	_, found := wayTo(window.Content(), had.(fyne.CanvasObject))
	if found || window.Overlays().Top() != nil {
		return
	}
	window.Unfocus()
	switch {
	case s.state.Setup != nil:
		s.setup.focus()
	case s.page == pageSecrets && !s.secrets.next.Disabled():
		window.Focus(s.secrets.next)
	case !s.onPage():
		window.Focus(s.side.list)
	case s.sandbox.wizard.open:
		s.sandbox.wizard.focus()
	case s.sandbox.section == SectionBackups && len(s.sandbox.backups.rows) > 0:
		window.Focus(s.sandbox.backups.list)
	case s.sandbox.section == SectionUncovered:
		window.Focus(s.side.list)
	default:
		window.Focus(s.sandbox.tabs.all[slices.Index(sandboxSections(), s.sandbox.section)])
	}
}

// reveal scrolls what just got the focus into view: Fyne leaves it where nobody sees it.
func (s *Shell) reveal(o fyne.CanvasObject) {
	driver := fyne.CurrentApp().Driver()
	if driver.CanvasForObject(o) == nil {
		return // it was not drawn yet, and has no place
	}
	scrolls, _ := wayTo(s.window.Content(), o)
	for _, scroll := range scrolls {
		top := driver.AbsolutePositionForObject(o).Y - driver.AbsolutePositionForObject(scroll).Y
		over := top + o.Size().Height - scroll.Size().Height
		switch {
		case top < 0:
			scroll.ScrollToOffset(scroll.Offset.AddXY(0, top))
		case over > 0:
			scroll.ScrollToOffset(scroll.Offset.AddXY(0, min(over, top)))
		}
	}
}

// wayTo gives what scrolls around an object, the innermost first; found says whether it is shown in that
// part of a page.
func wayTo(part, o fyne.CanvasObject) (scrolls []*container.Scroll, found bool) {
	if part == nil || !part.Visible() {
		return nil, false
	}
	if part == o {
		return nil, true
	}
	for _, inner := range parts(part) {
		if scrolls, found = wayTo(inner, o); found {
			if scroll, is := part.(*container.Scroll); is {
				scrolls = append(scrolls, scroll)
			}
			return scrolls, true
		}
	}
	return nil, false
}

// parts are what can have the focus in a part of a page, or have such parts.
func parts(of fyne.CanvasObject) []fyne.CanvasObject {
	switch of := of.(type) {
	case *fyne.Container:
		return of.Objects
	case *container.Scroll:
		return []fyne.CanvasObject{of.Content}
	case *container.Split:
		return []fyne.CanvasObject{of.Leading, of.Trailing}
	case *widget.Form:
		var fields []fyne.CanvasObject
		for _, i := range of.Items {
			fields = append(fields, i.Widget)
		}
		return fields
	case interface{ inner() fyne.CanvasObject }:
		return []fyne.CanvasObject{of.inner()}
	}
	return nil
}

func (p *panel) inner() fyne.CanvasObject { return p.content }
