package views

import (
	"strings"

	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// formatsOf are the formats in which a backup can be written.
func formatsOf(b *backup.Backup) (all []string) {
	if b.Holds(backup.ScopeDatabase) {
		all = append(all, formatDump, formatSQL, formatJSON)
	}
	if b.Holds(backup.ScopeMedia) {
		all = append(all, formatTar, formatZip)
	}
	return all
}

// downloadForm is what a download is asked for with.
type downloadForm struct {
	formats   []string
	at        int
	format    *pick
	folder    *entry
	seal, all *tick
	phrase    *entry
	again     *entry
	warning   *widget.Label
	trouble   *widget.Label
}

// askDownload asks how a backup is to be written, and where.
func (s *Shell) askDownload(sandbox string, b *backup.Backup) {
	k := s.question.keys
	f := &downloadForm{formats: formatsOf(b), warning: text(""), trouble: text("")}
	f.warning.Importance, f.trouble.Importance = widget.WarningImportance, widget.DangerImportance
	f.folder, f.phrase, f.again = k.entry("/home/me/Downloads"), k.secret(lang.L("Passphrase to seal with")), k.secret(lang.L("Once more"))
	f.folder.SetText(s.state.WriteTo)
	f.seal = k.tick(lang.L("Seal it with a passphrase (age opens it)"), func(bool) { f.judge() })
	f.all = k.tick(lang.L("Rows of sessions, job queues and audit logs too"), func(bool) {})
	f.format = k.pick(func(i int) { f.at = i; f.judge() })
	var words []string
	for _, format := range f.formats {
		words = append(words, formatWords(format))
	}
	f.format.set(words, 0)
	submit := func() {
		what, trouble := f.asked(sandbox, b.ID)
		if trouble != "" {
			f.trouble.SetText(trouble)
			f.judge()
			return
		}
		s.closeAsk()
		s.do.Download(what)
	}
	for _, e := range []*entry{f.folder, f.phrase, f.again} {
		e.OnSubmitted = func(string) { submit() }
	}
	choose := k.button(lang.L("Choose…"), theme.FolderOpenIcon(), func() { chooseFolder(s.window, lang.L("Write here"), f.folder.Text, f.folder.SetText) })
	item := widget.NewFormItem
	body := container.NewVBox(
		widget.NewForm(item(lang.L("Format"), f.format), item(lang.L("Folder"), container.NewBorder(nil, nil, nil, choose, f.folder))),
		f.all, f.seal, container.NewGridWithColumns(2, f.phrase, f.again), f.warning, f.trouble)
	f.judge()
	title := lang.L("Download the backup of {{.When}}", values{"When": Moment(b.Started.In(s.state.zone()))})
	s.ask(title, container.NewStack(widthOf(440), body), k.primary(lang.L("Download…"), submit), f.folder)
}

// judge shows what goes with the choices. Nothing comes or goes, so that the question keeps its size.
func (f *downloadForm) judge() {
	enable(f.all, f.formats[f.at] == formatJSON)
	enable(f.phrase, f.seal.Checked)
	enable(f.again, f.seal.Checked)
	f.warning.Importance = widget.WarningImportance
	f.warning.SetText(lang.L("The file will not be encrypted: whoever can read it has all the data."))
	if f.seal.Checked {
		f.warning.Importance = widget.MediumImportance
		f.warning.SetText(lang.L("Without the passphrase nobody opens the file, and it is kept nowhere."))
	}
	f.warning.Refresh()
}

// asked is what the form says; trouble is why it cannot be taken.
func (f *downloadForm) asked(sandbox string, id backup.ID) (d Downloading, trouble string) {
	d = Downloading{Sandbox: sandbox, Backup: id, Format: f.formats[f.at], Folder: strings.TrimSpace(f.folder.Text)}
	d.AllTables = f.all.Checked && d.Format == formatJSON
	switch {
	case d.Folder == "":
		return d, lang.L("Name the folder to write into.")
	case !f.seal.Checked:
		return d, ""
	case f.phrase.Text == "":
		return d, lang.L("Type a passphrase to seal with.")
	case f.phrase.Text != f.again.Text:
		return d, lang.L("The two passphrases differ.")
	}
	d.Passphrase = f.phrase.Text
	return d, ""
}
