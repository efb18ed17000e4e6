package views

import (
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
	keys               *keys
	root               *fyne.Container
	path, first, again *entry
	place, mismatch    *widget.Label
	make               *button
	working            *widget.Label
	problem            *problem
	form, keyPage      *fyne.Container
	key                *widget.Label
	typed              *entry
	done               *button
	shown              Setup
}

func newSetup(do setupActions, k *keys, clipboard func(string)) *setup {
	s := &setup{do: do, keys: k, path: k.entry(""), first: k.secret(""), again: k.secret(""), place: text(""), mismatch: text(""), working: caption(""), problem: newProblem(k, clipboard)}
	s.mismatch.Importance = widget.DangerImportance
	s.mismatch.Hide()
	s.make = k.primary(lang.L("Make the vault"), s.submit)
	s.path.OnChanged = func(string) { s.sayPlace() }
	s.path.OnSubmitted = func(string) { s.submit() }
	s.again.OnSubmitted = s.path.OnSubmitted
	s.first.OnSubmitted = s.path.OnSubmitted
	s.first.OnChanged = func(string) { s.mismatch.Hide() }
	s.again.OnChanged = s.first.OnChanged
	s.makeForm()
	s.makeKeyPage(clipboard)
	both := container.NewStack(s.form, s.keyPage)
	s.root = container.NewStack(container.NewVScroll(container.NewPadded(container.New(page{widest: 720, middle: true}, both))))
	return s
}

func (s *setup) makeForm() {
	s.form = container.NewVBox(
		titled(lang.L("Welcome to Holdfast"), 1),
		text(lang.L("Every local database gets an encrypted backup each day, kept for a week. Two things are needed first.")),
		widget.NewForm(
			widget.NewFormItem(lang.L("Vault"), s.path),
			widget.NewFormItem(lang.L("Approval passphrase"), s.first),
			widget.NewFormItem(lang.L("Once more"), s.again),
		),
		tight(s.place, text(lang.L("The passphrase is asked for before anything is restored or deleted. It does not open the vault; the recovery key on the next page does."))),
		s.mismatch, s.problem.panel,
		container.NewBorder(nil, nil, nil, s.make, s.working),
	)
}

// titled is a page's title with the step that it is.
func titled(title string, step int) fyne.CanvasObject {
	at := widget.NewLabel(lang.L("Step {{.N}} of 2", values{"N": step}))
	at.Importance = widget.LowImportance
	return container.NewBorder(nil, nil, nil, container.NewCenter(at), heading(title))
}

func (s *setup) makeKeyPage(clipboard func(string)) {
	s.key = widget.NewLabelWithStyle("", fyne.TextAlignCenter, fyne.TextStyle{Monospace: true, Bold: true})
	s.key.Wrapping = fyne.TextWrapWord
	s.key.Selectable = true
	s.typed = s.keys.entry(lang.L("the last group of the key"))
	s.done = s.keys.primary(lang.L("I have kept it"), s.confirm)
	s.typed.OnChanged = func(string) { enable(s.done, s.matches()) }
	s.typed.OnSubmitted = func(string) { s.confirm() }
	copyIt := s.keys.button(lang.L("Copy"), theme.ContentCopyIcon(), func() { clipboard(s.shown.Key) })
	s.keyPage = container.NewVBox(
		titled(lang.L("Your recovery key"), 2),
		text(lang.L("It opens the vault on any machine, with Holdfast or with the stock kopia command. Without it, and without this machine's keyring, nobody opens the vault. Write it down, or keep it in a password manager: it is not shown again.")),
		newPanel(theme.ColorNamePrimary, container.NewVBox(s.key, container.NewCenter(copyIt))),
		text(lang.L("To be sure, type the last group of the key:")),
		s.typed, atEnd(s.done),
	)
}

func (s *setup) submit() {
	switch {
	case s.make.Disabled():
	case s.first.Text == "":
		s.refuse(lang.L("Choose a passphrase."))
	case s.first.Text != s.again.Text:
		s.refuse(lang.L("The two passphrases differ."))
	default:
		s.do.MakeVault(strings.TrimSpace(s.path.Text), s.first.Text)
	}
}

func (s *setup) refuse(why string) {
	s.mismatch.SetText(why)
	s.mismatch.Show()
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
	proposed := s.shown.Path
	s.shown = shown
	if s.path.Text == proposed { // what the person typed stays
		s.path.SetText(shown.Path)
	}
	if shown.Key != "" {
		s.forget()
	}
	show(s.form, shown.Key == "")
	show(s.keyPage, shown.Key != "")
	s.key.SetText(shown.Key)
	enable(s.done, s.matches())
	enable(s.make, !shown.Busy)
	s.working.SetText("")
	if shown.Busy {
		s.working.SetText(lang.L("Making the vault…"))
	}
	s.problem.refresh(shown.Problem)
	s.sayPlace()
}

// forget drops the passphrases once they did their work.
func (s *setup) forget() {
	s.first.SetText("")
	s.again.SetText("")
}

// sayPlace tells what is known about the proposed place; another one was not looked at.
func (s *setup) sayPlace() {
	known := s.shown.Path != "" && strings.TrimSpace(s.path.Text) == s.shown.Path
	s.place.Importance = widget.MediumImportance
	if !known {
		s.place.SetText(lang.L("An empty folder, or one that does not exist yet, on a disk that stays."))
		return
	}
	place := lang.L("{{.Size}} free there.", values{"Size": size(s.shown.Free)})
	if s.shown.SameDisk {
		s.place.Importance = widget.WarningImportance
		place += " " + lang.L("It is the same disk as your home folder: a lost disk loses both, until an off-site copy is made.")
	}
	s.place.SetText(place)
}
