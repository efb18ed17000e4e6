//go:build !headless

package desktop

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	fynedesktop "fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/lang"
	"fyne.io/systray"

	"holdfast/platform"
	"holdfast/views"
)

// tray is the icon in the system tray, where there is one.
type tray struct {
	w     *window
	host  fynedesktop.App // nil: this system has no trays at all
	shows *trayMenu
	drawn string // what the menu shows, so that it is not made anew for nothing
	icon  string
	tip   string
	state *views.State // the newest, nil until there is one
	stood bool         // the icon is in the tray: what was set while it was being put there may be lost
}

func newTray(w *window) *tray {
	t := &tray{w: w}
	if host, ok := w.app.(fynedesktop.App); ok {
		t.host, t.shows = host, newTrayMenu(host, w.loop.do)
		name, lines := standing(views.State{})
		t.shows.begin(t.menu(lines, views.State{}))
		t.say(name, lines)
	}
	return t
}

// open puts the icon into the tray, once Fyne runs.
func (t *tray) open() {
	if t.shows == nil {
		return
	}
	t.shows.open(func() {
		t.stood = true
		if t.state != nil {
			t.refresh(*t.state)
		}
	})
}

// close takes it away.
func (t *tray) close() {
	if t.shows != nil {
		t.shows.close()
	}
}

// hosted says whether something on this desktop shows the icon. Stock GNOME does not, and a
// window that hides there could not be found again.
func (t *tray) hosted(ctx context.Context) bool {
	ctx, stop := context.WithTimeout(ctx, time.Second)
	defer stop()
	return t.host != nil && platform.HasTrayHost(ctx)
}

// refresh shows how things are: in the menu first, so that who sees the icon finds the menu to it.
func (t *tray) refresh(s views.State) {
	t.state = &s
	if t.host == nil || !t.stood {
		return
	}
	name, lines := standing(s)
	menu := t.menu(lines, s)
	if drawn := labels(menu); drawn != t.drawn {
		t.drawn = drawn
		t.shows.set(menu)
	}
	t.say(name, lines)
}

// say shows how things are in the icon and its tooltip.
func (t *tray) say(name string, lines []string) {
	if name != t.icon {
		t.icon = name
		t.host.SetSystemTrayIcon(icon("tray-" + name))
	}
	if tip := "Holdfast: " + strings.Join(lines, "\n"); tip != t.tip {
		t.tip = tip
		systray.SetTooltip(tip)
	}
}

// standing gives the icon and the words for how things are: first what there is, then what comes.
func standing(s views.State) (icon string, lines []string) {
	worst, running := worstOf(s)
	icon, words := "ok", lang.L("Protected")
	switch {
	case worst == nil:
		return "idle", []string{lang.L("No sandbox yet")}
	case running != "":
		icon, words = "running", running
	case worst.Trouble != views.TroubleNone:
		icon, words = iconOf(worst.Trouble), worst.Name+": "+worst.Why
	}
	if s.Paused.IsZero() {
		return icon, append([]string{words}, nextRun(s))
	}
	if icon == "ok" || icon == "overdue" {
		icon = "paused"
	}
	return icon, []string{words, lang.L("Paused until {{.When}}", map[string]any{"When": views.When(s.Paused, s.Now, s.Zone)})}
}

// worstOf gives the sandbox that is worst off, nil when there is none, and what runs.
func worstOf(s views.State) (worst *views.Sandbox, running string) {
	for i := range s.Sandboxes {
		b := &s.Sandboxes[i]
		if b.Busy != nil && running == "" {
			running = b.Busy.Title
		}
		if worst == nil || b.Trouble > worst.Trouble {
			worst = b
		}
	}
	return worst, running
}

func iconOf(t views.Trouble) string {
	switch t {
	case views.TroubleOverdue:
		return "overdue"
	case views.TroubleFailed, views.TroubleNeverWorked, views.TroubleBroken:
		return "failed"
	default:
		return "attention"
	}
}

