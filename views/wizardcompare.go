package views

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// wizardCompare shows what the restore changes, table by table. It can be skipped.
type wizardCompare struct {
	w     *wizard
	root  fyne.CanvasObject
	said  *widget.Label
	more  *widget.Label
	again *button
	heads *fyne.Container
	list  *list
	whole wholeLine
	rows  []difference
}

// difference is one line: a table, or the definition of something.
type difference struct {
	table      *backup.TableChange
	definition string
	file       *fileRow
}

// compareColumns are what differs, how, rows and sizes; folders have no rows.
func compareColumns(folders bool) columns {
	what := widest(changeWords(backup.TableGone), changeWords(backup.TableNew), changeWords(backup.ShapeChanged))
	number, held := max(widest("88,888,888"), widestHead(lang.L("Rows in backup"))), max(widest("888 MB", "88.8 MB"), widestHead(lang.L("In backup")))
	name := float32(150)
	if folders {
		name, number = 280, 0 // of a path it takes more to know it
	}
	return columns{{width: name, grow: 1}, {width: what}, {width: number}, {width: number}, {width: held, drop: 1}, {width: held, drop: 2}}
}

func newWizardCompare(w *wizard, k *keys) *wizardCompare {
	p := &wizardCompare{w: w, said: text(""), more: text("")}
	p.said.TextStyle.Bold = true
	p.again = k.button(lang.L("Compare"), nil, p.enter)
	p.list = k.list(func() int { return len(p.rows) }, func() fyne.CanvasObject { return newDifferenceRow(newPathLabel()) }, p.draw)
	p.list.enter = w.forward
	p.list.OnSelected = func(widget.ListItemID) { p.list.UnselectAll() }
	p.heads = newDifferenceRow(line(""))
	for _, o := range p.heads.Objects {
		l := o.(*widget.Label)
		l.Importance, l.SizeName = widget.LowImportance, theme.SizeNameCaptionText
	}
	p.whole = newWholeLine(p.list, p.name)
	top := container.NewVBox(container.NewBorder(nil, nil, nil, container.NewCenter(p.again), tight(p.said, p.more)), p.heads)
	p.root = over(top, container.NewBorder(nil, p.whole.Label, nil, nil, p.list))
	return p
}

// name is what a line is about.
func (p *wizardCompare) name(i int) string {
	if i < 0 || i >= len(p.rows) {
		return ""
	}
	switch d := p.rows[i]; {
	case d.file != nil:
		return plain(d.file.path)
	case d.table != nil:
		return plain(d.table.Schema + "." + d.table.Name)
	default:
		name, _ := definitionWords(d.definition)
		return name
	}
}

func newDifferenceRow(name fyne.CanvasObject) *fyne.Container {
	cells := []fyne.CanvasObject{name}
	for i := range compareColumns(false)[1:] {
		l := line("")
		if i > 0 {
			l.Alignment = fyne.TextAlignTrailing
		}
		cells = append(cells, l)
	}
	return newColumns(compareColumns(false), cells...)
}

func (p *wizardCompare) draw(i widget.ListItemID, o fyne.CanvasObject) {
	d := p.rows[i]
	row := o.(*fyne.Container)
	row.Layout = compareColumns(p.w.part == backup.ScopeMedia)
	texts := make([]string, len(row.Objects))
	texts[0] = p.name(i)
	switch {
	case d.file != nil:
		texts[1] = fileChangeWords(d.file.Change)
		if texts[4], texts[5] = size(d.file.SizeThen), size(d.file.SizeNow); d.file.Change == backup.FileAdded {
			texts[4] = "–"
		} else if d.file.Change == backup.FileRemoved {
			texts[5] = "–"
		}
	case d.table == nil:
		_, texts[1] = definitionWords(d.definition)
	default:
		t := d.table
		texts = []string{texts[0], changeWords(t.Change), count(t.RowsThen), count(t.RowsNow), size(t.BytesThen), size(t.BytesNow)}
		if t.Change == backup.TableGone {
			texts[3], texts[5] = "–", "–"
		}
		if t.Change == backup.TableNew {
			texts[2], texts[4] = "–", "–"
		}
	}
	for n, cell := range row.Objects {
		cell.(texter).SetText(texts[n])
	}
	row.Refresh()
}

func changeWords(c backup.Change) string {
	switch c {
	case backup.Unchanged:
		return lang.L("nothing")
	case backup.RowsChanged:
		return lang.L("its rows")
	case backup.ShapeChanged:
		return lang.L("its columns")
	case backup.TableGone:
		return lang.L("gone now; comes back")
	case backup.TableNew:
		return lang.L("new since; goes away")
	default:
		return lang.L("not compared")
	}
}

// definitionWords splits the engine's "changed: FUNCTION public.total(integer)".
func definitionWords(d string) (name, change string) {
	kind, rest, _ := strings.Cut(d, ": ")
	switch kind {
	case "changed":
		change = lang.L("its definition")
	case "gone":
		change = lang.L("gone now; comes back")
	case "new":
		change = lang.L("new since; goes away")
	}
	return plain(rest), change
}

func (p *wizardCompare) reset() {
	p.rows = nil
	p.whole.clear()
}

// enter begins the comparison, where there is something to compare with.
func (p *wizardCompare) enter() {
	switch {
	case p.fresh() || p.w.busy() || p.result() != nil:
	case p.w.part == backup.ScopeMedia:
		p.w.do.CompareFolders(p.w.sandbox, p.w.id, p.w.where.sandbox())
	default:
		p.w.do.Compare(p.w.sandbox, p.w.id, p.w.where.sandbox())
	}
}

// fresh says whether nothing is replaced.
func (p *wizardCompare) fresh() bool { return p.w.where.newName() != "" || p.w.where.beside() }

