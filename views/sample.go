package views

import (
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// Sample is what is made of the sample sandbox now.
type Sample struct {
	Busy    *Busy         // nil when nothing is
	Problem *backup.Fault // of the last thing that was asked for
}

// sampleActions is all that the window may ask about the sample sandbox.
type sampleActions interface {
	StartSample()
	RemoveSample(backups bool)
}

// sampleWords says what the sample is.
func sampleWords() string {
	return lang.L("Or try it with a sample: a small shop on a private PostgreSQL of its own, which is removed in one click.")
}

// askRemoveSample asks before the sample is removed, and whether its backups go too.
func (s *Shell) askRemoveSample() {
	withBackups := false
	backups := s.question.keys.tick(lang.L("Delete its backups too (asks for the approval passphrase)"), func(on bool) { withBackups = on })
	yes := s.question.keys.button(lang.L("Remove the sample"), nil, func() {
		s.closeAsk()
		s.do.RemoveSample(withBackups)
	})
	yes.Importance = widget.DangerImportance
	s.ask(lang.L("Remove the sample?"), container.NewVBox(text(lang.L("Its server is stopped, and its database is deleted. Nothing else is touched.")), backups), yes, nil)
}

// samplePanel offers a sample sandbox where there is nothing yet, and says how that goes.
type samplePanel struct {
	*panel
	said  *widget.Label
	start *button
}

func newSamplePanel(k *keys, start func()) *samplePanel {
	p := &samplePanel{said: text("")}
	p.start = k.button(lang.L("Start a sample sandbox"), nil, start)
	p.panel = newPanel(theme.ColorNameSeparator, container.NewBorder(nil, nil, nil, container.NewCenter(p.start), p.said))
	return p
}

func (p *samplePanel) refresh(s State) {
	show(p.panel, len(s.Sandboxes) == 0 || s.Sample.Busy != nil)
	enable(p.start, s.Sample.Busy == nil)
	p.said.SetText(sampleWords())
	if s.Sample.Busy != nil {
		p.said.SetText(plain(s.Sample.Busy.Title) + "…")
	}
	p.Refresh()
}
