package views

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// newRingedRow is a row of a list, with a line around it while keys act on it: the tint that Fyne
// gives such a row is hardly seen.
func newRingedRow(content fyne.CanvasObject) *fyne.Container {
	ring := canvas.NewRectangle(color.Transparent)
	ring.Hide()
	return container.NewStack(content, ring)
}

func ringRow(row *fyne.Container, yes bool) {
	ring := row.Objects[1].(*canvas.Rectangle)
	ring.StrokeColor = theme.Current().Color(theme.ColorNamePrimary, fyne.CurrentApp().Settings().ThemeVariant())
	ring.StrokeWidth = focusRing
	ring.CornerRadius = theme.Current().Size(theme.SizeNameSelectionRadius)
	show(ring, yes)
	ring.Refresh()
}

// CreateRenderer is Fyne's callback. From here on the ring follows the row that keys move, and no
// row is highlighted only because the mouse is over it.
func (l *list) CreateRenderer() fyne.WidgetRenderer {
	highlighted, selected := l.OnHighlighted, l.OnSelected
	l.OnHighlighted = func(i widget.ListItemID) {
		if !l.moving {
			return
		}
		l.at = i
		if highlighted != nil {
			highlighted(i)
		}
	}
	l.OnSelected = func(i widget.ListItemID) {
		if i != l.at {
			l.move(func() { l.Highlight(i) })
		}
		if selected != nil {
			selected(i)
		}
	}
	return l.List.CreateRenderer()
}

// move does what may put the ring around another row.
func (l *list) move(do func()) {
	before := l.at
	l.moving = true
	do()
	l.moving = false
	if l.at != before {
		l.RefreshItem(before)
		l.RefreshItem(l.at)
	}
}

// FocusGained is Fyne's callback.
func (l *list) FocusGained() {
	l.focused = true
	l.move(l.List.FocusGained)
	l.RefreshItem(l.at)
	l.keys.focused(l)
}

// FocusLost is Fyne's callback.
func (l *list) FocusLost() {
	l.focused = false
	l.List.FocusLost()
	l.RefreshItem(l.at)
}
