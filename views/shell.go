package views

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
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
	nav    *widget.List
	main   fyne.CanvasObject
	window fyne.Window

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
	s := &Shell{do: do, window: window, page: pageOverview}
	s.overview = newOverview(do, s.Open, func() { s.Open(pageAdd) })
	s.backups = newBackups(do, clipboard)
	s.add = newAddSandbox(do, clipboard)
	s.setup = newSetup(do, clipboard)
	s.gate = &gate{do: do, window: window}
	s.nav = widget.NewList(func() int { return len(s.state.Sandboxes) + 1 }, newNavRow, s.drawNavRow)
	s.nav.OnSelected = func(i widget.ListItemID) { s.turnTo(s.pageAt(i)) }
	addIt := widget.NewButtonWithIcon(lang.L("Add a sandbox"), theme.ContentAddIcon(), func() { s.Open(pageAdd) })
	addIt.Alignment = widget.ButtonAlignLeading
	addIt.Importance = widget.LowImportance
	side := container.NewStack(widthOf(200), container.NewBorder(nil, addIt, nil, nil, s.nav))
	s.body = container.NewStack()
	s.main = container.NewBorder(nil, nil, container.NewBorder(nil, nil, nil, widget.NewSeparator(), side), nil, s.body)
	window.SetContent(container.NewStack(s.main, s.setup.root))
	s.shortcuts()
	s.nav.Select(0)
	return s
}

// widthOf is nothing, of a given width.
func widthOf(w float32) fyne.CanvasObject {
	r := canvas.NewRectangle(color.Transparent)
	r.SetMinSize(fyne.NewSize(w, 1))
	return r
}

func newNavRow() fyne.CanvasObject {
	mark := widget.NewLabel("●")
	return container.NewBorder(nil, nil, mark, nil, line(""))
}

func (s *Shell) drawNavRow(i widget.ListItemID, o fyne.CanvasObject) {
	objects := o.(*fyne.Container).Objects
	name, mark := objects[0].(*widget.Label), objects[1].(*widget.Label)
	if i == 0 {
		mark.Importance = widget.MediumImportance
		mark.SetText("☰")
		name.SetText(lang.L("Overview"))
		return
	}
	b := s.state.Sandboxes[i-1]
	mark.Importance = healthImportance(b.Health)
	mark.SetText(healthMark(b.Health))
	name.SetText(plain(b.Name))
}

func (s *Shell) pageAt(i widget.ListItemID) string {
	if i == 0 {
		return pageOverview
	}
	return s.state.Sandboxes[i-1].Name
}

// Open turns to the page of a sandbox.
func (s *Shell) Open(page string) {
	for i := range len(s.state.Sandboxes) + 1 {
		if s.pageAt(i) == page {
			s.nav.Select(i)
			return
		}
	}
	s.nav.UnselectAll()
	s.turnTo(page)
}

func (s *Shell) turnTo(page string) {
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
	if page == pageAdd {
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
	s.nav.Refresh()
	switch s.page {
	case pageOverview:
		s.overview.refresh(state)
	case pageAdd:
	default:
		for _, b := range state.Sandboxes {
			if b.Name == s.page {
				s.backups.refresh(state, b)
			}
		}
	}
}

// Ask shows the gate's prompt, or closes it when q is nil.
func (s *Shell) Ask(q *Question) { s.gate.ask(q) }

// ShowAttempt shows what came of trying the connection of a new sandbox.
func (s *Shell) ShowAttempt(a Attempt) { s.add.attempt(a) }

// Added leaves the page of a new sandbox for its backups.
func (s *Shell) Added(sandbox string) {
	s.add.reset()
	s.Open(sandbox)
}

func (s *Shell) shortcuts() {
	for key, do := range map[fyne.KeyName]func(){
		fyne.KeyB: s.backUpHere,
		fyne.KeyR: func() {
			if d := s.backups.details; s.here() && d.chosen != nil && !d.restore.Disabled() {
				d.restore.OnTapped()
			}
		},
		fyne.KeyF: func() {
			if s.here() {
				s.window.Canvas().Focus(s.backups.filter)
			}
		},
	} {
		s.window.Canvas().AddShortcut(&desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierControl}, func(fyne.Shortcut) { do() })
	}
	s.window.Canvas().SetOnTypedKey(func(k *fyne.KeyEvent) {
		if k.Name == fyne.KeyF5 {
			s.do.Refresh()
		}
	})
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
	case s.state.Setup == nil && len(s.state.Sandboxes) > 0:
		s.Open(s.state.Sandboxes[0].Name)
	}
}
