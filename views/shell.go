package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// Actions is all that the window may ask of the program. Every call returns at once; what
// comes of it arrives as another State.
type Actions interface {
	overviewActions
	sandboxActions
	activityActions
	reminderActions
	preferenceActions
	offsiteActions
	secretActions
	addActions
	setupActions
	keyActions
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

	overview  *overview
	sandbox   *sandboxPage
	activity  *activity
	reminder  *reminders
	prefs     *preferences
	offsite   *offsite
	secrets   *secretsPage
	add       *addSandbox
	vault     *openVault
	vaultRoot fyne.CanvasObject
	setup     *setup
	gate      *gate
	help      *helpPages
	unread    *problem
	asked     *keyAsked
	kit       *widget.Label
	question  asking
}

// Pages that are no sandbox. No sandbox can have such a name.
const (
	pageOverview = "\x00overview"
	pageActivity = "\x00activity"
	pagePrefs    = "\x00preferences"
	pageOffsite  = "\x00offsite"
	pageAdd      = "\x00add"
	pageSecrets  = "\x00secrets"
	pageVault    = "\x00vault"

	pageReminders = "\x00reminders"
)

// NewShell makes the content of a window.
func NewShell(window fyne.Window, do Actions, clipboard func(string)) *Shell {
	s := &Shell{do: do, window: window, page: pageOverview}
	s.help = newHelp(window)
	s.keys = &keys{escape: s.leave, refresh: do.Refresh, help: s.help.show, shortcut: s.shortcut}
	openAdd := func() { s.Open(pageAdd) }
	s.question.keys = &keys{escape: s.closeAsk, refresh: func() {}, help: func() {}, shortcut: ours}
	s.overview = newOverview(do, s.keys, s.Open, openAdd, s.connect, s.restoreLost, s.askAgree, clipboard)
	s.overview.before, s.overview.remove = s.savePoint, s.askRemoveSample
	s.sandbox = newSandboxPage(s, s.keys, clipboard)
	s.activity = newActivity(do, s.keys, clipboard)
	s.reminder = newReminders(do, s.keys, clipboard)
	s.reminder.secrets = s.OpenSecrets
	s.secrets = newSecrets(do, s.keys, window, clipboard, s.leaveSecrets)
	s.prefs = newPreferences(do, s.keys, clipboard)
	s.offsite = newOffsite(do, s.keys, clipboard)
	s.add = newAddSandbox(do, s.keys, window, clipboard)
	s.vault = newOpenVault(do, s.keys, clipboard, false, func() { s.Open(pagePrefs) })
	s.vaultRoot = container.NewPadded(scrolled(760, s.vault.root))
	s.prefs.openVault = func() { s.Open(pageVault) }
	s.setup = newSetup(do, s.keys, window, clipboard)
	s.gate = newGate(do, window)
	s.asked, s.kit = newKeyAsked(do, s.keys), s.keyButtons()
	s.unread = newProblem(s.keys, clipboard)
	s.unread.content = container.NewVBox(s.unread.content, atEnd(s.keys.button(lang.L("Try again"), theme.ViewRefreshIcon(), do.Refresh))) // beside each other they leave no room for the cause
	s.side = newSidebar(s.keys, s.Open)
	as := s.keys.quiet(lang.L("As a command…"), theme.ContentCopyIcon(), func() { s.askCommands(clipboard) })
	as.Alignment = widget.ButtonAlignLeading
	help := s.keys.quiet(lang.L("Help"), theme.HelpIcon(), s.help.show)
	help.Alignment = widget.ButtonAlignLeading
	addIt := s.keys.quiet(lang.L("Add a sandbox"), theme.ContentAddIcon(), openAdd)
	addIt.Alignment = widget.ButtonAlignLeading
	prefs := s.keys.quiet(lang.L("Preferences"), theme.SettingsIcon(), func() { s.Open(pagePrefs) })
	prefs.Alignment = widget.ButtonAlignLeading
	elsewhere := s.keys.quiet(lang.L("Off-site copies"), theme.StorageIcon(), func() { s.Open(pageOffsite) })
	elsewhere.Alignment = widget.ButtonAlignLeading
	side := container.NewStack(widthOf(200), container.NewBorder(nil, container.NewVBox(elsewhere, prefs, addIt, as, help), nil, nil, s.side.list))
	s.body = container.NewStack()
	s.main = container.NewBorder(nil, nil, container.NewBorder(nil, nil, nil, widget.NewSeparator(), side), nil,
		settled(container.NewBorder(container.NewVBox(s.unread.panel, s.asked.panel), nil, nil, nil, s.body)))
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
	case pageActivity:
		root = s.activity.root
	case pageReminders:
		root = s.reminder.root
	case pagePrefs:
		root = s.prefs.root
	case pageOffsite:
		root = s.offsite.root
	case pageSecrets:
		root = s.secrets.root
	case pageVault:
		root = s.vaultRoot
	default:
		root = s.sandbox.root
	}
	s.body.Objects = []fyne.CanvasObject{root}
	s.body.Refresh()
	s.Refresh(s.state)
	s.look()
	if s.page == pageAdd {
		s.do.Discover("")
		s.window.Canvas().Focus(s.add.name)
	}
}

// connect opens the page for a new sandbox, under a name that the vault knows.
func (s *Shell) connect(name string) {
	s.Open(pageAdd)
	s.add.name.SetText(name)
	s.window.Canvas().Focus(s.add.url)
}

