package views

import (
	"strings"
	"time"

	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
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

// keyAsked asks for the recovery key, above every page.
type keyAsked struct {
	*panel
	cause, trouble *widget.Label
	key            *entry
	use            *button
}

func newKeyAsked(do keyActions, k *keys) *keyAsked {
	p := &keyAsked{cause: text(""), trouble: text(""), key: k.secret(lang.L("from the recovery kit"))}
	p.cause.TextStyle.Bold = true
	p.trouble.Importance = widget.DangerImportance
	submit := func() {
		if strings.TrimSpace(p.key.Text) != "" {
			do.GiveKey(p.key.Text)
		}
	}
	p.key.OnSubmitted = func(string) { submit() }
	p.use = k.primary(lang.L("Use this key"), submit)
	again := k.button(lang.L("Try the keyring again"), theme.ViewRefreshIcon(), do.TryKeyring)
	p.panel = newPanel(theme.ColorNameError, container.NewVBox(
		p.cause, text(lang.L("Backups and restores wait for it; nothing is lost, and what is missed is made up for. Unlock the keyring and try it again, or give the recovery key from the kit.")),
		p.trouble, p.key, container.New(layout.NewRowWrapLayout(), p.use, again)))
	p.Hide()
	return p
}

func (p *keyAsked) refresh(asked KeyAsked) {
	show(p.panel, asked.Cause != nil)
	if asked.Cause == nil {
		p.key.SetText("")
		return
	}
	p.cause.SetText(short(sentence(translated(asked.Cause.Text)), longest) + ".")
	show(p.trouble, asked.Trouble != nil)
	if asked.Trouble != nil {
		p.trouble.SetText(sentence(translated(asked.Trouble.Text)) + ". " + translated(asked.Trouble.Hint))
	}
	p.Refresh()
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
