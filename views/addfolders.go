package views

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// addFolders is the form for a new sandbox without a database: its name, its folders, and what is left out
// of them.
type addFolders struct {
	do      addActions
	keys    *keys
	window  fyne.Window
	root    *fyne.Container
	name    *entry
	typed   *entry
	exclude *entry
	rows    *fyne.Container
	folders []string
	add     *button
	begin   func() // says that the program is asked
}

func newAddFolders(do addActions, k *keys, window fyne.Window, begin func()) *addFolders {
	a := &addFolders{do: do, keys: k, window: window, begin: begin, name: k.entry("code"), typed: k.entry("/home/me/code"), exclude: k.entry("node_modules/, *.tmp"), rows: container.NewVBox()}
	a.add = k.primary(lang.L("Add and back up"), a.submit)
	choose := k.button(lang.L("Choose…"), theme.FolderOpenIcon(), func() { chooseFolder(window, lang.L("Add this folder"), a.typed.Text, a.put) })
	addIt := k.button(lang.L("Add"), theme.ContentAddIcon(), func() { a.put(a.typed.Text) })
	a.typed.OnSubmitted = func(path string) { a.put(path) }
	a.name.OnSubmitted = func(string) { a.submit() }
	a.exclude.OnSubmitted = func(string) { a.submit() }
	item := widget.NewFormItem
	out := item(lang.L("Left out"), a.exclude)
	out.HintText = lang.L("Names with * and ?, at any depth; a slash at the end means folders only.")
	a.root = container.NewVBox(
		text(lang.L("For what belongs to no database, such as code and its secret files. Only who has the recovery key can read the backups.")),
		widget.NewForm(item(lang.L("Name"), a.name), item(lang.L("Folder"), container.NewBorder(nil, nil, nil, container.NewHBox(choose, addIt), a.typed)), out),
		a.rows, atEnd(a.add))
	a.reset()
	return a
}

// put takes a folder in.
func (a *addFolders) put(path string) {
	if path = strings.TrimSpace(path); path != "" && !slices.Contains(a.folders, path) {
		a.folders = append(a.folders, path)
	}
	a.typed.SetText("")
	a.draw()
}

func (a *addFolders) draw() {
	a.rows.Objects = nil
	for _, path := range a.folders {
		remove := a.keys.quiet(lang.L("Remove"), nil, func() {
			a.folders = slices.DeleteFunc(a.folders, func(f string) bool { return f == path })
			a.draw()
			a.window.Canvas().Focus(a.typed) // what had the focus is gone
		})
		a.rows.Add(newPanel(theme.ColorNameSeparator, container.NewBorder(nil, nil, nil, container.NewCenter(remove), line(plain(path)))))
	}
	a.rows.Refresh()
}

// submit asks for what was typed; a folder that was typed and not added yet counts.
func (a *addFolders) submit() {
	if a.add.Disabled() {
		return
	}
	a.put(a.typed.Text)
	a.begin()
	a.do.AddFolders(strings.TrimSpace(a.name.Text), slices.Clone(a.folders), patterns(a.exclude.Text))
}

func (a *addFolders) reset() {
	a.name.SetText("")
	a.typed.SetText("")
	a.exclude.SetText(strings.Join(backup.FoldersOnlyExclusion(), ", "))
	a.folders = nil
	a.draw()
}
