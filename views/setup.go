package views

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// setupActions is all that the first start may ask of the program.
type setupActions interface {
	MakeVault(path, passphrase string)
	KeyKept()
}

// setup is the first start: place of the vault and approval passphrase, then the recovery key.
type setup struct {
	do                 setupActions
	root               *fyne.Container
	path, first, again *widget.Entry
	place, mismatch    *widget.Label
	make               *widget.Button
	problem            *problem
	form, keyPage      *fyne.Container
	key                *widget.Label
	typed              *widget.Entry
	done               *widget.Button
	shown              Setup
}

func newSetup(do setupActions, clipboard func(string)) *setup {
	s := &setup{do: do, path: widget.NewEntry(), first: widget.NewPasswordEntry(), again: widget.NewPasswordEntry(), place: text(""), mismatch: text(""), problem: newProblem(clipboard)}
	s.mismatch.Importance = widget.DangerImportance
	s.make = primary(lang.L("Make the vault"), s.submit)
	s.again.OnSubmitted = func(string) { s.submit() }
	s.first.OnChanged = func(string) { s.mismatch.SetText("") }
	s.again.OnChanged = s.first.OnChanged
	s.form = container.NewVBox(
		heading(lang.L("Welcome to Holdfast")),
		text(lang.L("Every local database gets an encrypted backup each day, kept for a week. Two things are needed first.")),
		widget.NewForm(
			widget.NewFormItem(lang.L("Vault"), s.path),
			widget.NewFormItem(lang.L("Approval passphrase"), s.first),
			widget.NewFormItem(lang.L("Once more"), s.again),
		),
		s.place,
		text(lang.L("The passphrase is asked for before anything is restored or deleted. It does not open the vault; the recovery key on the next page does.")),
		s.mismatch, s.problem.box,
		container.NewBorder(nil, nil, nil, s.make),
	)
	s.makeKeyPage(clipboard)
	s.root = container.NewStack(container.NewVScroll(container.NewPadded(container.New(column{720}, container.NewStack(s.form, s.keyPage)))))
	return s
}

func (s *setup) makeKeyPage(clipboard func(string)) {
	s.key = widget.NewLabelWithStyle("", fyne.TextAlignCenter, fyne.TextStyle{Monospace: true, Bold: true})
	s.key.Wrapping = fyne.TextWrapWord
	s.key.Selectable = true
	s.typed = widget.NewEntry()
	s.typed.SetPlaceHolder(lang.L("the last group of the key"))
	s.done = primary(lang.L("I have kept it"), s.confirm)
	s.typed.OnChanged = func(string) { enable(s.done, s.matches()) }
	s.typed.OnSubmitted = func(string) { s.confirm() }
	copyIt := widget.NewButtonWithIcon(lang.L("Copy"), theme.ContentCopyIcon(), func() { clipboard(s.shown.Key) })
	s.keyPage = container.NewVBox(
		heading(lang.L("Your recovery key")),
		text(lang.L("It opens the vault on any machine, with Holdfast or with the stock kopia command. Without it, and without this machine's keyring, nobody opens the vault. Write it down, or keep it in a password manager: it is not shown again.")),
		widget.NewCard("", "", container.NewVBox(s.key, container.NewCenter(copyIt))),
		text(lang.L("To be sure, type the last group of the key:")),
		s.typed, container.NewBorder(nil, nil, nil, s.done),
	)
}

func (s *setup) submit() {
	switch {
	case s.make.Disabled():
	case s.first.Text != s.again.Text:
		s.mismatch.SetText(lang.L("The two passphrases differ."))
	default:
		s.do.MakeVault(s.path.Text, s.first.Text)
	}
}

func (s *setup) matches() bool {
	groups := strings.Split(s.shown.Key, "-")
	return s.shown.Key != "" && strings.EqualFold(strings.TrimSpace(s.typed.Text), groups[len(groups)-1])
}

func (s *setup) confirm() {
	if s.matches() {
		s.do.KeyKept()
	}
}

func (s *setup) refresh(shown Setup) {
	if s.path.Text == "" {
		s.path.SetText(shown.Path)
	}
	s.shown = shown
	show(s.form, shown.Key == "")
	show(s.keyPage, shown.Key != "")
	s.key.SetText(shown.Key)
	enable(s.done, s.matches())
	enable(s.make, !shown.Busy)
	s.problem.refresh(shown.Problem)
	place := fmt.Sprintf("%s %s.", size(shown.Free), lang.L("free there"))
	if shown.SameDisk {
		place += " " + lang.L("It is the same disk as your home folder: a lost disk loses both, until an off-site copy is made.")
	}
	s.place.SetText(place)
}
