package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
)

// closest is how far tabs may be pushed into each other's padding: their words stay apart.
const closest = -7

// tabRow puts tabs beside each other, closer together where there is little room. Where even
// that is not enough they take as many rows as they need.
type tabRow struct {
	width float32 // that it had last
	rows  fyne.Layout
}

func newTabRow() *tabRow { return &tabRow{rows: layout.NewRowWrapLayout()} }

// Layout places the tabs.
func (r *tabRow) Layout(tabs []fyne.CanvasObject, size fyne.Size) {
	r.width = size.Width
	gap, fits := tabGap(tabs, size.Width)
	if !fits {
		r.rows.Layout(tabs, size)
		return
	}
	var x float32
	for _, tab := range tabs {
		least := tab.MinSize()
		tab.Move(fyne.NewPos(x, 0))
		tab.Resize(least)
		x += least.Width + gap
	}
}

// MinSize is as high as the rows that the tabs take in the width that they had last.
func (r *tabRow) MinSize(tabs []fyne.CanvasObject) fyne.Size {
	if _, fits := tabGap(tabs, r.width); !fits && r.width > 0 {
		return r.rows.MinSize(tabs)
	}
	var least fyne.Size
	for _, tab := range tabs {
		least = least.Max(tab.MinSize())
	}
	return least
}

// tabGap is what lies between two tabs in a row so wide; fits is false when there is no room for them.
func tabGap(tabs []fyne.CanvasObject, width float32) (gap float32, fits bool) {
	var words float32
	for _, tab := range tabs {
		words += tab.MinSize().Width
	}
	gap = theme.Size(theme.SizeNamePadding)
	if len(tabs) > 1 {
		gap = min(gap, (width-words)/float32(len(tabs)-1))
	}
	return gap, gap >= closest
}
