package views

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// busyPanel shows a run: stage, what is done, rate, time left.
type busyPanel struct {
	box          *fyne.Container
	title, facts *widget.Label
	bar          *widget.ProgressBar
	endless      *widget.ProgressBarInfinite
	cancel       *widget.Button
}

func newBusyPanel(cancel func()) *busyPanel {
	p := &busyPanel{title: line(""), facts: line(""), bar: widget.NewProgressBar(), endless: widget.NewProgressBarInfinite()}
	p.title.TextStyle.Bold = true
	p.endless.Stop()
	p.cancel = widget.NewButton(lang.L("Cancel"), cancel)
	p.box = container.NewBorder(nil, nil, nil, container.NewCenter(p.cancel),
		container.NewVBox(p.title, container.NewStack(p.bar, p.endless), p.facts))
	p.box.Hide()
	return p
}

func (p *busyPanel) refresh(b *Busy) {
	show(p.box, b != nil)
	if b == nil {
		p.endless.Stop()
		return
	}
	p.title.SetText(plain(b.Title))
	fraction, known := done(b.Progress)
	show(p.bar, known)
	show(p.endless, !known)
	if known {
		p.endless.Stop()
		p.bar.SetValue(fraction)
	} else {
		p.endless.Start()
	}
	p.facts.SetText(facts(b))
	enable(p.cancel, !b.Stopping)
}

// done says which part of the bytes is copied; in other stages that is not known.
func done(p backup.Progress) (fraction float64, known bool) {
	if p.BytesTotal <= 0 || p.Bytes <= 0 {
		return 0, false
	}
	return min(float64(p.Bytes)/float64(p.BytesTotal), 1), true
}

func facts(b *Busy) string {
	if b.Stopping {
		return lang.L("Stopping; the database stays as it was")
	}
	s := plain(b.Progress.Stage)
	if b.Progress.TablesTotal > 0 {
		s += fmt.Sprintf("  ·  tables %d/%d", b.Progress.TablesDone, b.Progress.TablesTotal)
	}
	if b.Progress.Bytes > 0 {
		s += "  ·  " + size(b.Progress.Bytes)
	}
	if b.Rate > 0 {
		s += "  ·  " + size(int64(b.Rate)) + "/s"
	}
	if b.Left > 0 {
		s += "  ·  " + left(b.Left)
	}
	return s
}
