package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// pressable is a surface that is pressed by mouse, Space or Enter, and shows the focus. One of
// several may be chosen.
type pressable struct {
	widget.DisableableWidget
	keys             *keys
	content          fyne.CanvasObject
	tapped           func()
	along            func(step int) // goes to the one beside it; nil where it stands alone
	underlined       bool           // when it is chosen
	chosen           bool
	focused, hovered bool
}

func (k *keys) pressable(content fyne.CanvasObject, tapped func()) *pressable {
	p := &pressable{keys: k, content: content, tapped: tapped}
	p.ExtendBaseWidget(p)
	return p
}

func (p *pressable) press() {
	if !p.Disabled() {
		p.tapped()
	}
}

// Tapped is Fyne's callback for the mouse.
func (p *pressable) Tapped(*fyne.PointEvent) { p.press() }

// TypedRune is Fyne's callback for letters.
func (p *pressable) TypedRune(r rune) {
	if r == ' ' {
		p.press()
	}
}

// TypedKey is Fyne's callback for keys.
func (p *pressable) TypedKey(e *fyne.KeyEvent) {
	step := map[fyne.KeyName]int{fyne.KeyLeft: -1, fyne.KeyUp: -1, fyne.KeyRight: 1, fyne.KeyDown: 1}[e.Name]
	switch {
	case e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter:
		p.press()
	case step != 0 && p.along != nil:
		p.along(step)
	default:
		p.keys.typed(e)
	}
}

// inARow lets the arrows go along pressables that belong together.
func inARow(all ...*pressable) {
	for i, p := range all {
		p.along = func(step int) {
			for at := i + step; at >= 0 && at < len(all); at += step {
				if next := all[at]; next.Visible() && !next.Disabled() {
					fyne.CurrentApp().Driver().CanvasForObject(p).Focus(next)
					return
				}
			}
		}
	}
}

// FocusGained is Fyne's callback.
func (p *pressable) FocusGained() {
	p.focused = true
	p.Refresh()
	p.keys.focused(p)
}

// FocusLost is Fyne's callback.
func (p *pressable) FocusLost() { p.focused = false; p.Refresh() }

// MouseIn is Fyne's callback.
func (p *pressable) MouseIn(*desktop.MouseEvent) { p.hovered = true; p.Refresh() }

// MouseMoved is Fyne's callback.
func (p *pressable) MouseMoved(*desktop.MouseEvent) {}

// MouseOut is Fyne's callback.
func (p *pressable) MouseOut() { p.hovered = false; p.Refresh() }

// CreateRenderer is Fyne's callback.
func (p *pressable) CreateRenderer() fyne.WidgetRenderer {
	r := &pressableRenderer{of: p, back: canvas.NewRectangle(nil), line: canvas.NewRectangle(nil)}
	r.colour()
	return r
}

type pressableRenderer struct {
	of         *pressable
	back, line *canvas.Rectangle
}

func (r *pressableRenderer) colour() {
	t, variant := r.of.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	r.back.FillColor, r.back.StrokeWidth, r.back.CornerRadius = nil, 0, t.Size(theme.SizeNameInputRadius)
	if r.of.hovered && !r.of.Disabled() {
		r.back.FillColor = t.Color(theme.ColorNameHover, variant)
	}
	if r.of.focused {
		r.back.StrokeColor, r.back.StrokeWidth = t.Color(theme.ColorNamePrimary, variant), 2
	}
	r.line.FillColor = t.Color(theme.ColorNamePrimary, variant)
	show(r.line, r.of.chosen && r.of.underlined)
}

func (r *pressableRenderer) Layout(size fyne.Size) {
	r.back.Resize(size)
	r.of.content.Resize(size)
	const thick, inset = 2, 8
	r.line.Move(fyne.NewPos(inset, size.Height-thick))
	r.line.Resize(fyne.NewSize(size.Width-2*inset, thick))
}

func (r *pressableRenderer) MinSize() fyne.Size { return r.of.content.MinSize() }

func (r *pressableRenderer) Refresh() {
	r.colour()
	r.back.Refresh()
	r.line.Refresh()
	r.of.content.Refresh()
}

func (r *pressableRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.back, r.of.content, r.line}
}

func (r *pressableRenderer) Destroy() {}

// choice is one of several answers, with what it means under it.
type choice struct {
	*pressable
	title, about *widget.Label
	icon         *widget.Icon
}

func (k *keys) choice(title, about string, tapped func()) *choice {
	c := &choice{title: line(title), about: smallText(about), icon: widget.NewIcon(theme.RadioButtonIcon())}
	words := container.NewStack(c.title)
	if about != "" {
		words = tight(c.title, c.about)
	} else {
		c.title.Truncation = fyne.TextTruncateOff
	}
	c.pressable = k.pressable(container.NewBorder(nil, nil, container.NewHBox(widthOf(2), container.NewCenter(c.icon)), nil, words), tapped)
	return c
}

func (c *choice) choose(yes bool) {
	c.chosen = yes
	c.icon.SetResource(theme.RadioButtonIcon())
	c.title.Importance = widget.MediumImportance
	switch {
	case yes:
		c.icon.SetResource(theme.NewPrimaryThemedResource(theme.RadioButtonCheckedIcon()))
	case c.Disabled():
		c.title.Importance = widget.LowImportance
		c.icon.SetResource(theme.NewDisabledResource(theme.RadioButtonIcon()))
	}
	c.title.Refresh()
	c.Refresh()
}

// allow makes a choice possible or not.
func (c *choice) allow(yes bool) {
	enable(c.pressable, yes)
	c.choose(c.chosen)
}

// tabs are pressables of which one is chosen.
type tabs struct {
	row *fyne.Container
	all []*pressable
}

func newTabs(k *keys, names []string, chosen func(int)) *tabs {
	t := &tabs{row: container.New(newTabRow())}
	for i, name := range names {
		p := k.pressable(widget.NewLabel(name), func() { chosen(i) })
		p.underlined = true
		t.all = append(t.all, p)
		t.row.Add(p)
	}
	inARow(t.all...)
	return t
}

// call gives a tab another name.
func (t *tabs) call(i int, name string) {
	if words := t.all[i].content.(*widget.Label); words.Text != name {
		words.SetText(name)
		t.row.Refresh()
	}
}

func (t *tabs) choose(at int) {
	for i, p := range t.all {
		if p.chosen == (i == at) {
			continue
		}
		p.chosen = i == at
		p.Refresh()
	}
	t.row.Refresh()
}
