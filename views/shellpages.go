package views

import (
	"fyne.io/fyne/v2"

	"holdfast/backup"
)

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
	s.add.turnTo(false)
	s.add.name.SetText(name)
	s.window.Canvas().Focus(s.add.url)
}

// Visit turns to a place, as a click on a notification or a reminder asks for: the page of a sandbox,
// the Activity, the Preferences, the Off-site copies, or the Overview. What a person is in the middle of is left as it is.
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
	case at.Section == SectionPreferences:
		s.Open(pagePrefs)
	case at.Section == SectionOffsite:
		s.Open(pageOffsite)
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

// showLost opens the page of a sandbox with all of its alarm.
func (s *Shell) showLost(sandbox string) {
	s.Open(sandbox)
	if s.page == sandbox {
		s.sandbox.unfoldAlarm(s.window.Canvas())
	}
}

// Added leaves the page of a new sandbox for its backups.
func (s *Shell) Added(sandbox string) {
	s.add.reset()
	s.Open(sandbox)
}

// onPage says whether the page of a sandbox is shown.
func (s *Shell) onPage() bool {
	return s.state.Setup == nil && !s.onFixedPage()
}

// onFixedPage says whether a page is shown that belongs to no sandbox.
func (s *Shell) onFixedPage() bool {
	return s.page == pageOverview || s.page == pageActivity || s.page == pageReminders || s.page == pagePrefs || s.page == pageOffsite || s.page == pageAdd || s.page == pageSecrets || s.page == pageVault
}
