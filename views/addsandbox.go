package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"
)

// addActions is all that the page for a new sandbox may ask of the program. Both answer later,
// through Shown or ShowAttempt.
type addActions interface {
	TrySandbox(name, url, password string)
	AddSandbox(name, url, password string)
}

// addSandbox is the page for a new sandbox.
type addSandbox struct {
	do                  addActions
	root                fyne.CanvasObject
	name, url, password *widget.Entry
	try, add            *widget.Button
	works               *widget.Label
	problem             *problem
}

func newAddSandbox(do addActions, clipboard func(string)) *addSandbox {
	a := &addSandbox{do: do, name: widget.NewEntry(), url: widget.NewEntry(), password: widget.NewPasswordEntry(), works: text(""), problem: newProblem(clipboard)}
	a.name.SetPlaceHolder("shop")
	a.url.SetPlaceHolder("postgres://app@localhost:5432/shop")
	a.password.SetPlaceHolder(lang.L("only if the server asks for one"))
	a.works.Importance = widget.SuccessImportance
	a.try = widget.NewButton(lang.L("Test"), func() { a.ask(a.do.TrySandbox) })
	a.add = primary(lang.L("Add and back up"), func() { a.ask(a.do.AddSandbox) })
	for _, e := range []*widget.Entry{a.name, a.url, a.password} {
		e.OnSubmitted = func(string) { a.ask(a.do.AddSandbox) }
	}
	form := widget.NewForm(
		widget.NewFormItem(lang.L("Name"), a.name),
		widget.NewFormItem(lang.L("Database"), a.url),
		widget.NewFormItem(lang.L("Password"), a.password),
	)
	a.root = container.NewVScroll(container.NewPadded(container.New(column{720}, container.NewVBox(
		heading(lang.L("Add a sandbox")),
		text(lang.L("A sandbox is one PostgreSQL database. It is backed up now, and every day from now on.")),
		form, a.works, a.problem.box,
		container.NewBorder(nil, nil, nil, container.NewHBox(a.try, a.add)),
	))))
	a.reset()
	return a
}

func (a *addSandbox) ask(what func(name, url, password string)) {
	if a.add.Disabled() {
		return
	}
	a.wait(true)
	what(a.name.Text, a.url.Text, a.password.Text)
}

func (a *addSandbox) wait(yes bool) {
	enable(a.try, !yes)
	enable(a.add, !yes)
	a.works.Hide()
	a.problem.refresh(nil)
}

// attempt shows what came of a try.
func (a *addSandbox) attempt(t Attempt) {
	a.wait(false)
	a.problem.refresh(t.Problem)
	if t.OK {
		a.works.SetText(lang.L("The connection works."))
		a.works.Show()
	}
}

// reset empties the page for the next time.
func (a *addSandbox) reset() {
	a.name.SetText("")
	a.url.SetText("")
	a.password.SetText("")
	a.wait(false)
}
