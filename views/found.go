package views

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// foundActions is all that a list of databases may ask of the program.
type foundActions interface {
	Discover(folder string) // "" looks in the usual places
}

// found lists the databases of this machine, each with a tick.
type found struct {
	do      foundActions
	keys    *keys
	root    *fyne.Container
	rows    *fyne.Container
	working *widget.ProgressBarInfinite
	search  *fyne.Container // says that it is being looked, and has working
	looking bool
	none    *widget.Label
	look    *button
	changed func()
	copied  func(string) // into the clipboard
	drawn   string       // what is shown: it is made anew only when that changes, so that the focus stays
	all     []Found
	chosen  map[string]bool // by name; what a person unticked is false
	noisy   map[string]*operationalTables
}

// newFound makes the list; none is what stands there when nothing was found.
func newFound(do foundActions, k *keys, ask folderQuestion, clipboard func(string), none string, changed func()) *found {
	f := &found{do: do, keys: k, changed: changed, copied: clipboard, chosen: map[string]bool{}, noisy: map[string]*operationalTables{}, rows: container.NewVBox(), working: widget.NewProgressBarInfinite(),
		none: text(none)}
	f.working.Stop()
	f.look = k.button(lang.L("Look in a folder…"), theme.FolderOpenIcon(), func() {
		ask(lang.L("Look for databases in a folder"), lang.L("Look in it"), do.Discover)
	})
	f.search = container.NewVBox(text(lang.L("Looking for databases on this machine…")), container.New(low(barHeight), f.working))
	f.root = container.NewVBox(f.rows, f.none, f.search, container.NewHBox(f.look))
	return f
}

// names gives the databases that are ticked.
func (f *found) names() []string {
	var names []string
	for i := range f.all {
		if d := &f.all[i]; f.can(d) && f.chosen[d.Name] {
			names = append(names, d.Name)
		}
	}
	return names
}

// chosenOnes gives them with what is left out of them.
func (f *found) chosenOnes() (all []Chosen) {
	for _, name := range f.names() {
		one := Chosen{Name: name}
		if noisy := f.noisy[name]; noisy != nil {
			one.LeaveOut = noisy.leftOut()
		}
		all = append(all, one)
	}
	return all
}

func (f *found) can(d *Found) bool { return d.Sandbox == "" && d.Problem == nil }

func (f *found) refresh(d Discovery) {
	f.all = d.Found
	f.draw()
	show(f.rows, len(f.all) > 0)
	show(f.none, len(f.all) == 0 && !d.Looking)
	f.looking = d.Looking
	show(f.search, d.Looking)
	enable(f.look, !d.Looking)
	if d.Looking {
		f.working.Start()
	} else {
		f.working.Stop()
	}
	f.root.Refresh()
	f.changed()
}

func (f *found) draw() {
	drawn := ""
	for i := range f.all {
		d := f.all[i]
		drawn += faultText(d.Problem)
		d.Problem = nil // which is another one each time
		drawn += fmt.Sprintln(d)
	}
	if drawn == f.drawn {
		return
	}
	f.drawn, f.rows.Objects = drawn, nil
	for i := range f.all {
		f.rows.Add(f.row(&f.all[i]))
	}
	f.rows.Refresh()
}

// row is one database: what it would be called, where it is, and why it cannot be added.
func (f *found) row(d *Found) fyne.CanvasObject {
	if _, known := f.chosen[d.Name]; !known {
		f.chosen[d.Name] = true
	}
	if f.noisy[d.Name] == nil {
		f.noisy[d.Name] = newOperationalTables(f.keys)
	}
	noisy := f.noisy[d.Name]
	noisy.set(d.Operational)
	tick := f.keys.tick(plain(d.Name), func(on bool) {
		f.chosen[d.Name] = on
		noisy.allow(on)
		f.changed()
	})
	tick.set(f.can(d) && f.chosen[d.Name])
	enable(tick, f.can(d))
	noisy.allow(tick.Checked)
	if !f.can(d) {
		noisy.root.Hide()
	}
	about := caption(facts(plain(placed(d.Where)), plain(d.Version), sizeOr(d.Bytes), translated(d.Source)))
	switch {
	case d.Sandbox != "":
		tick.Text = plain(d.Sandbox)
		about.SetText(facts(lang.L("is a sandbox already"), plain(placed(d.Where))))
	case d.Problem != nil:
		tick.Text = plain(placed(d.Where))
		about.SetText(short(facts(sentence(translated(d.Problem.Text)), translated(d.Problem.Hint)), longest))
	}
	about.Wrapping = fyne.TextWrapWord
	about.Truncation = fyne.TextTruncateOff
	if d.Problem != nil {
		details := f.keys.quiet(lang.L("Copy details"), theme.ContentCopyIcon(), func() { f.copied(faultText(d.Problem)) })
		return container.NewBorder(nil, nil, nil, container.NewCenter(details), tight(tick, container.NewBorder(nil, nil, widthOf(indent), nil, about)))
	}
	return container.NewVBox(tight(tick, container.NewBorder(nil, nil, widthOf(indent), nil, about)), container.NewBorder(nil, nil, widthOf(indent), nil, noisy.root))
}

// indent puts a line under the text of a tick.
const indent = 16

// sizeOr is a size that may not be known.
func sizeOr(bytes int64) string {
	if bytes <= 0 {
		return ""
	}
	return size(bytes)
}
