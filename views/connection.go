package views

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// connectionActions is all that Settings › Connection may ask of the program. The first two
// answer through Shell.ShowAttempt.
type connectionActions interface {
	TryConnection(edited backup.Sandbox, password string)
	SaveSandbox(edited backup.Sandbox, password string)
	SetDrill(sandbox string, on bool)
	Drill(sandbox string, id backup.ID)
	RemoveSandbox(sandbox string)
}

// connection is the section sandbox › Settings › Connection: where the database is, what of it is
// backed up, and what goes on around that.
type connection struct {
	do      connectionActions
	shown   Sandbox
	was     backup.Sandbox // that the form was filled from
	wasText string
	waiting bool

	removeSample func() // asks whether the sample is to go

	root                                 fyne.CanvasObject
	host, port, database, user, password *entry
	exclude, schemas, before, after      *entry
	limit                                *entry
	watch, drill                         *tick
	inside                               *widget.Label
	drilled                              *widget.Label
	works                                *widget.Label
	problem                              *problem
	ofDatabase                           []fyne.CanvasObject // shown only where there is one
	test, save, tryNow                   *button
	list                                 *list
	tables                               []backup.Table
}

func newConnection(do connectionActions, k *keys, clipboard func(string), confirm func(title, words, verb string, do func())) *connection {
	p := &connection{do: do, inside: caption(""), drilled: text(""), works: text(""), problem: newProblem(k, clipboard)}
	p.works.Importance = widget.SuccessImportance
	p.host, p.port, p.database, p.user = k.entry("localhost"), k.entry("5432"), k.entry("shop"), k.entry("app")
	p.password = k.secret(lang.L("unchanged"))
	p.exclude, p.schemas = k.entry("audit_logs, public.*_jobs"), k.entry(lang.L("all schemas"))
	p.before, p.after = k.entry(lang.L("such as: systemctl --user stop app")), k.entry(lang.L("such as: systemctl --user start app"))
	p.limit = k.entry(strconv.Itoa(backup.DefaultLossLimit))
	for _, e := range []*entry{p.host, p.port, p.database, p.user, p.password, p.exclude, p.schemas, p.before, p.after, p.limit} {
		e.OnSubmitted = func(string) { p.submit() }
	}
	p.exclude.OnChanged = func(string) { p.list.Refresh() }
	p.watch = k.tick(lang.L("Raise an alarm when tables vanish or lose rows"), func(on bool) { enable(p.limit, on) })
	p.drill = k.tick(lang.L("Try a restore of the newest backup every month"), func(on bool) { p.do.SetDrill(p.shown.Name, on) })
	p.tryNow = k.button(lang.L("Try a restore now"), nil, func() {
		if newest := newestOf(p.shown); newest != nil {
			p.do.Drill(p.shown.Name, newest.ID)
		}
	})
	p.test = k.button(lang.L("Test the connection"), nil, func() { p.send(p.do.TryConnection) })
	p.save = k.primary(lang.L("Save"), p.submit)
	p.list = k.list(func() int { return len(p.tables) }, newTickRow, p.draw)
	p.list.OnSelected = p.turn
	remove := k.button(lang.L("Remove the sandbox…"), nil, func() {
		if p.shown.Sample {
			p.removeSample()
			return
		}
		name := p.shown.Name
		confirm(lang.L("Remove {{.Name}}?", values{"Name": plain(name)}),
			lang.L("It is not backed up any more. Its database is not touched, and its backups stay in the vault."), lang.L("Remove the sandbox"), func() { p.do.RemoveSandbox(name) })
	})
	p.build(remove)
	return p
}

