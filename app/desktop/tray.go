//go:build !headless

package desktop

import (
	"context"
	"fmt"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	fynedesktop "fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/lang"

	"holdfast/platform"
	"holdfast/views"
)

// tray is the icon in the system tray, where there is one.
type tray struct {
	w     *window
	host  fynedesktop.App // nil: this system has no trays at all
	drawn string          // what the menu shows, so that it is not made anew for nothing
	icon  string
}

func newTray(w *window) *tray {
	t := &tray{w: w}
	if host, ok := w.app.(fynedesktop.App); ok {
		t.host = host
		t.refresh(views.State{})
	}
	return t
}

// hosted says whether something on this desktop shows the icon. Stock GNOME does not, and a
// window that hides there could not be found again.
func (t *tray) hosted(ctx context.Context) bool {
	ctx, stop := context.WithTimeout(ctx, time.Second)
	defer stop()
	return t.host != nil && platform.HasTrayHost(ctx)
}

func (t *tray) refresh(s views.State) {
	if t.host == nil {
		return
	}
	name, words := standing(s)
	if name != t.icon {
		t.icon = name
		t.host.SetSystemTrayIcon(icon("tray-" + name))
	}
	lines := []string{words}
	if next := nextRun(s); next != "" {
		lines = append(lines, next)
	}
	drawn := strings.Join(append(lines, names(s)...), "\n")
	if drawn == t.drawn {
		return
	}
	t.drawn = drawn
	t.host.SetSystemTrayMenu(t.menu(lines, s))
}

// standing gives the icon and the words for how things are.
func standing(s views.State) (icon, words string) {
	if len(s.Sandboxes) == 0 {
		return "idle", lang.L("No sandbox yet")
	}
	worst := views.Protected
	for _, b := range s.Sandboxes {
		if b.Busy != nil {
			return "running", b.Busy.Title
		}
		worst = min(worst, b.Health)
	}
	switch worst {
	case views.Protected:
		return "ok", lang.L("Protected")
	case views.NeedsAttention:
		return "attention", lang.L("Needs attention")
	default:
		return "failed", lang.L("Not protected yet")
	}
}

func nextRun(s views.State) string {
	var next time.Time
	for _, b := range s.Sandboxes {
		if next.IsZero() || b.Next.Before(next) {
			next = b.Next
		}
	}
	if next.IsZero() {
		return ""
	}
	return fmt.Sprintf("%s %s", lang.L("Next backup"), next.In(s.Zone).Format("Mon 15:04"))
}

func names(s views.State) []string {
	var all []string
	for _, b := range s.Sandboxes {
		all = append(all, b.Name)
	}
	return all
}

func (t *tray) menu(lines []string, s views.State) *fyne.Menu {
	var items []*fyne.MenuItem
	for _, text := range lines {
		item := fyne.NewMenuItem(text, nil)
		item.Disabled = true
		items = append(items, item)
	}
	if len(s.Sandboxes) > 0 {
		now := fyne.NewMenuItem(lang.L("Back up now"), nil)
		now.ChildMenu = fyne.NewMenu("")
		for _, name := range names(s) {
			now.ChildMenu.Items = append(now.ChildMenu.Items, fyne.NewMenuItem(name, func() { t.w.control.BackUp(name, "") }))
		}
		items = append(items, fyne.NewMenuItemSeparator(), now)
	}
	quit := fyne.NewMenuItem(lang.L("Quit"), t.w.quit)
	quit.IsQuit = true
	items = append(items, fyne.NewMenuItemSeparator(), fyne.NewMenuItem(lang.L("Open"), t.w.raise), quit)
	return fyne.NewMenu("Holdfast", items...)
}

// closed is what the window's close button does: with a tray the program goes on there; without,
// the person is asked, for a hidden window could only be found by starting Holdfast again.
func (w *window) closed() {
	go func() {
		hosted := w.tray.hosted(w.life)
		fyne.Do(func() {
			if hosted {
				w.win.Hide()
				return
			}
			w.askToStay()
		})
	}()
}

func (w *window) askToStay() {
	d := dialog.NewConfirm(lang.L("Keep taking backups?"),
		lang.L("This desktop shows no tray icon. Holdfast can go on in the background;\nstart it again to see its window. If you quit, no backups are taken by themselves."),
		func(stay bool) {
			if stay {
				w.win.Hide()
				return
			}
			w.quit()
		}, w.win)
	d.SetConfirmText(lang.L("Keep running"))
	d.SetDismissText(lang.L("Quit"))
	d.Show()
}

// quit ends the program; a run that is going on is cancelled, which leaves everything as it was.
func (w *window) quit() { w.end() }
