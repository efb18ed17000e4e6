package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"
)

// modalInset is what a modal leaves free at its edges.
const modalInset = 10

// newModal makes a box in front of everything, with its title over its body, as wide as is asked
// for and as high as its texts are at that width. Show shows it.
func newModal(title string, body fyne.CanvasObject, window fyne.Window, size fyne.Size) *widget.PopUp {
	head := subheading(title)
	head.Truncation = fyne.TextTruncateOff
	head.Wrapping = fyne.TextWrapWord
	content := container.New(layout.NewCustomPaddedLayout(modalInset, modalInset, modalInset, modalInset), container.NewBorder(head, nil, nil, nil, body))
	m := widget.NewModalPopUp(content, window.Canvas())
	fit(m, size)
	return m
}

// fit makes a modal as high as what it has now at its width, and no smaller than size.
func fit(m *widget.PopUp, size fyne.Size) {
	size.Width = min(max(size.Width, m.Content.MinSize().Width), m.Canvas.Size().Width)
	for range 2 { // a text knows how high it is once it was as wide
		m.Content.Resize(fyne.NewSize(size.Width, max(size.Height, m.Content.MinSize().Height)))
	}
	m.Resize(fyne.NewSize(size.Width, max(size.Height, m.Content.MinSize().Height)))
}
