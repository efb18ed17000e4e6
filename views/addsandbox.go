package views

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"
)

// addActions is all that the page for a new sandbox may ask of the program. Both answer later,
// through Shell.ShowAttempt.
type addActions interface {
	foundActions
	AddFound(chosen []Chosen)
	TrySandbox(name, url, password string)
	// AddSandbox asks, by Attempt.Asks, where there are tables to leave out, and adds nothing then.
	AddSandbox(name, url, password string)
	// AddWithout adds one whose backups have no rows of some tables.
	AddWithout(name, url, password string, leaveOut []string)
	AddFolders(name string, folders, exclude []string)
}

// addSandbox is the page for a new sandbox: a database, or folders alone. Where the database is can be given as one URL or
// in fields; fields become a connection string.
type addSandbox struct {
	do                         addActions
	root                       fyne.CanvasObject
	scroll                     *container.Scroll
	name, url, password        *entry
	host, port, database, user *entry
	form                       *fyne.Container
	found                      *found
	protect                    *button
	turn                       *button
	fields                     bool
	try, add                   *button
	works                      *widget.Label
	noisy                      *operationalTables
	noisyAt                    string     // the address that they belong to
	kinds                      [2]*choice // a database, or folders alone
	ofDatabase                 *fyne.Container
	folders                    *addFolders
	problem                    *problem
}

func newAddSandbox(do addActions, k *keys, window fyne.Window, ask folderQuestion, clipboard func(string)) *addSandbox {
	a := &addSandbox{
		do: do, name: k.entry("shop"), url: k.entry("postgres://app@localhost:5432/shop"), password: k.secret(lang.L("only if the server asks for one")),
		host: k.entry("localhost"), port: k.entry("5432"), database: k.entry("shop"), user: k.entry("app"), works: text(""), problem: newProblem(k, clipboard),
		form: container.NewStack(),
	}
	a.works.Importance = widget.SuccessImportance
	a.problem.remedy = remedyInForm
	a.noisy = newOperationalTables(k)
	a.try = k.button(lang.L("Test the connection"), nil, func() { a.ask(a.do.TrySandbox) })
	a.add = k.primary(lang.L("Add and back up"), a.submit)
	a.protect = k.primary("", a.addFound)
	a.found = newFound(do, k, ask, clipboard, lang.L("No database was found on this machine. Look in a project’s folder, or add one by its address below."), a.sayFound)
	a.turn = k.quiet("", nil, func() { a.use(!a.fields) })
	for _, e := range []*entry{a.name, a.url, a.password, a.host, a.port, a.database, a.user} {
		e.OnSubmitted = func(string) { a.submit() }
	}
	a.kinds[0] = k.choice(lang.L("A PostgreSQL database"), "", func() { a.turnTo(false) })
	a.kinds[1] = k.choice(lang.L("Folders without a database"), "", func() { a.turnTo(true) })
	inARow(a.kinds[0].pressable, a.kinds[1].pressable)
	a.folders = newAddFolders(do, k, window, func() { a.wait(true) })
	a.ofDatabase = container.NewVBox(
		subheading(lang.L("On this machine")), a.found.root, atEnd(a.protect),
		subheading(lang.L("By its address")), a.form, a.works, a.noisy.root,
		container.NewHBox(a.turn, layout.NewSpacer(), a.try, a.add))
	a.scroll = container.NewVScroll(container.NewPadded(container.New(page{widest: 720}, container.NewVBox(
		heading(lang.L("Add a sandbox")),
		text(lang.L("A sandbox is one PostgreSQL database, or folders alone. It is backed up now, and every day from now on.")),
		container.NewGridWithColumns(2, a.kinds[0].pressable, a.kinds[1].pressable),
		a.ofDatabase, a.folders.root,
	))))
	a.root = footed(720, a.problem.panel, a.scroll)
	a.reset()
	return a
}

// addFound adds the databases that are ticked.
func (a *addSandbox) addFound() {
	if chosen := a.found.chosenOnes(); len(chosen) > 0 && !a.protect.Disabled() {
		a.wait(true)
		a.do.AddFound(chosen)
	}
}

