package views

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// strip shows how the last days of a sandbox went, one mark a day, today at the right. Marks
// differ in shape as well as in colour: a full block is proven, a half one done, a cross failed,
// a hollow block missed, a dot stands where none was due.
type strip struct {
	widget.BaseWidget
	days []Day
}

const (
	dayStep  = 9
	dayWide  = 7
	dayTall  = 16
	stripTop = 2
)

func newStrip() *strip {
	s := &strip{}
	s.ExtendBaseWidget(s)
	return s
}

func (s *strip) refresh(days []Day) {
	s.days = days
	s.Refresh()
}

// stripWords says the same in words.
func stripWords(days []Day) string {
	n := map[DayMark]int{}
	for _, d := range days {
		n[d.Mark]++
	}
	var known []string
	for _, m := range []struct {
		mark DayMark
		text string
	}{
		{ProvenDay, lang.L("{{.N}} proven", values{"N": n[ProvenDay]})}, {Done, lang.L("{{.N}} done", values{"N": n[Done]})},
		{FailedDay, lang.L("{{.N}} failed", values{"N": n[FailedDay]})}, {Missed, lang.L("{{.N}} missed", values{"N": n[Missed]})},
	} {
		if n[m.mark] > 0 {
			known = append(known, m.text)
		}
	}
	if known == nil {
		return lang.L("{{.N}} days: none was due", values{"N": len(days)})
	}
	return lang.L("{{.N}} days: {{.What}}", values{"N": len(days), "What": facts(known...)})
}

// CreateRenderer is Fyne's callback.
func (s *strip) CreateRenderer() fyne.WidgetRenderer { return &stripRenderer{of: s} }

type stripRenderer struct {
	of      *strip
	objects []fyne.CanvasObject
}

func (r *stripRenderer) Layout(fyne.Size) { r.draw() }

func (r *stripRenderer) draw() {
	t, variant := r.of.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	colour := func(n fyne.ThemeColorName) color.Color { return t.Color(n, variant) }
	r.objects = nil
	for i, d := range r.of.days {
		x := float32(i) * dayStep
		switch d.Mark {
		case ProvenDay:
			r.block(x, 0, dayTall, colour(theme.ColorNameSuccess), nil)
		case Done:
			r.block(x, dayTall/2, dayTall/2, colour(theme.ColorNameSuccess), nil)
		case Missed:
			r.block(x, dayTall/2, dayTall/2, color.Transparent, colour(theme.ColorNameWarning))
		case FailedDay:
			r.cross(x, colour(theme.ColorNameError))
		default:
			r.block(x+2.5, dayTall-3, 3, colour(theme.ColorNameDisabled), nil)
		}
	}
}

func (r *stripRenderer) block(x, y, high float32, fill, edge color.Color) {
	b := canvas.NewRectangle(fill)
	wide := float32(dayWide)
	if high < wide/2 {
		wide = high
	}
	b.CornerRadius = 1.5
	if edge != nil {
		b.StrokeColor, b.StrokeWidth = edge, 1.5
	}
	b.Move(fyne.NewPos(x, stripTop+y))
	b.Resize(fyne.NewSize(wide, high))
	r.objects = append(r.objects, b)
}

func (r *stripRenderer) cross(x float32, c color.Color) {
	const top = stripTop + dayTall - dayWide
	for _, from := range []float32{0, dayWide} {
		l := canvas.NewLine(c)
		l.StrokeWidth = 2
		l.Position1, l.Position2 = fyne.NewPos(x+from, top), fyne.NewPos(x+dayWide-from, top+dayWide)
		r.objects = append(r.objects, l)
	}
}

func (r *stripRenderer) MinSize() fyne.Size {
	return fyne.NewSize(float32(len(r.of.days))*dayStep, dayTall+2*stripTop)
}

func (r *stripRenderer) Refresh() {
	r.draw()
	canvas.Refresh(r.of)
}

func (r *stripRenderer) Objects() []fyne.CanvasObject { return r.objects }

func (r *stripRenderer) Destroy() {}
