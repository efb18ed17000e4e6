package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
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
	about   string // the sandbox that what runs and what failed belong to

	root     fyne.CanvasObject
	title    *widget.Label
	tabs     *tabs
	alarm    *alarm
	restored *restored
	busy     *busyPanel
	problem  *problem
	body     *fyne.Container

	backups     *backups
	schedule    *schedule
	retention   *retention
	permissions *permissions
	connection  *connection
	wizard      *wizard
}

func newSandboxPage(s *Shell, k *keys, clipboard func(string)) *sandboxPage {
	p := &sandboxPage{do: s.do, title: heading("")}
	p.problem = newProblem(k, clipboard)
	p.problem.offers(s.do, k)
	p.alarm = newAlarm(k, s.restoreLost, s.askAgree, s.do.Acknowledge)
	p.restored = newRestored(s.do, k)
	p.busy = newBusyPanel(k, func() { p.do.Cancel(p.about) })
	p.tabs = newTabs(k, []string{lang.L("Backups"), lang.L("Schedule"), lang.L("Retention"), lang.L("Permissions"), lang.L("Connection")}, func(i int) { p.open(Section(i)) })
	p.backups = newBackups(s.do, k, clipboard, p.restore, s.askText)
	p.schedule = newSchedule(s.do, k)
	p.retention = newRetention(s.do, k)
	p.permissions = newPermissions(s.do, k, s.confirm)
	p.connection = newConnection(s.do, k, clipboard, s.confirm)
	p.connection.removeSample = s.askRemoveSample
	p.wizard = newWizard(s, k, clipboard, p.closeWizard)
	p.body = container.NewStack()
	top := container.NewVBox(p.title, p.tabs.row, p.alarm.panel, p.restored.panel, p.busy.panel, p.problem.panel)
	p.root = container.NewVScroll(container.NewPadded(container.NewBorder(top, nil, nil, nil, p.body))) // it scrolls only where all of it has no room
	p.tabs.choose(int(SectionBackups))
	return p
}

// open turns to a section.
func (p *sandboxPage) open(at Section) {
	p.section = at
	p.tabs.choose(int(at))
	p.do.Look(Place{Sandbox: p.shown.Name, Section: at})
	p.refresh(p.state, p.shown)
}

// place puts what is shown under the title.
func (p *sandboxPage) place() {
	want := []fyne.CanvasObject{p.backups.root, p.schedule.root, p.retention.root, p.permissions.root, p.connection.root}[p.section]
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

func (p *sandboxPage) closeWizard() {
	p.place()
	p.refresh(p.state, p.shown)
}

// leave closes the innermost of what is open here, and says whether there was anything.
func (p *sandboxPage) leave() bool {
	if p.wizard.open {
		p.wizard.back()
		return true
	}
	return p.section == SectionBackups && p.backups.leave()
}

func (p *sandboxPage) refresh(s State, shown Sandbox) {
	if shown.Name != p.shown.Name {
		p.wizard.open, p.section = false, SectionBackups
		p.tabs.choose(int(SectionBackups))
	}
	p.state, p.shown = s, shown
	name := []string{lang.L("Backups"), lang.L("Schedule"), lang.L("Retention"), lang.L("Permissions"), lang.L("Connection")}[p.section]
	called := plain(shown.Name)
	if shown.Sample {
		called += " (" + lang.L("sample") + ")"
	}
	p.title.SetText(called + "  ›  " + lang.L("Settings") + "  ›  " + name)
	about := shown
	if p.wizard.open {
		p.title.SetText(plain(shown.Name) + "  ›  " + lang.L("Restore"))
		about = p.wizard.about(s, shown)
	}
	p.alarm.refresh(shown, s)
	p.restored.refresh(shown, s)
	if p.wizard.open || p.section != SectionBackups {
		p.alarm.Hide()
		p.restored.Hide()
	}
	p.about = about.Name
	p.busy.refresh(about.Busy)
	p.problem.refresh(about.Problem)
	p.problem.offer(about.CanGoUnsaved, about.Name)
	p.place()
	p.refreshSection(s, shown)
	p.root.Refresh()
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
	default:
		p.backups.refresh(s, shown)
	}
}
