package views

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// downloadActions is all that downloads may ask of the program.
type downloadActions interface {
	Download(what Downloading)
	ForgetDownload(job string)
	SetDownloads(sandbox string, plan DownloadPlan, passphrase string)
	StopDownloads(sandbox string)
	OpenFolder(path string)
	Cancel(job string)
}

// Formats of downloads.
const (
	formatDump = "dump"
	formatSQL  = "sql"
	formatJSON = "json"
	formatTar  = "media.tar.zst"
	formatZip  = "media.zip"
)

// formatWords says what a format is good for.
func formatWords(format string) string {
	switch format {
	case formatDump:
		return lang.L(".dump – the database, for pg_restore")
	case formatSQL:
		return lang.L(".sql – the database, for psql")
	case formatJSON:
		return lang.L(".json – a snapshot of the rows")
	case formatTar:
		return lang.L(".tar.zst – the folders, for tar")
	default:
		return lang.L(".zip – the folders, for unzip")
	}
}

// downloads is the section sandbox › Settings › Downloads: what is written into a folder by itself,
// after scheduled backups.
type downloads struct {
	do        downloadActions
	keys      *keys
	shown     Sandbox
	was       string // the plan that the form was filled from
	root      fyne.CanvasObject
	folder    *entry
	format    *pick
	every     *pick
	keep      *entry
	seal, all *tick
	phrase    *entry
	again     *entry
	sealed    *widget.Label
	warning   *widget.Label
	state     *widget.Label
	trouble   *widget.Label
	save      *button
	stop      *button
	files     *list
	paths     []string // newest first
	none      *widget.Label
	formatAt  int
	everyAt   int
	rows      *downloadRows // at the foot
}

// formats are those that can be written for the sandbox.
func (p *downloads) formats() []string {
	if p.shown.FoldersOnly {
		return []string{formatTar, formatZip}
	}
	all := []string{formatDump, formatSQL, formatJSON}
	if w := p.shown.Writes; p.shown.HasMedia || w != nil && (w.Format == formatTar || w.Format == formatZip) {
		all = append(all, formatTar, formatZip)
	}
	return all
}

// planSteps are how often a file is written; 0 is after each scheduled backup.
func planSteps() []time.Duration {
	const day = 24 * time.Hour
	return []time.Duration{0, day, 7 * day, 30 * day}
}

func newDownloads(s *Shell, k *keys, clipboard func(string)) *downloads {
	p := &downloads{do: s.do, keys: k, rows: newDownloadRows(s.do, k, clipboard, func(f *backup.Fault) { s.tell(f) }), warning: text(""), state: text(""), trouble: text(""), none: text(""), sealed: caption("")}
	p.state.TextStyle.Bold = true
	p.warning.Importance = widget.WarningImportance
	p.trouble.Importance = widget.DangerImportance
	p.folder, p.keep = k.entry("/media/backup/shop"), k.entry("7")
	p.phrase, p.again = k.secret(lang.L("Passphrase to seal with")), k.secret(lang.L("Once more"))
	for _, e := range []*entry{p.folder, p.keep, p.phrase, p.again} {
		e.OnSubmitted = func(string) { p.submit() }
	}
	p.format = k.pick(func(i int) { p.formatAt = i; p.judge() })
	p.every = k.pick(func(i int) { p.everyAt = i })
	p.seal = k.tick(lang.L("Seal the files with a passphrase (age opens them)"), func(bool) { p.judge() })
	p.all = k.tick(lang.L("Rows of sessions, job queues and audit logs too"), func(bool) {})
	p.save = k.primary(lang.L("Save…"), p.submit)
	p.stop = k.button(lang.L("Write no more files…"), nil, func() { p.do.StopDownloads(p.shown.Name) })
	choose := k.button(lang.L("Choose…"), theme.FolderOpenIcon(), func() { chooseFolder(s.window, lang.L("Write here"), p.folder.Text, p.folder.SetText) })
	p.files = k.list(func() int { return len(p.paths) }, func() fyne.CanvasObject { return line("") }, func(i widget.ListItemID, o fyne.CanvasObject) { o.(*widget.Label).SetText(plain(p.paths[i])) })
	p.files.OnSelected = func(i widget.ListItemID) {
		p.files.UnselectAll()
		p.do.OpenFolder(p.paths[i])
	}
	item := widget.NewFormItem
	form := widget.NewForm(
		item(lang.L("Folder"), container.NewBorder(nil, nil, nil, choose, p.folder)),
		item(lang.L("Format"), p.format), item(lang.L("How often"), p.every), item(lang.L("Newest files kept"), p.keep))
	p.root = footed(760, p.rows.root, scrolled(760, container.NewVBox(
		subheading(lang.L("Files after scheduled backups")),
		text(lang.L("The newest backup is written into a folder of yours, as a file that stock tools read. The folder must be there: one on a disk that is away is waited for.")),
		p.state, form, p.all, p.seal, container.NewGridWithColumns(2, p.phrase, p.again), p.sealed, p.warning,
		p.trouble, // which has its line while it is empty, so that the buttons stay
		atEnd(p.stop, p.save),
		subheading(lang.L("Files that were written")), container.NewStack(tallOf(140), p.files, container.NewVBox(p.none)),
	)))
	return p
}

