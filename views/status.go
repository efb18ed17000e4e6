package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"
)

// status is one place under the tabs of a sandbox. When its backups are, what runs, what went wrong or was lost,
// and what was restored or downloaded take turns in it: when one of them comes by itself, nothing below moves
// under the pointer.
type status struct {
	root         *fyne.Container
	about        *fyne.Container
	next, pruned *widget.Label
	chart        *chart
	busy         *busyPanel
	problem      *problemNotice
	alarm        *alarmNotice
	restored     *restoredNotice
	written      *downloadNotice
	shows        *notice // nil: none
}

// newStatus makes it; of the page, unfold shows all of what a notice tells.
func newStatus(k *keys, s *Shell, p *sandboxPage, unfold func()) *status {
	t := &status{
		next: text(""), pruned: smallText(""), chart: newChart(), busy: newBusyPanel(k, func() { s.do.Cancel(p.about) }),
		problem: newProblemNotice(k, unfold, func() { s.do.Dismiss(p.about) }), alarm: newAlarmNotice(k, unfold, s.restoreLost, s.do.Acknowledge),
		restored: newRestoredNotice(k, unfold, s.do), written: newDownloadNotice(k, unfold, s.do),
	}
	t.about = container.NewBorder(nil, nil, nil, t.chart, tight(t.next, t.pruned))
	t.root = container.New(steady{}, tallOf(t.busy.highest()), t.about, t.busy.panel, t.problem.panel, t.alarm.panel, t.restored.panel, t.written.panel)
	return t
}

// tell shows what runs in a sandbox, else what is not told of it elsewhere, else when its backups are.
func (p *status) tell(b, untold Sandbox, s State) {
	var newest *Download
	if len(untold.Downloads) > 0 {
		newest = &untold.Downloads[0]
	}
	p.problem.refresh(untold.Problem)
	p.alarm.refresh(b, s.zone())
	p.restored.refresh(b, s)
	p.written.refresh(newest)
	p.shows = nil
	for _, turn := range []struct {
		of  *notice
		has bool
	}{
		{p.problem.notice, untold.Problem != nil},
		{p.alarm.notice, untold.Alarm != nil && (untold.Restored == nil || !restoredSince(b))},
		{p.restored.notice, untold.Restored != nil},
		{p.written.notice, newest != nil},
	} {
		first := turn.has && b.Busy == nil && p.shows == nil
		show(turn.of.panel, first)
		if first {
			p.shows = turn.of
		}
	}
	show(p.about, b.Busy == nil && p.shows == nil)
}

func (p *status) refresh(s State, shown Sandbox) {
	p.busy.refresh(shown.Busy)
	p.next.SetText(nextWords(shown, s))
	p.pruned.SetText(prunedWords(shown, s))
	p.chart.refresh(shown.Backups)
}

func nextWords(shown Sandbox, s State) string {
	next := soon(shown.Next, s.Now, s.Zone)
	if shown.Due {
		next = lang.L("due now")
	}
	return facts(lang.L("Next backup: {{.When}}", values{"When": next}), lang.L("last: {{.When}}", values{"When": ago(shown.Last, s.Now)}))
}

func prunedWords(shown Sandbox, s State) string {
	kept := ""
	if shown.Keeps != "" {
		kept = lang.L("kept: {{.Rule}}", values{"Rule": ruleWords(shown.Keeps)})
	}
	if shown.Alarm != nil {
		return facts(kept, lang.L("nothing is pruned while the alarm stands"))
	}
	if shown.Pruned.At.IsZero() {
		return facts(kept, lang.L("never pruned"))
	}
	words := lang.L("last pruned {{.When}}", values{"When": ago(shown.Pruned.At, s.Now)})
	if shown.Pruned.Removed > 0 {
		words += ": " + lang.N("{{.N}} backups removed", shown.Pruned.Removed, values{"N": shown.Pruned.Removed}) + ", " + size(shown.Pruned.Freed)
	}
	return facts(kept, words)
}
