package views

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// copyRow is one copy of the vault. What begins, ends or fails by itself has its place in it, so that
// nothing moves under the pointer.
type copyRow struct {
	*panel
	at                                     Copy
	name, where, state, rest, trials, lock *widget.Label
	sync, check, prove, remove, stop, more *button
}

func (p *offsite) newRow() *copyRow {
	r := &copyRow{name: bold(""), where: smallText(""), state: text(""), rest: text(""), trials: smallText(""), lock: smallText("")}
	r.sync = p.keys.button(lang.L("Bring up to date"), nil, func() { p.do.SyncCopy(r.at.Name) })
	r.check = p.keys.button(lang.L("Check every byte"), nil, func() { p.do.CheckCopy(r.at.Name) })
	r.prove = p.keys.button(lang.L("Prove from this copy…"), nil, func() { p.prove(r.at.Name) })
	r.remove = p.keys.quiet(lang.L("Remove…"), nil, func() { p.do.RemoveCopy(r.at.Name) })
	r.stop = p.keys.quiet(lang.L("Cancel"), nil, func() { p.do.Cancel(r.at.Job) })
	r.more = p.keys.button(lang.L("More…"), nil, func() { p.tell(r.at.Problem) })
	said := container.NewBorder(nil, nil, nil, container.NewCenter(r.more), tight(r.name, r.where, r.state, r.rest, r.trials, r.lock))
	buttons := container.New(layout.NewRowWrapLayout(), r.sync, r.check, r.prove, r.remove, container.New(steady{}, r.stop))
	r.panel = newPanel(theme.ColorNameSeparator, container.NewVBox(said, buttons))
	return r
}

func (r *copyRow) refresh(c *Copy, s State) {
	r.at = *c
	wrong := c.Problem != nil && c.Busy == nil
	r.edge, r.state.Importance = theme.ColorNameSeparator, widget.MediumImportance
	if wrong {
		r.edge, r.state.Importance = theme.ColorNameWarning, widget.WarningImportance
	}
	r.name.SetText(plain(c.Name))
	r.where.SetText(plain(c.Where))
	for _, l := range []*widget.Label{r.state, r.rest} { // one line each where something is wrong: More… has the whole
		l.Wrapping, l.Truncation = fyne.TextWrapWord, fyne.TextTruncateOff
		if wrong {
			l.Wrapping, l.Truncation = fyne.TextWrapOff, fyne.TextTruncateEllipsis
		}
	}
	state, rest := copyWords(c, s)
	r.state.SetText(state)
	r.rest.SetText(rest)
	r.trials.SetText(trialWords(c, s))
	r.lock.SetText(lockWords(c))
	show(r.trials, r.trials.Text != "")
	show(r.lock, c.Lock > 0)
	for _, b := range []*button{r.sync, r.check, r.remove} {
		enable(b, c.Busy == nil)
	}
	enable(r.prove, c.Busy == nil && !c.Last.IsZero())
	show(r.prove, len(provable(s)) > 0)
	show(r.stop, c.Busy != nil)
	show(r.more, wrong)
	r.Refresh()
}

// copyWords says how current a copy is, or what is done about it, and under that what else matters.
func copyWords(c *Copy, s State) (state, rest string) {
	last := values{"When": ago(c.Last, s.Now), "Size": size(c.Bytes)}
	switch {
	case c.Busy != nil:
		return plain(c.Busy.Title), said(c.Busy)
	case c.Problem != nil:
		return sentence(translated(c.Problem.Text)) + ".", failing(c, s)
	case c.Last.IsZero():
		return lang.L("Nothing was copied yet."), ""
	case c.Behind:
		state, rest = lang.L("Behind: not every backup is there yet."), lang.L("Last brought up to date {{.When}}, {{.Size}}.", last)
	default:
		state = lang.L("Up to date {{.When}}, {{.Size}}.", last)
	}
	if c.SameDisk {
		rest = joined(rest, lang.L("It is on the vault’s own disk: a lost disk loses both."))
	}
	return state, rest
}

// failing says when the next try is, and what is there.
func failing(c *Copy, s State) string {
	next, last := "", lang.L("Nothing was copied yet.")
	if c.NextTry.After(s.Now) {
		next = lang.L("The next try is {{.When}}.", values{"When": soon(c.NextTry, s.Now, s.zone())})
	}
	if !c.Last.IsZero() {
		last = lang.L("It was last up to date {{.When}}.", values{"When": ago(c.Last, s.Now)})
	}
	return joined(next, last)
}

// joined puts two sentences after each other, each of which may be missing.
func joined(one, other string) string {
	if one == "" || other == "" {
		return one + other
	}
	return one + " " + other
}

// lockWords says for how long nobody can undo what was sent; "" when it is not locked.
func lockWords(c *Copy) string {
	if c.Lock <= 0 {
		return ""
	}
	n := int((c.Lock + 24*time.Hour - 1) / (24 * time.Hour))
	return lang.N("Locked: for {{.N}} days nobody can change or delete what was sent, not even with its password.", n, values{"N": n})
}
