package views

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// asking is a small question of the window's own, in front of everything. Escape says no.
type asking struct {
	open *widget.PopUp
	keys *keys
}

// ask opens a question; yes is called by its button, which is what Enter presses in its entry.
func (s *Shell) ask(title string, body fyne.CanvasObject, yes *button, focus fyne.Focusable) {
	cancel := s.question.keys.button(lang.L("Cancel"), nil, s.closeAsk)
	if focus == nil {
		focus = cancel
	}
	s.front(title, body, focus, cancel, yes)
}

// front shows a box with buttons in front of everything.
func (s *Shell) front(title string, body fyne.CanvasObject, focus fyne.Focusable, buttons ...fyne.CanvasObject) {
	s.closeAsk()
	s.question.open = newModal(title, container.NewVBox(body, atEnd(buttons...)), s.window, fyne.NewSize(askWidth, 0))
	s.question.open.Show()
	s.window.Canvas().Focus(focus)
}

func (s *Shell) closeAsk() {
	if s.question.open != nil {
		s.question.open.Hide()
		s.question.open = nil
		s.refocus()
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

// Say tells what could not be done, in front of everything but the gate's prompt, which goes before it.
func (s *Shell) Say(f *backup.Fault) {
	if s.gate.open == nil {
		s.tell(f)
	}
}

// tell shows all of what went wrong, with more that can be done about it.
func (s *Shell) tell(f *backup.Fault, more ...fyne.CanvasObject) {
	if f == nil {
		return
	}
	k := s.question.keys
	shut := k.primary(lang.L("Close"), s.closeAsk)
	buttons := append([]fyne.CanvasObject{
		k.button(lang.L("Open the log"), theme.DocumentIcon(), s.do.OpenLog),
		k.button(lang.L("Copy details"), theme.ContentCopyIcon(), func() { s.clipboard(faultText(f)) }),
	}, more...)
	s.front(sentence(translated(f.Text)), text(short(translated(f.Hint), longest)), shut, append(buttons, shut)...)
}

// folderQuestion asks for a folder; verb is what is done with it.
type folderQuestion func(title, verb string, do func(path string))

// askFolder asks for a folder, typed or chosen.
func (s *Shell) askFolder(title, verb string, do func(path string)) {
	k := s.question.keys
	e := k.entry("/home/me")
	submit := func() {
		if path := strings.TrimSpace(e.Text); path != "" {
			s.closeAsk()
			do(path)
		}
	}
	e.OnSubmitted = func(string) { submit() }
	choose := k.button(lang.L("Choose…"), theme.FolderOpenIcon(), func() { chooseFolder(s.window, verb, e.Text, e.SetText) })
	s.ask(title, container.NewBorder(nil, nil, nil, choose, e), k.primary(verb, submit), e)
}

// writeBundle writes a bundle for who is to help, and shows where it is.
func (s *Shell) writeBundle() {
	if s.state.Setup != nil {
		return // there is nothing yet to tell of
	}
	s.help.close()
	s.Open(pagePrefs)
	s.do.WriteDiagnostics()
}

// askText asks for a line of text.
func (s *Shell) askText(title, hint, present, verb string, do func(string)) {
	e := s.question.keys.entry(hint)
	e.SetText(present)
	e.CursorColumn = len([]rune(present)) // one goes on writing
	submit := func() {
		s.closeAsk()
		do(e.Text)
	}
	e.OnSubmitted = func(string) { submit() }
	s.ask(title, e, s.question.keys.primary(verb, submit), e)
}
