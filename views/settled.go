package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// settled fills its place with one object, laid out twice: a text that breaks its lines knows its height
// only once it was given its width, and what is below must move then.
func settled(content fyne.CanvasObject) *fyne.Container {
	return container.New(settling{}, content)
}

type settling struct{}

// Layout is Fyne's callback.
func (settling) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	for _, o := range objects {
		o.Move(fyne.Position{})
		o.Resize(size)
		o.Refresh()
	}
}

// MinSize is Fyne's callback.
func (settling) MinSize(objects []fyne.CanvasObject) fyne.Size { return objects[0].MinSize() }
