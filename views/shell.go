package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
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
	foot   map[string]*button // of the sidebar, by the page that each opens
	main   fyne.CanvasObject
	window fyne.Window
	keys   *keys

	clipboard func(string)

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
	unread    *unread
	asked     *keyAsked
	kit       *widget.Label
	question  asking
}

// NewShell makes the content of a window.
func NewShell(window fyne.Window, do Actions, clipboard func(string)) *Shell {
	s := &Shell{do: do, window: window, page: pageOverview}
	s.clipboard = clipboard
	s.help = newHelp(window, do.OpenLog, s.writeBundle, s.refocus)
	s.keys = &keys{escape: s.leave, refresh: do.Refresh, help: s.help.show, log: do.OpenLog, shortcut: s.shortcut, reveal: s.reveal}
	openAdd := func() { s.Open(pageAdd) }
	s.question.keys = &keys{escape: s.closeAsk, refresh: func() {}, help: func() {}, shortcut: ours}
	s.overview = newOverview(do, s.keys, s.Open, openAdd, s.connect, s.restoreLost, clipboard)
	s.overview.before, s.overview.remove, s.overview.visit, s.overview.lost = s.savePoint, s.askRemoveSample, s.Visit, s.showLost
	s.sandbox = newSandboxPage(s, s.keys, clipboard)
	s.activity = newActivity(do, s.keys, clipboard)
	s.reminder = newReminders(do, s.keys, clipboard)
	s.reminder.secrets, s.reminder.visit = s.OpenSecrets, s.Visit
	s.secrets = newSecrets(do, s.keys, window, clipboard, s.leaveSecrets)
	s.prefs = newPreferences(do, s.keys, clipboard)
	s.offsite = newOffsite(do, s.keys, clipboard, s.askProve, func(f *backup.Fault) { s.tell(f) })
	s.add = newAddSandbox(do, s.keys, window, s.askFolder, clipboard)
	s.vault = newOpenVault(do, s.keys, clipboard, false, func() { s.Open(pagePrefs) })
	s.vaultRoot = container.NewPadded(scrolled(760, s.vault.root))
	s.prefs.openVault = func() { s.Open(pageVault) }
	s.setup = newSetup(do, s.keys, window, s.askFolder, clipboard)
	s.gate = newGate(do, window)
	s.asked, s.unread, s.kit = newKeyAsked(s), newUnread(s, clipboard), s.keyButtons()
	s.overview.giveKey = s.asked.ask
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
	s.foot = map[string]*button{pageOffsite: elsewhere, pagePrefs: prefs, pageAdd: addIt}
	side := container.NewStack(widthOf(200), container.NewBorder(nil, container.NewVBox(s.unread.side.panel, s.asked.side.panel, elsewhere, prefs, addIt, as, help), nil, nil, s.side.list))
	s.unread.side.around, s.asked.side.around = side, side
	s.body = container.NewStack()
	s.main = container.NewBorder(nil, nil, container.NewBorder(nil, nil, nil, widget.NewSeparator(), side), nil,
		settled(over(s.unread.whole.panel, s.body)))
	window.SetContent(container.NewStack(s.main, s.setup.root))
	s.listen()
	s.Open(pageOverview)
	return s
}

// Refresh shows a State. Call it on Fyne's goroutine.
func (s *Shell) Refresh(state State) {
	defer s.refocus() // what had the focus may be gone
	opened := state.Opening.Opened != s.state.Opening.Opened
	s.state = state
	nothing := state.Unread != nil && state.Vault == "" // was read yet
	s.unread.refresh(state.Unread, nothing)
	s.asked.refresh(state.KeyAsked)
	if state.Preferences != nil {
		s.kit.SetText(kitWords(state.Preferences.KitKept, state))
	}
	show(s.body, !nothing)
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
	s.markFoot()
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

// markFoot marks the page that is shown, where a button at the foot of the sidebar opens it.
func (s *Shell) markFoot() {
	for page, b := range s.foot {
		importance := widget.LowImportance
		if page == s.page {
			importance = widget.MediumImportance
		}
		if b.Importance != importance {
			b.Importance = importance
			b.Refresh()
		}
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
func (s *Shell) Ask(q *Question) {
	s.gate.ask(q, s.state)
	s.refocus()
}

// ShowAttempt shows what came of trying or changing a connection.
func (s *Shell) ShowAttempt(a Attempt) {
	if a.Sandbox != "" {
		s.sandbox.connection.attempt(a)
		return
	}
	s.add.attempt(a)
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
