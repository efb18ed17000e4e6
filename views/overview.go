package views

import (
	"fmt"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// overviewActions is all that the Overview may ask of the program.
type overviewActions interface {
	alarmActions
	sampleActions
	BackUp(sandbox, note string)
	Snooze(reminder string)
}

// overview says in one sentence how things are, with the one button that helps.
type overview struct {
	do      overviewActions
	keys    *keys
	open    func(sandbox string)
	connect func(sandbox string)
	add     func()
	restore func(sandbox string, id backup.ID, tables []backup.Name)
	lost    func(sandbox string) // shows all of an alarm
	before  func(sandbox string) // asks what is about to be done, and makes a save point
	remove  func()               // asks whether the sample is to go
	visit   func(at Place)
	giveKey func()                       // asks for the vault key
	strange map[string]fyne.CanvasObject // sandboxes that only the vault knows, by name: kept as the others are
	sample  *samplePanel
	problem *problem // of the sample
	root    fyne.CanvasObject
	top     *panel
	mark    *widget.Label
	said    *widget.Label
	why     *widget.Label
	room    *widget.Label // of the longest that why may say
	help    *button
	known   map[string]*overviewRow
	rows    *fyne.Container
	notes   *fyne.Container
	noted   string // the reminders that are shown
	disk    *widget.Label
	usage   *widget.Label
	alarms  map[string]*alarmNotice // by sandbox, kept as the rows are
	foot    *fyne.Container         // what comes by itself, where nothing is below it
}

func newOverview(do overviewActions, k *keys, open func(string), add func(), connect func(string), restore func(string, backup.ID, []backup.Name), clipboard func(string)) *overview {
	o := &overview{do: do, keys: k, open: open, add: add, connect: connect, restore: restore, mark: heading(""), said: heading(""), why: text(""), room: text(""), known: map[string]*overviewRow{}, strange: map[string]fyne.CanvasObject{}, rows: container.NewVBox(), notes: container.NewVBox(), disk: text(""), usage: text(""), alarms: map[string]*alarmNotice{}, foot: container.NewVBox()}
	o.mark.Truncation, o.mark.Alignment = fyne.TextTruncateOff, fyne.TextAlignCenter
	o.help = k.primary("", nil)
	o.room.Hide()
	mark := container.NewStack(widthOf(widestAt(theme.SizeNameHeadingText, healthMarks())), o.mark)
	help := container.New(steady{}, widthOf(widest(lang.L("Back up now"), lang.L("Give the key…"), lang.L("Add a sandbox"))), o.help)
	o.top = newPanel(theme.ColorNameSeparator, container.NewBorder(nil, nil, mark, container.NewHBox(container.NewCenter(help), widthOf(4)),
		tight(o.said, container.New(steady{}, o.room, o.why))))
	o.sample, o.problem = newSamplePanel(k, do.StartSample), newProblem(k, clipboard)
	o.root = settled(footed(anyWidth, o.foot, container.NewVScroll(container.NewPadded(container.NewVBox(o.top, o.sample.panel, o.rows, tight(o.disk, o.usage), o.notes)))))
	return o
}

func (o *overview) refresh(s State) {
	read := !s.Now.IsZero() // before the first State nothing is known, and nothing is claimed
	show(o.top, read)
	show(o.usage, read && s.VaultBytes > 0 && len(s.Sandboxes) > 0)
	show(o.disk, !read || len(s.Sandboxes) > 0)
	show(o.sample.panel, false)
	o.problem.refresh(s.Sample.Problem)
	if !read {
		o.disk.SetText(lang.L("Reading the history…"))
		return
	}
	o.say(s)
	o.sample.refresh(s)
	o.rows.Objects = nil
	for i := range s.Sandboxes {
		b := &s.Sandboxes[i]
		if o.known[b.Name] == nil { // rows are kept, so that the focus in them stays
			o.known[b.Name] = o.newRow(b.Name)
		}
		row := o.known[b.Name]
		row.refresh(*b, s)
		o.rows.Add(row.panel)
	}
	for _, name := range s.Unknown {
		if o.strange[name] == nil {
			o.strange[name] = o.unknown(name)
		}
		o.rows.Add(o.strange[name])
	}
	o.drawFoot(s)
	o.drawNotes(s.Reminders[:min(len(s.Reminders), notesShown)])
	o.disk.SetText(whereCopiesAre(s))
	o.usage.SetText(usageWords(s))
	o.root.Refresh()
}

// alarmsShown is how many alarms the Overview tells of; there is no room for more in a small window.
const alarmsShown = 3

// drawFoot shows what was lost, and what went wrong with the sample. What comes is above what is there, which
// stays where it is.
func (o *overview) drawFoot(s State) {
	o.foot.Objects = []fyne.CanvasObject{o.problem.panel}
	all := slices.DeleteFunc(slices.Clone(s.Sandboxes), func(b Sandbox) bool { return b.Alarm == nil })
	slices.SortStableFunc(all, func(a, b Sandbox) int { return a.Alarm.At.Compare(b.Alarm.At) })
	for _, b := range slices.Backward(all[:min(len(all), alarmsShown)]) {
		alarm := o.alarms[b.Name]
		if alarm == nil {
			alarm = newAlarmNotice(o.keys, func() { o.lost(b.Name) }, o.restore, o.do.Acknowledge)
			o.alarms[b.Name] = alarm
		}
		alarm.refresh(b, s.zone())
		show(alarm.panel, true)
		o.foot.Add(alarm.panel)
	}
}

// unknown is a sandbox that only the vault knows.
func (o *overview) unknown(name string) fyne.CanvasObject {
	said := tight(bold(plain(name)), text(lang.L("The vault has backups of it, and this machine no connection. Connect it to restore them, and to back it up again.")))
	connect := o.keys.button(lang.L("Connect…"), nil, func() { o.connect(name) })
	return newPanel(theme.ColorNameSeparator, container.NewBorder(nil, nil, nil, container.NewCenter(connect), said))
}

// notesShown is how many reminders the Overview shows; the others are on their own page.
const notesShown = 2

func (o *overview) drawNotes(all []Reminder) {
	if drawn := fmt.Sprint(all); drawn != o.noted {
		o.noted, o.notes.Objects = drawn, nil
		for _, r := range all {
			o.notes.Add(o.note(r))
		}
	}
}

// whereCopiesAre names the failure domain.
func whereCopiesAre(s State) string {
	newest := lang.L("Newest off-site copy: never.")
	if !s.Copied.IsZero() {
		newest = lang.L("Newest off-site copy: {{.When}} ({{.Place}}).", values{"When": Moment(s.Copied.In(s.Zone)), "Place": s.CopiedTo})
	}
	if s.SameDisk {
		return lang.L("The vault is on the same disk as your home folder.") + " " + newest
	}
	return newest
}

// usageWords says what all backups would take if each was stored whole, and what the vault takes.
func usageWords(s State) string {
	n, whole := 0, int64(0)
	for i := range s.Sandboxes {
		for _, b := range s.Sandboxes[i].Backups {
			if b.Status == backup.StatusCompleted {
				n, whole = n+1, whole+b.RawBytes
			}
		}
	}
	with := values{"N": n, "Whole": size(whole), "Held": size(s.VaultBytes)}
	if whole <= s.VaultBytes {
		return lang.L("The vault holds {{.Held}}.", with)
	}
	return lang.N("{{.N}} backups, each stored whole, would take {{.Whole}}; the vault holds {{.Held}}, because what did not change is stored once, and compressed.", n, with)
}

// longestName is the longest of the names of the sandboxes.
func longestName(all []Sandbox) (longest string) {
	for i := range all {
		if name := plain(all[i].Name); len(name) > len(longest) {
			longest = name
		}
	}
	return longest
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
	o.room.SetText(longestName(s.Sandboxes) + ": " + lang.L("no backup can be taken until the vault key is there again"))
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
		show(o.help, worst.Alarm == nil) // which has the buttons that help
		why := plain(name)
		if worst.Why != "" {
			why += ": " + plain(worst.Why)
		}
		o.why.SetText(why)
		o.help.SetText(lang.L("Back up now"))
		o.help.OnTapped = func() { o.do.BackUp(name, "") }
		enable(o.help, worst.Busy == nil)
		if s.KeyAsked.Cause != nil {
			o.help.SetText(lang.L("Give the key…"))
			o.help.OnTapped = o.giveKey
			o.help.Enable()
		}
	}
}