// judge shows what goes with the choices.
func (p *downloads) judge() {
	json := p.formats()[p.formatAt] == formatJSON
	show(p.all, json)
	show(p.phrase, p.seal.Checked)
	show(p.again, p.seal.Checked)
	kept := p.shown.Writes != nil && p.shown.Writes.Sealed
	p.sealed.SetText(lang.L("A passphrase is kept; leave the fields empty to go on with it."))
	show(p.sealed, p.seal.Checked && kept)
	p.warning.SetText(lang.L("Files that are not sealed are not encrypted: whoever can read the folder has all the data."))
	show(p.warning, !p.seal.Checked)
	p.root.Refresh()
}

// plan is what the form says; trouble is why it cannot be taken.
func (p *downloads) plan() (d DownloadPlan, trouble string) {
	d = DownloadPlan{On: true, Folder: strings.TrimSpace(p.folder.Text), Format: p.formats()[p.formatAt], Every: planSteps()[p.everyAt], Sealed: p.seal.Checked}
	d.AllTables = p.all.Checked && d.Format == formatJSON
	keep, err := strconv.Atoi(strings.TrimSpace(p.keep.Text))
	kept := p.shown.Writes != nil && p.shown.Writes.Sealed
	switch d.Keep = keep; {
	case d.Folder == "":
		return d, lang.L("Name the folder to write into.")
	case err != nil || keep < 0:
		return d, lang.L("How many are kept is a number; 0 keeps all.")
	case d.Sealed && p.phrase.Text != p.again.Text:
		return d, lang.L("The two passphrases differ.")
	case d.Sealed && p.phrase.Text == "" && !kept:
		return d, lang.L("Type a passphrase to seal with.")
	}
	return d, ""
}

func (p *downloads) submit() {
	if p.save.Disabled() {
		return
	}
	d, trouble := p.plan()
	p.trouble.SetText(trouble)
	p.judge()
	if trouble == "" {
		p.do.SetDownloads(p.shown.Name, d, p.phrase.Text)
		p.phrase.SetText("")
		p.again.SetText("")
	}
}

func (p *downloads) refresh(_ State, shown Sandbox) {
	p.rows.refresh(shown.Downloads)
	other := shown.Name != p.shown.Name
	p.shown = shown
	d := shown.Writes
	enable(p.save, d != nil)
	if d == nil {
		return
	}
	if was := fmt.Sprint(shown.Name, shown.HasMedia, d.On, d.Folder, d.Format, d.Every, d.Keep, d.Sealed, d.AllTables); was != p.was || other {
		p.was = was
		p.fill(d)
	}
	p.state.SetText(lang.L("Nothing is written by itself yet."))
	if d.On {
		p.state.SetText(lang.L("On: {{.Format}}, into {{.Folder}}", values{"Format": formatWords(d.Format), "Folder": plain(d.Folder)}))
	}
	show(p.stop, d.On)
	p.paths = nil
	for i := len(d.Files) - 1; i >= 0; i-- {
		p.paths = append(p.paths, d.Files[i])
	}
	p.none.SetText(lang.L("None yet."))
	show(p.none, len(p.paths) == 0)
	p.files.Refresh()
	p.judge()
}

// fill puts a plan into the form.
func (p *downloads) fill(d *DownloadPlan) {
	p.trouble.SetText("")
	p.folder.SetText(d.Folder)
	p.keep.SetText(strconv.Itoa(d.Keep))
	p.formatAt, p.everyAt = 0, 0
	var formats, steps []string
	for i, f := range p.formats() {
		formats = append(formats, formatWords(f))
		if f == d.Format {
			p.formatAt = i
		}
	}
	for i, every := range planSteps() {
		steps = append(steps, stepWords(every))
		if every == d.Every {
			p.everyAt = i
		}
	}
	p.format.set(formats, p.formatAt)
	p.every.set(steps, p.everyAt)
	p.seal.set(d.Sealed)
	p.all.set(d.AllTables)
}

func stepWords(every time.Duration) string {
	if every == 0 {
		return lang.L("after each scheduled backup")
	}
	days := int(every.Hours()) / 24
	return lang.N("at most every {{.N}} days", days, values{"N": days})
}
