package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// listen takes the keys that no widget has.
func (s *Shell) listen() {
	for _, key := range []fyne.KeyName{fyne.KeyB, fyne.KeyR, fyne.KeyF} {
		s.window.Canvas().AddShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierControl}, func(c fyne.Shortcut) { s.shortcut(c) })
	}
	s.window.Canvas().SetOnTypedKey(func(k *fyne.KeyEvent) { s.keys.typed(k) })
}

// ours says whether a shortcut is one of the window's.
func ours(shortcut fyne.Shortcut) bool {
	c, custom := shortcut.(*desktop.CustomShortcut)
	return custom && c.Modifier == fyne.KeyModifierControl && (c.KeyName == fyne.KeyB || c.KeyName == fyne.KeyR || c.KeyName == fyne.KeyF)
}

// shortcut does one of the window's, and says whether it is one. Behind the gate's prompt it
// does nothing.
func (s *Shell) shortcut(shortcut fyne.Shortcut) bool {
	if !ours(shortcut) {
		return false
	}
	if s.gate.open != nil || s.question.open != nil || s.state.Setup != nil {
		return true
	}
	switch here := s.here(); shortcut.(*desktop.CustomShortcut).KeyName {
	case fyne.KeyB:
		s.backUpHere()
	case fyne.KeyR:
		if here {
			s.sandbox.backups.details.tap(s.sandbox.backups.details.restore)
		}
	case fyne.KeyF:
		s.find()
	default:
		return false
	}
	return true
}

// find goes to the filter of what is shown.
func (s *Shell) find() {
	switch {
	case s.page == pageActivity:
		s.window.Canvas().Focus(s.activity.filter)
	case s.here():
		s.window.Canvas().Focus(s.sandbox.backups.filter)
	}
}

// leave closes the innermost of what is open: the prompt, the wizard, the details, the page.
func (s *Shell) leave() {
	switch {
	case s.gate.open != nil:
		s.do.Decline()
	case s.foreign() != nil:
		s.foreign().Hide()
	case s.question.open != nil:
		s.closeAsk()
	case s.help.open != nil:
		s.help.close()
	case s.state.Setup != nil:
	case s.page == pageVault:
		s.Open(pagePrefs)
	case s.page == pageAdd || s.page == pagePrefs || s.page == pageOffsite:
		s.Open(pageOverview)
	case s.page == pageActivity:
		s.activity.leave()
	case s.page == pageSecrets:
		s.secrets.back()
	case s.onPage():
		s.sandbox.leave()
	}
}

// foreign is what is in front of everything and stands alone: the choice of a folder, or a menu. nil: nothing.
func (s *Shell) foreign() fyne.CanvasObject {
	all := s.window.Canvas().Overlays().List()
	for _, ours := range []*widget.PopUp{s.gate.open, s.question.open, s.help.open} {
		if ours != nil && len(all) > 0 {
			all = all[:len(all)-1]
		}
	}
	if len(all) == 0 {
		return nil
	}
	return s.window.Canvas().Overlays().Top()
}

// here says whether the backups of a sandbox are shown.
func (s *Shell) here() bool {
	return s.onPage() && s.sandbox.section == SectionBackups && !s.sandbox.wizard.open
}

// backUpHere backs up the sandbox that is shown; elsewhere it opens the first one's page. In the
// wizard it does nothing.
func (s *Shell) backUpHere() {
	switch {
	case s.here():
		s.sandbox.backups.backUp()
	case s.onPage():
		if !s.sandbox.wizard.open {
			s.do.BackUp(s.page, "")
		}
	case len(s.state.Sandboxes) > 0:
		s.Open(s.state.Sandboxes[0].Name)
	}
}
