package views

import (
	"strings"

	"fyne.io/fyne/v2"
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

// restored says all about a restore that was done, and offers to take it back.
type restored struct {
	*panel
	title                *widget.Label
	kept                 *pathLabel
	undo, giveBack, away *button
	shown                Sandbox
}

func newRestored(do restoredActions, k *keys) *restored {
	r := &restored{title: text(""), kept: newNamedText()}
	r.title.TextStyle.Bold = true
	r.undo = k.button(lang.L("Undo"), theme.ContentUndoIcon(), func() { do.Undo(r.shown.Name, r.shown.Restored.Restore) })
	r.giveBack = k.button(lang.L("Give the space back…"), nil, func() { do.GiveBack(r.shown.Name, r.shown.Restored.Restore) })
	r.away = k.quiet("", theme.CancelIcon(), func() { do.Forget(r.shown.Restored.Restore) })
	buttons := container.NewCenter(container.NewHBox(r.giveBack, r.undo))
	r.panel = newPanel(theme.ColorNameSuccess, snug(container.NewBorder(nil, nil,
		container.NewPadded(widget.NewIcon(theme.NewSuccessThemedResource(theme.ConfirmIcon()))), container.NewCenter(r.away),
		container.New(&aside{least: 380}, tight(r.title, r.kept), buttons))))
	r.Hide()
	return r
}

func (r *restored) refresh(b Sandbox, s State) {
	r.shown = b
	if b.Restored == nil {
		return
	}
	r.title.SetText(restoredWords(b, s))
	r.kept.say(plain(b.Restored.Kept), func(name string) string { return keptWords(b.Restored, name, s) })
	show(r.kept, keptWords(b.Restored, "", s) != "")
	show(r.undo, b.Restored.CanUndo)
	enable(r.undo, b.AllowRestore && b.Busy == nil)
	show(r.giveBack, b.Restored.Kept != "")
	enable(r.giveBack, b.Busy == nil)
	r.Refresh()
}

// focus goes to what can be done about it.
func (r *restored) focus(canvas fyne.Canvas) {
	for _, b := range []*button{r.giveBack, r.undo, r.away} {
		if b.Visible() && !b.Disabled() {
			canvas.Focus(b)
			return
		}
	}
}

// restoredNotice says the same in two lines.
type restoredNotice struct {
	*notice
	undo, more, away *button
	shown            Sandbox
}

func newRestoredNotice(k *keys, more func(), do restoredActions) *restoredNotice {
	n := &restoredNotice{}
	n.undo = k.button(lang.L("Undo"), theme.ContentUndoIcon(), func() { do.Undo(n.shown.Name, n.shown.Restored.Restore) })
	n.away = k.quiet("", theme.CancelIcon(), func() { do.Forget(n.shown.Restored.Restore) })
	n.more = k.button(lang.L("More…"), nil, more)
	n.notice = newNotice(n.undo, n.more, container.New(steady{}, n.away))
	return n
}

func (n *restoredNotice) refresh(b Sandbox, s State) {
	n.shown = b
	if b.Restored == nil {
		return
	}
	back := b.Alarm != nil && isBack(b)
	show(n.away, !back) // else the alarm would tell again of a loss that is none
	show(n.undo, b.Restored.CanUndo)
	enable(n.undo, b.AllowRestore)
	show(n.more, b.Restored.Kept != "" || b.Restored.CanUndo || back)
	hint := keptShort(b.Restored, s)
	if restoredSince(b) {
		hint = lang.L("Its alarm still stands.")
	}
	n.say(widget.SuccessImportance, theme.ColorNameSuccess, restoredWords(b, s), hint)
}

// keptShort says for how long what was there before is kept.
func keptShort(r *Restored, s State) string {
	switch {
	case r.Kept == "" && r.CanUndo:
		return lang.L("What was there before is in a backup.")
	case r.Kept == "":
		return ""
	case r.Until.IsZero():
		return lang.L("What was there before is kept.")
	}
	return lang.L("What was there before is kept until {{.Until}}.", values{"Until": Moment(r.Until.In(s.Zone))})
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
