//go:build !linux && !headless

package desktop

import (
	"fyne.io/fyne/v2"
	fynedesktop "fyne.io/fyne/v2/driver/desktop"
)

// trayMenu is the tray's menu as Fyne shows it.
type trayMenu struct{ host fynedesktop.App }

func newTrayMenu(host fynedesktop.App, _ func(func())) *trayMenu { return &trayMenu{host: host} }

// begin shows the first menu: Fyne wants one before it runs.
func (m *trayMenu) begin(menu *fyne.Menu) { m.set(menu) }

func (m *trayMenu) open(stood func()) { stood() }

func (m *trayMenu) close() {}

// set shows another menu.
func (m *trayMenu) set(menu *fyne.Menu) { m.host.SetSystemTrayMenu(menu) }
