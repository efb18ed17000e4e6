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
	heads fyne.CanvasObject
	list  *list
	rows  []difference
}

// difference is one line: a table, or the definition of something.
type difference struct {
	table      *backup.TableChange
	definition string
}

func compareColumns() columns {
	return columns{{width: 150, grow: 2}, {width: 150, grow: 1}, {width: 118}, {width: 92}, {width: 84, drop: 1}, {width: 84, drop: 2}}
}

func newWizardCompare(w *wizard, k *keys) *wizardCompare {
	p := &wizardCompare{w: w, said: text(""), more: text("")}
	p.said.TextStyle.Bold = true
	p.again = k.button(lang.L("Compare"), nil, p.enter)
	p.list = k.list(func() int { return len(p.rows) }, newDifferenceRow, p.draw)
	p.list.enter = w.forward
	p.list.OnSelected = func(widget.ListItemID) { p.list.UnselectAll() }
	heads := newDifferenceRow()
	for i, name := range []string{lang.L("Table"), lang.L("What differs"), lang.L("Rows in backup"), lang.L("Rows now"), lang.L("In backup"), lang.L("Now")} {
		l := heads.(*fyne.Container).Objects[i].(*widget.Label)
		l.Importance, l.SizeName = widget.LowImportance, theme.SizeNameCaptionText
		l.SetText(name)
	}
	p.heads = heads
	top := container.NewVBox(container.NewBorder(nil, nil, nil, container.NewCenter(p.again), tight(p.said, p.more)), p.heads)
	p.root = container.NewBorder(top, nil, nil, nil, p.list)
	return p
}

func newDifferenceRow() fyne.CanvasObject {
	var cells []fyne.CanvasObject
	for i := range compareColumns() {
		l := line("")
		if i > 1 {
			l.Alignment = fyne.TextAlignTrailing
		}
		cells = append(cells, l)
	}
	return newColumns(compareColumns(), cells...)
}

func (p *wizardCompare) draw(i widget.ListItemID, o fyne.CanvasObject) {
	d := p.rows[i]
	texts := make([]string, len(compareColumns()))
	if d.table == nil {
		texts[0], texts[1] = definitionWords(d.definition)
	} else {
		t := d.table
		texts = []string{plain(t.Schema + "." + t.Name), changeWords(t.Change), count(t.RowsThen), count(t.RowsNow), size(t.BytesThen), size(t.BytesNow)}
		if t.Change == backup.TableGone {
			texts[3], texts[5] = "–", "–"
		}
		if t.Change == backup.TableNew {
			texts[2], texts[4] = "–", "–"
		}
	}
	for n, cell := range o.(*fyne.Container).Objects {
		cell.(*widget.Label).SetText(texts[n])
	}
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

func (p *wizardCompare) reset() { p.rows = nil }

// enter begins the comparison, where there is something to compare with.
func (p *wizardCompare) enter() {
	if p.w.where.newName() == "" && !p.w.busy() && p.result() == nil {
		p.w.do.Compare(p.w.sandbox, p.w.id, p.w.where.sandbox())
	}
}

// result is the comparison that belongs to what was chosen; nil while there is none.
func (p *wizardCompare) result() *backup.Comparison {
	t := p.w.target()
	if t == nil || t.Compared == nil || t.Compared.Backup != p.w.id {
		return nil
	}
	return &t.Compared.Result
}

func (p *wizardCompare) refresh() {
	p.arrange()
	c := p.result()
	fresh := p.w.where.newName() != ""
	p.said.SetText(p.words(c))
	p.more.SetText(p.moreWords(c))
	show(p.more, p.more.Text != "")
	show(p.again, c == nil && !fresh && !p.w.busy())
	show(p.heads, len(p.rows) > 0)
	p.list.Refresh()
}

// arrange takes what matters: of chosen tables only those, else all that differs.
func (p *wizardCompare) arrange() {
	p.rows = nil
	c := p.result()
	if c == nil {
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

func (p *wizardCompare) words(c *backup.Comparison) string {
	name := plain(p.w.where.sandbox())
	switch {
	case p.w.where.newName() != "":
		return lang.L("The database {{.Name}} is made anew. Nothing is replaced, so there is nothing to compare.", values{"Name": plain(p.w.where.newName())})
	case c == nil && p.w.busy():
		return lang.L("Reading {{.Name}} as it is now. Cancel to go on without the comparison.", values{"Name": name})
	case c == nil:
		return lang.L("Not compared. You can restore all the same; what is there now is saved first.")
	case c.Same:
		return lang.L("Nothing differs: {{.Name}} is as it was in this backup.", values{"Name": name})
	case !p.w.whole && !p.differs():
		return lang.L("Nothing differs in the chosen tables.")
	case !p.w.whole:
		return lang.N("The rows of {{.N}} tables are replaced; all others stay.", len(p.w.names()), values{"N": len(p.w.names())})
	}
	return lang.L("{{.N}} of {{.All}} tables differ from this backup.", values{"N": len(c.Changed()), "All": len(c.Tables)})
}

// differs says whether any of the chosen tables differs.
func (p *wizardCompare) differs() bool {
	for _, d := range p.rows {
		if d.table.Change != backup.Unchanged {
			return true
		}
	}
	return false
}

func (p *wizardCompare) moreWords(c *backup.Comparison) string {
	if c == nil || c.Same || !p.w.whole {
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