func nextRun(s views.State) string {
	next := s.Sandboxes[0].Next
	for _, b := range s.Sandboxes {
		if b.Next.Before(next) {
			next = b.Next
		}
	}
	if !next.After(s.Now) {
		return lang.L("Next backup: now")
	}
	return lang.L("Next backup: {{.When}}", map[string]any{"When": views.When(next, s.Now, s.Zone)})
}

// morning is the hour of the next day until which a pause until tomorrow lasts.
const morning = 6

func tomorrow(now time.Time) time.Time {
	return time.Date(now.Year(), now.Month(), now.Day()+1, morning, 0, 0, 0, now.Location())
}

func (t *tray) menu(lines []string, s views.State) *fyne.Menu {
	var items []*fyne.MenuItem
	for _, text := range lines {
		item := fyne.NewMenuItem(text, nil)
		item.Disabled = true
		items = append(items, item)
	}
	if len(s.Sandboxes) > 0 {
		items = append(items, fyne.NewMenuItemSeparator(), t.backUpItem(s), t.savePointItem(s), t.pauseItem(s))
	}
	quit := fyne.NewMenuItem(quitWords(s), t.w.quit)
	quit.IsQuit = true
	items = append(items, fyne.NewMenuItemSeparator(), fyne.NewMenuItem(lang.L("Open"), t.w.raise), quit)
	return fyne.NewMenu("Holdfast", items...)
}

func (t *tray) backUpItem(s views.State) *fyne.MenuItem {
	now := fyne.NewMenuItem(lang.L("Back up now"), nil)
	now.ChildMenu = fyne.NewMenu("")
	for _, b := range s.Sandboxes {
		now.ChildMenu.Items = append(now.ChildMenu.Items, fyne.NewMenuItem(b.Name, func() { t.w.control.BackUp(b.Name, "") }))
	}
	return now
}

// savePointItem asks in the window what is about to be done, and backs up before that.
func (t *tray) savePointItem(s views.State) *fyne.MenuItem {
	before := fyne.NewMenuItem(lang.L("Before you do this…"), nil)
	before.ChildMenu = fyne.NewMenu("")
	for _, b := range s.Sandboxes {
		before.ChildMenu.Items = append(before.ChildMenu.Items, fyne.NewMenuItem(b.Name, func() {
			t.w.raise()
			t.w.shell.SavePoint(b.Name)
		}))
	}
	return before
}

func (t *tray) pauseItem(s views.State) *fyne.MenuItem {
	if !s.Paused.IsZero() {
		return fyne.NewMenuItem(lang.L("Resume"), t.w.control.Resume)
	}
	pause := fyne.NewMenuItem(lang.L("Pause"), nil)
	pause.ChildMenu = fyne.NewMenu("",
		fyne.NewMenuItem(lang.L("For an hour"), func() { t.w.control.Pause(time.Now().Add(time.Hour)) }),
		fyne.NewMenuItem(lang.L("Until tomorrow, {{.Hour}}:00", map[string]any{"Hour": morning}), func() { t.w.control.Pause(tomorrow(time.Now())) }))
	return pause
}

// quitWords says what quitting stops.
func quitWords(s views.State) string {
	switch _, running := worstOf(s); {
	case running != "":
		return lang.L("Quit, and cancel: {{.Run}}", map[string]any{"Run": running})
	case len(s.Sandboxes) > 0:
		return lang.L("Quit, and take no more backups by itself")
	}
	return lang.L("Quit")
}

// labels is all that a menu shows.
func labels(m *fyne.Menu) string {
	var all strings.Builder
	for _, item := range m.Items {
		all.WriteString(item.Label + "\n")
		if item.ChildMenu != nil {
			all.WriteString(labels(item.ChildMenu))
		}
	}
	return all.String()
}

// closed is what the window's close button does: with a tray the program goes on there; without,
// the person is asked, for a hidden window could only be found by starting Holdfast again.
func (w *window) closed() {
	go func() {
		hosted := w.tray.hosted(w.life)
		w.loop.do(func() {
			if hosted {
				w.hide()
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
				w.hide()
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
