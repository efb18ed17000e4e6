package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// mediaNewest shows the newest backup of a sandbox's folders: what it lacks, and how the folders
// differ from it now.
type mediaNewest struct {
	page    *media
	root    *fyne.Container
	said    *widget.Label
	lacks   *widget.Label
	notes   *list
	noteBox *fyne.Container
	differs *widget.Label
	changes *list
	diffBox *fyne.Container
	whole   wholeLine // of a line of changes
	compare *button
	restore *button
	lines   []noteLine
	rows    []fileRow
}

// noteLine is one file that the backup has not as it should be.
type noteLine struct{ path, text string }

// fileRow is one file that differs.
type fileRow struct {
	path string
	backup.FileChange
}

func newMediaNewest(p *media, k *keys) *mediaNewest {
	n := &mediaNewest{page: p, said: text(""), lacks: text(""), differs: text("")}
	n.lacks.Importance = widget.WarningImportance
	n.differs.TextStyle.Bold = true
	n.compare = k.button(lang.L("Compare with now"), nil, func() {
		if id := mediaID(p.shown.Media); id != "" {
			p.do.CompareFolders(p.shown.Name, id, p.shown.Name)
		}
	})
	n.restore = k.button(lang.L("Restore…"), nil, func() { p.restore(mediaID(p.shown.Media)) })
	n.notes = k.list(func() int { return len(n.lines) }, newNoteRow, func(i widget.ListItemID, o fyne.CanvasObject) {
		cells := o.(*fyne.Container).Objects
		cells[0].(texter).SetText(plain(n.lines[i].path))
		cells[1].(texter).SetText(plain(n.lines[i].text))
	})
	n.notes.OnSelected = func(widget.ListItemID) { n.notes.UnselectAll() }
	n.changes = k.list(func() int { return len(n.rows) }, newFileRow, func(i widget.ListItemID, o fyne.CanvasObject) { drawFileRow(o, &n.rows[i]) })
	n.changes.OnSelected = func(widget.ListItemID) { n.changes.UnselectAll() }
	n.noteBox = container.NewVBox(n.lacks, container.NewStack(tallOf(130), n.notes))
	n.whole = newWholeLine(n.changes, func(i int) string {
		if i < 0 || i >= len(n.rows) {
			return ""
		}
		return plain(n.rows[i].path)
	})
	n.diffBox = container.NewVBox(n.differs, container.NewStack(tallOf(170), n.changes), n.whole.Label)
	n.root = container.NewVBox(
		subheading(lang.L("Newest backup of the folders")), n.said, n.noteBox,
		container.NewHBox(p.now, n.compare, n.restore), n.diffBox)
	return n
}

func newNoteRow() fyne.CanvasObject {
	return newColumns(columns{{width: 180, grow: 1}, {width: 200, grow: 1}}, newPathLabel(), line(""))
}

func newFileRow() fyne.CanvasObject {
	cells := []fyne.CanvasObject{newPathLabel(), line(""), line(""), line("")}
	for _, c := range cells[2:] {
		c.(*widget.Label).Alignment = fyne.TextAlignTrailing
	}
	became := widest(becameWords(backup.FileAdded), becameWords(backup.FileRemoved), becameWords(backup.FileChanged))
	return newColumns(columns{{width: 240, grow: 1}, {width: became}, {width: 96, drop: 1}, {width: 96, drop: 2}}, cells...)
}

// drawFileRow shows how a file differs since the backup.
func drawFileRow(o fyne.CanvasObject, r *fileRow) {
	then, now := size(r.SizeThen), size(r.SizeNow)
	switch r.Change {
	case backup.FileAdded:
		then = "–"
	case backup.FileRemoved:
		now = "–"
	}
	for n, s := range []string{plain(r.path), becameWords(r.Change), then, now} {
		o.(*fyne.Container).Objects[n].(texter).SetText(s)
	}
}

// becameWords says what became of a file since a backup.
func becameWords(change string) string {
	switch change {
	case backup.FileAdded:
		return lang.L("added")
	case backup.FileRemoved:
		return lang.L("removed")
	default:
		return lang.L("changed")
	}
}

// fileChangeWords says what a restore of whole folders does with a file.
func fileChangeWords(change string) string {
	switch change {
	case backup.FileAdded:
		return lang.L("new since; goes away")
	case backup.FileRemoved:
		return lang.L("gone now; comes back")
	default:
		return lang.L("its contents")
	}
}

// fileRows are the files that differ, each with its folder's name in front where there are several.
func fileRows(c *backup.Comparison) (rows []fileRow) {
	for i := range c.Media {
		for _, f := range c.Media[i].Files {
			name := f.Path
			if len(c.Media) > 1 {
				name = c.Media[i].Name + "/" + f.Path
			}
			rows = append(rows, fileRow{path: name, FileChange: f})
		}
	}
	return rows
}

// differWords sums up how folders differ from a backup.
func differWords(c *backup.Comparison) string {
	var added, changed, removed int64
	for i := range c.Media {
		added, changed, removed = added+c.Media[i].Added, changed+c.Media[i].Changed, removed+c.Media[i].Removed
	}
	if added+changed+removed == 0 {
		return lang.L("Nothing differs: the folders are as they were in this backup.")
	}
	return lang.L("Since this backup: {{.Added}} added, {{.Changed}} changed, {{.Removed}} removed.",
		values{"Added": count(added), "Changed": count(changed), "Removed": count(removed)})
}

func (n *mediaNewest) refresh(s State, shown Sandbox) {
	b := shown.Media.Newest
	idle := shown.Busy == nil
	enable(n.compare, idle && b != nil)
	enable(n.restore, idle && b != nil && b.Restorable() && shown.AllowRestore)
	n.lines, n.rows = nil, nil
	show(n.noteBox, false)
	show(n.diffBox, false)
	if b == nil {
		n.said.SetText(lang.L("There is none yet. The next scheduled backup takes one, or you do now."))
		return
	}
	held, bytes := backup.MediaFiles(b.Media)
	n.said.SetText(facts(Moment(b.Started.In(s.zone())), triggerWords(b.Trigger), files(held), size(bytes), sentence(verdictWords(b.Verdict))))
	n.drawNotes(b)
	c := shown.Compared
	if c == nil || c.Backup != b.ID {
		return
	}
	n.rows = fileRows(&c.Result)
	n.differs.SetText(differWords(&c.Result))
	show(n.diffBox, true)
	show(n.diffBox.Objects[1], len(n.rows) > 0)
	show(n.whole.Label, len(n.rows) > 0)
	n.changes.Refresh()
}

// drawNotes names what the backup has not as it should be.
func (n *mediaNewest) drawNotes(b *backup.Backup) {
	var skipped int64
	for i := range b.Media {
		f := &b.Media[i]
		skipped += f.Skipped
		for _, note := range f.Notes {
			path := note.Path
			if len(b.Media) > 1 {
				path = f.Name + "/" + path
			}
			n.lines = append(n.lines, noteLine{path, translated(note.Text)})
		}
	}
	if more := skipped - int64(len(n.lines)); more > 0 && len(n.lines) > 0 {
		n.lines = append(n.lines, noteLine{"…", lang.N("and {{.N}} more like these", int(more), values{"N": count(more)})})
	}
	n.lacks.SetText(lang.N("{{.N}} files are not in it as they should be:", int(skipped), values{"N": count(skipped)}))
	show(n.noteBox, len(n.lines) > 0)
	n.notes.Refresh()
}