// overviewRow is one sandbox.
type overviewRow struct {
	*panel
	mark                                    *widget.Label
	name, health, last, next, verdict, days *widget.Label
	strip                                   *strip
	before, remove                          *button
	sample                                  *fyne.Container // what is there for the sample alone
}

// stripIndent puts the strip under the texts above it, which have a padding of their own.
const stripIndent = 4

func (o *overview) newRow(sandbox string) *overviewRow {
	r := &overviewRow{mark: widget.NewLabel(""), name: bold(""), health: caption(""), last: line(""), next: line(""), verdict: line(""), days: smallText(""), strip: newStrip()}
	cells := newColumns(columns{{width: 160, grow: 2}, {width: widestHead(lang.L("Last backup")), grow: 1}, {width: 130, grow: 1}, {width: 90, grow: 0.5, drop: 1}},
		tight(r.name, r.health),
		tight(caption(lang.L("Last backup")), r.last),
		tight(caption(lang.L("Next backup")), r.next),
		tight(caption(lang.L("Verdict")), r.verdict))
	open := o.keys.quiet(lang.L("Open"), nil, func() { o.open(sandbox) })
	r.before = o.keys.quiet(lang.L("Before you do this…"), nil, func() { o.before(sandbox) })
	r.remove = o.keys.quiet(lang.L("Remove the sample…"), nil, func() { o.remove() })
	month := container.NewVBox(container.NewHBox(widthOf(stripIndent), r.strip), r.days)
	below := container.NewBorder(nil, nil, nil, container.NewCenter(container.NewHBox(r.before, open)), month)
	r.sample = atEnd(r.remove)
	mark := container.NewStack(widthOf(widest(healthMarks()...)), container.NewCenter(r.mark))
	r.panel = newPanel(theme.ColorNameSeparator, container.NewBorder(nil, nil, container.NewCenter(mark), nil, container.NewVBox(cells, below, r.sample)))
	return r
}

