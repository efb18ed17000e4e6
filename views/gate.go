package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"
)

// gateActions is all that the gate's prompt may say to the program.
type gateActions interface {
	Approve(passphrase string)
	Decline()
}

// gate is the prompt in front of what cannot be taken back. Cancel is the default: Escape and
// an empty passphrase decline.
type gate struct {
	do      gateActions
	window  fyne.Window
	open    dialog.Dialog
	entry   *secretEntry
	trouble *widget.Label
	approve *widget.Button
}

// secretEntry is a password entry that tells Escape.
type secretEntry struct {
	widget.Entry
	escape func()
}

func newSecretEntry(submit, escape func()) *secretEntry {
	e := &secretEntry{escape: escape}
	e.Password = true
	e.ExtendBaseWidget(e)
	e.OnSubmitted = func(string) { submit() }
	return e
}

// TypedKey is Fyne's callback for keys.
func (e *secretEntry) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeyEscape {
		e.escape()
		return
	}
	e.Entry.TypedKey(k)
}

// ask shows q; nil closes the prompt.
func (g *gate) ask(q *Question) {
	if q == nil {
		g.close()
		return
	}
	if g.open == nil {
		g.show(q)
	}
	g.trouble.SetText(plain(q.Trouble))
	show(g.trouble, q.Trouble != "")
	g.approve.Enable()
	if q.Trouble != "" {
		g.entry.SetText("")
		g.window.Canvas().Focus(g.entry)
	}
}

func (g *gate) show(q *Question) {
	g.entry = newSecretEntry(g.submit, g.do.Decline)
	g.entry.SetPlaceHolder(lang.L("Approval passphrase"))
	g.trouble = text("")
	g.trouble.Importance = widget.DangerImportance
	what := text(plain(q.Prompt.What) + ".")
	what.TextStyle.Bold = true
	loss := text(plain(q.Prompt.Loss))
	who := text(lang.L("Asked for by") + " " + plain(q.Prompt.Who) + ". " + lang.L("The approval holds for this once, until") + " " + q.Prompt.Until.Local().Format("15:04") + ".")
	cancel := widget.NewButton(lang.L("Cancel"), g.do.Decline)
	g.approve = widget.NewButton(plain(q.Verb), g.submit)
	g.approve.Importance = widget.DangerImportance
	body := container.NewVBox(what, loss, who, g.entry, g.trouble, container.NewBorder(nil, nil, nil, container.NewHBox(g.approve, cancel)))
	show(loss, q.Prompt.Loss != "")
	g.open = dialog.NewCustomWithoutButtons(lang.L("Approval"), body, g.window)
	g.open.Resize(fyne.NewSize(520, body.MinSize().Height))
	g.open.Show()
	g.window.Canvas().Focus(g.entry)
}

func (g *gate) submit() {
	if g.entry.Text == "" || g.approve.Disabled() {
		return
	}
	g.approve.Disable()
	g.do.Approve(g.entry.Text)
}

func (g *gate) close() {
	if g.open != nil {
		g.open.Hide()
		g.open = nil
	}
}