func (p *connection) build(remove *button) {
	item := widget.NewFormItem
	labels := widestLabel(lang.L("Server"), lang.L("Database"), lang.L("User"), lang.L("Password"), lang.L("Only these schemas"), lang.L("Tables without rows"), lang.L("Before"), lang.L("After"))
	server := form(labels,
		item(lang.L("Server"), container.NewBorder(nil, nil, nil, container.NewStack(widthOf(90), p.port), p.host)),
		item(lang.L("Database"), p.database), item(lang.L("User"), p.user), item(lang.L("Password"), p.password))
	left := form(labels, item(lang.L("Only these schemas"), p.schemas), item(lang.L("Tables without rows"), p.exclude))
	around := form(labels, item(lang.L("Before"), p.before), item(lang.L("After"), p.after))
	limit := container.NewHBox(widthOf(24), widget.NewLabel(lang.L("more than")), container.NewStack(widthOf(70), p.limit), widget.NewLabel(lang.L("percent of a table, from one backup to the next")))
	place := []fyne.CanvasObject{
		subheading(lang.L("Where the database is")), p.inside, server,
		subheading(lang.L("What is left out")),
		text(lang.L("The definition of such a table is kept, its rows are not. Patterns may have * and ?; tick tables below to add them.")),
		left, container.NewStack(tallOf(150), p.list),
	}
	pause := text(lang.L("To pause the application, so that files and database belong together. What stands after runs also when the backup fails."))
	guards := []fyne.CanvasObject{
		subheading(lang.L("Data loss")), p.watch, limit,
		subheading(lang.L("Restore drill")), p.drill, container.NewBorder(nil, nil, nil, container.NewCenter(p.tryNow), p.drilled),
	}
	p.ofDatabase = slices.Concat(place, guards, []fyne.CanvasObject{p.test})
	whole := scrolled(760, container.NewVBox(slices.Concat(place,
		[]fyne.CanvasObject{subheading(lang.L("Commands around a backup")), pause, around}, guards,
		[]fyne.CanvasObject{widget.NewSeparator(), container.NewHBox(remove)})...))
	foot := container.NewVBox(p.works, p.problem.panel, container.NewHBox(layout.NewSpacer(), p.test, p.save))
	p.root = container.NewBorder(nil, foot, nil, nil, whole)
}

func newestOf(b Sandbox) *backup.Backup {
	for i := range b.Backups {
		if k := &b.Backups[i]; k.Restorable() && k.Trigger != backup.PreRestore {
			return k
		}
	}
	return nil
}

// draw shows a table and whether its rows are left out, by its name or by a pattern.
func (p *connection) draw(i widget.ListItemID, o fyne.CanvasObject) {
	t := &p.tables[i]
	by := p.leftOutBy(t)
	words := rows(t.Rows)
	switch {
	case t.Excluded:
		words = ""
	case by == "" && backup.Operational(backup.Name{Schema: t.Schema, Name: t.Name}):
		words = lang.L("could be left out")
	}
	if by != "" && by != t.Schema+"."+t.Name {
		words = lang.L("by {{.Pattern}}", values{"Pattern": plain(by)})
	}
	drawTick(o, by != "", plain(t.Schema+"."+t.Name), words, size(t.Bytes))
}

// turn leaves a table's rows out, or takes them in again. A pattern is changed by hand.
func (p *connection) turn(i widget.ListItemID) {
	p.list.UnselectAll()
	t := &p.tables[i]
	whole, all := t.Schema+"."+t.Name, patterns(p.exclude.Text)
	switch by := p.leftOutBy(t); by {
	case "":
		all = append(all, whole)
	case whole:
		all = slices.DeleteFunc(all, func(s string) bool { return s == whole })
	}
	p.exclude.SetText(strings.Join(all, ", "))
}

// leftOutBy gives the pattern that leaves out the rows of a table; "" for none.
func (p *connection) leftOutBy(t *backup.Table) string {
	for _, pattern := range patterns(p.exclude.Text) {
		if fits(pattern, t.Name) || fits(pattern, t.Schema+"."+t.Name) {
			return pattern
		}
	}
	return ""
}

// patterns splits what is typed.
func patterns(text string) (all []string) {
	for s := range strings.SplitSeq(text, ",") {
		if s = strings.TrimSpace(s); s != "" {
			all = append(all, s)
		}
	}
	return all
}

// fits compares a name with a pattern that has * for any characters and ? for one.
func fits(pattern, name string) bool {
	if pattern == "" {
		return name == ""
	}
	switch {
	case pattern[0] == '*':
		return fits(strings.TrimLeft(pattern, "*"), name) || name != "" && fits(pattern, name[1:])
	case name == "":
		return false
	case pattern[0] == '?' || pattern[0] == name[0]:
		return fits(pattern[1:], name[1:])
	}
	return false
}

