package views

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// details shows the chosen backup: what it is, what can be done with it, its tables.
type details struct {
	page    *backups
	chosen  *backup.Backup
	root    fyne.CanvasObject
	head    *widget.Label
	verdict *widget.Label
	about   *widget.Label
	problem *problem
	restore *button
	verify  *button
	drill   *button
	remove  *button
	write   *button
	tables  *list
	least   fyne.CanvasObject // room for some rows of them; what is above scrolls away rather
}

func newDetails(page *backups, k *keys, clipboard func(string)) *details {
	d := &details{page: page, head: bold(""), verdict: text(""), about: text(""), problem: newProblem(k, clipboard)}
	d.restore = k.primary(lang.L("Restore…"), func() { page.restoreIt(d.chosen) })
	d.verify = k.button(lang.L("Verify"), nil, func() { page.verifyIt(d.chosen) })
	d.drill = k.button(lang.L("Try a restore"), nil, func() { page.drillIt(d.chosen) })
	d.remove = k.button(lang.L("Delete…"), nil, func() { page.removeIt(d.chosen) })
	d.write = k.button(lang.L("Download…"), nil, func() { page.writeIt(d.chosen) })
	d.tables = k.list(d.length, newTableRow, d.drawTable)
	d.least = tallOf(leastTables)
	d.root = over(
		container.NewVBox(tight(d.head, d.verdict, d.about), besides(widthOf(1), 0, d.verify, d.drill, d.write, d.remove, d.restore), d.problem.panel),
		container.NewStack(d.least, d.tables))
	return d
}

// leastTables is the height of one row of tables; where there is room they have half of it.
const leastTables = 40

// besides puts buttons beside a title that needs some width. Where there is no room, the first ones are
// left out: the menu of the row has them too.
func besides(title fyne.CanvasObject, width float32, buttons ...*button) fyne.CanvasObject {
	all, c := []fyne.CanvasObject{title}, columns{{width: width, grow: 1}}
	for i, b := range buttons {
		apart := container.New(layout.NewCustomPaddedLayout(0, 0, theme.Padding(), 0), b)
		all = append(all, apart)
		c = append(c, column{width: apart.MinSize().Width, drop: max(len(buttons)-2-i, 0)})
	}
	return newColumns(c, all...)
}

func newTableRow() fyne.CanvasObject {
	cells := []fyne.CanvasObject{line(""), line(""), line("")}
	for _, c := range cells[1:] {
		c.(*widget.Label).Alignment = fyne.TextAlignTrailing
	}
	return newColumns(columns{{width: 160, grow: 1}, {width: 130}, {width: 86}}, cells...)
}

func (d *details) length() int {
	if d.chosen == nil {
		return 0
	}
	return len(d.chosen.Tables) + len(d.chosen.Media)
}

func (d *details) drawTable(i widget.ListItemID, o fyne.CanvasObject) {
	cells := o.(*fyne.Container).Objects
	if i >= len(d.chosen.Tables) {
		f := &d.chosen.Media[i-len(d.chosen.Tables)]
		for n, s := range []string{plain(f.Path), files(f.Files), size(f.Bytes)} {
			cells[n].(*widget.Label).SetText(s)
		}
		return
	}
	t := d.chosen.Tables[i]
	held, bytes := rows(t.Rows), size(t.Bytes)
	if t.Excluded {
		held, bytes = lang.L("left out"), ""
	}
	for n, s := range []string{plain(t.Schema + "." + t.Name), held, bytes} {
		cells[n].(*widget.Label).SetText(s)
	}
}

func (d *details) refresh(s State, shown Sandbox) {
	d.chosen = shown.Details
	if d.chosen == nil {
		return
	}
	k := d.chosen
	pinned := ""
	if k.Pinned {
		pinned = lang.L("pinned")
	}
	d.head.SetText(facts(wholeMoment(k.Started.In(s.Zone)), triggerWords(k.Trigger), pinned))
	d.verdict.Importance = verdictImportance(k.Verdict)
	d.verdict.SetText(sentence(verdictWords(k.Verdict)) + ": " + translated(k.VerdictReason))
	d.about.SetText(facts(heldWords(k), size(k.RawBytes), string(k.ID), selectionWords(k.Selection), keepWords(shown.fateOf(k.ID), s)))
	show(d.verdict, k.Verdict != "" && k.Error == nil)
	show(d.about, k.Error == nil)
	d.problem.refresh(k.Error)
	show(d.least, d.length() > 0)
	idle := shown.Busy == nil
	enable(d.restore, idle && k.Restorable() && shown.AllowRestore)
	enable(d.verify, idle && k.Status == backup.StatusCompleted)
	enable(d.drill, idle && k.Status == backup.StatusCompleted && k.Holds(backup.ScopeDatabase))
	enable(d.write, k.Restorable())
	enable(d.remove, idle && k.Status != backup.StatusRunning)
	d.tables.Refresh()
	d.root.Refresh()
}

// heldWords says what a backup holds.
func heldWords(k *backup.Backup) string {
	database, folders := "", ""
	if k.Holds(backup.ScopeDatabase) {
		database = facts("PostgreSQL "+plain(k.ServerVersion), tables(len(k.Tables)), rows(k.Rows))
	}
	if n, _ := backup.MediaFiles(k.Media); k.Holds(backup.ScopeMedia) {
		folders = files(n)
	}
	return facts(database, folders)
}

// selectionWords says what a backup leaves out on purpose.
func selectionWords(s *backup.Selection) string {
	if s.Whole() {
		return ""
	}
	var words []string
	if len(s.LeftOut) > 0 {
		words = append(words, lang.L("without the schemas {{.Names}}", values{"Names": plain(strings.Join(s.LeftOut, ", "))}))
	}
	if len(s.ExcludeTables) > 0 {
		words = append(words, lang.L("without the rows of {{.Names}}", values{"Names": plain(strings.Join(s.ExcludeTables, ", "))}))
	}
	return strings.Join(words, ", ")
}

// tap does what a button does, unless it cannot be done now.
func (d *details) tap(b *button) {
	if d.chosen != nil && !b.Disabled() {
		b.OnTapped()
	}
}

// passes says whether a backup has what was typed into the filter.
func passes(k *backup.Backup, filter string) bool {
	all := []string{noteWords(k), string(k.Status), statusWords(k.Status), triggerWords(k.Trigger), string(k.Verdict), verdictWords(k.Verdict), string(k.ID)}
	return strings.Contains(strings.ToLower(strings.Join(all, " ")), strings.ToLower(strings.TrimSpace(filter)))
}
