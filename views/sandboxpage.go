package views

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// sandboxActions is all that the page of a sandbox may ask of the program.
type sandboxActions interface {
	backupActions
	restoredActions
	alarmActions
	problemActions
	wizardActions
	scheduleActions
	retentionActions
	permissionActions
	connectionActions
	mediaActions
	downloadActions
	Cancel(sandbox string)
	Look(at Place)
}

// sandboxPage is the page of a sandbox: what stands above every section, and one section, or the
// restore wizard.
type sandboxPage struct {
	do      sandboxActions
	shown   Sandbox
	state   State
	section Section
	detail  backup.ID // whose details are shown
	about   string    // the sandbox that what runs and what failed belong to
	turned  func()    // is called after another part of the page is shown
	whole   whole     // what is shown above the backups

	root     fyne.CanvasObject
	scroll   *container.Scroll // what is below the tabs
	title    *widget.Label
	tabs     *tabs
	alarm    *alarm
	restored *restored
	status   *status
	problem  *problem // in whole
	body     *fyne.Container

	backups     *backups
	schedule    *schedule
	retention   *retention
	permissions *permissions
	connection  *connection
	media       *media
	uncovered   *uncovered
	downloads   *downloads
	wizard      *wizard
}

// sandboxSections are the sections of a sandbox, in the order of the tabs.
func sandboxSections() []Section {
	return []Section{SectionBackups, SectionSchedule, SectionRetention, SectionMedia, SectionDownloads, SectionPermissions, SectionConnection}
}

func sectionNames() []string {
	return []string{lang.L("Backups"), lang.L("Schedule"), lang.L("Retention"), lang.L("Media"), lang.L("Downloads"), lang.L("Permissions"), lang.L("Connection")}
}

func newSandboxPage(s *Shell, k *keys, clipboard func(string)) *sandboxPage {
	p := &sandboxPage{do: s.do, title: heading(""), turned: s.refocus}
	p.problem = newProblem(k, clipboard)
	p.problem.offers(s.do, k)
	p.alarm = newAlarm(k, s.restoreLost, s.askAgree, s.do.Acknowledge)
	p.restored = newRestored(s.do, k)
	p.status = newStatus(k, s, p, func() { p.unfold(s.window.Canvas()) })
	p.tabs = newTabs(k, sectionNames(), func(i int) { p.open(sandboxSections()[i]) })
	p.backups = newBackups(s.do, k, clipboard, p.restore, s.askText)
	p.schedule = newSchedule(s.do, k)
	p.retention = newRetention(s.do, k)
	p.permissions = newPermissions(s.do, k, s.confirm)
	p.connection = newConnection(s.do, k, clipboard, s.confirm)
	p.connection.removeSample = s.askRemoveSample
	p.backups.download = s.askDownload
	p.media = newMedia(s.do, k, s.window, p.restoreFolders, func() { s.OpenSecrets(p.shown.Name) })
	p.uncovered = newUncovered(k, clipboard, map[uncoveredWay]func(){
		wayFolders: func() { p.open(SectionMedia) }, waySelection: func() { p.open(SectionConnection) },
		waySandbox: func() { s.Open(pageAdd) }, waySecrets: func() { s.OpenSecrets(p.shown.Name) },
	})
	p.backups.uncovered.OnTapped = func() { p.open(SectionUncovered) }
	p.downloads = newDownloads(s, k, clipboard)
	p.wizard = newWizard(s, k, clipboard, p.closeWizard)
	p.body = container.NewStack()
	top := container.NewVBox(p.status.root, p.alarm.panel, p.restored.panel, p.problem.panel)
	pad := theme.Padding()
	p.scroll = container.NewVScroll(container.New(layout.NewCustomPaddedLayout(0, pad, pad, pad), over(top, p.body))) // it scrolls only where all of it has no room
	p.root = over(container.New(layout.NewCustomPaddedLayout(pad, 0, pad, pad), container.NewVBox(p.title, p.tabs.row)), p.scroll)
	p.tabs.choose(0)
	return p
}

// sampleName is what the sample sandbox is called by itself, which says what it is.
const sampleName = "sample"

// open turns to a section.
func (p *sandboxPage) open(at Section) {
	p.section = at
	p.tabs.choose(slices.Index(sandboxSections(), at))
	p.do.Look(Place{Sandbox: p.shown.Name, Section: at})
	p.refresh(p.state, p.shown)
	p.turned()
}

