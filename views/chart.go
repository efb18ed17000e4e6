package views

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// chart shows the sizes of the last backups as bars, oldest first; the filled part of a bar is
// what the backup added to the vault.
type chart struct {
	widget.BaseWidget
	whole, added []int64
	words        *widget.Label
}

const (
	mostBars   = 40
	barsHeight = 30
	chartWidth = 200
)

func newChart() *chart {
	c := &chart{words: caption("")}
	c.words.Alignment = fyne.TextAlignTrailing
	c.ExtendBaseWidget(c)
	return c
}

func (c *chart) refresh(newestFirst []backup.Backup) {
	c.whole, c.added = nil, nil
	for i := range newestFirst {
		k := &newestFirst[i]
		if k.Status == backup.StatusCompleted && len(c.whole) < mostBars {
			c.whole, c.added = append([]int64{k.RawBytes}, c.whole...), append([]int64{min(k.AddedBytes, k.RawBytes)}, c.added...)
		}
	}
	show(c, len(c.whole) > 1)
	if len(c.whole) > 1 {
		n := len(c.whole)
		c.words.SetText(lang.L("Size {{.Size}}, added {{.Added}}", values{"Size": size(c.whole[n-1]), "Added": size(c.added[n-1])}))
	}
	c.Refresh()
}

// CreateRenderer is Fyne's callback.
func (c *chart) CreateRenderer() fyne.WidgetRenderer {
	bars := container.NewWithoutLayout()
	return &chartRenderer{of: c, bars: bars, objects: []fyne.CanvasObject{bars, c.words}}
}

type chartRenderer struct {
	of      *chart
	bars    *fyne.Container
	objects []fyne.CanvasObject
}

func (r *chartRenderer) Layout(size fyne.Size) {
	r.of.words.Resize(fyne.NewSize(size.Width, r.of.words.MinSize().Height))
	r.of.words.Move(fyne.NewPos(0, barsHeight))
	r.draw(size.Width)
}

func (r *chartRenderer) draw(width float32) {
	t, variant := r.of.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	whole, added := t.Color(theme.ColorNameInputBorder, variant), t.Color(theme.ColorNamePrimary, variant)
	r.bars.Objects = nil
	most := int64(1)
	for _, n := range r.of.whole {
		most = max(most, n)
	}
	const step, thick = 4.5, 3
	left := width - step*float32(len(r.of.whole)) - 9
	for i := range r.of.whole {
		at := left + step*float32(i)
		r.bar(at, thick, float32(r.of.whole[i])/float32(most), whole)
		r.bar(at, thick, float32(r.of.added[i])/float32(most), added)
	}
	r.bars.Refresh()
}

func (r *chartRenderer) bar(at, thick, share float32, c color.Color) {
	high := max(1, share*(barsHeight-2))
	b := canvas.NewRectangle(c)
	b.Move(fyne.NewPos(at, barsHeight-high))
	b.Resize(fyne.NewSize(thick, high))
	r.bars.Add(b)
}

func (r *chartRenderer) MinSize() fyne.Size {
	return fyne.NewSize(chartWidth, barsHeight+r.of.words.MinSize().Height)
}

func (r *chartRenderer) Refresh() {
	r.draw(r.of.Size().Width)
	r.of.words.Refresh()
}

func (r *chartRenderer) Objects() []fyne.CanvasObject { return r.objects }

func (r *chartRenderer) Destroy() {}
