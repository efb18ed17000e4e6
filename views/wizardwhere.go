package views

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"

	"holdfast/backup"
)

// wizardWhere asks where it goes: this sandbox, another one, or a new database.
type wizardWhere struct {
	w                *wizard
	root             fyne.CanvasObject
	own, other, make *choice
	pick             *pick
	name             *entry
	underOther       *fyne.Container
	underMake        *fyne.Container
	kind             int // the choice, counted from 0
	picked           string
}

func newWizardWhere(w *wizard, k *keys) *wizardWhere {
	p := &wizardWhere{w: w}
	p.own = k.choice(" ", " ", func() { p.use(0) })
	p.other = k.choice(lang.L("Another sandbox"), " ", func() { p.use(1) })
	p.make = k.choice(lang.L("A new database"), " ", func() { p.use(2) })
	p.pick = k.pick(func(i int) {
		p.kind, p.picked = 1, w.others()[i]
		w.refresh(w.state, w.shown)
	})
	p.name = k.entry(lang.L("Name of the new database"))
	p.name.OnChanged = func(string) { w.refresh(w.state, w.shown) }
	p.name.OnSubmitted = func(string) { w.forward() }
	inARow(p.own.pressable, p.other.pressable, p.make.pressable)
	under := func(o fyne.CanvasObject) *fyne.Container {
		return container.New(page{widest: 420}, container.NewBorder(nil, nil, widthOf(36), nil, o))
	}
	p.underOther, p.underMake = under(p.pick), under(p.name)
	p.root = container.NewVScroll(container.NewVBox(p.own.pressable, p.other.pressable, p.underOther, p.make.pressable, p.underMake))
	return p
}

func (p *wizardWhere) use(kind int) {
	p.kind = kind
	p.w.refresh(p.w.state, p.w.shown)
	if kind == 2 && !p.beside() {
		p.w.shell.window.Canvas().Focus(p.name)
	}
}

func (p *wizardWhere) reset(sandbox string) {
	p.kind, p.picked = 0, ""
	p.name.SetText("")
	p.own.title.SetText(plain(sandbox))
}

// sandbox is the one into which, or on whose server, the restore goes.
func (p *wizardWhere) sandbox() string {
	if p.kind == 1 {
		return p.picked
	}
	return p.w.sandbox
}

func (p *wizardWhere) newName() string {
	if p.kind == 2 && p.w.part != backup.ScopeMedia {
		return strings.TrimSpace(p.name.Text)
	}
	return ""
}

// beside says whether folders go beside the present ones.
func (p *wizardWhere) beside() bool { return p.kind == 2 && p.w.part == backup.ScopeMedia }

// ready says whether the answer is complete.
func (p *wizardWhere) ready() bool {
	t := p.w.target()
	switch {
	case t == nil || !t.AllowRestore:
		return false
	case p.beside():
		return true
	case p.kind == 2:
		return p.w.whole && p.newName() != ""
	}
	return true
}

func (p *wizardWhere) refresh() {
	others := p.w.others()
	if p.picked == "" && len(others) > 0 {
		p.picked = others[0]
	}
	p.own.about.SetText(lang.L("Replaces what the database {{.Name}} holds now. That is saved first.", values{"Name": plain(p.w.shown.Database)}))
	about := lang.L("Replaces what its database holds now. That is saved first.")
	if folders := p.replaces(); folders != "" {
		p.own.about.SetText(folders)
		about = lang.L("Replaces what is in its folders of the same name now. That is saved first.")
	}
	if !p.w.shown.AllowRestore {
		p.own.about.SetText(lang.L("Restores into this sandbox are switched off."))
	}
	if len(others) == 0 {
		about = lang.L("There is no other sandbox.")
	} else if t := sandboxOf(p.w.state, p.picked); p.kind == 1 && t != nil && !t.AllowRestore {
		about = lang.L("Restores into this sandbox are switched off.")
	}
	p.other.about.SetText(about)
	p.make.about.SetText(lang.L("Beside the others on the server of {{.Name}}; nothing is replaced.", values{"Name": plain(p.w.sandbox)}))
	p.make.title.SetText(lang.L("A new database"))
	switch {
	case !p.w.whole:
		p.make.about.SetText(lang.L("Single tables go into a database that is there."))
	case p.w.part == backup.ScopeBoth:
		p.make.about.SetText(lang.L("Only the database alone can go into a new one."))
	case p.w.part == backup.ScopeMedia:
		p.make.title.SetText(lang.L("Beside the present folders"))
		p.make.about.SetText(lang.L("New folders with the date in their names; nothing is replaced."))
	}
	can := p.w.whole && p.w.part != backup.ScopeBoth
	p.other.allow(len(others) > 0)
	p.make.allow(can)
	if !can && p.kind == 2 {
		p.kind = 0
	}
	p.own.choose(p.kind == 0)
	p.other.choose(p.kind == 1)
	p.make.choose(p.kind == 2)
	shown := make([]string, len(others))
	for i, o := range others {
		shown[i] = plain(o)
	}
	if !slices.Equal(p.pick.Options, shown) || p.pick.SelectedIndex() != slices.Index(others, p.picked) {
		p.pick.set(shown, slices.Index(others, p.picked))
	}
	show(p.underOther, p.kind == 1)
	show(p.underMake, p.kind == 2 && !p.beside())
}

// replaces says what a restore of folders replaces; "" when it is about the database alone.
func (p *wizardWhere) replaces() string {
	switch {
	case p.w.some:
		return lang.L("Replaces the chosen files in its folders. What is there now is saved first.")
	case p.w.part == backup.ScopeMedia:
		return lang.L("Replaces what is in its folders now. That is saved first.")
	case p.w.part == backup.ScopeBoth:
		return lang.L("Replaces what its database and its folders hold now. That is saved first.")
	}
	return ""
}
