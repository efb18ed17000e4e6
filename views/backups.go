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
	BackUpOf(sandbox string, what backup.Scope, note string)
	Choose(sandbox string, id backup.ID) // show its details; "" shows none
	Verify(sandbox string, id backup.ID)
	Drill(sandbox string, id backup.ID)
	Pin(sandbox string, id backup.ID, pinned bool)
	Note(sandbox string, id backup.ID, note string)
	Delete(sandbox string, id backup.ID)
}

// backups is the section sandbox › Settings › Backups.
type backups struct {
	do        backupActions
	keys      *keys
	clipboard func(string)
	wizard    func(id backup.ID, tables []backup.Name)
	askText   func(title, hint, present, verb string, do func(string))
	download  func(sandbox string, b *backup.Backup)
	shown     Sandbox
	rows      []row
	fates     map[backup.ID]*backup.Fate // why they are kept
	state     State
	at        int  // the row with the focus
	marking   bool // the list is told what to mark; no person chose it

	root    fyne.CanvasObject
	note    *entry
	now     *button
	what    *pick
	whatBox *fyne.Container
	taken   int // of the scopes
	list    *list
	empty   *widget.Label
	hint    *widget.Label

	uncovered *button         // opens what the backups do not hold
	foot      *fyne.Container // of the list
	filter    *entry
	body      *fyne.Container
	alone     fyne.CanvasObject // the list
	split     *container.Split  // the list above the details
	details   *details
}

func newBackups(do backupActions, k *keys, clipboard func(string), wizard func(backup.ID, []backup.Name), askText func(title, hint, present, verb string, do func(string))) *backups {
	b := &backups{do: do, keys: k, clipboard: clipboard, wizard: wizard, askText: askText, at: -1}
	b.note = k.entry(lang.L("Note, such as: before the migration"))
	b.note.OnSubmitted = func(string) { b.backUp() }
	b.filter = k.entry(lang.L("Filter by note, status, trigger"))
	b.filter.OnChanged = func(string) { b.arrange() }
	b.now = k.primary(lang.L("Back up now"), b.backUp)
	b.details = newDetails(b, k, clipboard)
	b.makeList(k)
	b.makeBody()
	b.what = k.pick(func(i int) { b.taken = i })
	var takes []string
	for _, what := range scopes() {
		takes = append(takes, scopeWords(what))
	}
	b.what.set(takes, 0)
	b.whatBox = container.NewStack(widthOf(215), b.what)
	b.root = over(container.NewBorder(nil, nil, nil, container.NewHBox(b.whatBox, b.now), b.note), b.body)
	return b
}

func (b *backups) makeList(k *keys) {
	b.list = k.list(func() int { return len(b.rows) }, b.newRow, b.drawRow)
	b.list.remove = func() { b.details.tap(b.details.remove) }
	b.list.menu, b.list.typed = b.popHere, b.letter
	b.list.OnHighlighted = func(i widget.ListItemID) { b.at = i }
	b.list.OnSelected = func(i widget.ListItemID) {
		switch found := b.rows[i].backup; {
		case b.marking:
		case found == nil:
			b.mark() // the heading of a day is nothing to choose
		default:
			b.at = i
			b.do.Choose(b.shown.Name, found.ID)
		}
	}
}

// leastRows is the height of two backups in the list.
const leastRows = 84

// makeBody makes the list as it is alone, and above the details of the chosen backup.
func (b *backups) makeBody() {
	b.empty = text("")
	b.empty.Alignment = fyne.TextAlignCenter
	b.hint = smallText(lang.L("Choose a backup to see its tables. The menu of a row, or the menu key, has more."))
	empty := container.NewCenter(container.NewStack(widthOf(340), b.empty))
	b.uncovered = b.keys.quiet(lang.L("Not covered…"), theme.InfoIcon(), nil)
	b.foot = container.NewBorder(nil, nil, nil, container.NewCenter(b.uncovered), b.hint)
	b.alone = over(container.NewVBox(b.filter, columnHeads()), container.NewBorder(nil, b.foot, nil, nil, container.NewStack(tallOf(leastRows), b.list, empty)))
	b.split = container.NewVSplit(b.alone, b.details.root)
	b.split.Offset = 0.5
	b.body = container.NewStack(b.alone)
}

func (b *backups) backUp() {
	if b.now.Disabled() {
		return
	}
	note := b.note.Text
	b.note.SetText("")
	if b.shown.choosesParts() {
		b.do.BackUpOf(b.shown.Name, scopes()[b.taken], note)
		return
	}
	b.do.BackUp(b.shown.Name, note)
}

// leave closes the innermost of what is open here, and says whether there was anything.
func (b *backups) leave() bool {
	switch {
	case b.filter.Text != "":
		b.filter.SetText("")
	case b.shown.Details != nil:
		b.do.Choose(b.shown.Name, "")
	default:
		return false
	}
	return true
}

func (b *backups) refresh(s State, shown Sandbox) {
	if shown.Name != b.shown.Name { // what was typed was meant for the other one
		b.note.SetText("")
		b.filter.SetText("")
		b.at, b.taken = -1, 0
		b.what.set(b.what.Options, 0)
	}
	show(b.whatBox, shown.choosesParts())
	b.state, b.shown = s, shown
	enable(b.now, shown.Busy == nil)
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
