package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// backupActions is all that Settings › Backups may ask of the program.
type backupActions interface {
	BackUp(sandbox, note string)
	Cancel(sandbox string)
	Choose(sandbox string, id backup.ID) // show its details; "" shows none
	Restore(sandbox string, id backup.ID)
	Undo(sandbox string, restore backup.ID)
	Verify(sandbox string, id backup.ID)
	Delete(sandbox string, id backup.ID)
}

// backups is the page sandbox › Settings › Backups.
type backups struct {
	do    backupActions
	shown Sandbox
	rows  []row
	state State

	marking bool // the list is told what to mark; no person chose it

	root    fyne.CanvasObject
	title   *widget.Label
	next    *widget.Label
	note    *entry
	now     *button
	undo    *panel
	undoSay *widget.Label
	busy    *busyPanel
	problem *problem
	list    *list
	empty   *widget.Label
	hint    *widget.Label
	filter  *entry
	body    *fyne.Container
	alone   fyne.CanvasObject // the list
	split   *container.Split  // the list above the details
	details *details
}

func newBackups(do backupActions, k *keys, clipboard func(string)) *backups {
	b := &backups{do: do, title: heading(""), next: line(""), undoSay: line(""), problem: newProblem(k, clipboard)}
	b.note = k.entry(lang.L("Note, such as: before the migration"))
	b.note.OnSubmitted = func(string) { b.backUp() }
	b.filter = k.entry(lang.L("Filter by note, status, trigger"))
	b.filter.OnChanged = func(string) { b.arrange() }
	b.now = k.primary(lang.L("Back up now"), b.backUp)
	b.busy = newBusyPanel(k, func() { b.do.Cancel(b.shown.Name) })
	undoIt := k.button(lang.L("Undo"), theme.ContentUndoIcon(), func() { b.do.Undo(b.shown.Name, b.shown.Undo.Restore) })
	b.undo = newPanel(theme.ColorNameSuccess, container.NewBorder(nil, nil, container.NewPadded(widget.NewIcon(theme.ConfirmIcon())), undoIt, b.undoSay))
	b.details = newDetails(b, k, clipboard)
	b.makeList(k)
	b.makeBody()
	top := container.NewVBox(b.title, container.NewBorder(nil, nil, nil, b.now, b.note), b.next, b.undo, b.busy.panel, b.problem.panel)
	b.root = container.NewPadded(container.NewBorder(top, nil, nil, nil, b.body))
	return b
}

func (b *backups) makeList(k *keys) {
	b.list = k.list(func() int { return len(b.rows) }, newRow, b.drawRow)
	b.list.remove = func() { b.details.tap(b.details.remove) }
	b.list.OnSelected = func(i widget.ListItemID) {
		switch found := b.rows[i].backup; {
		case b.marking:
		case found == nil:
			b.mark() // the heading of a day is nothing to choose
		default:
			b.do.Choose(b.shown.Name, found.ID)
		}
	}
}

// makeBody makes the list as it is alone, and above the details of the chosen backup.
func (b *backups) makeBody() {
	b.empty = text("")
	b.empty.Alignment = fyne.TextAlignCenter
	b.hint = caption(lang.L("Choose a backup to see its tables, restore it or check it."))
	empty := container.NewCenter(container.NewStack(widthOf(340), b.empty))
	b.alone = container.NewBorder(container.NewVBox(b.filter, columnHeads()), b.hint, nil, nil, container.NewStack(b.list, empty))
	b.split = container.NewVSplit(b.alone, b.details.root)
	b.split.Offset = 0.55
	b.body = container.NewStack(b.alone)
}

func (b *backups) backUp() {
	if b.now.Disabled() {
		return
	}
	note := b.note.Text
	b.note.SetText("")
	b.do.BackUp(b.shown.Name, note)
}

// leave closes the innermost of what is open here.
func (b *backups) leave() {
	switch {
	case b.filter.Text != "":
		b.filter.SetText("")
	case b.shown.Details != nil:
		b.do.Choose(b.shown.Name, "")
	}
}

func (b *backups) refresh(s State, shown Sandbox) {
	if shown.Name != b.shown.Name { // what was typed was meant for the other one
		b.note.SetText("")
		b.filter.SetText("")
	}
	b.state, b.shown = s, shown
	b.title.SetText(plain(shown.Name) + "  ›  " + lang.L("Settings") + "  ›  " + lang.L("Backups"))
	enable(b.now, shown.Busy == nil)
	b.next.SetText(nextWords(shown, s))
	show(b.undo, shown.Undo != nil && shown.Busy == nil)
	if shown.Undo != nil {
		b.undoSay.SetText(lang.L("Restored {{.When}}. What was there before is kept.", values{"When": shown.Undo.At.In(s.Zone).Format("2 January 15:04")}))
	}
	b.busy.refresh(shown.Busy)
	b.problem.refresh(shown.Problem)
	b.details.refresh(s, shown)
	b.place()
	b.arrange()
}

// place shows the details' half of the page only when there are details. It comes before the
// list marks a row, which must know its height to bring the row into view.
func (b *backups) place() {
	want := b.alone
	if b.shown.Details != nil {
		want = b.split
	}
	if b.body.Objects[0] != want {
		b.body.Objects[0] = want
		b.split.Refresh()
	}
	b.root.Refresh()
}

func nextWords(shown Sandbox, s State) string {
	next := soon(shown.Next, s.Now, s.Zone)
	if shown.Due {
		next = lang.L("due now")
	}
	return facts(lang.L("Next backup: {{.When}}", values{"When": next}), lang.L("last: {{.When}}", values{"When": ago(shown.Last, s.Now)}), lang.L("seven daily ones are kept"))
}
