package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"
)

// asking is a small question of the window's own, in front of everything. Escape says no.
type asking struct {
	open *widget.PopUp
	keys *keys
}

// ask opens a question; yes is called by its button, which is what Enter presses in its entry.
func (s *Shell) ask(title string, body fyne.CanvasObject, yes *button, focus fyne.Focusable) {
	s.closeAsk()
	cancel := s.question.keys.button(lang.L("Cancel"), nil, s.closeAsk)
	content := container.NewVBox(body, atEnd(cancel, yes))
	s.question.open = newModal(title, content, s.window, fyne.NewSize(askWidth, 0))
	s.question.open.Show()
	if focus == nil {
		focus = cancel
	}
	s.window.Canvas().Focus(focus)
}

func (s *Shell) closeAsk() {
	if s.question.open != nil {
		s.question.open.Hide()
		s.question.open = nil
	}
}

const askWidth = 480

// confirm asks before something that is not easily taken back; Cancel has the focus.
func (s *Shell) confirm(title, words, verb string, do func()) {
	yes := s.question.keys.button(verb, nil, func() {
		s.closeAsk()
		do()
	})
	yes.Importance = widget.DangerImportance
	s.ask(title, text(words), yes, nil)
}

// askText asks for a line of text.
func (s *Shell) askText(title, hint, present, verb string, do func(string)) {
	e := s.question.keys.entry(hint)
	e.SetText(present)
	submit := func() {
		s.closeAsk()
		do(e.Text)
	}
	e.OnSubmitted = func(string) { submit() }
	s.ask(title, e, s.question.keys.primary(verb, submit), e)
}
