package views

import (
	"strconv"
	"strings"

	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// busyPanel shows a run: stage, what is done, rate, time left.
type busyPanel struct {
	*panel
	title, said *widget.Label
	bar         *widget.ProgressBar
	endless     *widget.ProgressBarInfinite
	cancel      *button
}

// barHeight is that of a bar without words in it.
const barHeight = 6

func newBusyPanel(k *keys, cancel func()) *busyPanel {
	p := &busyPanel{title: bold(""), said: text(""), bar: widget.NewProgressBar(), endless: widget.NewProgressBarInfinite()}
	p.endless.Stop()
	p.bar.TextFormatter = func() string { return "" } // on the bar it could hardly be read
	p.cancel = k.button(lang.L("Cancel"), nil, cancel)
	p.panel = newPanel(theme.ColorNamePrimary, snug(container.NewBorder(nil, nil, nil, container.NewCenter(p.cancel),
		container.New(layout.NewCustomPaddedVBoxLayout(-8), tight(p.title, p.said), container.New(low(barHeight), p.bar, p.endless)))))
	p.Hide()
	return p
}

// highest is how high it is where what is said of a run breaks into two lines.
func (p *busyPanel) highest() float32 {
	p.said.SetText("\n")
	defer p.said.SetText("")
	return p.MinSize().Height
}

func (p *busyPanel) refresh(b *Busy) {
	show(p.panel, b != nil)
	if b == nil {
		p.endless.Stop()
		return
	}
	p.title.SetText(plain(b.Title))
	p.said.SetText(said(b))
	enable(p.cancel, !b.Stopping)
	known := b.Fraction > 0
	waits := b.Progress.Stage == StageApproval // nothing moves while a person thinks
	show(p.bar, known)
	show(p.endless, !known && !waits)
	switch {
	case known:
		p.endless.Stop()
		p.bar.SetValue(b.Fraction)
	case waits:
		p.endless.Stop()
	default:
		p.endless.Start()
	}
	p.Refresh()
}

// said is how far a run is, in one line.
func said(b *Busy) string {
	if b.Stopping && b.Writes {
		return lang.L("Stopping; what was written so far is removed")
	}
	if b.Stopping {
		return lang.L("Stopping; the database stays as it was")
	}
	p := b.Progress
	stage, part, bytes, rate, rest := stageWords(p.Stage), "", "", "", ""
	switch {
	case p.IndexesTotal > 0: // the tables are full by then
		stage = facts(stage, lang.L("indexes {{.Done}}/{{.All}}", values{"Done": p.IndexesDone, "All": p.IndexesTotal}))
	case p.TablesTotal > 0:
		stage = facts(stage, lang.L("tables {{.Done}}/{{.All}}", values{"Done": p.TablesDone, "All": p.TablesTotal}))
	}
	if p.Bytes > 0 {
		bytes = size(p.Bytes)
	}
	if b.Fraction > 0 {
		part = strconv.Itoa(int(100*b.Fraction)) + " %"
	}
	if b.Rate > 0 {
		rate = size(int64(b.Rate)) + "/s"
	}
	switch {
	case b.Longer:
		rest = lang.L("takes longer than last time")
	case b.Left > 0 && b.Step:
		rest = lang.L("{{.Left}} in this step", values{"Left": left(b.Left)})
	case b.Left > 0:
		rest = left(b.Left)
	}
	return facts(stage, part, bytes, rate, rest)
}

// StageApproval is the stage of a job whose prompt is open.
const StageApproval = "approval"

// stageWords says what is being done. A stage that is not known here is shown as it is named.
func stageWords(stage string) string {
	if part, saving := strings.CutPrefix(stage, "saving: "); saving {
		return lang.L("Saving today's state") + ": " + stageWords(part)
	}
	if name, reads := strings.CutPrefix(stage, "folder "); reads {
		return lang.L("Reading the folder {{.Name}}", values{"Name": plain(name)})
	}
	if who, waits := strings.CutPrefix(stage, "waiting for a lock held by "); waits {
		return lang.L("Waiting for a lock held by {{.Who}}", values{"Who": plain(who)})
	}
	switch stage {
	case "":
		return lang.L("Starting")
	case StageApproval:
		return lang.L("Waiting for your approval")
	case "tables":
		return lang.L("Copying")
	case "connect":
		return lang.L("Connecting")
	case "preflight":
		return lang.L("Checking the database")
	case "locking all tables":
		return lang.L("Waiting for the tables")
	case "definitions":
		return lang.L("Copying the definitions")
	case "create":
		return lang.L("Making the database")
	case "indexes":
		return lang.L("Building the indexes")
	case "statistics":
		return lang.L("Collecting statistics")
	case "large objects":
		return lang.L("Copying the large objects")
	case "verify", "read back", "reading it back":
		return lang.L("Reading back")
	case "download":
		return lang.L("Downloading")
	case "look", "reading the file", "checking the file":
		return lang.L("Reading the file")
	case "check":
		return lang.L("Checking")
	case "compare":
		return lang.L("Comparing")
	case "swap":
		return lang.L("Swapping")
	default:
		return sentence(plain(stage))
	}
}
