package views

import (
	"strings"

	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// restoredActions is all that the panel about a restore may ask of the program.
type restoredActions interface {
	Undo(sandbox string, restore backup.ID)
	GiveBack(sandbox string, restore backup.ID)
	Forget(restore backup.ID)
}

// restored says that a restore was done, and offers to take it back.
type restored struct {
	*panel
	title          *widget.Label
	kept           *pathLabel
	undo, giveBack *button
	shown          Sandbox
}

func newRestored(do restoredActions, k *keys) *restored {
	r := &restored{title: text(""), kept: newNamedText()}
	r.title.TextStyle.Bold = true
	r.undo = k.button(lang.L("Undo"), theme.ContentUndoIcon(), func() { do.Undo(r.shown.Name, r.shown.Restored.Restore) })
	r.giveBack = k.button(lang.L("Give the space back…"), nil, func() { do.GiveBack(r.shown.Name, r.shown.Restored.Restore) })
	away := k.quiet("", theme.CancelIcon(), func() { do.Forget(r.shown.Restored.Restore) })
	buttons := container.NewCenter(container.NewHBox(r.giveBack, r.undo))
	r.panel = newPanel(theme.ColorNameSuccess, snug(container.NewBorder(nil, nil,
		container.NewPadded(widget.NewIcon(theme.NewSuccessThemedResource(theme.ConfirmIcon()))), container.NewCenter(away),
		container.New(&aside{least: 380}, tight(r.title, r.kept), buttons))))
	r.Hide()
	return r
}

func (r *restored) refresh(b Sandbox, s State) {
	r.shown = b
	show(r.panel, b.Restored != nil && b.Busy == nil)
	if b.Restored == nil {
		return
	}
	r.title.SetText(restoredWords(b, s))
	r.kept.say(plain(b.Restored.Kept), func(name string) string { return keptWords(b.Restored, name, s) })
	show(r.kept, keptWords(b.Restored, "", s) != "")
	show(r.undo, b.Restored.CanUndo)
	enable(r.undo, b.AllowRestore)
	show(r.giveBack, b.Restored.Kept != "")
	r.Refresh()
}

func restoredWords(b Sandbox, s State) string {
	with := values{"When": Moment(b.Restored.At.In(s.Zone)), "Name": plain(b.Restored.Database), "N": len(b.Restored.Only)}
	with["Paths"] = plain(strings.Join(b.Restored.Folders, ", "))
	switch {
	case b.Restored.Undone:
		return lang.L("Undone {{.When}}: it is as it was before the restore.", with)
	case len(b.Restored.Only) > 0:
		return lang.N("Restored {{.N}} tables {{.When}}.", len(b.Restored.Only), with)
	case b.Restored.Database == "":
		return lang.L("Restored {{.When}}: {{.Paths}}", with)
	case b.Restored.Database != b.Database:
		return lang.L("Restored {{.When}} into the database {{.Name}}.", with)
	}
	return lang.L("Restored {{.When}}.", with)
}

// keptWords says what is kept under which name, for how long, and what it takes.
func keptWords(r *Restored, name string, s State) string {
	if r.Kept == "" {
		if r.CanUndo {
			return lang.L("What was there before is in the backup that was taken first.")
		}
		return ""
	}
	with := values{"Name": name, "Until": Moment(r.Until.In(s.Zone))}
	words := lang.L("What was there before is kept as {{.Name}} until {{.Until}}", with)
	if r.Until.IsZero() {
		words = lang.L("What was there before is kept as {{.Name}} until you drop it", with)
	}
	if r.Size > 0 {
		words = facts(words, size(r.Size))
	}
	return words
}
