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

// wizardWhat asks what comes back: the whole database, or some tables; the folders, or some files.
type wizardWhat struct {
	w             *wizard
	root          fyne.CanvasObject
	whole, tables *choice
	both          *choice
	folders, some *choice
	files         *wizardFiles
	about         *widget.Label // of the chosen answer, where there are too many for each to have its own
	filter        *entry
	all           *tick
	list          *list
	rows          []*backup.Table // those that pass the filter
	sum           *widget.Label
	picker        *fyne.Container
	wait          *widget.Label
}

func newWizardWhat(w *wizard, k *keys) *wizardWhat {
	p := &wizardWhat{w: w, sum: caption(""), wait: text("")}
	p.both = k.choice(lang.L("Database and folders"), lang.L("All that this backup holds. What is replaced is kept for undo."), func() { p.use(backup.ScopeBoth, true, false) })
	p.whole = k.choice(lang.L("The whole database"), lang.L("Built beside the present one, checked, then swapped in; the present one is kept for undo."), func() { p.use(backup.ScopeDatabase, true, false) })
	p.tables = k.choice(lang.L("Only some tables"), lang.L("Their rows are replaced in one transaction; everything else stays as it is."), func() { p.use(backup.ScopeDatabase, false, false) })
	p.folders = k.choice(lang.L("The folders"), lang.L("Made anew beside the present ones, checked, then swapped in; the present ones are kept for undo."), func() { p.use(backup.ScopeMedia, true, false) })
	p.some = k.choice(lang.L("Only some files"), lang.L("They replace those in the present folders; everything else stays as it is."), func() { p.use(backup.ScopeMedia, true, true) })
	p.files = newWizardFiles(w, k)
	p.filter = k.entry(lang.L("Filter by name"))
	p.filter.OnChanged = func(string) { p.arrange() }
	p.filter.OnSubmitted = func(string) { w.forward() }
	p.all = k.tick(lang.L("Select all shown"), p.takeAll)
	p.list = k.list(func() int { return len(p.rows) }, newTickRow, p.draw)
	p.list.enter = w.forward
	p.list.OnSelected = func(i widget.ListItemID) {
		p.list.UnselectAll()
		n := nameOf(p.rows[i])
		w.chosen[n] = !w.chosen[n]
		w.refresh(w.state, w.shown)
	}
	p.picker = over(container.NewBorder(nil, nil, nil, p.all, p.filter), container.NewBorder(nil, p.sum, nil, nil, p.list))
	inARow(p.both.pressable, p.whole.pressable, p.tables.pressable, p.folders.pressable, p.some.pressable)
	p.about = caption("")
	choices := container.NewVBox(p.both.pressable, p.whole.pressable, p.tables.pressable, p.folders.pressable, p.some.pressable, p.about)
	p.root = over(choices, container.NewStack(tallOf(110), p.picker, p.files.root, container.NewBorder(p.wait, nil, nil, nil)))
	return p
}

// newTickRow is a row of a list that is ticked.
func newTickRow() fyne.CanvasObject {
	cells := []fyne.CanvasObject{container.NewCenter(widget.NewIcon(theme.CheckButtonIcon())), line(""), line(""), line("")}
	for _, c := range cells[2:] {
		c.(*widget.Label).Alignment = fyne.TextAlignTrailing
	}
	return newColumns(columns{{width: 36}, {width: 160, grow: 1}, {width: 130}, {width: 86}}, cells...)
}

func drawTick(o fyne.CanvasObject, on bool, texts ...string) {
	cells := o.(*fyne.Container).Objects
	icon := cells[0].(*fyne.Container).Objects[0].(*widget.Icon)
	icon.SetResource(theme.CheckButtonIcon())
	if on {
		icon.SetResource(theme.NewPrimaryThemedResource(theme.CheckButtonCheckedIcon()))
	}
	for i, t := range texts {
		cells[i+1].(texter).SetText(t)
	}
}

