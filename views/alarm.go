package views

import (
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// alarmActions is all that an alarm may ask of the program.
type alarmActions interface {
	Acknowledge(sandbox string)
}

// alarm says what was lost, and offers the two ways out: bring it back, or agree.
type alarm struct {
	*panel
	title, lost, since      *widget.Label
	onPurpose, restore, end *button
	shown                   *backup.Alarm
}

// newAlarm makes the panel; restore opens the wizard with the tables of a backup, none for all.
// agree asks once more before the alarm ends, done ends it because what was lost is back.
func newAlarm(k *keys, restore func(sandbox string, id backup.ID, tables []backup.Name), agree, done func(sandbox string)) *alarm {
	a := &alarm{title: bold(""), lost: text(""), since: text("")}
	a.title.Importance = widget.WarningImportance
	a.restore = k.primary("", func() { restore(a.shown.Sandbox, a.shown.Good, lostTables(a.shown)) })
	a.end = k.primary(lang.L("End the alarm"), func() { done(a.shown.Sandbox) })
	a.onPurpose = k.button(lang.L("It is gone on purpose"), nil, func() { agree(a.shown.Sandbox) })
	mark := widget.NewLabel(healthMark(NeedsAttention))
	mark.Importance = widget.WarningImportance
	a.panel = newPanel(theme.ColorNameWarning, container.NewVBox(
		container.NewBorder(nil, nil, container.NewBorder(mark, nil, nil, nil), nil, tight(a.title, a.lost, a.since)),
		atEnd(a.onPurpose, a.restore, a.end)))
	a.Hide()
	return a
}

// lostTables names what to bring back: nothing stands for all.
func lostTables(a *backup.Alarm) (names []backup.Name) {
	if a.Empty {
		return nil
	}
	for _, l := range a.Losses {
		names = append(names, l.Table)
	}
	return names
}

func (a *alarm) refresh(b Sandbox, s State) {
	a.shown = b.Alarm
	show(a.panel, b.Alarm != nil)
	if b.Alarm == nil {
		return
	}
	a.title.SetText(alarmTitle(b))
	a.lost.SetText(lossWords(b, s.zone()))
	a.since.SetText(sinceWords(b, s.zone()))
	a.restore.SetText(bringBackWords(b.Alarm))
	enable(a.restore, b.Busy == nil && b.AllowRestore)
	back := isBack(b)
	show(a.since, !back)
	show(a.onPurpose, !back)
	show(a.restore, !back)
	show(a.end, back)
	a.Refresh()
}

// alarmTitle says that data is missing, or that it is back.
func alarmTitle(b Sandbox) string {
	if isBack(b) {
		return lang.L("The lost data of {{.Name}} was restored", values{"Name": plain(b.Name)})
	}
	return lang.L("Data is missing in {{.Name}}", values{"Name": plain(b.Name)})
}

// bringBackWords is the label of the button that restores what was lost.
func bringBackWords(a *backup.Alarm) string {
	if a.Empty {
		return lang.L("Restore the database…")
	}
	return lang.L("Restore these tables…")
}

// isBack says whether what was lost was restored since the alarm, from the last backup that had it.
func isBack(b Sandbox) bool {
	r := b.Restored
	if r == nil || r.Undone || r.Of != b.Alarm.Good || r.Database != b.Database || !r.At.After(b.Alarm.At) {
		return false
	}
	missed := func(l backup.Loss) bool { return !slices.Contains(r.Only, l.Table) }
	return len(r.Only) == 0 || !b.Alarm.Empty && !slices.ContainsFunc(b.Alarm.Losses, missed)
}

// restoredSince says whether something was restored since the alarm, be it what was lost or not, and stands.
func restoredSince(b Sandbox) bool {
	return b.Alarm != nil && b.Restored != nil && !b.Restored.Undone && b.Restored.At.After(b.Alarm.At)
}

// mostLosses is how many tables are named.
const mostLosses = 3

// lossWords says what was lost, as it was when that was seen: there may be more by now. Once it was brought back
// they say that.
func lossWords(b Sandbox, zone *time.Location) string {
	a := b.Alarm
	switch {
	case isBack(b):
		return lang.L("It came back {{.When}}. Nothing is pruned until you end the alarm.", values{"When": Moment(b.Restored.At.In(zone))})
	case a.Empty:
		return lang.L("No table had any row left.")
	}
	var all []string
	for i, l := range a.Losses {
		name := short(plain(l.Table.Schema+"."+l.Table.Name), 60)
		switch {
		case i == mostLosses:
			return strings.Join(append(all, lang.N("{{.N}} more tables", len(a.Losses)-i, values{"N": count(int64(len(a.Losses) - i))})), ";  ") + "."
		case l.Gone:
			all = append(all, lang.L("{{.Table}} vanished, it had {{.Rows}}", values{"Table": name, "Rows": rows(l.Before)}))
		default:
			all = append(all, lang.L("{{.Table}} fell from {{.Rows}} to {{.Now}}", values{"Table": name, "Rows": rows(l.Before), "Now": count(l.After)}))
		}
	}
	return strings.Join(all, ";  ") + "."
}

// sinceWords says between which backups it was lost, and that nothing is pruned meanwhile.
func sinceWords(b Sandbox, zone *time.Location) string {
	seen := Moment(b.Alarm.At.In(zone))
	i := slices.IndexFunc(b.Backups, func(k backup.Backup) bool { return k.ID == b.Alarm.Good })
	if i < 0 {
		return lang.L("Missing since the backup of {{.Seen}}.", values{"Seen": seen})
	}
	return lang.L("Missing since the backup of {{.Seen}}. The one of {{.Good}} still has it and is kept; nothing is pruned until you decide.",
		values{"Seen": seen, "Good": Moment(b.Backups[i].Started.In(zone))})
}

// askAgree asks once more before an alarm ends: pruning goes on, and may take what is missed.
func (s *Shell) askAgree(sandbox string) {
	s.confirm(lang.L("Is it gone on purpose?"),
		lang.L("The alarm of {{.Name}} ends, and pruning goes on. The backup that still has the data is kept only as long as the plan keeps it.", values{"Name": plain(sandbox)}),
		lang.L("End the alarm"), func() { s.do.Acknowledge(sandbox) })
}
