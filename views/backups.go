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

// backupActions is all that Settings › Backups may ask of the program.
type backupActions interface {
	BackUp(sandbox, note string)
	Cancel(sandbox string)
	Choose(sandbox string, id backup.ID) // show its details
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
	note    *widget.Entry
	now     *widget.Button
	undo    *fyne.Container
	undoSay *widget.Label
	busy    *busyPanel
	problem *problem
	list    *widget.List
	empty   *fyne.Container
	details *details
	filter  *widget.Entry
}

// row is one line of the list: the heading of a day, or a backup.
type row struct {
	day    string
	backup *backup.Backup
}

func newBackups(do backupActions, clipboard func(string)) *backups {
	b := &backups{do: do, title: heading(""), next: line(""), note: widget.NewEntry(), filter: widget.NewEntry()}
	b.note.SetPlaceHolder(lang.L("Note, such as: before the migration"))
	b.filter.SetPlaceHolder(lang.L("Filter by note, status, trigger"))
	b.filter.OnChanged = func(string) { b.arrange() }
	b.now = primary(lang.L("Back up now"), b.backUp)
	b.note.OnSubmitted = func(string) { b.backUp() }
	b.busy = newBusyPanel(func() { b.do.Cancel(b.shown.Name) })
	b.problem = newProblem(clipboard)
	b.undoSay = line("")
	undoIt := widget.NewButtonWithIcon(lang.L("Undo"), theme.ContentUndoIcon(), func() { b.do.Undo(b.shown.Name, b.shown.Undo.Restore) })
	b.undo = container.NewBorder(nil, nil, widget.NewIcon(theme.ConfirmIcon()), undoIt, b.undoSay)
	b.details = newDetails(b)
	b.makeList()
	b.makeEmpty()
	top := container.NewVBox(b.title, container.NewBorder(nil, nil, nil, b.now, b.note), b.next, b.undo, b.busy.box, b.problem.box, widget.NewSeparator())
	split := container.NewVSplit(container.NewBorder(container.NewVBox(b.filter, columnHeads()), nil, nil, nil, container.NewStack(b.list, b.empty)), b.details.root)
	split.Offset = 0.62
	b.root = container.NewPadded(container.NewBorder(top, nil, nil, nil, split))
	return b
}

func (b *backups) backUp() {
	if b.now.Disabled() {
		return
	}
	note := b.note.Text
	b.note.SetText("")
	b.do.BackUp(b.shown.Name, note)
}

func (b *backups) makeEmpty() {
	say := text(lang.L("No backup yet. The first one takes a moment; from then on one is taken every day."))
	say.Alignment = fyne.TextAlignCenter
	b.empty = container.NewCenter(container.NewGridWrap(fyne.NewSize(320, 90), say))
}

// shares are the widths of a backup's columns: time, trigger, status, verdict, rows, size, stored, note.
func shares() []float32 { return []float32{1.3, 2.3, 2.3, 2, 2, 1.7, 1.7, 3} }

func columnHeads() fyne.CanvasObject {
	var heads []fyne.CanvasObject
	for _, name := range []string{lang.L("Time"), lang.L("Trigger"), lang.L("Status"), lang.L("Verdict"), lang.L("Rows"), lang.L("Size"), lang.L("Stored"), lang.L("Note")} {
		l := line(name)
		l.Importance = widget.LowImportance
		l.SizeName = theme.SizeNameCaptionText
		heads = append(heads, l)
	}
	return newColumns(shares(), heads...)
}

func (b *backups) makeList() {
	b.list = widget.NewList(func() int { return len(b.rows) }, newRow, b.drawRow)
	b.list.OnSelected = func(i widget.ListItemID) {
		if found := b.rows[i].backup; found != nil && !b.marking {
			b.do.Choose(b.shown.Name, found.ID)
		}
	}
}

func newRow() fyne.CanvasObject {
	cells := make([]fyne.CanvasObject, len(shares()))
	for i := range cells {
		cells[i] = line("")
	}
	head := line("")
	head.TextStyle.Bold = true
	return container.NewStack(head, newColumns(shares(), cells...))
}

