package views

import (
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// secretForms are the formats of exports, sealed ones first, with the end of the file's name.
var secretForms = []struct {
	format, end string
	plain       bool
}{{"age", ".age", false}, {"keepass", ".kdbx", false}, {"bitwarden", ".json", true}, {"1password", ".csv", true}}

func secretFormWords(at int) (title, about string) {
	switch secretForms[at].format {
	case "age":
		return lang.L("A sealed file"), lang.L("Encrypted with a passphrase; age opens it.")
	case "keepass":
		return lang.L("KeePass"), lang.L("A database for KeePass or KeePassXC, encrypted with a passphrase.")
	case "bitwarden":
		return lang.L("Bitwarden"), lang.L("JSON to import. Plain text.")
	default:
		return lang.L("1Password"), lang.L("CSV to import. Plain text.")
	}
}

// secretsFormPage asks for the format, the passphrase and the place.
type secretsFormPage struct {
	p       *secretsPage
	root    fyne.CanvasObject
	choices []*choice
	at      int
	folder  *entry
	phrase  *entry
	again   *entry
	phrases *fyne.Container
	warning *widget.Label
	trouble *widget.Label
	into    *widget.Label
}

func newSecretsForm(p *secretsPage, k *keys) *secretsFormPage {
	f := &secretsFormPage{p: p, warning: text(""), trouble: text(""), into: caption("")}
	f.warning.Importance, f.trouble.Importance = widget.WarningImportance, widget.DangerImportance
	box := container.NewVBox()
	for i := range secretForms {
		title, about := secretFormWords(i)
		c := k.choice(title, about, func() {
			f.at = i
			p.refresh(p.state)
		})
		f.choices = append(f.choices, c)
		box.Add(c.pressable)
	}
	row := make([]*pressable, 0, len(f.choices))
	for _, c := range f.choices {
		row = append(row, c.pressable)
	}
	inARow(row...)
	f.folder, f.phrase, f.again = k.entry("/home/me/Documents"), k.secret(lang.L("Passphrase to seal with")), k.secret(lang.L("Once more"))
	f.folder.OnChanged = func(string) { f.refresh() }
	for _, e := range []*entry{f.folder, f.phrase, f.again} {
		e.OnSubmitted = func(string) { p.forward() }
	}
	choose := k.button(lang.L("Choose…"), theme.FolderOpenIcon(), func() { chooseFolder(p.window, lang.L("Write here"), f.folder.Text, f.folder.SetText) })
	f.phrases = container.NewGridWithColumns(2, f.phrase, f.again)
	f.root = scrolled(640, container.NewVBox(box, f.phrases, f.warning,
		widget.NewForm(widget.NewFormItem(lang.L("Folder"), container.NewBorder(nil, nil, nil, choose, f.folder))), f.into, f.trouble))
	return f
}

func (f *secretsFormPage) reset() {
	f.at = 0
	f.forget()
	f.trouble.SetText("")
	f.folder.SetText("")
}

// forget drops the passphrase.
func (f *secretsFormPage) forget() {
	f.phrase.SetText("")
	f.again.SetText("")
}

// focus puts the cursor where the first answer is missing.
func (f *secretsFormPage) focus() {
	if f.folder.Text == "" {
		f.folder.SetText(f.p.state.WriteTo)
	}
	if !secretForms[f.at].plain {
		f.p.window.Canvas().Focus(f.phrase)
	}
}

func (f *secretsFormPage) kind() string { return secretForms[f.at].format }

// path is the file that is written: named by the sandbox and the day.
func (f *secretsFormPage) path() string {
	return filepath.Join(strings.TrimSpace(f.folder.Text), f.p.sandbox+"-secrets-"+f.p.state.Now.In(f.p.state.zone()).Format("2006-01-02-15-04-05")+secretForms[f.at].end)
}

func (f *secretsFormPage) submit() {
	what := SecretsExport{Sandbox: f.p.sandbox, Files: f.p.names(), Format: f.kind(), Out: f.path()}
	trouble := ""
	switch {
	case strings.TrimSpace(f.folder.Text) == "":
		trouble = lang.L("Name the folder to write into.")
	case secretForms[f.at].plain:
	case f.phrase.Text == "":
		trouble = lang.L("Type a passphrase to seal with.")
	case f.phrase.Text != f.again.Text:
		trouble = lang.L("The two passphrases differ.")
	default:
		what.Passphrase = f.phrase.Text
	}
	f.trouble.SetText(trouble)
	if trouble == "" {
		f.p.do.ExportSecrets(what)
	}
	f.refresh()
}

func (f *secretsFormPage) refresh() {
	for i, c := range f.choices {
		c.choose(i == f.at)
	}
	plainly := secretForms[f.at].plain
	show(f.phrases, !plainly)
	f.warning.Importance = widget.MediumImportance
	f.warning.SetText(lang.L("Without the passphrase nobody opens the file, and it is kept nowhere."))
	if plainly {
		f.warning.Importance = widget.WarningImportance
		f.warning.SetText(lang.L("This file is plain text: whoever can read it has all the secrets. Import it at once; the next page deletes it."))
	}
	f.warning.Refresh()
	f.into.SetText(lang.L("Into {{.Path}}", values{"Path": plain(f.path())}))
	show(f.into, strings.TrimSpace(f.folder.Text) != "")
	show(f.trouble, f.trouble.Text != "")
	f.root.Refresh()
}

// secretsEndPage says where the export is, how it is opened, and deletes a plain one.
type secretsEndPage struct {
	p             *secretsPage
	root          fyne.CanvasObject
	said, hint    *widget.Label
	warning       *widget.Label
	remove, opens *button
}

func newSecretsEnd(p *secretsPage, k *keys) *secretsEndPage {
	e := &secretsEndPage{p: p, said: text(""), hint: text(""), warning: text("")}
	e.said.TextStyle.Bold = true
	e.warning.Importance = widget.WarningImportance
	e.remove = k.button(lang.L("It is imported: delete the plain file"), theme.DeleteIcon(), func() { p.do.DeleteExport(p.sandbox) })
	e.remove.Importance = widget.DangerImportance
	e.opens = k.quiet(lang.L("Copy"), theme.ContentCopyIcon(), func() {
		if p.shown.Done != nil {
			p.clipboard(openCommand(p.shown.Done))
		}
	})
	e.root = scrolled(640, container.NewVBox(e.said, container.NewBorder(nil, nil, nil, container.NewCenter(e.opens), e.hint), e.warning, container.NewHBox(e.remove)))
	return e
}

func (e *secretsEndPage) refresh() {
	d := e.p.shown.Done
	if d == nil {
		return
	}
	e.said.SetText(lang.N("{{.N}} files are in {{.Path}}, which only you can read.", d.Files, values{"N": d.Files, "Path": plain(d.Path)}))
	if d.Deleted {
		e.said.SetText(lang.L("The plain file is deleted."))
	}
	e.hint.SetText(translated(d.Hint))
	e.warning.SetText(lang.L("It is plain text. Import it now, look whether all is there, then delete it here. On a disk its bytes may be found until they are overwritten."))
	left := d.Plain && !d.Deleted
	show(e.warning, left)
	show(e.remove, left)
	show(e.hint, !d.Deleted)
	show(e.opens, !d.Deleted && openCommand(d) != "")
}

// openCommand is the command that opens an export; "" where a program of its own does.
func openCommand(d *SecretsDone) string {
	command, _ := strings.CutPrefix(d.Hint, "Open it: ")
	if command == d.Hint {
		return ""
	}
	return command
}
