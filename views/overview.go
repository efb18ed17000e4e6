package views

import (
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
	keys  *keys
	open  func(sandbox string)
	add   func()
	root  fyne.CanvasObject
	top   *panel
	mark  *widget.Label
	said  *widget.Label
	why   *widget.Label
	help  *button
	rows  *fyne.Container
	notes *fyne.Container
	disk  *widget.Label
}

func newOverview(do overviewActions, k *keys, open func(string), add func()) *overview {
	o := &overview{do: do, keys: k, open: open, add: add, mark: heading(""), said: heading(""), why: text(""), rows: container.NewVBox(), notes: container.NewVBox(), disk: text("")}
	o.mark.Truncation = fyne.TextTruncateOff
	o.help = k.primary("", nil)
	o.top = newPanel(theme.ColorNameSeparator, container.NewBorder(nil, nil, o.mark, container.NewHBox(container.NewCenter(o.help), widthOf(4)), tight(o.said, o.why)))
	o.root = container.NewVScroll(container.NewPadded(container.NewVBox(o.top, o.rows, o.disk, o.notes)))
	return o
}

func (o *overview) refresh(s State) {
	read := !s.Now.IsZero() // before the first State nothing is known, and nothing is claimed
	show(o.top, read)
	show(o.disk, !read || len(s.Sandboxes) > 0)
	if !read {
		o.disk.SetText(lang.L("Reading the history…"))
		return
	}
	o.say(s)
	o.rows.Objects = nil
	for i := range s.Sandboxes {
		o.rows.Add(o.row(&s.Sandboxes[i], s))
	}
	o.notes.Objects = nil
	for _, r := range s.Reminders {
		o.notes.Add(o.note(r))
	}
	o.disk.SetText(whereCopiesAre(s))
	o.root.Refresh()
}

// whereCopiesAre names the failure domain.
func whereCopiesAre(s State) string {
	never := lang.L("Newest off-site copy: never.")
	if s.SameDisk {
		return lang.L("The vault is on the same disk as your home folder.") + " " + never
	}
	return never
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

// say sets the sentence and the one button that helps.
func (o *overview) say(s State) {
	worst, health := worstOf(s.Sandboxes), NotYet
	if worst != nil {
		health = worst.Health
	}
	o.top.edge = healthColour(health)
	o.mark.Importance = healthImportance(health)
	o.mark.SetText(healthMark(health))
	o.said.SetText(healthWords(health))
	show(o.help, health != Protected)
	switch {
	case worst == nil:
		o.why.SetText(lang.L("Add the database of a sandbox; its first backup starts at once."))
		o.help.SetText(lang.L("Add a sandbox"))
		o.help.OnTapped = o.add
		o.help.Enable()
	case health == Protected:
		o.why.SetText(lang.L("Every sandbox has a recent backup that was read back."))
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
	last := ago(b.Last, s.Now)
	if b.Busy != nil {
		last = plain(b.Busy.Title)
	}
	next := soon(b.Next, s.Now, s.Zone)
	if b.Due {
		next = lang.L("due now")
	}
	verdict := line(verdictWords(b.LastVerdict))
	verdict.Importance = verdictImportance(b.LastVerdict)
	cells := newColumns(columns{{width: 130, grow: 2}, {width: 105, grow: 1}, {width: 130, grow: 1}, {width: 90, grow: 0.5, drop: 1}},
		tight(bold(plain(b.Name)), caption(healthWords(b.Health))),
		tight(caption(lang.L("Last backup")), line(last)),
		tight(caption(lang.L("Next backup")), line(next)),
		tight(caption(lang.L("Verdict")), verdict))
	open := o.keys.quiet(lang.L("Open"), nil, func() { o.open(b.Name) })
	return newPanel(theme.ColorNameSeparator, container.NewBorder(nil, nil, container.NewCenter(mark), container.NewCenter(open), cells))
}

func (o *overview) note(r Reminder) fyne.CanvasObject {
	later := o.keys.quiet(lang.L("Remind me in a week"), nil, func() { o.do.Snooze(r.Key) })
	icon := container.NewPadded(widget.NewIcon(theme.InfoIcon()))
	return newPanel(theme.ColorNameSeparator, container.NewBorder(nil, nil, icon, container.NewCenter(later), tight(bold(plain(r.Title)), text(plain(r.Text)))))
}