// place puts what is shown under the title.
func (p *sandboxPage) place() {
	want := map[Section]fyne.CanvasObject{
		SectionBackups: p.backups.root, SectionSchedule: p.schedule.root, SectionRetention: p.retention.root, SectionMedia: p.media.root,
		SectionDownloads: p.downloads.root, SectionPermissions: p.permissions.root, SectionConnection: p.connection.root,
		SectionUncovered: p.uncovered.root,
	}[p.section]
	if p.wizard.open {
		want = p.wizard.root
	}
	show(p.tabs.row, !p.wizard.open)
	if len(p.body.Objects) == 0 || p.body.Objects[0] != want {
		p.body.Objects = []fyne.CanvasObject{want}
		p.root.Refresh()
	}
}

// restore opens the wizard for a backup; tables are those to begin with, none for all.
func (p *sandboxPage) restore(id backup.ID, tables []backup.Name) {
	p.do.Choose(p.shown.Name, id)
	p.wizard.begin(p.shown.Name, id, tables)
	p.place()
	p.refresh(p.state, p.shown)
	p.wizard.focus()
}

// restoreFolders opens the wizard for the folders of a backup.
func (p *sandboxPage) restoreFolders(id backup.ID) {
	p.do.Choose(p.shown.Name, id)
	p.wizard.beginFolders(p.shown.Name, id)
	p.place()
	p.refresh(p.state, p.shown)
	p.wizard.focus()
}

func (p *sandboxPage) closeWizard() {
	p.place()
	p.refresh(p.state, p.shown)
	p.turned()
}

// leave closes the innermost of what is open here, and says whether there was anything.
func (p *sandboxPage) leave() bool {
	if p.wizard.open {
		p.wizard.back()
		return true
	}
	if p.section == SectionUncovered {
		p.open(SectionBackups)
		return true
	}
	return p.section == SectionBackups && p.backups.leave()
}

func (p *sandboxPage) refresh(s State, shown Sandbox) {
	if shown.Name != p.shown.Name {
		p.wizard.open, p.section = false, SectionBackups
		p.tabs.choose(0)
		p.whole = whole{}
	}
	p.state, p.shown = s, shown
	name := sectionName(shown, p.section)
	p.tabs.call(slices.Index(sandboxSections(), SectionConnection), sectionName(shown, SectionConnection))
	called := plain(shown.Name)
	if shown.Sample && shown.Name != sampleName {
		called += " (" + lang.L("sample") + ")"
	}
	p.title.SetText(called + "  ›  " + lang.L("Settings") + "  ›  " + name)
	about := shown
	if p.wizard.open {
		p.title.SetText(plain(shown.Name) + "  ›  " + lang.L("Restore"))
		about = p.wizard.about(s, shown)
	}
	p.about = about.Name
	show(p.status.root, !p.wizard.open)
	p.tell(about)
	p.status.refresh(s, shown)
	p.place()
	p.refreshSection(s, shown)
	p.root.Refresh()
	p.bringUp(shown)
}

// bringUp brings the details of a backup into view that was just chosen, where not all has room.
func (p *sandboxPage) bringUp(shown Sandbox) {
	var id backup.ID
	if shown.Details != nil && p.section == SectionBackups && !p.wizard.open {
		id = shown.Details.ID
	}
	switch {
	case id == p.detail:
	case id == "":
		p.scroll.ScrollToTop()
	default:
		p.scroll.ScrollToBottom()
	}
	p.detail = id
}

func (p *sandboxPage) refreshSection(s State, shown Sandbox) {
	if p.wizard.open {
		p.wizard.refresh(s, shown)
		return
	}
	switch p.section {
	case SectionSchedule:
		p.schedule.refresh(s, shown)
	case SectionRetention:
		p.retention.refresh(s, shown)
	case SectionPermissions:
		p.permissions.refresh(s, shown)
	case SectionConnection:
		p.connection.refresh(s, shown)
	case SectionMedia:
		p.media.refresh(s, shown)
	case SectionDownloads:
		p.downloads.refresh(s, shown)
	case SectionUncovered:
		p.uncovered.refresh(shown)
	default:
		p.backups.refresh(s, shown)
	}
}
