package views

import (
	"time"

	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// CopyTrial is what came of a trial of a copy: a restore drill from it, or a check of every byte.
type CopyTrial struct {
	At      time.Time
	Verdict backup.Verdict
	Sandbox string        // whose backup a drill restored
	Problem *backup.Fault // why it is broken
}

// askProve asks which sandbox is to be restored from a copy, to try it.
func (s *Shell) askProve(copied string) {
	k, at := s.question.keys, 0
	names := provable(s.state)
	words := make([]string, len(names))
	for i, name := range names {
		words[i] = plain(name)
	}
	which := k.pick(func(i int) { at = i })
	which.set(words, 0)
	yes := k.primary(lang.L("Prove it"), func() {
		s.closeAsk()
		s.do.ProveCopy(copied, names[at])
	})
	body := container.NewVBox(
		text(lang.L("The newest backup of the sandbox in this copy is restored into a scratch database on its server, read back, compared with its manifest and dropped. The sandbox’s own database and the copy stay as they are.")),
		widget.NewForm(widget.NewFormItem(lang.L("Sandbox"), which)))
	s.ask(lang.L("Prove that the copy {{.Name}} restores", values{"Name": plain(copied)}), body, yes, which)
}

// provable names the sandboxes that a drill can restore.
func provable(s State) (names []string) {
	for i := range s.Sandboxes {
		if !s.Sandboxes[i].FoldersOnly {
			names = append(names, s.Sandboxes[i].Name)
		}
	}
	return names
}

// trialWords says what the last trials of a copy found; "" when there were none.
func trialWords(c *Copy, s State) string {
	drilled, checked := "", ""
	if t := c.Drilled; t != nil {
		drilled = lang.L("Restore of {{.Sandbox}} from it: {{.Verdict}}, {{.When}}", values{"Sandbox": plain(t.Sandbox), "Verdict": verdictWords(t.Verdict), "When": ago(t.At, s.Now)})
	}
	if t := c.Checked; t != nil {
		checked = lang.L("Every byte of it: {{.Verdict}}, {{.When}}", values{"Verdict": verdictWords(t.Verdict), "When": ago(t.At, s.Now)})
	}
	return facts(drilled, checked)
}
