package views

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// keyActions is all that the window may ask about the recovery key after the first start.
type keyActions interface {
	GiveKey(typed string)
	TryKeyring()
	ShowKey()
	ChangeKey()
	HideKey()
	TestKit(group string)
}

// KeyAsked is that the vault key cannot be had just now.
type KeyAsked struct {
	Cause   *backup.Fault // nil when it can
	Trouble *backup.Fault // with the key that was typed
}

// keyAsked asks for the recovery key, in front of everything. That the key is missing is said at the foot of the
// sidebar: it may be so at any time, and moves nothing on a page.
type keyAsked struct {
	shell   *Shell
	side    *sideNotice
	shown   KeyAsked
	box     *widget.PopUp // that asks; an old one is not the question that is open
	trouble *widget.Label
	key     *entry
}

func newKeyAsked(s *Shell) *keyAsked {
	p := &keyAsked{shell: s}
	p.side = newSideNotice(s.keys, lang.L("Vault key missing"), lang.L("Give the key…"), p.ask)
	return p
}

// ask opens the question.
func (p *keyAsked) ask() {
	if p.shown.Cause == nil || p.shell.gate.open != nil {
		return
	}
	k := p.shell.question.keys
	p.key, p.trouble = k.secret(lang.L("from the recovery kit")), text("")
	p.trouble.Importance = widget.DangerImportance
	submit := func() {
		if strings.TrimSpace(p.key.Text) != "" {
			p.shell.do.GiveKey(p.key.Text)
		}
	}
	p.key.OnSubmitted = func(string) { submit() }
	again := k.button(lang.L("Try the keyring again"), theme.ViewRefreshIcon(), p.shell.do.TryKeyring)
	about := text(lang.L("Backups and restores wait for it; nothing is lost, and what is missed is made up for. Unlock the keyring and try it again, or give the recovery key from the kit."))
	p.shell.front(short(sentence(translated(p.shown.Cause.Text)), longest), container.NewVBox(about, p.key, p.trouble), p.key,
		again, k.button(lang.L("Close"), nil, p.shell.closeAsk), k.primary(lang.L("Use this key"), submit))
	p.box = p.shell.question.open
	p.sayTrouble()
}

// sayTrouble says what is wrong with the key that was typed. Its line is there while it is empty.
func (p *keyAsked) sayTrouble() {
	p.trouble.SetText("")
	if f := p.shown.Trouble; f != nil {
		p.trouble.SetText(sentence(translated(f.Text)) + ". " + translated(f.Hint))
	}
	fit(p.box, fyne.NewSize(askWidth, 0))
}

func (p *keyAsked) refresh(asked KeyAsked) {
	p.shown = asked
	p.side.say(asked.Cause != nil)
	switch open := p.box != nil && p.box == p.shell.question.open; {
	case !open:
	case asked.Cause == nil:
		p.key.SetText("")
		p.shell.closeAsk()
	default:
		p.sayTrouble()
	}
}

// keyButtons are what the Preferences offer about the recovery key.
func (s *Shell) keyButtons() *widget.Label {
	button := func(label string, do func()) *button { return s.keys.button(label, nil, do) }
	said := text("")
	s.prefs.key.Objects = append(s.prefs.key.Objects, said, container.NewHBox(
		button(lang.L("Show it, and save a kit…"), s.do.ShowKey),
		button(lang.L("Test the kit…"), func() {
			s.askText(lang.L("Test the recovery kit"), lang.L("the last group of the key"), "", lang.L("Compare"), s.do.TestKit)
		}),
		button(lang.L("Change it…"), func() {
			s.confirm(lang.L("Change the recovery key?"), lang.L("The old key, and every kit that was made so far, opens this vault no more. No backup is written anew. The new key is shown next; save its kit."),
				lang.L("Change the recovery key"), s.do.ChangeKey)
		}),
	))
	return said
}

// kitWords says whether the kit is known to be there.
func kitWords(at time.Time, s State) string {
	if at.IsZero() {
		return lang.L("Nobody has confirmed that the recovery kit is kept: without the key nobody can open the vault on another machine.")
	}
	return lang.L("The recovery kit was saved or tested {{.When}}.", values{"When": ago(at, s.Now)})
}
