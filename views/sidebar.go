package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// firstSandbox is the row of the first sandbox: Overview, Activity and Reminders come before.
const firstSandbox = 3

// sidebar is the navigation: Overview, Activity, Reminders with their number, then every sandbox with its state in mark and word.
type sidebar struct {
	list    *list
	state   State
	open    func(page string)
	marking bool // the list is told what to mark; no person chose it
}

func newSidebar(k *keys, open func(string)) *sidebar {
	b := &sidebar{open: open}
	b.list = k.list(func() int { return len(b.state.Sandboxes) + firstSandbox }, newSidebarRow, b.draw)
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
	icon := marks[2].(*fyne.Container).Objects[0].(*widget.Icon)
	show(marks[1], i >= firstSandbox)
	show(marks[2], i < firstSandbox)
	switch i {
	case 0:
		icon.SetResource(theme.HomeIcon())
		name.SetText(lang.L("Overview"))
		word.SetText(lang.L("All sandboxes"))
		return
	case 1:
		icon.SetResource(theme.HistoryIcon())
		name.SetText(lang.L("Activity"))
		word.SetText(lang.L("Runs and audit log"))
		return
	case 2:
		icon.SetResource(theme.InfoIcon())
		name.SetText(lang.L("Reminders"))
		word.SetText(lang.L("Nothing to do"))
		if n := len(b.state.Reminders); n > 0 {
			icon.SetResource(theme.WarningIcon())
			word.SetText(lang.N("{{.N}} things to do", n, values{"N": n}))
		}
		return
	}
	shown := b.state.Sandboxes[i-firstSandbox]
	mark.Importance = healthImportance(shown.Health)
	mark.SetText(healthMark(shown.Health))
	name.SetText(plain(shown.Name))
	word.SetText(healthWords(shown.Health))
}

func (b *sidebar) pageAt(i widget.ListItemID) string {
	switch i {
	case 0:
		return pageOverview
	case 1:
		return pageActivity
	case 2:
		return pageReminders
	}
	return b.state.Sandboxes[i-firstSandbox].Name
}

// refresh marks the page by its name: rows move when a sandbox comes or goes.
func (b *sidebar) refresh(s State, page string) {
	b.state = s
	b.list.Refresh()
	b.marking = true
	defer func() { b.marking = false }()
	for i := range len(s.Sandboxes) + firstSandbox {
		if b.pageAt(i) == page {
			b.list.Select(i)
			return
		}
	}
	b.list.UnselectAll()
}