func (r *overviewRow) refresh(b Sandbox, s State) {
	r.mark.Importance = healthImportance(b.Health)
	r.mark.SetText(healthMark(b.Health))
	r.name.SetText(plain(b.Name))
	r.health.SetText(healthWords(b.Health))
	if b.Sample && b.Name != sampleName {
		r.name.SetText(plain(b.Name) + " · " + lang.L("sample"))
	}
	show(r.sample, b.Sample)
	enable(r.remove, s.Sample.Busy == nil)
	r.last.SetText(ago(b.Last, s.Now))
	if b.Busy != nil {
		r.last.SetText(plain(b.Busy.Title))
	}
	r.next.SetText(soon(b.Next, s.Now, s.Zone))
	if b.Due {
		r.next.SetText(lang.L("due now"))
		if b.Waits != "" {
			r.next.SetText(waitWords(b.Waits))
		}
	}
	r.verdict.Importance = verdictImportance(b.LastVerdict)
	r.verdict.SetText(verdictWords(b.LastVerdict))
	enable(r.before, b.Busy == nil)
	r.strip.refresh(b.Days)
	show(r.strip, len(b.Days) > 0)
	r.days.SetText(stripWords(b.Days))
	show(r.days, len(b.Days) > 0)
	r.panel.Refresh()
}

func (o *overview) note(r Reminder) fyne.CanvasObject {
	buttons := container.NewHBox()
	if r.There != (Place{}) {
		buttons.Add(o.keys.button(wayWords(r.There), nil, func() { o.visit(r.There) }))
	}
	buttons.Add(o.keys.quiet(lang.L("Remind me in a week"), nil, func() { o.do.Snooze(r.Key) }))
	icon := container.NewPadded(widget.NewIcon(theme.InfoIcon()))
	return newPanel(theme.ColorNameSeparator, container.NewBorder(nil, nil, icon, nil, container.New(&aside{least: 300}, tight(bold(plain(r.Title)), text(sentence(plain(r.Text))+".")), container.NewCenter(buttons))))
}