func (p *wizardWhat) draw(i widget.ListItemID, o fyne.CanvasObject) {
	t := p.rows[i]
	held, bytes := rows(t.Rows), size(t.Bytes)
	if t.Excluded {
		held, bytes = lang.L("left out"), ""
	}
	drawTick(o, p.w.chosen[nameOf(t)], plain(t.Schema+"."+t.Name), held, bytes)
}

func (p *wizardWhat) use(part backup.Scope, whole, some bool) {
	p.w.part, p.w.whole, p.w.some = part, whole, some
	if found := p.w.shown.Files; some && (found == nil || found.Backup != p.w.id) {
		p.w.do.ListFiles(p.w.sandbox, p.w.id, "")
	}
	p.w.refresh(p.w.state, p.w.shown)
}

func (p *wizardWhat) takeAll(yes bool) {
	for _, t := range p.rows {
		p.w.chosen[nameOf(t)] = yes && !t.Excluded
	}
	p.w.refresh(p.w.state, p.w.shown)
}

func (p *wizardWhat) reset() {
	p.filter.SetText("")
	p.rows = nil
	p.files.reset()
}

func (p *wizardWhat) arrange() {
	p.rows = nil
	if p.w.backup != nil {
		for i := range p.w.backup.Tables {
			t := &p.w.backup.Tables[i]
			if strings.Contains(strings.ToLower(t.Schema+"."+t.Name), strings.ToLower(strings.TrimSpace(p.filter.Text))) {
				p.rows = append(p.rows, t)
			}
		}
	}
	taken := 0
	for _, t := range p.rows {
		if p.w.chosen[nameOf(t)] {
			taken++
		}
	}
	p.all.set(taken > 0 && taken == len(p.rows))
	p.list.Refresh()
}

func (p *wizardWhat) refresh() {
	p.chooseOne()
	p.arrange()
	show(p.files.root, p.w.some)
	show(p.picker, !p.w.whole && p.w.backup != nil)
	var n, size64 int64
	names := p.w.names()
	if p.w.backup != nil {
		for i := range p.w.backup.Tables {
			if t := &p.w.backup.Tables[i]; p.w.whole || p.w.chosen[nameOf(t)] {
				n, size64 = n+t.Rows, size64+t.Bytes
			}
		}
	}
	p.sum.SetText(lang.L("Chosen: {{.What}}", values{"What": facts(tables(len(names)), rows(n), size(size64))}))
	p.wait.SetText("")
	switch {
	case p.w.backup == nil:
		p.wait.SetText(lang.L("Reading the backup…"))
	case p.w.some:
		p.wait.SetText(p.files.refresh())
	case p.w.part == backup.ScopeMedia:
		p.wait.SetText(p.heldFiles())
	case p.w.part == backup.ScopeBoth:
		p.wait.SetText(facts(tables(len(p.w.backup.Tables)), rows(n), p.heldFiles()))
	case p.w.whole:
		p.wait.SetText(facts(tables(len(p.w.backup.Tables)), rows(n), size(size64)))
	case len(p.rows) == 0:
		p.wait.SetText(lang.L("No table matches the filter."))
	}
}

// chooseOne marks the answer, and shows those that the backup allows.
func (p *wizardWhat) chooseOne() {
	w := p.w
	database := w.backup == nil || w.backup.Holds(backup.ScopeDatabase)
	folders := w.backup != nil && w.backup.Holds(backup.ScopeMedia)
	for _, one := range []struct {
		c       *choice
		can, is bool
	}{
		{p.both, database && folders, w.part == backup.ScopeBoth},
		{p.whole, database, w.part != backup.ScopeBoth && w.part != backup.ScopeMedia && w.whole},
		{p.tables, database, !w.whole},
		{p.folders, folders, w.part == backup.ScopeMedia && !w.some},
		{p.some, folders, w.some},
	} {
		show(one.c.pressable, one.can)
		show(one.c.about, !folders)
		one.c.choose(one.is)
		if one.is {
			p.about.SetText(one.c.about.Text)
		}
	}
	show(p.about, folders)
}

// heldFiles sums up the folders of the backup.
func (p *wizardWhat) heldFiles() string {
	n, bytes := backup.MediaFiles(p.w.backup.Media)
	return facts(files(n), size(bytes))
}
