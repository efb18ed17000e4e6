package views

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// menuFor gives what can be done with a backup.
func (b *backups) menuFor(k *backup.Backup) *fyne.Menu {
	idle := b.shown.Busy == nil
	held := k.Status == backup.StatusCompleted
	pin := lang.L("Pin")
	if k.Pinned {
		pin = lang.L("Unpin")
	}
	item := func(label string, can bool, do func(*backup.Backup)) *fyne.MenuItem {
		i := fyne.NewMenuItem(label, func() {
			if can { // Fyne lets Enter press what is disabled
				do(k)
			}
		})
		i.Disabled = !can
		return i
	}
	copied := func(text string) func(*backup.Backup) { return func(*backup.Backup) { b.clipboard(text) } }
	return fyne.NewMenu("",
		item(lang.L("Restore…"), idle && k.Restorable() && b.shown.AllowRestore, b.restoreIt),
		item(lang.L("Download…"), k.Restorable(), b.writeIt),
		fyne.NewMenuItemSeparator(),
		item(lang.L("Verify"), idle && held, b.verifyIt),
		item(lang.L("Try a restore"), idle && held && k.Holds(backup.ScopeDatabase), b.drillIt),
		fyne.NewMenuItemSeparator(),
		item(pin, held, b.pinIt),
		item(lang.L("Note…"), held, b.noteIt),
		item(lang.L("Delete…"), idle && k.Status != backup.StatusRunning, b.removeIt),
		fyne.NewMenuItemSeparator(),
		item(lang.L("Copy ID"), true, copied(string(k.ID))),
		item(lang.L("Copy the command for it"), held, copied("holdfast restore "+string(k.ID))),
	)
}

func (b *backups) restoreIt(k *backup.Backup) { b.wizard(k.ID, nil) }
func (b *backups) writeIt(k *backup.Backup)   { b.download(b.shown.Name, k) }
func (b *backups) verifyIt(k *backup.Backup)  { b.do.Verify(b.shown.Name, k.ID) }
func (b *backups) drillIt(k *backup.Backup)   { b.do.Drill(b.shown.Name, k.ID) }
func (b *backups) pinIt(k *backup.Backup)     { b.do.Pin(b.shown.Name, k.ID, !k.Pinned) }
func (b *backups) removeIt(k *backup.Backup)  { b.do.Delete(b.shown.Name, k.ID) }
func (b *backups) noteIt(k *backup.Backup) {
	sandbox := b.shown.Name
	b.askText(lang.L("Note on the backup of {{.When}}", values{"When": Moment(k.Started.In(b.state.Zone))}), lang.L("Note"), k.Note, lang.L("Keep the note"),
		func(note string) { b.do.Note(sandbox, k.ID, note) })
}

// pop opens the menu of a backup at a place of the window.
func (b *backups) pop(k *backup.Backup, at fyne.Position) {
	canvas := fyne.CurrentApp().Driver().CanvasForObject(b.list)
	if canvas == nil {
		return
	}
	menu := widget.NewPopUpMenu(b.menuFor(k), canvas)
	menu.OnDismiss = func() {
		menu.Hide()
		canvas.Focus(b.list)
	}
	menu.ShowAtPosition(at)
}

// current is the backup that keys act on: the row with the focus, else the chosen one.
func (b *backups) current() *backup.Backup {
	if b.at >= 0 && b.at < len(b.rows) && b.rows[b.at].backup != nil {
		return b.rows[b.at].backup
	}
	if b.shown.Details != nil {
		i := slices.IndexFunc(b.shown.Backups, func(k backup.Backup) bool { return k.ID == b.shown.Details.ID })
		if i >= 0 {
			return &b.shown.Backups[i]
		}
	}
	return nil
}

// popHere opens the menu of the current row beside the list's edge.
func (b *backups) popHere() {
	if k := b.current(); k != nil {
		corner := fyne.CurrentApp().Driver().AbsolutePositionForObject(b.list)
		b.pop(k, corner.AddXY(b.list.Size().Width-menuWidth, 2*rowHeight))
	}
}

// Where the menu of the current row opens.
const (
	menuWidth = 240
	rowHeight = 36
)

// letter does what a letter means in the list.
func (b *backups) letter(r rune) {
	k := b.current()
	if k == nil {
		return
	}
	for _, of := range []struct {
		letter rune
		at     int // in the menu
	}{{'w', 1}, {'v', 3}, {'d', 4}, {'p', 6}, {'n', 7}, {'c', 10}} {
		if item := b.menuFor(k).Items[of.at]; r == of.letter && !item.Disabled {
			item.Action()
		}
	}
}