// edited is the sandbox as the form has it.
func (p *connection) edited() (backup.Sandbox, error) {
	s := p.was
	s.Before, s.After = strings.TrimSpace(p.before.Text), strings.TrimSpace(p.after.Text)
	if s.FoldersOnly {
		return s, nil
	}
	port, err := strconv.ParseUint(strings.TrimSpace(p.port.Text), 10, 16)
	if err != nil {
		return s, backup.Errorf(backup.Usage, "", "%s", lang.L("The port is a number up to 65535."))
	}
	s.Connection.Host, s.Connection.Port = strings.TrimSpace(p.host.Text), uint16(port)
	s.Connection.Database, s.Connection.User = strings.TrimSpace(p.database.Text), strings.TrimSpace(p.user.Text)
	s.ExcludeTables, s.Schemas = patterns(p.exclude.Text), patterns(p.schemas.Text)
	s.LossLimit = -1
	if p.watch.Checked {
		limit, err := strconv.Atoi(strings.TrimSpace(p.limit.Text))
		if err != nil || limit < 1 || limit > 100 {
			return s, backup.Errorf(backup.Usage, "", "%s", lang.L("The limit is a number from 1 to 100."))
		}
		s.LossLimit = limit
	}
	return s, nil
}

func (p *connection) submit() { p.send(p.do.SaveSandbox) }

func (p *connection) send(do func(backup.Sandbox, string)) {
	if p.waiting || p.shown.Connection == nil {
		return
	}
	edited, err := p.edited()
	p.works.Hide()
	p.problem.refresh(backup.FaultOf(err))
	if err == nil {
		p.wait(true)
		do(edited, p.password.Text)
	}
}

func (p *connection) wait(yes bool) {
	p.waiting = yes
	enable(p.test, !yes)
	enable(p.save, !yes)
}

// attempt shows what came of a test or of saving.
func (p *connection) attempt(a Attempt) {
	p.wait(false)
	if a.Sandbox != p.shown.Name {
		return
	}
	p.problem.refresh(a.Problem)
	show(p.works, a.OK)
	p.works.SetText(lang.L("The connection works."))
	if a.OK && a.Saved {
		p.password.SetText("")
		p.works.SetText(lang.L("Saved."))
	}
}

func (p *connection) refresh(s State, shown Sandbox) {
	other := shown.Name != p.shown.Name
	p.shown = shown
	enable(p.tryNow, shown.Busy == nil && newestOf(shown) != nil)
	if shown.Connection == nil {
		return
	}
	c := shown.Connection
	if text := fmt.Sprintf("%+v", withoutSwitch(c.Sandbox)); other || text != p.wasText { // what is typed stays until the truth is another
		p.wasText = text
		p.fill(c.Sandbox)
	}
	showAll(p.ofDatabase, !shown.FoldersOnly)
	show(p.inside, !shown.FoldersOnly && p.inside.Text != "")
	p.was.NoRestore = c.Sandbox.NoRestore
	p.tables = c.Tables
	p.drill.set(c.Drill)
	p.drilled.SetText(drilledWords(c.Drilled, s))
	p.list.Refresh()
}

func withoutSwitch(s backup.Sandbox) backup.Sandbox {
	s.NoRestore = false
	return s
}

func (p *connection) fill(s backup.Sandbox) {
	p.was = s
	c := s.Connection
	p.host.SetText(c.Host)
	p.port.SetText(strconv.Itoa(int(c.Port)))
	p.database.SetText(c.Database)
	p.user.SetText(c.User)
	p.password.SetText("")
	p.exclude.SetText(strings.Join(s.ExcludeTables, ", "))
	p.schemas.SetText(strings.Join(s.Schemas, ", "))
	p.before.SetText(s.Before)
	p.after.SetText(s.After)
	p.watch.set(s.LossLimit >= 0)
	enable(p.limit, s.LossLimit >= 0)
	limit := s.LossLimit
	if limit <= 0 {
		limit = backup.DefaultLossLimit
	}
	p.limit.SetText(strconv.Itoa(limit))
	p.inside.SetText("")
	if c.Container.Name != "" {
		p.inside.SetText(lang.L("In the {{.Container}}; server and port are as seen inside it.", values{"Container": plain(c.Container.String())}))
	}
	p.works.Hide()
	p.problem.refresh(nil)
}

func drilledWords(d Drilled, s State) string {
	if d.At.IsZero() {
		return lang.L("Not tried yet. A drill restores into a scratch database, reads everything back, compares it and drops it.")
	}
	with := values{"When": Moment(d.At.In(s.Zone)), "Seconds": int(d.Seconds + 0.5), "Reason": translated(d.Reason)}
	if d.Proven {
		return lang.L("Proven on {{.When}}, in {{.Seconds}} s: everything was read back and matched.", with)
	}
	return lang.L("Tried on {{.When}}: {{.Reason}}", with)
}
