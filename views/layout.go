package views

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// column is one column of a table.
type column struct {
	width float32 // the least it needs
	grow  float32 // its share of what is left over
	drop  int     // when there is no room the highest goes first; 0 stays
}

// columns lays cells out beside each other. A column that has no room is left out whole: half
// a number reads as another number.
type columns []column

func newColumns(c columns, cells ...fyne.CanvasObject) *fyne.Container {
	return container.New(c, cells...)
}

// Layout places the cells.
func (c columns) Layout(cells []fyne.CanvasObject, size fyne.Size) {
	shown, spare, growing := c.fit(size.Width)
	var x float32
	for i, cell := range cells {
		show(cell, shown[i])
		if !shown[i] {
			continue
		}
		w := c[i].width
		if growing > 0 {
			w += spare * c[i].grow / growing
		}
		cell.Move(fyne.NewPos(x, 0))
		cell.Resize(fyne.NewSize(w, size.Height))
		x += w
	}
}

// widest is the width of the longest of some texts, as a label has it.
func widest(texts ...string) float32 { return widestAt(theme.SizeNameText, texts) }

// widestHead is the same as the head of a column has it.
func widestHead(texts ...string) float32 { return widestAt(theme.SizeNameCaptionText, texts) }

func widestAt(size fyne.ThemeSizeName, texts []string) float32 {
	var w float32
	for _, t := range texts {
		w = max(w, fyne.MeasureText(t, theme.Size(size), fyne.TextStyle{}).Width)
	}
	const slack = 3 // a text that fits exactly may be cut by a rounding
	return w + 2*theme.Size(theme.SizeNameInnerPadding) + slack
}

// fit says which columns have room, what width is left over, and among how many shares.
func (c columns) fit(width float32) (shown []bool, spare, growing float32) {
	shown, spare = make([]bool, len(c)), width
	for i := range c {
		shown[i] = true
		spare -= c[i].width
		growing += c[i].grow
	}
	for spare < 0 {
		worst := 0
		for i := range c {
			if shown[i] && c[i].drop > c[worst].drop || !shown[worst] {
				worst = i
			}
		}
		if c[worst].drop == 0 || !shown[worst] {
			break
		}
		shown[worst] = false
		spare += c[worst].width
		growing -= c[worst].grow
	}
	return shown, max(spare, 0), growing
}

// MinSize is as high as the highest cell and as wide as what is never left out.
func (c columns) MinSize(cells []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for i, cell := range cells {
		size.Height = max(size.Height, cell.MinSize().Height)
		if c[i].drop == 0 {
			size.Width += c[i].width
		}
	}
	return size
}

// aside puts the second object at the right of the first where that keeps some width, else below it.
type aside struct {
	least float32 // width that the first one keeps
	below bool    // how it was laid out last
}

// Layout places both.
func (a *aside) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	first, second := objects[0], objects[1]
	need := second.MinSize()
	a.below = size.Width-need.Width < a.least
	if !a.below {
		first.Move(fyne.Position{})
		first.Resize(fyne.NewSize(size.Width-need.Width, size.Height))
		second.Move(fyne.NewPos(size.Width-need.Width, 0))
		second.Resize(fyne.NewSize(need.Width, size.Height))
		return
	}
	first.Move(fyne.Position{})
	first.Resize(fyne.NewSize(size.Width, size.Height-need.Height))
	second.Move(fyne.NewPos(size.Width-need.Width, size.Height-need.Height))
	second.Resize(need)
}

// MinSize is what both need as they were laid out last.
func (a *aside) MinSize(objects []fyne.CanvasObject) fyne.Size {
	first, second := objects[0].MinSize(), objects[1].MinSize()
	if a.below {
		return fyne.NewSize(max(first.Width, second.Width), first.Height+second.Height)
	}
	return fyne.NewSize(max(first.Width, second.Width), max(first.Height, second.Height))
}

// steady gives its objects one place, as high as the highest of them even while that one is hidden:
// when they take turns, nothing below moves under the pointer.
type steady struct{}

// Layout gives each the whole place.
func (steady) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Move(fyne.Position{})
		o.Resize(size)
	}
}

// MinSize is that of the largest.
func (steady) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range objects {
		size = size.Max(o.MinSize())
	}
	return size
}

// low gives its objects one place of a height that is less than they ask for.
type low float32

