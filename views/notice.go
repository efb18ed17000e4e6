package views

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// notice says in two lines what went wrong or what was lost, in the place of what stands there otherwise:
// when it comes and goes nothing below moves under the pointer. The whole of it is a press away.
type notice struct {
	*panel
	mark, cause, hint *widget.Label
	restore, end      *button // of an alarm
	more, away        *button // away is a problem's
	shown             *backup.Alarm
}

// newNotice makes it; more shows the whole, dismiss ends a problem, restore and done are an alarm's.
func newNotice(k *keys, more, dismiss func(), restore func(sandbox string, id backup.ID, tables []backup.Name), done func(sandbox string)) *notice {
	n := &notice{mark: widget.NewLabel(healthMark(NeedsAttention)), cause: bold(""), hint: line("")}
	n.restore = k.primary("", func() { restore(n.shown.Sandbox, n.shown.Good, lostTables(n.shown)) })
	n.end = k.primary(lang.L("End the alarm"), func() { done(n.shown.Sandbox) })
	n.more = k.button(lang.L("More…"), nil, more)
	n.away = k.quiet("", theme.CancelIcon(), dismiss)
	buttons := container.NewCenter(container.NewHBox(n.restore, n.end, n.more, n.away))
	n.panel = newPanel(theme.ColorNameError, snug(
		container.NewBorder(nil, nil, container.NewBorder(n.mark, nil, nil, nil), buttons, tight(n.cause, n.hint))))
	n.Hide()
	return n
}

// say shows what is to be told of a sandbox, a problem before an alarm: nil hides that.
func (n *notice) say(b Sandbox, problem *backup.Fault, alarm *backup.Alarm, zone *time.Location) {
	show(n.panel, problem != nil || alarm != nil)
	n.shown = alarm
	switch {
	case problem != nil:
		n.colour(widget.DangerImportance, theme.ColorNameError)
		n.cause.SetText(short(sentence(translated(problem.Text)), longest))
		n.hint.SetText(short(translated(problem.Hint), longest))
		alarm = nil
	case alarm != nil:
		n.colour(widget.WarningImportance, theme.ColorNameWarning)
		n.cause.SetText(alarmTitle(b))
		n.hint.SetText(lossWords(b, zone))
		n.restore.SetText(bringBackWords(alarm))
		enable(n.restore, b.Busy == nil && b.AllowRestore)
	default:
		return
	}
	back := alarm != nil && isBack(b)
	show(n.mark, alarm != nil)
	show(n.restore, alarm != nil && !back)
	show(n.end, back)
	show(n.away, alarm == nil)
	n.Refresh()
}

func (n *notice) colour(words widget.Importance, edge fyne.ThemeColorName) {
	n.cause.Importance, n.mark.Importance, n.edge = words, words, edge
}

// whole is what a person asked to see all of: the text of a problem, and when an alarm was raised.
type whole struct {
	problem string
	alarm   time.Time
}

// tell shows what went wrong and what was lost: as a notice, until all of it is asked for. The wizard has a place
// of its own for what belongs to its restore.
func (p *sandboxPage) tell(about Sandbox) {
	if p.wizard.open {
		p.wizard.tell(about)
		p.problem.refresh(nil)
		p.alarm.Hide()
		return
	}
	problem, alarm := about.Problem, p.shown.Alarm
	if problem == nil {
		p.whole.problem = "" // the same may come again
	}
	if problem != nil && p.whole.problem != problem.Text {
		p.problem.refresh(nil)
	} else {
		p.problem.refresh(problem)
		p.problem.offer(about)
		problem = nil
	}
	p.alarm.refresh(p.shown, p.state)
	if alarm != nil && !p.whole.alarm.Equal(alarm.At) {
		p.alarm.Hide()
	} else {
		alarm = nil
	}
	p.status.notice.say(p.shown, problem, alarm, p.state.zone())
}

// unfold shows all of what the notice tells, and goes on from there.
func (p *sandboxPage) unfold(canvas fyne.Canvas) {
	of := p.shown
	if of.Problem != nil && p.whole.problem != of.Problem.Text {
		p.whole.problem = of.Problem.Text
		p.refresh(p.state, of)
		canvas.Focus(p.problem.copyIt)
		return
	}
	p.whole.alarm = of.Alarm.At
	p.refresh(p.state, of)
	if isBack(of) {
		canvas.Focus(p.alarm.end)
		return
	}
	canvas.Focus(p.alarm.onPurpose)
}
