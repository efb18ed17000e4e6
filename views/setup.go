package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// setupActions is all that the first start may ask of the program.
type setupActions interface {
	foundActions
	// MakeVault makes the vault, and sandboxes of the databases that were chosen, and the sample.
	MakeVault(path, passphrase string, databases []Chosen, sample bool)
	openActions
	// SaveKit writes the recovery kit into a new file.
	SaveKit(file string)
	KeyKept()
	HideKey()
	// Strength says how hard a passphrase is to guess, from 0 to 4.
	Strength(passphrase string) int
}

// setup is the first start: the databases, the vault with the approval passphrase, the recovery key.
type setup struct {
	root      *fyne.Container
	foot      *fyne.Container // of the databases: below the list, which may yet grow
	databases *setupDatabases
	vault     *setupVault
	key       *setupKey
	open      *openVault
	having    bool // there is a vault already
	window    fyne.Window
	begun     bool // the databases were looked at
	shown     bool
}

func newSetup(do setupActions, k *keys, window fyne.Window, ask folderQuestion, clipboard func(string)) *setup {
	s := &setup{window: window}
	s.databases = newSetupDatabases(do, k, ask, clipboard, func() { s.turn(true) }, func() {
		s.turn(true)
		s.have(true)
	})
	s.vault = newSetupVault(do, k, clipboard, s.chosen, func() { s.turn(false) }, func() { s.have(true) })
	s.open = newOpenVault(do, k, clipboard, true, func() { s.have(false) })
	s.key = newSetupKey(do, k, window, ask, clipboard)
	both := container.NewStack(s.databases.root, s.vault.root, s.open.root, s.key.root)
	column := page{widest: 720, middle: true}
	s.foot = container.NewPadded(container.New(column, s.databases.foot))
	s.root = container.NewBorder(nil, s.foot, nil, nil, container.NewVScroll(container.NewPadded(container.New(column, both))))
	return s
}

// chosen gives what is to be protected.
func (s *setup) chosen() (databases []Chosen, sample bool) {
	return s.databases.found.chosenOnes(), s.databases.sample
}

// turn goes from the databases to the vault, or back.
func (s *setup) turn(on bool) {
	s.begun = on
	s.pages(false)
	s.focus()
}

// have goes to the page for a vault that is there, or back.
func (s *setup) have(on bool) {
	s.having = on
	s.pages(false)
	s.focus()
}

// focus goes to where the page that is shown begins.
func (s *setup) focus() {
	switch canvas := s.window.Canvas(); {
	case !s.begun:
		canvas.Focus(s.databases.next)
	case s.having:
		canvas.Focus(s.open.kind)
	default:
		canvas.Focus(s.vault.first)
	}
}

func (s *setup) pages(hasKey bool) {
	show(s.databases.root, !s.begun && !hasKey)
	show(s.foot, !s.begun && !hasKey)
	show(s.vault.root, s.begun && !s.having && !hasKey)
	show(s.open.root, s.begun && s.having && !hasKey)
	show(s.key.root, hasKey)
}

func (s *setup) refresh(shown Setup, d Discovery, o Opening) {
	s.pages(shown.Key != "")
	s.databases.found.refresh(d)
	s.vault.refresh(shown)
	s.open.refresh(o)
	s.key.refresh(shown)
	if !s.shown {
		s.shown = true
		s.focus()
	}
}

// titled is a page's title with the step that it is.
func titled(title string, step int) fyne.CanvasObject {
	at := widget.NewLabel(lang.L("Step {{.N}} of 3", values{"N": step}))
	at.Importance = widget.LowImportance
	return container.NewBorder(nil, nil, nil, container.NewCenter(at), heading(title))
}

// setupDatabases is the page that asks what is to be protected.
type setupDatabases struct {
	root   *fyne.Container
	foot   *fyne.Container
	about  *widget.Label
	found  *found
	next   *button
	try    *panel // offers the sample
	sample bool   // it is wanted
}

func newSetupDatabases(do setupActions, k *keys, ask folderQuestion, clipboard func(string), next, have func()) *setupDatabases {
	p := &setupDatabases{about: text("")}
	p.next = k.primary(lang.L("Continue"), func() {
		p.sample = false
		next()
	})
	start := k.button(lang.L("Start a sample sandbox"), nil, func() {
		p.sample = true
		next()
	})
	p.try = newPanel(theme.ColorNameSeparator, container.NewBorder(nil, nil, nil, container.NewCenter(start), text(sampleWords())))
	p.found = newFound(do, k, ask, clipboard, lang.L("No database was found on this machine. Look in a project’s folder, or add one by its address later."), func() { p.say() })
	p.root = container.NewVBox(
		titled(lang.L("Welcome to Holdfast"), 1),
		p.about,
		p.found.root, p.try,
	)
	p.foot = container.NewHBox(k.quiet(lang.L("I have a vault already"), nil, have), layout.NewSpacer(), p.next)
	p.say()
	return p
}

// say puts on the button what it begins, and above the list what that is.
func (p *setupDatabases) say() {
	label := lang.L("Continue")
	n := len(p.found.names())
	show(p.try, n == 0 && !p.found.looking)
	about := lang.L("Every local database gets an encrypted backup each day, kept for a week.")
	if len(p.found.all) > 0 {
		about = lang.L("Every local database gets an encrypted backup each day, kept for a week. These are on this machine; the first backup of each is taken at once.")
	}
	p.about.SetText(about)
	if n > 0 {
		label = lang.N("Protect {{.N}} databases", n, values{"N": n})
	}
	if p.next.Text != label {
		p.next.SetText(label)
	}
}