// Layout gives each the whole place.
func (l low) Layout(objects []fyne.CanvasObject, size fyne.Size) { steady{}.Layout(objects, size) }

// MinSize is the height alone.
func (l low) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(0, float32(l)) }

// upTo is as high as what is in a scroll, up to a height: the rest of it is scrolled to.
type upTo float32

// Layout gives the scroll the whole place.
func (u upTo) Layout(objects []fyne.CanvasObject, size fyne.Size) { steady{}.Layout(objects, size) }

// MinSize is that of the content, up to the height.
func (u upTo) MinSize(objects []fyne.CanvasObject) fyne.Size {
	inner := objects[0].(*container.Scroll).Content.MinSize()
	return fyne.NewSize(inner.Width, min(inner.Height, float32(u)))
}

// page keeps its content no wider than what reads well.
type page struct {
	widest float32
	middle bool
}

// Layout places the content at the left, or in the middle.
func (p page) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	w := min(size.Width, p.widest)
	var x float32
	if p.middle {
		x = (size.Width - w) / 2
	}
	for _, o := range objects {
		o.Move(fyne.NewPos(x, 0))
		o.Resize(fyne.NewSize(w, size.Height))
	}
}

// MinSize is the content's own.
func (p page) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range objects {
		size = size.Max(o.MinSize())
	}
	return size
}

// form is a form whose labels are as wide as is asked for: so the fields of several on one page stand
// in one line. A hint of an item is below its field.
func form(labels float32, items ...*widget.FormItem) *fyne.Container {
	f := container.New(layout.NewFormLayout())
	for _, i := range items {
		label := widget.NewLabelWithStyle(i.Text, fyne.TextAlignTrailing, fyne.TextStyle{Bold: true})
		field := i.Widget
		if i.HintText != "" {
			field = container.New(layout.NewCustomPaddedVBoxLayout(-6), field, caption(i.HintText))
		}
		f.Add(container.NewStack(widthOf(labels), label))
		f.Add(field)
	}
	return f
}

// widestLabel is the width of the longest label of a form.
func widestLabel(texts ...string) float32 {
	var w float32
	for _, t := range texts {
		w = max(w, widget.NewLabelWithStyle(t, fyne.TextAlignTrailing, fyne.TextStyle{Bold: true}).MinSize().Width)
	}
	return w
}

// tight stacks labels that belong together: their own padding is enough for two of them.
func tight(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedVBoxLayout(-12), objects...)
}

// over puts something above the rest of a place. Unlike in a border of Fyne's, Tab goes through both in that order.
func over(top, rest fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewBorderLayout(top, nil, nil, nil), top, rest)
}

// snug takes off what labels have as padding of their own above and below, inside a panel that is to be low.
func snug(content fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedLayout(-4, -4, 0, 0), content)
}

// atEnd puts buttons at the right.
func atEnd(objects ...fyne.CanvasObject) *fyne.Container {
	return container.NewHBox(append([]fyne.CanvasObject{layout.NewSpacer()}, objects...)...)
}

// anyWidth lets the foot of a page be as wide as the page is.
const anyWidth = 1 << 20

// footed is a page with something at its foot that comes and goes by itself: it takes its room from the end
// of the page, so that nothing moves under the pointer. Tab comes to it last.
func footed(widest float32, foot, content fyne.CanvasObject) *fyne.Container {
	pad := theme.Size(theme.SizeNamePadding)
	return container.NewBorder(nil, container.New(layout.NewCustomPaddedLayout(0, pad, pad, pad), container.New(page{widest: widest}, container.NewVBox(foot))), nil, nil, content)
}

// widthOf is nothing, of a given width.
func widthOf(w float32) fyne.CanvasObject {
	r := canvas.NewRectangle(color.Transparent)
	r.SetMinSize(fyne.NewSize(w, 1))
	return r
}

// tallOf is nothing, of a given height.
func tallOf(h float32) fyne.CanvasObject {
	r := canvas.NewRectangle(color.Transparent)
	r.SetMinSize(fyne.NewSize(1, h))
	return r
}

// barWidth is the room of a scroll bar.
const barWidth = 12

// scrolled is a page that scrolls, no wider than reads well, with room for the scroll bar.
func scrolled(widest float32, content fyne.CanvasObject) fyne.CanvasObject {
	return container.NewVScroll(container.New(page{widest: widest}, container.NewBorder(nil, nil, nil, widthOf(barWidth), content)))
}
