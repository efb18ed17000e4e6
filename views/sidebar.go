package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// sidebar is the navigation: the Overview, then every sandbox with its state in mark and word.
type sidebar struct {
	list    *list
	state   State
	open    func(page string)
	marking bool // the list is told what to mark; no person chose it
}

func newSidebar(k *keys, open func(string)) *sidebar {
	b := &sidebar{open: open}
	b.list = k.list(func() int { return len(b.state.Sandboxes) + 1 }, newSidebarRow, b.draw)
	b.list.HideSeparators = true
	b.list.OnSelected = func(i widget.ListItemID) {
		if !b.marking {
			b.open(b.pageAt(i))
		}
	}
	return b
}

func newSidebarRow() fyne.CanvasObject {
	mark := container.NewCenter(container.NewStack(widthOf(30), container.NewCenter(widget.NewLabel("●")), container.NewCenter(widget.NewIcon(theme.HomeIcon()))))
	return container.NewBorder(nil, nil, mark, nil, tight(line(""), caption("")))
}

func (b *sidebar) draw(i widget.ListItemID, o fyne.CanvasObject) {
	words, lead := o.(*fyne.Container).Objects[0].(*fyne.Container), o.(*fyne.Container).Objects[1].(*fyne.Container)
	marks := lead.Objects[0].(*fyne.Container).Objects
	mark := marks[1].(*fyne.Container).Objects[0].(*widget.Label)
	name, word := words.Objects[0].(*widget.Label), words.Objects[1].(*widget.Label)
	show(marks[1], i > 0)
	show(marks[2], i == 0)
	if i == 0 {
		name.SetText(lang.L("Overview"))
		word.SetText(lang.L("All sandboxes"))
		return
	}
	shown := b.state.Sandboxes[i-1]
	mark.Importance = healthImportance(shown.Health)
	mark.SetText(healthMark(shown.Health))
	name.SetText(plain(shown.Name))
	word.SetText(healthWords(shown.Health))
}

func (b *sidebar) pageAt(i widget.ListItemID) string {
	if i == 0 {
		return pageOverview
	}
	return b.state.Sandboxes[i-1].Name
}

// refresh marks the page by its name: rows move when a sandbox comes or goes.
func (b *sidebar) refresh(s State, page string) {
	b.state = s
	b.list.Refresh()
	b.marking = true
	defer func() { b.marking = false }()
	for i := range len(s.Sandboxes) + 1 {
		if b.pageAt(i) == page {
			b.list.Select(i)
			return
		}
	}
	b.list.UnselectAll()
}
