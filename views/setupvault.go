package views

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"
)

// setupVault asks where the vault is to be, or is, and for the approval passphrase.
type setupVault struct {
	do                      setupActions
	root                    *fyne.Container
	path, first, again      *entry
	form                    *fyne.Container
	place, mismatch, strong *widget.Label
	make, back, turn        *button
	working                 *widget.Label
	problem                 *problem
	shown                   Setup
	chosen                  func() (databases []Chosen, sample bool)
}

func newSetupVault(do setupActions, k *keys, clipboard func(string), chosen func() ([]Chosen, bool), back, have func()) *setupVault {
	p := &setupVault{
		do: do, chosen: chosen, path: k.entry(""), first: k.secret(""), again: k.secret(""),
		place: text(""), mismatch: text(""), strong: caption(""), working: caption(""), problem: newProblem(k, clipboard), form: container.NewStack(),
	}
	p.mismatch.Importance = widget.DangerImportance
	p.strong.Truncation = fyne.TextTruncateOff
	p.make = k.primary(lang.L("Make the vault"), p.submit)
	p.strong.Hide()
	p.back = k.quiet(lang.L("Back"), nil, back)
	p.turn = k.quiet(lang.L("I have a vault already"), nil, have)
	p.path.OnChanged = func(string) { p.sayPlace() }
	for _, e := range []*entry{p.path, p.first, p.again} {
		e.OnSubmitted = func(string) { p.submit() }
	}
	p.first.OnChanged = func(string) { p.sayStrength() }
	p.again.OnChanged = func(string) { p.refuse("") }
	p.root = container.NewVBox(
		titled(lang.L("Where the backups are kept"), 2),
		p.form,
		tight(p.place, text(lang.L("The passphrase is asked for before anything is restored or deleted. It does not open the vault; the recovery key does."))),
		p.mismatch, // which has its line while it is empty, so that the buttons stay
		container.NewBorder(nil, nil, container.NewHBox(p.back, p.turn), p.make, container.NewCenter(p.working)),
		p.problem.panel, // below the buttons, for the same reason
	)
	p.fill()
	return p
}

func (p *setupVault) fill() {
	item := widget.NewFormItem
	p.form.Objects = []fyne.CanvasObject{widget.NewForm(item(lang.L("Vault"), p.path),
		item(lang.L("Approval passphrase"), container.NewBorder(nil, nil, nil, p.strong, p.first)), item(lang.L("Once more"), p.again))}
	p.sayPlace()
}

func (p *setupVault) submit() {
	path := strings.TrimSpace(p.path.Text)
	switch {
	case p.make.Disabled():
	case p.first.Text == "":
		p.refuse(lang.L("Choose a passphrase."))
	case p.first.Text != p.again.Text:
		p.refuse(lang.L("The two passphrases differ."))
	default:
		databases, sample := p.chosen()
		p.do.MakeVault(path, p.first.Text, databases, sample)
	}
}

// refuse says why the vault is not made; "" nothing.
func (p *setupVault) refuse(why string) {
	p.mismatch.SetText(why)
}

// sayStrength tells how good the passphrase is while it is typed.
func (p *setupVault) sayStrength() {
	p.refuse("")
	show(p.strong, p.first.Text != "") // the field is as wide as the others until there is something to say
	if p.first.Text == "" {
		p.strong.SetText("")
		return
	}
	words := []string{lang.L("easy to guess"), lang.L("easy to guess"), lang.L("fair"), lang.L("good"), lang.L("strong")}
	p.strong.SetText(words[min(max(p.do.Strength(p.first.Text), 0), len(words)-1)])
}

func (p *setupVault) refresh(shown Setup) {
	proposed := p.shown.Path
	p.shown = shown
	if p.path.Text == proposed { // what the person typed stays
		p.path.SetText(shown.Path)
	}
	if shown.Key != "" {
		p.forget()
	}
	enable(p.make, !shown.Busy)
	enable(p.back, !shown.Busy)
	p.working.SetText("")
	if shown.Busy {
		p.working.SetText(lang.L("Making the vault…"))
	}
	p.problem.refresh(shown.Problem)
	p.sayPlace()
	p.root.Refresh()
}

// forget drops the secrets once they did their work.
func (p *setupVault) forget() {
	for _, e := range []*entry{p.first, p.again} {
		e.SetText("")
	}
}

// sayPlace tells what is known about the proposed place; another one was not looked at.
func (p *setupVault) sayPlace() {
	known := p.shown.Path != "" && strings.TrimSpace(p.path.Text) == p.shown.Path
	p.place.Importance = widget.MediumImportance
	if !known {
		p.place.SetText(lang.L("An empty folder, or one that does not exist yet, on a disk that stays."))
		return
	}
	place := lang.L("{{.Size}} free there.", values{"Size": size(p.shown.Free)})
	if p.shown.SameDisk {
		p.place.Importance = widget.WarningImportance
		place += " " + lang.L("It is the same disk as your home folder: a lost disk loses both, until an off-site copy is made.")
	}
	p.place.SetText(place)
}
