package views

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// ringed draws a line around what a widget of Fyne draws. The tint that Fyne gives a focused
// widget cannot be told from the accent of a primary button.
type ringed struct {
	fyne.WidgetRenderer
	ring *canvas.Rectangle
	look func() (line fyne.ThemeColorName, width float32) // a width of 0 draws nothing
	of   fyne.Widget
}

// The lines around a widget, in points.
const (
	focusRing = 2
	fieldEdge = 1
	ringInset = 2
)

func newRinged(r fyne.WidgetRenderer, of fyne.Widget, look func() (fyne.ThemeColorName, float32)) *ringed {
	rr := &ringed{WidgetRenderer: r, ring: canvas.NewRectangle(color.Transparent), look: look, of: of}
	rr.colour()
	return rr
}

func (r *ringed) colour() {
	line, width := r.look()
	r.ring.StrokeColor = theme.Current().Color(line, fyne.CurrentApp().Settings().ThemeVariant())
	r.ring.StrokeWidth = width
	r.ring.CornerRadius = theme.Current().Size(theme.SizeNameInputRadius)
	show(r.ring, width > 0)
}

// inset keeps a focus ring inside its button, off its edge; that of a field is its edge.
func (r *ringed) inset() float32 {
	if _, field := r.of.(*entry); field {
		return 0
	}
	if _, width := r.look(); width == focusRing {
		return ringInset
	}
	return 0
}

// Layout places the line.
func (r *ringed) Layout(size fyne.Size) {
	r.WidgetRenderer.Layout(size)
	in := r.inset()
	r.ring.Move(fyne.NewSquareOffsetPos(in))
	r.ring.Resize(size.SubtractWidthHeight(2*in, 2*in))
}

// Refresh draws both anew.
func (r *ringed) Refresh() {
	r.WidgetRenderer.Refresh()
	r.colour()
	r.Layout(r.of.Size())
	r.ring.Refresh()
}

// Objects are the widget's own, and the line over them.
func (r *ringed) Objects() []fyne.CanvasObject {
	return append(append([]fyne.CanvasObject{}, r.WidgetRenderer.Objects()...), r.ring)
}

// CreateRenderer is Fyne's callback: a focused button has a ring that is seen on its own colour.
func (b *button) CreateRenderer() fyne.WidgetRenderer {
	return newRinged(b.Button.CreateRenderer(), b, func() (fyne.ThemeColorName, float32) {
		line := theme.ColorNamePrimary
		switch b.Importance {
		case widget.HighImportance:
			line = theme.ColorNameForegroundOnPrimary
		case widget.DangerImportance:
			line = theme.ColorNameForegroundOnError
		default: // on the page's own colours the accent is seen
		}
		if b.focused {
			return line, focusRing
		}
		return line, 0
	})
}

// FocusGained is Fyne's callback.
func (b *button) FocusGained() {
	b.focused = true
	b.Button.FocusGained()
	b.Refresh()
	b.keys.focused(b)
}

// FocusLost is Fyne's callback.
func (b *button) FocusLost() {
	b.focused = false
	b.Button.FocusLost()
	b.Refresh()
}

// CreateRenderer is Fyne's callback: a list has the edge that the other fields have.
func (p *pick) CreateRenderer() fyne.WidgetRenderer {
	return newRinged(p.Select.CreateRenderer(), p, func() (fyne.ThemeColorName, float32) {
		if p.focused {
			return theme.ColorNamePrimary, focusRing
		}
		return theme.ColorNameInputBorder, fieldEdge
	})
}

// FocusGained is Fyne's callback.
func (p *pick) FocusGained() {
	p.focused = true
	p.Select.FocusGained()
	p.Refresh()
	p.keys.focused(p)
}

// FocusLost is Fyne's callback.
func (p *pick) FocusLost() {
	p.focused = false
	p.Select.FocusLost()
	p.Refresh()
}

// CreateRenderer is Fyne's callback: a box has the ring that the other widgets have.
func (t *tick) CreateRenderer() fyne.WidgetRenderer {
	return newRinged(t.Check.CreateRenderer(), t, func() (fyne.ThemeColorName, float32) {
		if t.focused {
			return theme.ColorNamePrimary, focusRing
		}
		return theme.ColorNamePrimary, 0
	})
}

// FocusGained is Fyne's callback.
func (t *tick) FocusGained() {
	t.focused = true
	t.Check.FocusGained()
	t.Refresh()
	t.keys.focused(t)
}

// FocusLost is Fyne's callback.
func (t *tick) FocusLost() {
	t.focused = false
	t.Check.FocusLost()
	t.Refresh()
}

// CreateRenderer is Fyne's callback: a field has the ring that the other widgets have.
func (e *entry) CreateRenderer() fyne.WidgetRenderer {
	return newRinged(e.Entry.CreateRenderer(), e, func() (fyne.ThemeColorName, float32) {
		if e.focused {
			return theme.ColorNamePrimary, focusRing
		}
		return theme.ColorNamePrimary, 0
	})
}

// FocusGained is Fyne's callback.
func (e *entry) FocusGained() {
	e.focused = true
	e.Entry.FocusGained()
	e.Refresh()
	e.keys.focused(e)
}

// FocusLost is Fyne's callback.
func (e *entry) FocusLost() {
	e.focused = false
	e.Entry.FocusLost()
	e.Refresh()
}