func (b *backups) drawRow(i widget.ListItemID, o fyne.CanvasObject) {
	both := o.(*fyne.Container).Objects
	head, cells := both[0].(*widget.Label), both[1].(*fyne.Container)
	r := b.rows[i]
	show(head, r.backup == nil)
	show(cells, r.backup != nil)
	if r.backup == nil {
		head.SetText(r.day)
		return
	}
	texts, importance := b.cells(r.backup)
	for n, cell := range cells.Objects {
		l := cell.(*widget.Label)
		l.Importance = importance[n]
		l.SetText(texts[n])
	}
}

// cells gives the texts of a backup's row and how they stand out.
func (b *backups) cells(k *backup.Backup) (texts []string, importance []widget.Importance) {
	importance = make([]widget.Importance, len(shares()))
	texts = []string{k.Started.In(b.state.Zone).Format("15:04"), triggerWords(k.Trigger), string(k.Status), "–", "–", "–", "–", plain(k.Note)}
	if k.Status == backup.StatusCompleted {
		texts[3], texts[4], texts[5], texts[6] = string(k.Verdict), count(k.Rows), size(k.RawBytes), size(k.AddedBytes)
	}
	if k.Status == backup.StatusFailed || k.Status == backup.StatusInterrupted {
		importance[2] = widget.DangerImportance
	}
	if k.Verdict == backup.Proven || k.Verdict == backup.Intact {
		importance[3] = widget.SuccessImportance
	}
	if k.Verdict == backup.Broken {
		importance[3] = widget.DangerImportance
	}
	return texts, importance
}

func (b *backups) refresh(s State, shown Sandbox) {
	b.state, b.shown = s, shown
	b.title.SetText(plain(shown.Name) + "  ›  " + lang.L("Settings") + "  ›  " + lang.L("Backups"))
	enable(b.now, shown.Busy == nil)
	b.next.SetText(nextWords(shown, s))
	show(b.undo, shown.Undo != nil && shown.Busy == nil)
	if shown.Undo != nil {
		b.undoSay.SetText(fmt.Sprintf("%s %s. %s", lang.L("Restored"), shown.Undo.At.In(s.Zone).Format("2 January 15:04"), lang.L("What was there before is kept.")))
	}
	b.busy.refresh(shown.Busy)
	b.problem.refresh(shown.Problem)
	b.details.refresh(s, shown)
	b.arrange()
}

func nextWords(shown Sandbox, s State) string {
	next := lang.L("Next backup") + ": " + soon(shown.Next, s.Now, s.Zone)
	if shown.Due {
		next = lang.L("Next backup: due now")
	}
	return fmt.Sprintf("%s   ·   %s: %s   ·   %s", next, lang.L("last"), ago(shown.Last, s.Now), lang.L("seven daily ones are kept"))
}

// arrange puts the backups that pass the filter under the headings of their days, newest first.
func (b *backups) arrange() {
	b.rows = b.rows[:0]
	heading := ""
	for i := range b.shown.Backups {
		k := &b.shown.Backups[i]
		if !passes(k, b.filter.Text) {
			continue
		}
		if d := day(k.Started.In(b.state.Zone), b.state.Now.In(b.state.Zone)); d != heading {
			heading = d
			b.rows = append(b.rows, row{day: d})
		}
		b.rows = append(b.rows, row{backup: k})
	}
	show(b.empty, len(b.shown.Backups) == 0 && b.shown.Busy == nil)
	b.list.Refresh()
	b.mark()
}

// mark keeps the marked row on the backup whose details are shown: rows move when one is added,
// and what Restore acts on must be what is marked.
func (b *backups) mark() {
	at := slices.IndexFunc(b.rows, func(r row) bool {
		return r.backup != nil && b.shown.Details != nil && r.backup.ID == b.shown.Details.ID
	})
	b.marking = true
	defer func() { b.marking = false }()
	if at < 0 {
		b.list.UnselectAll()
		return
	}
	b.list.Select(at)
}
