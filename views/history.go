package views

import (
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// row is one line of the list: the heading of a day, or a backup.
type row struct {
	at     time.Time // of the heading, in the zone of the window
	backup *backup.Backup
}

// historyColumns are time, trigger, status, verdict, rows, size, stored, why it is kept, note, menu.
// Where the window is narrow the sizes and rows go first; details have them too.
func historyColumns() columns {
	trigger := widest(triggerWords(backup.Scheduled), triggerWords(backup.Manual), triggerWords(backup.PreRestore))
	status := widest(statusWords(backup.StatusRunning), statusWords(backup.StatusCompleted), statusWords(backup.StatusFailed), statusWords(backup.StatusInterrupted), statusWords(backup.StatusCancelled), statusWords(backup.StatusDeleted))
	verdict := widest(verdictWords(backup.Proven), verdictWords(backup.Intact), verdictWords(backup.Unchecked), verdictWords(backup.Broken))
	number := max(widest("888 MB", "88.8 MB"), widestHead(lang.L("Stored")))
	return columns{{width: widest("00:00")}, {width: trigger}, {width: status}, {width: verdict}, {width: widest("88,888,888"), drop: 1}, {width: number, drop: 2}, {width: number, drop: 3}, {width: widestKept()}, {width: 60, grow: 1}, {width: 32}}
}

// columnMenu is the column that is no text.
const columnMenu = 9

// isNumber says which columns hold numbers, which stand under each other at the right.
func isNumber(column int) bool { return column >= 4 && column <= 6 }

func columnHeads() fyne.CanvasObject {
	var heads []fyne.CanvasObject
	for i, name := range []string{lang.L("Time"), lang.L("Trigger"), lang.L("Status"), lang.L("Verdict"), lang.L("Rows"), lang.L("Size"), lang.L("Stored"), lang.L("Kept"), lang.L("Note"), ""} {
		l := caption(name)
		if isNumber(i) {
			l.Alignment = fyne.TextAlignTrailing
		}
		heads = append(heads, l)
	}
	return newColumns(historyColumns(), heads...)
}

func (b *backups) newRow() fyne.CanvasObject {
	c := historyColumns()
	cells := make([]fyne.CanvasObject, len(c))
	for i := range cells {
		l := line("")
		if isNumber(i) {
			l.Alignment = fyne.TextAlignTrailing
		}
		cells[i] = l
	}
	cells[columnMenu] = newMore()
	return container.NewStack(bold(""), newColumns(c, cells...))
}

// more is the mark that opens the menu of a row. It takes no focus of its own: the row's keys
// open the menu too.
type more struct {
	widget.BaseWidget
	tapped func(at fyne.Position)
}

func newMore() *more {
	m := &more{}
	m.ExtendBaseWidget(m)
	return m
}

// Tapped is Fyne's callback for the mouse.
func (m *more) Tapped(*fyne.PointEvent) {
	m.tapped(fyne.CurrentApp().Driver().AbsolutePositionForObject(m).AddXY(m.Size().Width-menuWidth, m.Size().Height))
}

// CreateRenderer is Fyne's callback.
func (m *more) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.NewCenter(widget.NewIcon(theme.MoreVerticalIcon())))
}

func (b *backups) drawRow(i widget.ListItemID, o fyne.CanvasObject) {
	both := o.(*fyne.Container).Objects
	head, cells := both[0].(*widget.Label), both[1].(*fyne.Container)
	r := b.rows[i]
	show(head, r.backup == nil)
	show(cells, r.backup != nil)
	if r.backup == nil {
		head.SetText(day(r.at, b.state.Now.In(b.state.Zone)))
		return
	}
	texts, importance := b.cells(r.backup)
	for n, cell := range cells.Objects {
		if l, ok := cell.(*widget.Label); ok {
			l.Importance = importance[n]
			l.SetText(texts[n])
		}
	}
	cells.Objects[columnMenu].(*more).tapped = func(at fyne.Position) { b.pop(r.backup, at) }
}

// cells gives the texts of a backup's row and how they stand out.
func (b *backups) cells(k *backup.Backup) (texts []string, importance []widget.Importance) {
	texts = []string{k.Started.In(b.state.Zone).Format("15:04"), triggerWords(k.Trigger), statusWords(k.Status), "–", "–", "–", "–", "", facts(partWords(k), noteWords(k)), ""}
	importance = make([]widget.Importance, len(texts))
	texts[7], importance[7] = keptWord(b.fates[k.ID])
	switch k.Status {
	case backup.StatusCompleted:
		texts[3], texts[4], texts[5], texts[6] = verdictWords(k.Verdict), count(k.Rows), size(k.RawBytes), size(k.AddedBytes)
		importance[3] = verdictImportance(k.Verdict)
		if !k.Holds(backup.ScopeDatabase) {
			texts[4] = "–"
		}
	case backup.StatusFailed, backup.StatusInterrupted:
		importance[2] = widget.DangerImportance
	default: // still running, or ended by a person: nothing to say and nothing to stand out
	}
	return texts, importance
}

// partWords says which part a backup holds where that is not its database.
func partWords(k *backup.Backup) string {
	if k.What == backup.ScopeMedia {
		return lang.L("folders only")
	}
	return ""
}

// arrange puts the backups that pass the filter under the headings of their days, newest first.
func (b *backups) arrange() {
	b.rows, b.fates = b.rows[:0], map[backup.ID]*backup.Fate{}
	for i := range b.shown.Fates {
		b.fates[b.shown.Fates[i].Backup.ID] = &b.shown.Fates[i]
	}
	date := time.Time{} // of the last heading
	filter := strings.TrimSpace(b.filter.Text)
	for i := range b.shown.Backups {
		k := &b.shown.Backups[i]
		if filter != "" && !passes(k, filter) {
			continue
		}
		started := k.Started.In(b.state.Zone)
		if y, m, d := started.Date(); date.IsZero() || date != time.Date(y, m, d, 0, 0, 0, 0, time.UTC) {
			date = time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
			b.rows = append(b.rows, row{at: started})
		}
		b.rows = append(b.rows, row{backup: k})
	}
	b.sayEmpty()
	show(b.hint, len(b.rows) > 0)
	show(b.foot, b.shown.Details == nil)
	b.list.Refresh()
	b.mark()
}

// sayEmpty says why there is nothing in the list.
func (b *backups) sayEmpty() {
	switch none := len(b.shown.Backups) == 0; {
	case len(b.rows) > 0 || none && b.shown.Busy != nil:
		b.empty.SetText("")
	case none:
		b.empty.SetText(lang.L("No backup yet. The first one takes a moment; from then on one is taken every day."))
	default:
		b.empty.SetText(lang.L("No backup matches the filter."))
	}
}

// mark keeps the marked row on the backup whose details are shown: rows move when one is added,
// and what Restore acts on must be what is marked.
func (b *backups) mark() {
	at := slices.IndexFunc(b.rows, func(r row) bool {
		return r.backup != nil && b.shown.Details != nil && r.backup.ID == b.shown.Details.ID
	})
	b.marking = true
	defer func() { b.marking = false }()
	if at < 0 {
		b.list.UnselectAll()
		return
	}
	b.list.Select(at)
}
