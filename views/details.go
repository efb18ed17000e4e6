package views

import (
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// details shows the chosen backup: what it is, what can be done with it, its tables.
type details struct {
	page    *backups
	chosen  *backup.Backup
	root    fyne.CanvasObject
	hint    *widget.Label
	box     *fyne.Container
	head    *widget.Label
	verdict *widget.Label
	restore *widget.Button
	verify  *widget.Button
	remove  *widget.Button
	tables  *widget.List
}

func newDetails(page *backups) *details {
	d := &details{page: page, hint: text(lang.L("Choose a backup to see its tables, restore it or check it.")), head: line(""), verdict: text("")}
	d.hint.Alignment = fyne.TextAlignCenter
	d.head.TextStyle.Bold = true
	d.restore = primary(lang.L("Restore…"), func() { page.do.Restore(page.shown.Name, d.chosen.ID) })
	d.verify = widget.NewButton(lang.L("Verify"), func() { page.do.Verify(page.shown.Name, d.chosen.ID) })
	d.remove = widget.NewButtonWithIcon(lang.L("Delete…"), theme.DeleteIcon(), func() { page.do.Delete(page.shown.Name, d.chosen.ID) })
	d.tables = widget.NewList(d.length, func() fyne.CanvasObject {
		return newColumns([]float32{5, 2, 2}, line(""), line(""), line(""))
	}, d.drawTable)
	d.box = container.NewBorder(
		container.NewVBox(container.NewBorder(nil, nil, nil, container.NewHBox(d.verify, d.remove, d.restore), d.head), d.verdict),
		nil, nil, nil, d.tables)
	d.root = container.NewStack(container.NewCenter(container.NewGridWrap(fyne.NewSize(420, 40), d.hint)), d.box)
	return d
}

func (d *details) length() int {
	if d.chosen == nil {
		return 0
	}
	return len(d.chosen.Tables)
}

func (d *details) drawTable(i widget.ListItemID, o fyne.CanvasObject) {
	t, cells := d.chosen.Tables[i], o.(*fyne.Container).Objects
	rows := count(t.Rows) + " " + lang.L("rows")
	if t.Excluded {
		rows = lang.L("left out")
	}
	for n, s := range []string{plain(t.Schema + "." + t.Name), rows, size(t.Bytes)} {
		cells[n].(*widget.Label).SetText(s)
	}
}

func (d *details) refresh(s State, shown Sandbox) {
	d.chosen = shown.Details
	show(d.box, d.chosen != nil)
	show(d.hint, d.chosen == nil && len(shown.Backups) > 0)
	if d.chosen == nil {
		return
	}
	k := d.chosen
	d.head.SetText(fmt.Sprintf("%s  ·  %s", k.Started.In(s.Zone).Format("Mon 2 January 2006 15:04:05 MST"), triggerWords(k.Trigger)))
	d.verdict.SetText(aboutBackup(k))
	idle := shown.Busy == nil
	enable(d.restore, idle && k.Restorable() && shown.AllowRestore)
	enable(d.verify, idle && k.Status == backup.StatusCompleted)
	enable(d.remove, idle && k.Status != backup.StatusRunning)
	d.tables.Refresh()
}

// aboutBackup is a backup in two lines.
func aboutBackup(k *backup.Backup) string {
	if k.Error != nil {
		return plain(k.Error.Text) + "\n" + plain(k.Error.Hint)
	}
	return fmt.Sprintf("%s: %s\nPostgreSQL %s  ·  %d %s  ·  %s %s  ·  %s  ·  %s",
		k.Verdict, plain(k.VerdictReason), k.ServerVersion, len(k.Tables), lang.L("tables"), count(k.Rows), lang.L("rows"), size(k.RawBytes), k.ID)
}

// passes says whether a backup has what was typed into the filter.
func passes(k *backup.Backup, filter string) bool {
	all := strings.ToLower(k.Note + " " + string(k.Status) + " " + triggerWords(k.Trigger) + " " + string(k.Verdict) + " " + string(k.ID))
	return strings.Contains(all, strings.ToLower(strings.TrimSpace(filter)))
}
