package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// panel is a raised surface. It is a widget and no raw rectangle, so that it follows light and dark.
type panel struct {
	widget.BaseWidget
	content fyne.CanvasObject
	edge    fyne.ThemeColorName
}

func newPanel(edge fyne.ThemeColorName, content fyne.CanvasObject) *panel {
	p := &panel{content: content, edge: edge}
	p.ExtendBaseWidget(p)
	return p
}

// CreateRenderer is Fyne's callback.
func (p *panel) CreateRenderer() fyne.WidgetRenderer {
	r := &panelRenderer{panel: p, back: canvas.NewRectangle(nil)}
	r.colour()
	return r
}

type panelRenderer struct {
	panel *panel
	back  *canvas.Rectangle
}

const panelInset = 6

func (r *panelRenderer) colour() {
	t, variant := r.panel.Theme(), fyne.CurrentApp().Settings().ThemeVariant()
	r.back.FillColor = t.Color(theme.ColorNameOverlayBackground, variant)
	r.back.StrokeColor = t.Color(r.panel.edge, variant)
	r.back.StrokeWidth = 1
	r.back.CornerRadius = 8
}

func (r *panelRenderer) Layout(size fyne.Size) {
	r.back.Resize(size)
	r.panel.content.Move(fyne.NewSquareOffsetPos(panelInset))
	r.panel.content.Resize(size.SubtractWidthHeight(2*panelInset, 2*panelInset).Max(fyne.Size{})) // nothing can be drawn in less than nothing
}

func (r *panelRenderer) MinSize() fyne.Size {
	return r.panel.content.MinSize().AddWidthHeight(2*panelInset, 2*panelInset)
}

func (r *panelRenderer) Refresh() {
	r.colour()
	r.back.Refresh()
	r.Layout(r.panel.Size())
	r.panel.content.Refresh()
}

func (r *panelRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.back, r.panel.content}
}

func (r *panelRenderer) Destroy() {}
