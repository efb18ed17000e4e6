package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// downloadRows shows the downloads of a sandbox since the start, the newest first: how far they are, where the
// file is, or what went wrong. A row is as high whatever it says, so that none moves when another one ends.
type downloadRows struct {
	do        downloadActions
	keys      *keys
	clipboard func(string)
	whole     func(*backup.Fault) // shows all of what went wrong
	root      *fyne.Container
	rows      *fyne.Container
	known     map[string]*downloadRow // by job, so that the focus in them stays
}

// downloadRow is one of them.
type downloadRow struct {
	*panel
	title        *widget.Label
	said         *pathLabel
	bar          *widget.ProgressBar
	cancel, open *button
	more, opener *button
	away         *button
	at           Download
}

// mostDownloads is the height of the rows that are seen without scrolling.
const mostDownloads = 340

func newDownloadRows(do downloadActions, k *keys, clipboard func(string), whole func(*backup.Fault)) *downloadRows {
	d := &downloadRows{do: do, keys: k, clipboard: clipboard, whole: whole, rows: container.NewVBox(), known: map[string]*downloadRow{}}
	d.root = container.New(upTo(mostDownloads), container.NewVScroll(container.NewBorder(nil, nil, nil, widthOf(barWidth), d.rows)))
	return d
}

func (d *downloadRows) refresh(all []Download) {
	d.rows.Objects = nil
	for _, one := range all {
		row := d.known[one.Job]
		if row == nil {
			row = d.newRow()
			d.known[one.Job] = row
		}
		row.refresh(one)
		d.rows.Add(row.panel)
	}
	show(d.root, len(all) > 0)
	d.root.Refresh()
}

func (d *downloadRows) newRow() *downloadRow {
	r := &downloadRow{title: bold(""), said: newNamedLine(), bar: widget.NewProgressBar()}
	r.cancel = d.keys.button(lang.L("Cancel"), nil, func() { d.do.Cancel(r.at.Job) })
	r.open = d.keys.button(lang.L("Open the folder"), theme.FolderOpenIcon(), func() { d.do.OpenFolder(r.at.Path) })
	r.opener = d.keys.quiet(lang.L("Copy the command that opens it"), nil, func() { d.clipboard(r.at.Opens) })
	r.more = d.keys.button(lang.L("More…"), nil, func() { d.whole(r.at.Problem) })
	r.away = d.keys.quiet("", theme.CancelIcon(), func() { d.do.ForgetDownload(r.at.Job) })
	buttons := container.NewCenter(container.NewHBox(r.cancel, r.more, r.open, container.New(steady{}, r.away)))
	below := container.New(steady{}, tallOf(r.opener.MinSize().Height), container.NewVBox(r.bar), container.NewHBox(r.opener))
	r.panel = newPanel(theme.ColorNameSeparator, snug(container.NewBorder(nil, below, nil, buttons, tight(r.title, r.said))))
	return r
}

func (r *downloadRow) refresh(d Download) {
	r.at = d
	r.title.SetText(plain(d.Title))
	edge, colour, name, words := downloadWords(d)
	r.edge, r.said.label.Importance = edge, colour
	r.said.say(name, words)
	fraction := 0.0
	if d.Busy != nil {
		fraction = d.Busy.Fraction
		enable(r.cancel, !d.Busy.Stopping)
	}
	r.bar.SetValue(fraction)
	show(r.bar, fraction > 0)
	show(r.cancel, d.Busy != nil)
	show(r.more, d.Problem != nil && d.Busy == nil)
	show(r.open, d.Path != "")
	show(r.opener, d.Opens != "")
	show(r.away, d.Busy == nil)
	r.Refresh()
}

// downloadWords says how a download is: in which colours, and with which path in the words.
func downloadWords(d Download) (edge fyne.ThemeColorName, colour widget.Importance, path string, words func(path string) string) {
	switch {
	case d.Busy != nil:
		return theme.ColorNamePrimary, widget.MediumImportance, "", func(string) string { return said(d.Busy) }
	case d.Problem != nil:
		return theme.ColorNameError, widget.DangerImportance, "", func(string) string {
			return short(sentence(translated(d.Problem.Text))+". "+translated(d.Problem.Hint), longest)
		}
	}
	return theme.ColorNameSuccess, widget.MediumImportance, plain(d.Path), func(path string) string {
		return facts(lang.L("Ready: {{.Path}}", values{"Path": path}), size(d.Bytes), sealWords(d.Sealed))
	}
}

func sealWords(sealed bool) string {
	if sealed {
		return lang.L("sealed")
	}
	return lang.L("not encrypted")
}

// downloadNotice says of the newest download in two lines what its row has.
type downloadNotice struct {
	*notice
	cancel, open, away *button
	at                 Download
}

func newDownloadNotice(k *keys, more func(), do downloadActions) *downloadNotice {
	n := &downloadNotice{}
	n.cancel = k.button(lang.L("Cancel"), nil, func() { do.Cancel(n.at.Job) })
	n.open = k.button(lang.L("Open the folder"), theme.FolderOpenIcon(), func() { do.OpenFolder(n.at.Path) })
	n.away = k.quiet("", theme.CancelIcon(), func() { do.ForgetDownload(n.at.Job) })
	n.notice = newNotice(n.cancel, n.open, k.button(lang.L("More…"), nil, more), container.New(steady{}, n.away))
	return n
}

func (n *downloadNotice) refresh(d *Download) {
	if d == nil {
		return
	}
	n.at = *d
	show(n.cancel, d.Busy != nil)
	enable(n.cancel, d.Busy == nil || !d.Busy.Stopping)
	show(n.open, d.Path != "")
	show(n.away, d.Busy == nil)
	edge, colour, path, words := downloadWords(*d)
	n.name(colour, edge, plain(d.Title), path, words)
}
