package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// heading is a page's title.
func heading(text string) *widget.Label {
	l := widget.NewLabelWithStyle(text, fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	l.SizeName = theme.SizeNameHeadingText
	l.Truncation = fyne.TextTruncateEllipsis
	return l
}

// text is a label that breaks its lines.
func text(s string) *widget.Label {
	l := widget.NewLabel(s)
	l.Wrapping = fyne.TextWrapWord
	return l
}

// line is a label of one line that is cut when there is no room.
func line(s string) *widget.Label {
	l := widget.NewLabel(s)
	l.Truncation = fyne.TextTruncateEllipsis
	return l
}

// primary is the button of the thing to do.
func primary(label string, tapped func()) *widget.Button {
	b := widget.NewButton(label, tapped)
	b.Importance = widget.HighImportance
	return b
}

// enable switches a button by a condition.
func enable(b fyne.Disableable, yes bool) {
	if yes {
		b.Enable()
		return
	}
	b.Disable()
}

// show shows or hides something by a condition.
func show(o fyne.CanvasObject, yes bool) {
	if yes {
		o.Show()
		return
	}
	o.Hide()
}

// problem says what went wrong: cause, remedy, and a way to copy both.
type problem struct {
	box         *fyne.Container
	cause, hint *widget.Label
}

func newProblem(clipboard func(string)) *problem {
	p := &problem{cause: text(""), hint: text("")}
	p.cause.Importance = widget.DangerImportance
	p.cause.TextStyle.Bold = true
	copyIt := widget.NewButtonWithIcon(lang.L("Copy details"), theme.ContentCopyIcon(), func() {
		clipboard(p.cause.Text + "\n" + p.hint.Text)
	})
	p.box = container.NewBorder(nil, nil, nil, container.NewVBox(copyIt), container.NewVBox(p.cause, p.hint))
	p.box.Hide()
	return p
}

func (p *problem) refresh(f *backup.Fault) {
	if f == nil {
		p.box.Hide()
		return
	}
	p.cause.SetText(plain(f.Text))
	p.hint.SetText(plain(f.Hint))
	show(p.hint, f.Hint != "")
	p.box.Show()
}

// healthImportance colours a health.
func healthImportance(h Health) widget.Importance {
	switch h {
	case Protected:
		return widget.SuccessImportance
	case NeedsAttention:
		return widget.WarningImportance
	default:
		return widget.DangerImportance
	}
}

// healthMark tells the healths apart without colour too.
func healthMark(h Health) string {
	switch h {
	case Protected:
		return "●"
	case NeedsAttention:
		return "▲"
	default:
		return "○"
	}
}

// columns lays its objects out beside each other: each gets its share of the width.
type columns struct{ shares []float32 }

func newColumns(shares []float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(columns{shares}, objects...)
}

// Layout places the objects.
func (c columns) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	var all float32
	for _, s := range c.shares {
		all += s
	}
	var x float32
	for i, o := range objects {
		w := size.Width * c.shares[i] / all
		o.Move(fyne.NewPos(x, 0))
		o.Resize(fyne.NewSize(w, size.Height))
		x += w
	}
}

// MinSize is as high as the highest object; the width is for the parent to give.
func (c columns) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range objects {
		size.Height = max(size.Height, o.MinSize().Height)
	}
	return size
}

// column keeps its one object no wider than a line that reads well.
type column struct{ widest float32 }

// Layout places the object at the left.
func (c column) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Move(fyne.NewPos(0, 0))
		o.Resize(fyne.NewSize(min(size.Width, c.widest), size.Height))
	}
}

// MinSize is the object's own.
func (c column) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range objects {
		size = size.Max(o.MinSize())
	}
	return size
}
