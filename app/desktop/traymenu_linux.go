//go:build !headless

package desktop

import (
	"slices"
	"sync/atomic"

	"fyne.io/fyne/v2"
	fynedesktop "fyne.io/fyne/v2/driver/desktop"
	"fyne.io/systray"
)

// trayMenu is the tray's menu on D-Bus. Fyne's own would queue what is clicked for a goroutine that
// waits while the window is hidden, and could not wake it.
type trayMenu struct {
	do         func(func())
	start, end func()
	shown      *fyne.Menu // nil before the first
	items      []*trayItem
}

func newTrayMenu(_ fynedesktop.App, do func(func())) *trayMenu {
	m := &trayMenu{do: do}
	systray.SetTitle("Holdfast")
	m.start, m.end = systray.RunWithExternalLoop(nil, nil)
	return m
}

// begin leaves the menu empty until it is known how things are: a click on an item that is being
// replaced would be lost.
func (m *trayMenu) begin(*fyne.Menu) {}

// open puts the icon into the tray, and calls stood on Fyne's goroutine when it is there. The
// library loses what is set in between.
func (m *trayMenu) open(stood func()) {
	go func() {
		m.start()
		m.do(stood)
	}()
}

// close takes it away.
func (m *trayMenu) close() { m.end() }

// set shows another menu. Where only lines of its top differ, these are put in place of the old ones:
// a click on an item that is being replaced would be lost, and an open menu would close.
func (m *trayMenu) set(menu *fyne.Menu) {
	if m.shown != nil && alike(m.shown, menu) {
		for i, item := range menu.Items {
			m.items[i].means(item)
		}
	} else {
		systray.ResetMenu()
		m.items = m.add(menu, nil)
	}
	m.shown = menu
}

// alike says whether two menus differ in no more than the labels of their top, and in what is done.
func alike(a, b *fyne.Menu) bool {
	return slices.EqualFunc(a.Items, b.Items, func(a, b *fyne.MenuItem) bool {
		same := a.IsSeparator == b.IsSeparator && a.Disabled == b.Disabled && (a.ChildMenu == nil) == (b.ChildMenu == nil)
		return same && (a.ChildMenu == nil || labels(a.ChildMenu) == labels(b.ChildMenu))
	})
}

func (m *trayMenu) add(menu *fyne.Menu, under *systray.MenuItem) (items []*trayItem) {
	for _, item := range menu.Items {
		shown := &trayItem{}
		items = append(items, shown)
		if item.IsSeparator {
			systray.AddSeparator()
			continue
		}
		shown.line = addItem(item, under)
		shown.means(item)
		go m.heed(shown)
		if item.ChildMenu != nil {
			shown.under = m.add(item.ChildMenu, shown.line)
		}
	}
	return items
}

// heed does what an item says when it is clicked, until the item is removed.
func (m *trayMenu) heed(shown *trayItem) {
	for range shown.line.ClickedCh {
		if do := shown.item.Load().Action; do != nil {
			m.do(do)
		}
	}
}

// trayItem is one line of the menu.
type trayItem struct {
	line  *systray.MenuItem // nil for a separator
	item  atomic.Pointer[fyne.MenuItem]
	under []*trayItem
}

// means gives the line another label and another thing to do.
func (t *trayItem) means(item *fyne.MenuItem) {
	if t.line == nil {
		return
	}
	if was := t.item.Swap(item); was != nil && was.Label != item.Label {
		t.line.SetTitle(item.Label)
	}
	for i, under := range t.under {
		under.means(item.ChildMenu.Items[i])
	}
}

// addItem adds a line. It keeps a click until somebody takes it: the library drops one for which
// nobody waits.
func addItem(item *fyne.MenuItem, under *systray.MenuItem) *systray.MenuItem {
	add := systray.AddMenuItem
	if under != nil {
		add = under.AddSubMenuItem
	}
	shown := add(item.Label, "")
	shown.ClickedCh = make(chan struct{}, 1)
	if item.Disabled {
		shown.Disable()
	}
	return shown
}
