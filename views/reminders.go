package views

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// reminderActions is all that the Reminders page may ask of the program.
type reminderActions interface {
	Look(at Place)
	Snooze(reminder string)
	DismissReminder(reminder string)
	OpenFolder(path string)
}

// reminders lists what a person should do, most pressing first, each with the place of the window, or
// the command, that solves it.
type reminders struct {
	do        reminderActions
	keys      *keys
	clipboard func(string)
	secrets   func(sandbox string)
	visit     func(at Place)
	root      fyne.CanvasObject
	rows      *fyne.Container
	empty     *widget.Label
	drawn     string // what is shown: it is made anew only when that changes, so that the focus stays
}

func newReminders(do reminderActions, k *keys, clipboard func(string)) *reminders {
	p := &reminders{do: do, keys: k, clipboard: clipboard, rows: container.NewVBox(), empty: text("")}
	about := text(lang.L("What no backup here can do for you. Holdfast looks through the code folders of your sandboxes and changes nothing there."))
	p.root = container.NewVScroll(container.NewPadded(container.NewVBox(heading(lang.L("Reminders")), about, p.empty, p.rows)))
	return p
}

func (p *reminders) refresh(s State) {
	show(p.empty, len(s.Reminders) == 0)
	p.empty.SetText(lang.L("Nothing needs doing."))
	if s.Now.IsZero() {
		p.empty.SetText(lang.L("Reading the history…"))
	}
	if drawn := fmt.Sprint(s.Reminders); drawn != p.drawn {
		p.drawn, p.rows.Objects = drawn, nil
		for _, r := range s.Reminders {
			p.rows.Add(p.row(r, s))
		}
	}
	p.root.Refresh()
}

func (p *reminders) row(r Reminder, s State) fyne.CanvasObject {
	said := sentence(plain(r.Text)) + "."
	if !r.Since.IsZero() {
		said += " " + lang.L("Since {{.Time}}, {{.Ago}}.", values{"Time": Moment(r.Since.In(s.zone())), "Ago": ago(r.Since, s.Now)})
	}
	command := text(plain(r.Command))
	command.TextStyle.Monospace = true
	buttons := container.New(layout.NewRowWrapLayout())
	if r.There != (Place{}) {
		buttons.Add(p.keys.button(wayWords(r.There), nil, func() { p.visit(r.There) }))
	}
	if r.Secrets != "" {
		buttons.Add(p.keys.button(lang.L("Export them…"), nil, func() { p.secrets(r.Secrets) }))
	}
	typed := r.Command != "" && r.There == (Place{}) && r.Secrets == "" // else the window does the same
	if typed {
		buttons.Add(p.keys.quiet(lang.L("Copy the command"), theme.ContentCopyIcon(), func() { p.clipboard(r.Command) }))
	}
	if r.Folder != "" {
		buttons.Add(p.keys.quiet(lang.L("Open the folder"), theme.FolderOpenIcon(), func() { p.do.OpenFolder(r.Folder) }))
	}
	buttons.Add(p.keys.quiet(lang.L("Remind me in a week"), nil, func() { p.do.Snooze(r.Key) }))
	buttons.Add(p.keys.quiet(lang.L("Dismiss"), nil, func() { p.do.DismissReminder(r.Key) }))
	parts := []fyne.CanvasObject{bold(plain(r.Title)), text(said)}
	show(command, typed)
	return newPanel(theme.ColorNameSeparator, container.NewVBox(tight(append(parts, command)...), buttons))
}

// wayWords say what a button that leads to a place of the window is for.
func wayWords(at Place) string {
	switch at.Section {
	case SectionPreferences:
		return lang.L("Save the recovery kit…")
	case SectionOffsite:
		return lang.L("Add a place")
	case SectionUncovered:
		return lang.L("Not covered…")
	default:
		return lang.L("Open")
	}
}
