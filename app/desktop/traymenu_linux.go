//go:build !headless

package desktop

import (
	"fyne.io/fyne/v2"
	fynedesktop "fyne.io/fyne/v2/driver/desktop"
	"fyne.io/systray"
)

// trayMenu is the tray's menu on D-Bus. Fyne's own would queue what is clicked for a goroutine that
// waits while the window is hidden, and could not wake it.
type trayMenu struct {
	do         func(func())
	start, end func()
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

// set shows another menu.
func (m *trayMenu) set(menu *fyne.Menu) {
	systray.ResetMenu()
	m.add(menu, nil)
}

func (m *trayMenu) add(menu *fyne.Menu, under *systray.MenuItem) {
	for _, item := range menu.Items {
		if item.IsSeparator {
			systray.AddSeparator()
			continue
		}
		shown := addItem(item, under)
		if item.ChildMenu != nil {
			m.add(item.ChildMenu, shown)
		}
		go func() { // ends when the item is removed
			for range shown.ClickedCh {
				if item.Action != nil {
					m.do(item.Action)
				}
			}
		}()
	}
}

func addItem(item *fyne.MenuItem, under *systray.MenuItem) *systray.MenuItem {
	add := systray.AddMenuItem
	if under != nil {
		add = under.AddSubMenuItem
	}
	shown := add(item.Label, "")
	if item.Disabled {
		shown.Disable()
	}
	return shown
}
