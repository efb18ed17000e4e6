package views

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// overviewActions is all that the Overview may ask of the program.
type overviewActions interface {
	BackUp(sandbox, note string)
	Snooze(reminder string)
}

// overview says in one sentence how things are, with the one button that helps.
type overview struct {
	do    overviewActions
	open  func(sandbox string)
	add   func()
	root  fyne.CanvasObject
	mark  *widget.Label
	said  *widget.Label
	why   *widget.Label
	help  *widget.Button
	rows  *fyne.Container
	notes *fyne.Container
	disk  *widget.Label
}

func newOverview(do overviewActions, open func(string), add func()) *overview {
	o := &overview{do: do, open: open, add: add, mark: heading(""), said: heading(""), why: text(""), rows: container.NewVBox(), notes: container.NewVBox(), disk: text("")}
	o.mark.Truncation = fyne.TextTruncateOff
	o.help = primary("", nil)
	o.disk.Importance = widget.MediumImportance
	top := container.NewBorder(nil, nil, o.mark, container.NewCenter(o.help), container.NewVBox(o.said, o.why))
	o.root = container.NewVScroll(container.NewPadded(container.NewVBox(top, o.rows, o.disk, o.notes)))
	return o
}

func (o *overview) refresh(s State) {
	worst := worstOf(s.Sandboxes)
	health := NotYet
	if worst != nil {
		health = worst.Health
	}
	o.mark.Importance = healthImportance(health)
	o.mark.SetText(healthMark(health))
	o.said.SetText(healthWords(health))
	o.offerHelp(worst, health)
	o.rows.Objects = nil
	for i := range s.Sandboxes {
		o.rows.Add(o.row(&s.Sandboxes[i], s))
	}
	o.rows.Refresh()
	o.notes.Objects = nil
	for _, r := range s.Reminders {
		o.notes.Add(o.note(r))
	}
	o.notes.Refresh()
	where := lang.L("Newest off-site copy: never.")
	if s.SameDisk {
		where = lang.L("The vault is on the same disk as your home folder.") + " " + where
	}
	o.disk.SetText(where)
	show(o.disk, len(s.Sandboxes) > 0)
}

// worstOf gives the sandbox that is worst off; nil when there is none.
func worstOf(all []Sandbox) *Sandbox {
	var worst *Sandbox
	for i := range all {
		if worst == nil || all[i].Health < worst.Health {
			worst = &all[i]
		}
	}
	return worst
}

// offerHelp sets the sentence and the one button that helps.
func (o *overview) offerHelp(worst *Sandbox, health Health) {
	o.help.Show()
	switch {
	case worst == nil:
		o.why.SetText(lang.L("Add the database of a sandbox; its first backup starts at once."))
		o.help.SetText(lang.L("Add a sandbox"))
		o.help.OnTapped = o.add
	case health == Protected:
		o.why.SetText(lang.L("Every sandbox has a recent backup that was read back."))
		o.help.Hide()
	default:
		name := worst.Name
		o.why.SetText(plain(name) + ": " + plain(worst.Why))
		o.help.SetText(lang.L("Back up now"))
		o.help.OnTapped = func() { o.do.BackUp(name, "") }
		enable(o.help, worst.Busy == nil)
	}
}

func (o *overview) row(b *Sandbox, s State) fyne.CanvasObject {
	mark := widget.NewLabel(healthMark(b.Health))
	mark.Importance = healthImportance(b.Health)
	name := line(plain(b.Name))
	name.TextStyle.Bold = true
	last := fmt.Sprintf("%s %s", lang.L("Last backup"), ago(b.Last, s.Now))
	if b.Busy != nil {
		last = plain(b.Busy.Title)
	}
	next := lang.L("Next") + " " + soon(b.Next, s.Now, s.Zone)
	if b.Due {
		next = lang.L("Next: due now")
	}
	verdict := "–"
	if b.LastVerdict != "" {
		verdict = string(b.LastVerdict)
	}
	open := widget.NewButtonWithIcon("", theme.NavigateNextIcon(), func() { o.open(b.Name) })
	open.Importance = widget.LowImportance
	cells := newColumns([]float32{2.2, 4.6, 4.2, 1.9}, name, line(last), line(next), line(verdict))
	return widget.NewCard("", "", container.NewBorder(nil, nil, mark, open, cells))
}

func (o *overview) note(r Reminder) fyne.CanvasObject {
	title := line(r.Title)
	title.TextStyle.Bold = true
	later := widget.NewButton(lang.L("Remind me in a week"), func() { o.do.Snooze(r.Key) })
	later.Importance = widget.LowImportance
	return widget.NewCard("", "", container.NewBorder(nil, nil, widget.NewIcon(theme.InfoIcon()), container.NewCenter(later),
		container.NewVBox(title, text(r.Text))))
}
