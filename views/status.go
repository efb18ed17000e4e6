package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"
)

// status is one place under the tabs of a sandbox. When its backups are, what runs, and what went wrong or was
// lost take turns in it: when one of them comes by itself, nothing below moves under the pointer.
type status struct {
	root         *fyne.Container
	about        *fyne.Container
	next, pruned *widget.Label
	chart        *chart
	busy         *busyPanel
	notice       *notice
}

func newStatus(k *keys, cancel func(), said *notice) *status {
	p := &status{next: text(""), pruned: smallText(""), chart: newChart(), busy: newBusyPanel(k, cancel), notice: said}
	p.about = container.NewBorder(nil, nil, nil, p.chart, tight(p.next, p.pruned))
	p.root = container.New(steady{}, p.about, p.busy.panel, p.notice.panel)
	return p
}

// refresh shows what runs, else what the notice was told to say, else when the backups are.
func (p *status) refresh(s State, shown Sandbox) {
	p.busy.refresh(shown.Busy)
	if shown.Busy != nil {
		p.notice.Hide()
	}
	show(p.about, p.busy.Hidden && p.notice.Hidden)
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
