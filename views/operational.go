package views

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
)

// Chosen is a database that was found and is to be protected, without the rows of some tables.
type Chosen struct {
	Name     string
	LeaveOut []string // SCHEMA.NAME
}

// operationalTables offers to leave out the rows of tables that programs write for themselves. None is
// ticked at first: what is not in a backup is a person's own decision.
type operationalTables struct {
	root   *fyne.Container
	keys   *keys
	tables []string
	left   map[string]bool // what a person ticked
	ticks  []*tick
}

func newOperationalTables(k *keys) *operationalTables {
	o := &operationalTables{keys: k, root: container.NewVBox(), left: map[string]bool{}}
	o.root.Hide()
	return o
}

// set shows these tables; none hides all of it.
func (o *operationalTables) set(tables []string) {
	show(o.root, len(tables) > 0)
	if slices.Equal(tables, o.tables) {
		return
	}
	o.tables, o.ticks = tables, nil
	row := container.New(layout.NewRowWrapLayout())
	for _, name := range tables {
		t := o.keys.tick(plain(name), func(on bool) { o.left[name] = on })
		t.set(o.left[name])
		o.ticks = append(o.ticks, t)
		row.Add(t)
	}
	said := smallText(lang.L("Programs write these tables for themselves: logs, sessions, queues of jobs. Tick those whose rows need no backup; the tables themselves are always in it."))
	o.root.Objects = []fyne.CanvasObject{said, row}
	o.root.Refresh()
}

// leftOut gives the tables that are ticked.
func (o *operationalTables) leftOut() (names []string) {
	for _, name := range o.tables {
		if o.left[name] {
			names = append(names, name)
		}
	}
	return names
}

// allow makes the ticks possible or not.
func (o *operationalTables) allow(yes bool) {
	for _, t := range o.ticks {
		enable(t, yes)
	}
}