// result is the comparison that belongs to what was chosen; nil while there is none.
func (p *wizardCompare) result() *backup.Comparison {
	t := p.w.target()
	if t == nil || t.Compared == nil || t.Compared.Backup != p.w.id || t.Compared.Folders && p.w.part != backup.ScopeMedia {
		return nil
	}
	return &t.Compared.Result
}

func (p *wizardCompare) refresh() {
	p.arrange()
	c := p.result()
	fresh := p.fresh()
	p.said.SetText(p.words(c))
	p.more.SetText(p.moreWords(c))
	show(p.more, p.more.Text != "")
	show(p.again, c == nil && !fresh && !p.w.busy())
	show(p.heads, len(p.rows) > 0)
	show(p.whole.Label, len(p.rows) > 0)
	p.head()
	p.list.Refresh()
}

// arrange takes what matters: of chosen tables only those, else all that differs.
func (p *wizardCompare) arrange() {
	p.rows = nil
	c := p.result()
	if c == nil {
		return
	}
	if holdsFolders(p.w.part) {
		p.arrangeFiles(c)
	}
	if p.w.part == backup.ScopeMedia {
		return
	}
	for i := range c.Tables {
		t := &c.Tables[i]
		differs := t.Change != backup.Unchanged && t.Change != backup.NotCompared
		if p.w.whole && differs || !p.w.whole && p.w.chosen[backup.Name{Schema: t.Schema, Name: t.Name}] {
			p.rows = append(p.rows, difference{table: t})
		}
	}
	if !p.w.whole {
		return
	}
	for _, d := range c.Definitions {
		p.rows = append(p.rows, difference{definition: d})
	}
}

// head names the columns: files have no rows.
func (p *wizardCompare) head() {
	names := []string{lang.L("Table"), lang.L("What differs"), lang.L("Rows in backup"), lang.L("Rows now"), lang.L("In backup"), lang.L("Now")}
	if p.w.part == backup.ScopeMedia {
		names[0], names[2], names[3] = lang.L("File"), "", ""
	}
	p.heads.Layout = compareColumns(p.w.part == backup.ScopeMedia)
	for i, name := range names {
		p.heads.Objects[i].(*widget.Label).SetText(name)
	}
	p.heads.Refresh()
}

// arrangeFiles takes the files that differ; of chosen ones only those.
func (p *wizardCompare) arrangeFiles(c *backup.Comparison) {
	for i := range c.Media {
		folder := &c.Media[i]
		for _, f := range folder.Files {
			if !p.w.some || p.w.what.files.has(folder.Name, f.Path) {
				p.rows = append(p.rows, difference{file: &fileRow{path: folder.Name + "/" + f.Path, FileChange: f}})
			}
		}
	}
}

// same says whether nothing differs in what is restored.
func (p *wizardCompare) same(c *backup.Comparison) bool {
	return c.Same || p.w.whole && len(p.rows) == 0 && (p.w.part == backup.ScopeMedia || c.Sequences == 0 && !c.LargeObjects)
}

// folderWords says what a restore of folders changes.
func (p *wizardCompare) folderWords(c *backup.Comparison) string {
	if p.w.some {
		return lang.N("{{.N}} files come back as they were; all others stay.", len(p.w.what.files.chosen), values{"N": count(int64(len(p.w.what.files.chosen)))})
	}
	return differWords(c)
}

func (p *wizardCompare) words(c *backup.Comparison) string {
	name := plain(p.w.where.sandbox())
	switch {
	case p.w.where.beside():
		return lang.L("The folders come beside the present ones. Nothing is replaced, so there is nothing to compare.")
	case p.w.where.newName() != "":
		return lang.L("The database {{.Name}} is made anew. Nothing is replaced, so there is nothing to compare.", values{"Name": plain(p.w.where.newName())})
	case c == nil && p.w.busy():
		return lang.L("Reading {{.Name}} as it is now. Cancel to go on without the comparison.", values{"Name": name})
	case c == nil:
		return lang.L("Not compared. You can restore all the same; what is there now is saved first.")
	case p.same(c):
		return lang.L("Nothing differs: {{.Name}} is as it was in this backup.", values{"Name": name})
	case p.w.part == backup.ScopeMedia:
		return p.folderWords(c)
	case !p.w.whole && !p.differs():
		return lang.L("Nothing differs in the chosen tables.")
	case !p.w.whole:
		return lang.N("The rows of {{.N}} tables are replaced; all others stay.", len(p.w.names()), values{"N": len(p.w.names())})
	}
	tables := lang.N("{{.N}} of {{.All}} tables differ from this backup.", len(c.Changed()), values{"N": len(c.Changed()), "All": len(c.Tables)})
	if p.w.part == backup.ScopeBoth {
		return tables + " " + differWords(c)
	}
	return tables
}

// differs says whether any of the chosen tables differs.
func (p *wizardCompare) differs() bool {
	for _, d := range p.rows {
		if d.table != nil && d.table.Change != backup.Unchanged {
			return true
		}
	}
	return false
}

func (p *wizardCompare) moreWords(c *backup.Comparison) string {
	if c == nil || c.Same || !p.w.whole || p.w.part == backup.ScopeMedia {
		return ""
	}
	var known []string
	if n := len(c.Definitions); n > 0 {
		known = append(known, lang.N("{{.N}} definitions changed", n, values{"N": n}))
	}
	if c.Sequences > 0 {
		known = append(known, lang.N("{{.N}} sequences stand elsewhere", c.Sequences, values{"N": c.Sequences}))
	}
	if c.LargeObjects {
		known = append(known, lang.L("the large objects differ"))
	}
	return facts(known...)
}
