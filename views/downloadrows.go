package views

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// downloadRows shows the downloads of a sandbox since the start: how far they are, where the file
// is, or what went wrong.
type downloadRows struct {
	do        downloadActions
	keys      *keys
	clipboard func(string)
	root      *fyne.Container
	known     map[string]*downloadRow // by job, so that the focus in them stays
}

// downloadRow is one of them.
type downloadRow struct {
	*panel
	title, said          *widget.Label
	bar                  *widget.ProgressBar
	cancel, open, opener *button
	copyIt, log, away    *button
	at                   Download
}

func newDownloadRows(do downloadActions, k *keys, clipboard func(string)) *downloadRows {
	return &downloadRows{do: do, keys: k, clipboard: clipboard, root: container.NewVBox(), known: map[string]*downloadRow{}}
}

func (d *downloadRows) refresh(all []Download) {
	d.root.Objects = nil
	for _, one := range all {
		row := d.known[one.Job]
		if row == nil {
			row = d.newRow()
			d.known[one.Job] = row
		}
		row.refresh(one)
		d.root.Add(row.panel)
	}
	show(d.root, len(all) > 0)
	d.root.Refresh()
}

func (d *downloadRows) newRow() *downloadRow {
	r := &downloadRow{title: text(""), said: text(""), bar: widget.NewProgressBar()}
	r.cancel = d.keys.button(lang.L("Cancel"), nil, func() { d.do.Cancel(r.at.Job) })
	r.open = d.keys.button(lang.L("Open the folder"), theme.FolderOpenIcon(), func() { d.do.OpenFolder(r.at.Path) })
	r.opener = d.keys.quiet(lang.L("Copy the command that opens it"), nil, func() { d.clipboard(r.at.Opens) })
	r.copyIt = d.keys.button(lang.L("Copy details"), theme.ContentCopyIcon(), func() { d.clipboard(faultText(r.at.Problem)) })
	r.log = d.keys.button(lang.L("Open the log"), theme.DocumentIcon(), d.keys.log)
	r.away = d.keys.quiet("", theme.CancelIcon(), func() { d.do.ForgetDownload(r.at.Job) })
	buttons := container.NewCenter(container.NewHBox(r.cancel, container.NewVBox(r.copyIt, r.log), r.open, container.NewCenter(r.away)))
	r.title.TextStyle.Bold = true
	r.panel = newPanel(theme.ColorNameSeparator, container.NewBorder(nil, container.NewVBox(r.bar, container.NewHBox(r.opener)), nil, buttons, tight(r.title, r.said)))
	return r
}

func (r *downloadRow) refresh(d Download) {
	r.at = d
	r.title.SetText(plain(d.Title))
	r.said.Importance = widget.MediumImportance
	edge := theme.ColorNamePrimary
	switch {
	case d.Busy != nil:
		r.said.SetText(said(d.Busy))
	case d.Problem != nil:
		edge = theme.ColorNameError
		r.said.Importance = widget.DangerImportance
		r.said.SetText(short(sentence(translated(d.Problem.Text))+". "+translated(d.Problem.Hint), longest))
	default:
		edge = theme.ColorNameSuccess
		r.said.SetText(facts(lang.L("Ready: {{.Path}}", values{"Path": plain(d.Path)}), size(d.Bytes), sealWords(d.Sealed)))
	}
	r.edge = edge
	fraction := 0.0
	if d.Busy != nil {
		fraction = d.Busy.Fraction
		enable(r.cancel, !d.Busy.Stopping)
	}
	r.bar.SetValue(fraction)
	show(r.bar, fraction > 0)
	show(r.cancel, d.Busy != nil)
	show(r.copyIt, d.Problem != nil)
	show(r.log, d.Problem != nil)
	show(r.open, d.Path != "")
	show(r.opener, d.Opens != "")
	show(r.away, d.Busy == nil)
	r.Refresh()
}

func sealWords(sealed bool) string {
	if sealed {
		return lang.L("sealed")
	}
	return lang.L("not encrypted")
}
