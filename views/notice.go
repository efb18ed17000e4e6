package views

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// notice says something in two lines, in the place of what stands there otherwise: when it comes and goes
// nothing below moves under the pointer. The whole of it is a press away.
type notice struct {
	*panel
	mark  *widget.Label
	cause *widget.Label
	hint  *pathLabel
}

func newNotice(buttons ...fyne.CanvasObject) *notice {
	n := &notice{mark: widget.NewLabel(healthMark(NeedsAttention)), cause: bold(""), hint: newNamedLine()}
	n.mark.Hide()
	words := container.NewBorder(nil, nil, container.NewBorder(n.mark, nil, nil, nil), nil, tight(n.cause, n.hint))
	n.panel = newPanel(theme.ColorNameError, snug(container.NewBorder(nil, nil, nil, container.NewCenter(container.NewHBox(buttons...)),
		container.NewVBox(layout.NewSpacer(), words, layout.NewSpacer()))))
	n.Hide()
	return n
}

// say shows two lines in a colour.
func (n *notice) say(words widget.Importance, edge fyne.ThemeColorName, cause, hint string) {
	n.name(words, edge, cause, "", func(string) string { return hint })
}

// name shows two lines, with a long name in the second one.
func (n *notice) name(words widget.Importance, edge fyne.ThemeColorName, cause, name string, hint func(name string) string) {
	n.cause.Importance, n.mark.Importance, n.edge = words, words, edge
	n.cause.SetText(cause)
	n.hint.say(name, hint)
	show(n.hint, hint("") != "")
	n.Refresh()
}

// problemNotice is about what went wrong.
type problemNotice struct{ *notice }

// newProblemNotice makes it; more shows the whole, dismiss ends it.
func newProblemNotice(k *keys, more, dismiss func()) *problemNotice {
	return &problemNotice{newNotice(k.button(lang.L("More…"), nil, more), k.quiet("", theme.CancelIcon(), dismiss))}
}

func (n *problemNotice) refresh(f *backup.Fault) {
	if f != nil {
		n.say(widget.DangerImportance, theme.ColorNameError, short(sentence(translated(f.Text)), longest), short(translated(f.Hint), longest))
	}
}

// alarmNotice is about what was lost.
type alarmNotice struct {
	*notice
	restore, end *button
	shown        *backup.Alarm
}

// newAlarmNotice makes it; more shows the whole, restore opens the wizard, done ends an alarm whose data is back.
func newAlarmNotice(k *keys, more func(), restore func(sandbox string, id backup.ID, tables []backup.Name), done func(sandbox string)) *alarmNotice {
	n := &alarmNotice{}
	n.restore = k.primary("", func() { restore(n.shown.Sandbox, n.shown.Good, lostTables(n.shown)) })
	n.end = k.primary(lang.L("End the alarm"), func() { done(n.shown.Sandbox) })
	n.notice = newNotice(n.restore, n.end, k.button(lang.L("More…"), nil, more))
	n.mark.Show()
	return n
}

func (n *alarmNotice) refresh(b Sandbox, zone *time.Location) {
	n.shown = b.Alarm
	if b.Alarm == nil {
		return
	}
	back := isBack(b)
	n.restore.SetText(bringBackWords(b.Alarm))
	enable(n.restore, b.Busy == nil && b.AllowRestore)
	show(n.restore, !back)
	show(n.end, back)
	n.say(widget.WarningImportance, theme.ColorNameWarning, alarmTitle(b), lossWords(b, zone))
}

// whole is what a person asked to see all of: the text of a problem, when an alarm was raised, and a restore.
type whole struct {
	problem  string
	alarm    time.Time
	restored backup.ID
}

// tell shows what went wrong, what was lost, and what was restored or downloaded: as a notice, until all of it is
// asked for. The wizard has a place of its own for what belongs to its restore.
func (p *sandboxPage) tell(about Sandbox) {
	p.alarm.refresh(p.shown, p.state)
	p.restored.refresh(p.shown, p.state)
	if p.wizard.open {
		p.wizard.tell(about)
		p.problem.refresh(nil)
		p.alarm.Hide()
		p.restored.Hide()
		return
	}
	untold := p.untold()
	p.problem.refresh(nil)
	if about.Problem == nil {
		p.whole.problem = "" // the same may come again
	} else if untold.Problem == nil {
		p.problem.refresh(about.Problem)
		p.problem.offer(about)
	}
	show(p.alarm.panel, p.shown.Alarm != nil && untold.Alarm == nil)
	show(p.restored.panel, p.tellsOfRestores() && untold.Restored == nil)
	p.status.tell(p.shown, untold, p.state)
}

// tellsOfRestores says whether a restore is told of in the section that is shown.
func (p *sandboxPage) tellsOfRestores() bool {
	return p.shown.Restored != nil && (p.section == SectionBackups || p.section == SectionMedia)
}

// untold is the sandbox without what is shown whole, or elsewhere.
func (p *sandboxPage) untold() Sandbox {
	b := p.shown
	if b.Problem != nil && p.whole.problem == b.Problem.Text {
		b.Problem = nil
	}
	if b.Alarm != nil && p.whole.alarm.Equal(b.Alarm.At) {
		b.Alarm = nil
	}
	if !p.tellsOfRestores() || b.Restored.Restore == p.whole.restored {
		b.Restored = nil
	}
	if p.section != SectionBackups {
		b.Downloads = nil
	}
	return b
}

// unfold shows all of what the notice tells, and goes on from there.
func (p *sandboxPage) unfold(canvas fyne.Canvas) {
	of := p.shown
	switch p.status.shows {
	case p.status.problem.notice:
		p.whole.problem = of.Problem.Text
		p.refresh(p.state, of)
		canvas.Focus(p.problem.copyIt)
	case p.status.alarm.notice:
		p.unfoldAlarm(canvas)
	case p.status.restored.notice:
		p.whole.restored = of.Restored.Restore
		p.refresh(p.state, of)
		p.restored.focus(canvas)
	case p.status.written.notice:
		p.open(SectionDownloads)
	}
}

// unfoldAlarm shows all of an alarm.
func (p *sandboxPage) unfoldAlarm(canvas fyne.Canvas) {
	if p.shown.Alarm == nil {
		return
	}
	p.whole.alarm = p.shown.Alarm.At
	p.refresh(p.state, p.shown)
	if isBack(p.shown) {
		canvas.Focus(p.alarm.end)
		return
	}
	canvas.Focus(p.alarm.onPurpose)
}
