package views

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// setupKey shows the recovery key, and wants a part of it typed back.
type setupKey struct {
	do           setupActions
	first, again fyne.CanvasObject // the title, in the first start and later
	close        *button
	window       fyne.Window
	root         *fyne.Container
	key          *widget.Label
	kit          *widget.Label
	typed        *entry
	done         *button
	problem      *problem
	shown        Setup
}

func newSetupKey(do setupActions, k *keys, window fyne.Window, ask folderQuestion, clipboard func(string)) *setupKey {
	p := &setupKey{do: do, window: window, key: widget.NewLabelWithStyle("", fyne.TextAlignCenter, fyne.TextStyle{Monospace: true, Bold: true}), kit: text(""), problem: newProblem(k, clipboard)}
	p.key.Wrapping = fyne.TextWrapWord
	p.key.Selectable = true
	p.kit.Importance = widget.SuccessImportance
	p.kit.Hide()
	p.typed = k.entry(lang.L("the last group of the key"))
	p.done = k.primary(lang.L("I have kept it"), p.confirm)
	p.typed.OnChanged = func(string) { enable(p.done, p.matches()) }
	p.typed.OnSubmitted = func(string) { p.confirm() }
	save := k.button(lang.L("Save the recovery kit…"), theme.DocumentSaveIcon(), func() {
		// A choice of a file would make an empty one; the kit takes a new one, so that it is the person's alone.
		ask(lang.L("Save the recovery kit into a folder"), lang.L("Save here"), do.SaveKit)
	})
	copyIt := k.button(lang.L("Copy"), theme.ContentCopyIcon(), func() { clipboard(p.shown.Key) })
	p.first, p.again = titled(lang.L("Your recovery key"), 3), heading(lang.L("Your recovery key"))
	p.close = k.quiet(lang.L("Later"), nil, do.HideKey)
	p.root = container.NewVBox(
		p.first, p.again,
		text(lang.L("It opens the vault on any machine, with Holdfast or with the stock kopia command. Without it, and without this machine's keyring, nobody opens the vault. Save the kit, print it and keep it elsewhere, or keep the key in a password manager.")),
		newPanel(theme.ColorNamePrimary, container.NewVBox(p.key, container.NewCenter(container.NewHBox(save, copyIt)))),
		p.kit, p.problem.panel,
		text(lang.L("To be sure, type the last group of the key:")),
		p.typed, atEnd(p.close, p.done),
	)
	return p
}

func (p *setupKey) matches() bool {
	groups := strings.Split(p.shown.Key, "-")
	return p.shown.Key != "" && strings.EqualFold(strings.TrimSpace(p.typed.Text), groups[len(groups)-1])
}

func (p *setupKey) confirm() {
	if p.matches() {
		p.do.KeyKept()
	}
}

func (p *setupKey) refresh(shown Setup) {
	asked := p.shown.Key == "" && shown.Key != ""
	p.shown = shown
	show(p.first, !shown.Again)
	show(p.again, shown.Again)
	show(p.close, shown.Again)
	p.key.SetText(shown.Key)
	enable(p.done, p.matches())
	p.kit.SetText(lang.L("The kit is in {{.File}}. Print it, then delete the file: it holds the key.", values{"File": plain(shown.Kit)}))
	show(p.kit, shown.Kit != "")
	p.problem.refresh(shown.Problem)
	p.root.Refresh()
	if asked {
		p.typed.SetText("")
		p.window.Canvas().Focus(p.typed)
	}
}