// Visit turns to a place, as a click on a notification asks for: the page of a sandbox, the
// Activity, or the Overview. What a person is in the middle of is left as it is.
func (s *Shell) Visit(at Place) {
	if s.gate.open != nil || s.question.open != nil || s.state.Setup != nil || s.onPage() && s.sandbox.wizard.open {
		return
	}
	switch {
	case sandboxOf(s.state, at.Sandbox) != nil:
		s.Open(at.Sandbox)
		s.sandbox.open(at.Section)
	case at.Section == SectionRuns || at.Section == SectionAudit:
		s.activity.section = at.Section
		s.Open(pageActivity)
	default:
		s.Open(pageOverview)
	}
}

// look tells the program what is shown.
func (s *Shell) look() {
	switch {
	case s.page == pageActivity:
		s.activity.open(s.activity.section)
	case s.page == pageReminders:
		s.do.Look(Place{Section: SectionReminders})
	case s.page == pagePrefs:
		s.do.Look(Place{Section: SectionPreferences})
	case s.page == pageOffsite:
		s.do.Look(Place{Section: SectionOffsite})
	case s.page == pageSecrets:
		s.do.Look(Place{Section: SectionSecrets})
	case s.onPage():
		s.do.Look(Place{Sandbox: s.page, Section: s.sandbox.section})
	default:
		s.do.Look(Place{})
	}
}

// savePoint asks what is about to be done, and backs up before that.
func (s *Shell) savePoint(sandbox string) {
	title := lang.L("A save point of {{.Name}}", values{"Name": plain(sandbox)})
	s.askText(title, lang.L("What comes next, such as: migration, bulk update, deploy"), "", lang.L("Back up now"), func(note string) {
		s.do.BackUp(sandbox, note)
	})
}

// SavePoint shows the page of a sandbox and asks what is about to be done there.
func (s *Shell) SavePoint(sandbox string) {
	if s.gate.open != nil || s.state.Setup != nil || sandboxOf(s.state, sandbox) == nil {
		return
	}
	s.savePoint(sandbox)
}

// OpenSecrets begins the wizard about the secret files of a sandbox.
func (s *Shell) OpenSecrets(sandbox string) {
	s.secrets.begin(sandbox)
	s.Open(pageSecrets)
}

// leaveSecrets goes back to the page of the sandbox whose secret files were shown.
func (s *Shell) leaveSecrets() {
	if s.page != pageSecrets {
		return
	}
	s.Open(s.secrets.sandbox)
}

// restoreLost opens the wizard of a sandbox for what was lost.
func (s *Shell) restoreLost(sandbox string, id backup.ID, tables []backup.Name) {
	s.Open(sandbox)
	if s.page == sandbox {
		s.sandbox.restore(id, tables)
	}
}

// Refresh shows a State. Call it on Fyne's goroutine.
func (s *Shell) Refresh(state State) {
	opened := state.Opening.Opened != s.state.Opening.Opened
	s.state = state
	s.unread.refresh(state.Unread)
	if asks := state.KeyAsked.Cause != nil; asks || asks == s.asked.Hidden {
		defer s.main.Refresh() // what is below moves
	}
	s.asked.refresh(state.KeyAsked)
	if state.Preferences != nil {
		s.kit.SetText(kitWords(state.Preferences.KitKept, state))
	}
	show(s.body, state.Unread == nil || state.Vault != "") // nothing was read yet
	show(s.setup.root, state.Setup != nil)
	show(s.main, state.Setup == nil)
	if state.Setup != nil {
		s.setup.refresh(*state.Setup, state.Discovery, state.Opening)
		return
	}
	s.vault.refresh(state.Opening)
	if opened && s.page == pageVault {
		s.Open(pageOverview)
		return
	}
	shown := sandboxOf(state, s.page)
	if shown == nil && s.onPage() {
		s.Open(pageOverview) // the sandbox is gone
		return
	}
	s.side.refresh(state, s.page)
	switch {
	case shown != nil:
		s.sandbox.refresh(state, *shown)
	case s.page == pageActivity:
		s.activity.refresh(state)
	case s.page == pageReminders:
		s.reminder.refresh(state)
	case s.page == pagePrefs:
		s.prefs.refresh(state)
	case s.page == pageOffsite:
		s.offsite.refresh(state)
	case s.page == pageSecrets:
		s.secrets.refresh(state)
	case s.page == pageOverview:
		s.overview.refresh(state)
	case s.page == pageAdd:
		s.add.found.refresh(state.Discovery)
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

// ShowAttempt shows what came of trying or changing a connection.
func (s *Shell) ShowAttempt(a Attempt) {
	if a.Sandbox != "" {
		s.sandbox.connection.attempt(a)
		return
	}
	s.add.attempt(a)
}

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

// onPage says whether the page of a sandbox is shown.
func (s *Shell) onPage() bool {
	return s.state.Setup == nil && !s.onFixedPage()
}

// onFixedPage says whether a page is shown that belongs to no sandbox.
func (s *Shell) onFixedPage() bool {
	return s.page == pageOverview || s.page == pageActivity || s.page == pageReminders || s.page == pagePrefs || s.page == pageOffsite || s.page == pageAdd || s.page == pageSecrets || s.page == pageVault
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
