package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"holdfast/assets"
)

// Actions is all that the window may ask of the program. Every call returns at once; what
// comes of it arrives as another State.
type Actions interface {
	overviewActions
	backupActions
	addActions
	setupActions
	gateActions
	Refresh()
}

// Shell is the window's content: navigation at the left, a page at the right.
type Shell struct {
	do     Actions
	state  State
	page   string // name of a sandbox, or one of the pages below
	body   *fyne.Container
	side   *sidebar
	main   fyne.CanvasObject
	window fyne.Window
	keys   *keys

	overview *overview
	backups  *backups
	add      *addSandbox
	setup    *setup
	gate     *gate
}

// Pages that are no sandbox. No sandbox can have such a name.
const (
	pageOverview = "\x00overview"
	pageAdd      = "\x00add"
)

// NewShell makes the content of a window.
func NewShell(window fyne.Window, do Actions, clipboard func(string)) *Shell {
	if err := lang.AddTranslationsFS(assets.Translations, "translations"); err != nil {
		fyne.LogError("The texts cannot be read", err) // those in the program are shown instead
	}
	s := &Shell{do: do, window: window, page: pageOverview}
	s.keys = &keys{escape: s.leave, refresh: do.Refresh, shortcut: s.shortcut}
	openAdd := func() { s.Open(pageAdd) }
	s.overview = newOverview(do, s.keys, s.Open, openAdd)
	s.backups = newBackups(do, s.keys, clipboard)
	s.add = newAddSandbox(do, s.keys, clipboard)
	s.setup = newSetup(do, s.keys, clipboard)
	s.gate = newGate(do, window)
	s.side = newSidebar(s.keys, s.Open)
	addIt := s.keys.quiet(lang.L("Add a sandbox"), theme.ContentAddIcon(), openAdd)
	addIt.Alignment = widget.ButtonAlignLeading
	side := container.NewStack(widthOf(200), container.NewBorder(nil, addIt, nil, nil, s.side.list))
	s.body = container.NewStack()
	s.main = container.NewBorder(nil, nil, container.NewBorder(nil, nil, nil, widget.NewSeparator(), side), nil, s.body)
	window.SetContent(container.NewStack(s.main, s.setup.root))
	s.listen()
	s.Open(pageOverview)
	return s
}

// Open turns to the page of a sandbox.
func (s *Shell) Open(page string) {
	s.page = page
	var root fyne.CanvasObject
	switch page {
	case pageOverview:
		root = s.overview.root
	case pageAdd:
		root = s.add.root
	default:
		root = s.backups.root
	}
	s.body.Objects = []fyne.CanvasObject{root}
	s.body.Refresh()
	s.Refresh(s.state)
	if s.page == pageAdd {
		s.window.Canvas().Focus(s.add.name)
	}
}

// Refresh shows a State. Call it on Fyne's goroutine.
func (s *Shell) Refresh(state State) {
	s.state = state
	show(s.setup.root, state.Setup != nil)
	show(s.main, state.Setup == nil)
	if state.Setup != nil {
		s.setup.refresh(*state.Setup)
		return
	}
	shown := sandboxOf(state, s.page)
	if shown == nil && s.page != pageOverview && s.page != pageAdd {
		s.Open(pageOverview) // the sandbox is gone
		return
	}
	s.side.refresh(state, s.page)
	switch {
	case shown != nil:
		s.backups.refresh(state, *shown)
	case s.page == pageOverview:
		s.overview.refresh(state)
	}
}

func sandboxOf(state State, name string) *Sandbox {
	for i := range state.Sandboxes {
		if state.Sandboxes[i].Name == name {
			return &state.Sandboxes[i]
		}
	}
	return nil
}

// Ask shows the gate's prompt, or closes it when q is nil.
func (s *Shell) Ask(q *Question) { s.gate.ask(q, s.state) }

// ShowAttempt shows what came of trying the connection of a new sandbox.
func (s *Shell) ShowAttempt(a Attempt) { s.add.attempt(a) }

// Added leaves the page of a new sandbox for its backups.
func (s *Shell) Added(sandbox string) {
	s.add.reset()
	s.Open(sandbox)
}

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
	if s.gate.open != nil || s.state.Setup != nil {
		return true
	}
	switch here := s.here(); shortcut.(*desktop.CustomShortcut).KeyName {
	case fyne.KeyB:
		s.backUpHere()
	case fyne.KeyR:
		if here {
			s.backups.details.tap(s.backups.details.restore)
		}
	case fyne.KeyF:
		if here {
			s.window.Canvas().Focus(s.backups.filter)
		}
	default:
		return false
	}
	return true
}

// leave closes the innermost of what is open: the prompt, the details, the page.
func (s *Shell) leave() {
	switch {
	case s.gate.open != nil:
		s.do.Decline()
	case s.state.Setup != nil:
	case s.page == pageAdd:
		s.Open(pageOverview)
	case s.here():
		s.backups.leave()
	}
}

// here says whether the page of a sandbox is shown.
func (s *Shell) here() bool {
	return s.state.Setup == nil && s.page != pageOverview && s.page != pageAdd
}

// backUpHere backs up the sandbox that is shown; elsewhere it opens the first one's page.
func (s *Shell) backUpHere() {
	switch {
	case s.here():
		s.backups.backUp()
	case len(s.state.Sandboxes) > 0:
		s.Open(s.state.Sandboxes[0].Name)
	}
}
