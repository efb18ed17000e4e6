package views

import (
	"fmt"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// activityActions is all that the Activity page may ask of the program.
type activityActions interface {
	Look(at Place)
	Cancel(sandbox string)
}

// activity shows what runs and what ran in all sandboxes, and the audit log.
type activity struct {
	do      activityActions
	keys    *keys
	state   State
	section Section
	runs    []Run
	entries []backup.AuditEntry
	chosen  int // the row whose details are shown; -1: none

	root    fyne.CanvasObject
	tabs    *tabs
	running map[string]*busyPanel // by sandbox
	now     *fyne.Container
	filter  *entry
	chain   *panel
	broken  *widget.Label
	list    *list
	heads   *fyne.Container
	empty   *widget.Label
	problem *problem
	detail  *widget.Label
}

func newActivity(do activityActions, k *keys, clipboard func(string)) *activity {
	p := &activity{do: do, keys: k, section: SectionRuns, chosen: -1, running: map[string]*busyPanel{}, now: container.NewVBox(), broken: text(""), empty: text(""), detail: text(""), problem: newProblem(k, clipboard)}
	p.tabs = newTabs(k, []string{lang.L("Runs"), lang.L("Audit log")}, func(i int) { p.open(SectionRuns + Section(i)) })
	p.filter = k.entry(lang.L("Filter by sandbox, action, outcome"))
	p.filter.OnChanged = func(string) { p.chosen = -1; p.arrange() }
	p.broken.TextStyle.Bold = true
	p.chain = newPanel(theme.ColorNameError, p.broken)
	p.list = k.list(p.length, newActivityRow, p.draw)
	p.list.OnSelected = func(i widget.ListItemID) { p.chosen = i; p.detailOf() }
	p.heads = newActivityHeads()
	p.empty.Alignment = fyne.TextAlignCenter
	top := container.NewVBox(heading(lang.L("Activity")), p.tabs.row, p.chain, p.filter, p.heads)
	foot := container.NewVBox(p.now, p.problem.panel, p.detail) // when a run begins by itself, no row moves
	middle := container.NewStack(p.list, container.NewCenter(container.NewStack(widthOf(340), p.empty)))
	p.root = container.NewVScroll(container.NewPadded(over(top, container.NewBorder(nil, foot, nil, nil, middle))))
	return p
}

// activityColumns are the time, the sandbox over who did it, what was done over how it was begun,
// and how it ended over what came of it.
func activityColumns() columns {
	what := widest(lang.L("Restore"), lang.L("Restore undone"), string(backup.ActionCreate))
	return columns{{width: widest("8888-88-88 88:88")}, {width: 125, grow: 1}, {width: what, grow: 0.5}, {width: 160, grow: 2}}
}

func newActivityRow() fyne.CanvasObject {
	var cells []fyne.CanvasObject
	for range activityColumns() {
		cells = append(cells, tight(line(""), caption("")))
	}
	return newColumns(activityColumns(), cells...)
}

func newActivityHeads() *fyne.Container {
	var cells []fyne.CanvasObject
	for range activityColumns() {
		cells = append(cells, caption(""))
	}
	return newColumns(activityColumns(), cells...)
}

// open turns to the runs or to the log.
func (p *activity) open(at Section) {
	p.section, p.chosen = at, -1
	p.list.UnselectAll()
	p.tabs.choose(int(at - SectionRuns))
	names := []string{lang.L("Time"), lang.L("Sandbox"), lang.L("Run"), lang.L("Outcome")}
	if at == SectionAudit {
		names = []string{lang.L("Time"), lang.L("Sandbox"), lang.L("Action"), lang.L("Decision")}
	}
	for i, n := range names {
		p.heads.Objects[i].(*widget.Label).SetText(n)
	}
	p.do.Look(Place{Section: at})
	p.arrange()
}

func (p *activity) length() int {
	if p.section == SectionAudit {
		return len(p.entries)
	}
	return len(p.runs)
}

func (p *activity) leave() bool {
	if p.filter.Text == "" {
		return false
	}
	p.filter.SetText("")
	return true
}

func (p *activity) refresh(s State) {
	p.state = s
	p.drawRunning(s)
	p.arrange()
}

// drawRunning shows what runs. Panels are kept, so that the focus on a Cancel stays.
func (p *activity) drawRunning(s State) {
	p.now.Objects = nil
	for i := range s.Sandboxes {
		b := &s.Sandboxes[i]
		name := b.Name
		if b.Busy != nil && p.running[name] == nil {
			p.running[name] = newBusyPanel(p.keys, func() { p.do.Cancel(name) })
		}
		if panel := p.running[name]; panel != nil {
			panel.refresh(b.Busy)
			p.now.Add(panel.panel)
		}
	}
	p.now.Refresh()
}

// arrange takes what passes the filter.
func (p *activity) arrange() {
	a, wanted := p.state.Activity, strings.ToLower(strings.TrimSpace(p.filter.Text))
	has := func(cells [][2]string, more string) bool {
		return strings.Contains(strings.ToLower(fmt.Sprint(cells, more)), wanted)
	}
	p.runs, p.entries = nil, nil
	show(p.chain, a != nil && p.section == SectionAudit && (a.Broken != nil || len(a.Warnings) > 0))
	if a != nil {
		for i := range a.Runs {
			if has(p.runCells(&a.Runs[i]), "") {
				p.runs = append(p.runs, a.Runs[i])
			}
		}
		for i := range a.Audit {
			if has(p.auditCells(&a.Audit[i]), a.Audit[i].Object) {
				p.entries = append(p.entries, a.Audit[i])
			}
		}
		p.sayChain(a)
	}
	switch {
	case a == nil:
		p.empty.SetText(lang.L("Reading the history…"))
	case p.length() > 0:
		p.empty.SetText("")
	case wanted != "":
		p.empty.SetText(lang.L("Nothing matches the filter."))
	default:
		p.empty.SetText(lang.L("Nothing has happened yet."))
	}
	show(p.heads, p.length() > 0)
	p.list.Refresh()
	p.detailOf()
	p.root.Refresh()
}

// sayChain says that the log was changed, or what could not be checked.
func (p *activity) sayChain(a *Activity) {
	p.chain.edge, p.broken.Importance = theme.ColorNameWarning, widget.MediumImportance
	var said []string
	for _, w := range a.Warnings {
		said = append(said, sentence(translated(w))+".")
	}
	words := strings.Join(said, " ")
	if a.Broken != nil {
		p.chain.edge, p.broken.Importance = theme.ColorNameError, widget.DangerImportance
		words = lang.L("The log cannot be trusted: {{.Why}}. {{.Hint}}", values{"Why": translated(a.Broken.Text), "Hint": translated(a.Broken.Hint)})
	}
	p.broken.SetText(sentence(words))
	p.chain.Refresh()
}

func (p *activity) draw(i widget.ListItemID, o fyne.CanvasObject) {
	var cells [][2]string
	importance := widget.MediumImportance
	if p.section == SectionAudit {
		cells = p.auditCells(&p.entries[i])
		if p.entries[i].Decision == backup.Deny {
			importance = widget.WarningImportance
		}
	} else {
		cells = p.runCells(&p.runs[i])
		if s := p.runs[i].Status; s == backup.StatusFailed || s == backup.StatusInterrupted {
			importance = widget.DangerImportance
		}
	}
	for n, cell := range o.(*fyne.Container).Objects {
		both := cell.(*fyne.Container).Objects
		over, under := both[0].(*widget.Label), both[1].(*widget.Label)
		over.Importance = widget.MediumImportance
		if n == len(cells)-1 {
			over.Importance = importance
		}
		over.SetText(cells[n][0])
		under.SetText(cells[n][1])
	}
}

func (p *activity) runCells(r *Run) [][2]string {
	outcome, status := "", statusWords(r.Status)
	switch {
	case r.Skipped != "":
		outcome, status = sentence(skipWords(r.Skipped)), lang.L("not begun")
	case r.Status == backup.StatusDeleted:
		outcome = lang.L("by {{.Who}}", values{"Who": remover(r)}) // why is below, in whole
	case r.Error != nil:
		outcome = sentence(translated(r.Error.Text))
	case r.Finished.After(r.Started):
		outcome = lang.L("took {{.Time}}", values{"Time": took(r.Finished.Sub(r.Started))})
	}
	return [][2]string{{stamp(r.Started.In(p.zone()))}, {plain(r.Sandbox), plain(r.Who)}, {runWords(r), triggerOf(r)}, {status, outcome}}
}

func (p *activity) zone() *time.Location {
	if p.state.Zone == nil {
		return time.UTC
	}
	return p.state.Zone
}

func runWords(r *Run) string {
	switch r.Kind {
	case RunRestore:
		return lang.L("Restore")
	case RunUndo:
		return lang.L("Restore undone")
	default:
		return lang.L("Backup")
	}
}

// goneWords says who deleted a backup, and why; "" when nobody did.
func goneWords(r *Run, s State) string {
	if r.GoneBy == "" {
		return ""
	}
	why := lang.L("it was asked for")
	if !strings.HasPrefix(r.GoneWhy, "asked for") {
		why = reasonWords(&backup.Fate{Backup: &backup.Backup{Started: r.Started}, Reason: r.GoneWhy}, s)
	}
	return lang.L("deleted by {{.Who}}: {{.Why}}", values{"Who": remover(r), "Why": why})
}

// remover is who deleted a backup.
func remover(r *Run) string {
	if strings.HasPrefix(r.GoneBy, "plan, for ") {
		return lang.L("the plan")
	}
	return plain(r.GoneBy)
}

// triggerOf is how a backup was begun; a restore has none.
func triggerOf(r *Run) string {
	if r.Kind != RunBackup {
		return ""
	}
	return triggerWords(r.Trigger)
}

// took says how long something took.
func took(d time.Duration) string {
	if d < time.Minute {
		return lang.L("{{.N}} s", values{"N": int(d.Seconds() + 0.5)})
	}
	return lang.L("{{.N}} min", values{"N": int(d.Minutes() + 0.5)})
}

func (p *activity) auditCells(e *backup.AuditEntry) [][2]string {
	outcome := translated(e.Outcome)
	if outcome == "" && e.Decision != "" && !approved(e) && e.Detail != string(e.Decision) {
		outcome = translated(e.Detail)
	}
	sandbox := plain(e.Sandbox)
	if sandbox == "" {
		sandbox = "–"
	}
	return [][2]string{{stamp(e.At.In(p.zone()))}, {sandbox, plain(e.Who)}, {string(e.Action)}, {decidedWords(e), outcome}}
}

// approved says that a person was asked, and said yes.
func approved(e *backup.AuditEntry) bool {
	return e.Decision == backup.Allow && e.Detail == string(backup.Ask)
}

func decidedWords(e *backup.AuditEntry) string {
	switch {
	case approved(e):
		return lang.L("approved")
	case e.Decision == backup.Allow:
		return lang.L("allowed")
	case e.Decision == backup.Ask:
		return lang.L("asked")
	case e.Decision == backup.Deny:
		return lang.L("denied")
	default:
		return lang.L("ended")
	}
}

// detailOf shows what there is to know of the chosen row.
func (p *activity) detailOf() {
	p.problem.refresh(nil)
	p.detail.SetText("")
	if p.chosen >= 0 && p.chosen < p.length() {
		if p.section == SectionAudit {
			e := &p.entries[p.chosen]
			p.detail.SetText(facts(wholeMoment(e.At.In(p.zone())), plain(e.Who), viaWords(e.Origin), string(e.Action), plain(e.Object), translated(e.Detail), translated(e.Outcome)))
		} else {
			r := &p.runs[p.chosen]
			p.problem.refresh(r.Error)
			p.detail.SetText(facts(wholeMoment(r.Started.In(p.zone())), runWords(r), triggerOf(r), plain(r.Into), goneWords(r, p.state), string(r.ID)))
		}
	}
	show(p.detail, p.detail.Text != "")
}
