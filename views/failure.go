package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// ShowFailure fills a window with why the program cannot start. Its button and Escape call quit; openLog
// is called for the log, and says on Fyne's goroutine why that cannot be shown. Call it on that
// goroutine too, once the window shows.
func ShowFailure(window fyne.Window, f *backup.Fault, clipboard func(string), openLog func(said func(*backup.Fault)), quit func()) {
	unopened := text("")
	unopened.Hide()
	k := &keys{escape: quit, refresh: func() {}, help: func() {}, shortcut: ours}
	k.log = func() {
		openLog(func(f *backup.Fault) {
			unopened.SetText(translated(f.Text) + ". " + translated(f.Hint))
			unopened.Show()
		})
	}
	why := newProblem(k, clipboard)
	why.refresh(f)
	end := k.button(lang.L("Quit"), nil, quit)
	end.Importance = widget.HighImportance
	page := container.NewVBox(
		subheading(lang.L("Holdfast cannot start")), text(lang.L("No backups are taken until this is solved.")), why, unopened, container.NewHBox(end))
	window.SetContent(container.NewPadded(page))
	page.Refresh() // texts know how high they are once they have their width
	window.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) { k.typed(e) })
	window.Canvas().Focus(end)
}
