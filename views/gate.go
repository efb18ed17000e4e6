package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// gateActions is all that the gate's prompt may say to the program.
type gateActions interface {
	Approve(passphrase string)
	ApproveBySystem()
	Decline()
}

// gate is the prompt in front of what cannot be taken back. Cancel is the default: Escape, and
// Enter without a passphrase, decline.
type gate struct {
	do      gateActions
	window  fyne.Window
	keys    *keys
	asked   Question
	open    *widget.PopUp
	entry   *entry
	trouble *widget.Label
	approve *button
}

// newGate makes the prompt with keys of its own: behind it no shortcut does anything.
func newGate(do gateActions, window fyne.Window) *gate {
	g := &gate{do: do, window: window}
	g.keys = &keys{escape: do.Decline, refresh: func() {}, help: func() {}, shortcut: ours}
	return g
}

// ask shows q; nil closes the prompt.
func (g *gate) ask(q *Question, s State) {
	if q == nil {
		g.close()
		return
	}
	if g.open != nil && g.asked.Prompt.Request != q.Prompt.Request {
		g.close()
	}
	if g.open == nil {
		g.show(q, s)
	}
	g.trouble.SetText(plain(q.Trouble)) // its line is there while it is empty: the buttons stay
	fit(g.open, fyne.NewSize(gateWidth, 0))
	g.approve.Enable()
	if q.Trouble != "" {
		g.entry.SetText("")
		g.window.Canvas().Focus(g.entry)
	}
}

const gateWidth = 540

// longestVerb keeps the button inside the window.
const longestVerb = 48

func (g *gate) show(q *Question, s State) {
	g.asked = *q
	g.entry = g.keys.secret(lang.L("Approval passphrase"))
	g.entry.OnSubmitted = func(string) { g.submit() }
	g.trouble = text("")
	g.trouble.Importance = widget.DangerImportance
	what := text(sentence(translated(q.Prompt.What)) + ".")
	what.TextStyle.Bold = true
	loss := text(translated(q.Prompt.Loss))
	show(loss, q.Prompt.Loss != "")
	g.approve = g.keys.button(short(plain(q.Verb), longestVerb), nil, g.approveIt)
	g.approve.Importance = askedImportance(q.Prompt.Action)
	cancel := g.keys.button(lang.L("Cancel"), nil, g.do.Decline)
	system := g.keys.button(lang.L("Use this computer’s password…"), nil, g.do.ApproveBySystem)
	show(system, q.Prompt.System)
	body := container.NewVBox(tight(what, loss, text(whoAsks(q, s))), g.entry, g.trouble, container.NewHBox(system, layout.NewSpacer(), cancel, g.approve))
	g.open = newModal(lang.L("Your approval is needed"), body, g.window, fyne.NewSize(gateWidth, 0))
	g.open.Show()
	g.window.Canvas().Focus(g.entry)
}

// askedImportance colours the button that approves: red is what replaces or deletes something.
func askedImportance(a backup.Action) widget.Importance {
	switch a {
	case backup.ActionRead, backup.ActionCreate, backup.ActionUpdate, backup.ActionExport:
		return widget.HighImportance
	default:
		return widget.DangerImportance
	}
}

func whoAsks(q *Question, s State) string {
	until := q.Prompt.Until.Local()
	if s.Zone != nil {
		until = until.In(s.Zone)
	}
	return lang.L("Asked for by {{.Who}}. The approval holds for this once, until {{.Until}}.",
		values{"Who": plain(q.Prompt.Who), "Until": until.Format("15:04")})
}

func (g *gate) submit() {
	if g.entry.Text == "" {
		g.do.Decline()
		return
	}
	g.approveIt()
}

func (g *gate) approveIt() {
	if g.entry.Text == "" {
		g.window.Canvas().Focus(g.entry)
		return
	}
	if g.approve.Disabled() {
		return // it is being checked
	}
	g.approve.Disable()
	g.do.Approve(g.entry.Text)
}

func (g *gate) close() {
	if g.open == nil {
		return
	}
	g.open.Hide()
	g.open = nil
	g.entry.SetText("")
}
