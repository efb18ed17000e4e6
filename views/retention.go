package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// retentionActions is all that Settings › Retention may ask of the program.
type retentionActions interface {
	PreviewRetention(sandbox string, rules backup.RetentionRules)
	SetRetention(sandbox string, rules backup.RetentionRules)
}

// retention is the section sandbox › Settings › Retention: what is kept, and what that means for
// the backups that there are, before it is applied.
type retention struct {
	do      retentionActions
	shown   Sandbox
	state   State
	was     *backup.RetentionRules // that the form was filled from
	filling bool

	root                        fyne.CanvasObject
	preset                      *pick
	scheduled, onDemand, before *entry
	about, trouble, sum         *widget.Label
	list                        *list
	fates                       []backup.Fate
	apply, back                 *button
}

// presets are the rules that have a name, in the order of the drop-down list; what is none of
// them is an own rule.
func presets() []backup.Retention {
	return []backup.Retention{{Daily: 7}, {Daily: 7, Weekly: 4, Monthly: 12}, {Days: 30}, {Newest: 20}, {}}
}

func newRetention(do retentionActions, k *keys) *retention {
	p := &retention{do: do, trouble: smallText(""), sum: text("")}
	p.trouble.Importance = widget.DangerImportance
	p.sum.TextStyle.Bold = true
	p.preset = k.pick(func(i int) {
		if all := presets(); i < len(all) {
			p.scheduled.SetText(all[i].String())
		}
	})
	p.scheduled, p.onDemand, p.before = k.entry("7 daily"), k.entry("3 newest, 30 days"), k.entry("3 newest, 30 days")
	for _, e := range []*entry{p.scheduled, p.onDemand, p.before} {
		e.OnChanged = func(string) { p.changed() }
		e.OnSubmitted = func(string) { p.submit() }
	}
	p.apply = k.primary(lang.L("Apply"), p.submit)
	p.back = k.button(lang.L("Discard the changes"), nil, p.fill)
	p.list = k.list(func() int { return len(p.fates) }, newFateRow, p.draw)
	p.list.enter = p.submit
	p.list.OnSelected = func(widget.ListItemID) { p.list.UnselectAll() }
	item := widget.NewFormItem
	form := widget.NewForm(
		item(lang.L("Scheduled backups"), container.NewGridWithColumns(2, p.preset, p.scheduled)),
		item(lang.L("Made by hand"), p.onDemand),
		item(lang.L("Made before a restore"), p.before),
	)
	p.about = smallText(lang.L("Numbers with daily, weekly, monthly, newest or days, which add up; or all. Pinned ones and the newest one always stay."))
	two := smallText("\n") // lines, which either may take
	two.Hide()
	rules := container.New(steady{}, two, p.about, p.trouble) // they take turns, so that nothing moves while one types
	top := container.NewVBox(container.New(page{widest: 720}, form), rules, container.NewBorder(nil, nil, nil, container.NewCenter(container.NewHBox(p.back, p.apply)), p.sum))
	p.root = over(top, p.list)
	return p
}

func newFateRow() fyne.CanvasObject {
	return newColumns(columns{{width: 34}, {width: widest(lang.L("kept"), lang.L("deleted"))}, {width: widest("8888-88-88 88:88")}, {width: widest(triggerWords(backup.Scheduled), triggerWords(backup.PreRestore)), drop: 1}, {width: 190, grow: 1}}, line(""), line(""), line(""), line(""), line(""))
}

// draw shows what becomes of a backup; what goes is told by its mark too.
func (p *retention) draw(i widget.ListItemID, o fyne.CanvasObject) {
	f := p.fates[i]
	mark, what, importance := "●", lang.L("kept"), widget.SuccessImportance
	if !f.Keep {
		mark, what, importance = "✕", lang.L("deleted"), widget.DangerImportance
	}
	cells := o.(*fyne.Container).Objects
	for n, s := range []string{mark, what, stamp(f.Backup.Started.In(p.state.Zone)), triggerWords(f.Backup.Trigger), reasonWords(&f, p.state)} {
		l := cells[n].(*widget.Label)
		l.Importance = widget.MediumImportance
		if n < 2 {
			l.Importance = importance
		}
		l.SetText(s)
	}
}

// rules are those of the form.
func (p *retention) rules() (r backup.RetentionRules, err error) {
	for _, f := range []struct {
		text string
		into *backup.Retention
	}{{p.scheduled.Text, &r.Scheduled}, {p.onDemand.Text, &r.OnDemand}, {p.before.Text, &r.PreRestore}} {
		if *f.into, err = backup.ParseRetention(f.text); err != nil {
			return r, err
		}
	}
	return r, nil
}

func (p *retention) changed() {
	if p.filling {
		return
	}
	p.choosePreset()
	if r, err := p.rules(); err == nil {
		p.do.PreviewRetention(p.shown.Name, r)
	}
	p.judge()
}

func (p *retention) choosePreset() {
	r, err := backup.ParseRetention(p.scheduled.Text)
	at := len(presets())
	for i, known := range presets() {
		if err == nil && r == known {
			at = i
		}
	}
	p.preset.set([]string{
		lang.L("7 daily"), lang.L("7 daily, 4 weekly, 12 monthly"), lang.L("By age"), lang.L("By number"), lang.L("Keep everything"), lang.L("Own rule"),
	}, at)
}

func (p *retention) submit() {
	if r, err := p.rules(); err == nil && !p.apply.Disabled() {
		p.do.SetRetention(p.shown.Name, r)
	}
}

// fill puts what holds into the form, and asks what it does.
func (p *retention) fill() {
	p.filling = true
	p.scheduled.SetText(p.was.Scheduled.String())
	p.onDemand.SetText(p.was.OnDemand.String())
	p.before.SetText(p.was.PreRestore.String())
	p.filling = false
	p.changed()
}

func (p *retention) refresh(s State, shown Sandbox) {
	other := shown.Name != p.shown.Name
	p.state, p.shown = s, shown
	if shown.Retention == nil {
		return
	}
	if other || p.was == nil || *p.was != shown.Retention.Rules {
		rules := shown.Retention.Rules
		p.was = &rules
		p.fill()
		return
	}
	p.judge()
}

// judge shows what the form would do.
func (p *retention) judge() {
	r, err := p.rules()
	p.trouble.SetText("")
	if err != nil {
		fault := backup.FaultOf(err)
		p.trouble.SetText(sentence(translated(fault.Text)) + ". " + translated(fault.Hint))
	}
	show(p.trouble, err != nil)
	show(p.about, err == nil)
	seen := p.shown.Retention != nil && p.shown.Retention.Preview != nil && p.shown.Retention.Preview.Rules == r && err == nil
	p.fates = nil
	p.sum.SetText("")
	if seen {
		p.fates = p.shown.Retention.Preview.Fates
		p.sum.SetText(fateWords(p.fates))
	}
	differs := p.was != nil && r != *p.was
	enable(p.apply, seen && differs)
	enable(p.back, p.was != nil && (differs || err != nil))
	p.list.Refresh()
	p.root.Refresh()
}

func fateWords(fates []backup.Fate) string {
	kept, gone, bytes := 0, 0, int64(0)
	for _, f := range fates {
		if f.Keep {
			kept++
			continue
		}
		gone++
		bytes += f.Backup.AddedBytes
	}
	if gone == 0 {
		return lang.N("All {{.N}} backups are kept.", kept, values{"N": kept})
	}
	return facts(lang.L("{{.Kept}} kept, {{.Gone}} deleted after the next backup", values{"Kept": kept, "Gone": gone}), size(bytes))
}