// sayFound puts on the button what it begins.
func (a *addSandbox) sayFound() {
	n := len(a.found.names())
	a.protect.SetText(lang.N("Protect {{.N}} databases", n, values{"N": n}))
	show(a.protect, n > 0)
}

// turnTo shows the form for a database, or the one for folders alone.
func (a *addSandbox) turnTo(folders bool) {
	a.kinds[0].choose(!folders)
	a.kinds[1].choose(folders)
	show(a.ofDatabase, !folders)
	show(a.folders.root, folders)
	a.problem.refresh(nil)
	a.root.Refresh()
}

// use turns between the URL and the fields.
func (a *addSandbox) use(fields bool) {
	a.fields = fields
	item := widget.NewFormItem
	where := []*widget.FormItem{item(lang.L("Database"), a.url)}
	a.turn.SetText(lang.L("Enter fields instead"))
	if fields {
		where = []*widget.FormItem{item(lang.L("Server"), a.host), item(lang.L("Port"), a.port), item(lang.L("Database"), a.database), item(lang.L("User"), a.user)}
		a.turn.SetText(lang.L("Enter a URL instead"))
	}
	items := append([]*widget.FormItem{item(lang.L("Name"), a.name)}, where...)
	a.form.Objects = []fyne.CanvasObject{widget.NewForm(append(items, item(lang.L("Password"), a.password))...)}
	a.form.Refresh()
}

// where is the URL, or the connection string made of the fields.
func (a *addSandbox) where() string {
	if !a.fields {
		return strings.TrimSpace(a.url.Text)
	}
	var parts []string
	for _, f := range []struct {
		key string
		e   *entry
	}{{"host", a.host}, {"port", a.port}, {"dbname", a.database}, {"user", a.user}} {
		if v := strings.TrimSpace(f.e.Text); v != "" {
			parts = append(parts, f.key+"="+quoted(v))
		}
	}
	return strings.Join(parts, " ")
}

// quoted is a value as a connection string has it: nothing in it ends it early.
func quoted(v string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(v) + "'"
}

// submit adds the sandbox; where its tables were asked about, without those that are ticked.
func (a *addSandbox) submit() {
	if a.noisyAt == "" || a.noisyAt != a.where() {
		a.ask(a.do.AddSandbox)
		return
	}
	leaveOut := a.noisy.leftOut()
	a.ask(func(name, url, password string) { a.do.AddWithout(name, url, password, leaveOut) })
}

func (a *addSandbox) ask(what func(name, url, password string)) {
	if a.add.Disabled() {
		return
	}
	a.wait(true)
	what(strings.TrimSpace(a.name.Text), a.where(), a.password.Text)
}

func (a *addSandbox) wait(yes bool) {
	enable(a.try, !yes)
	enable(a.add, !yes)
	enable(a.protect, !yes)
	enable(a.folders.add, !yes)
	a.works.SetText("") // its line stays, and so do the buttons
	a.problem.refresh(nil)
}

// attempt shows what came of a try.
func (a *addSandbox) attempt(t Attempt) {
	a.wait(false)
	a.problem.refresh(t.Problem)
	if t.OK {
		a.works.SetText(lang.L("The connection works."))
	}
	if t.OK && len(t.Asks) > 0 {
		a.works.SetText(lang.L("The connection works. Say which rows are left out, then add it."))
		a.noisyAt = a.where()
		a.noisy.set(t.Asks)
		a.scroll.Refresh()
		a.scroll.ScrollToBottom()
	}
}

// reset empties the page for the next time.
func (a *addSandbox) reset() {
	for _, e := range []*entry{a.name, a.url, a.password, a.host, a.port, a.database, a.user} {
		e.SetText("")
	}
	a.noisyAt = ""
	a.noisy.set(nil)
	clear(a.noisy.left)
	a.use(false)
	a.folders.reset()
	a.turnTo(false)
	a.wait(false)
}
