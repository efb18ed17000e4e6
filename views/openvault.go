package views

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// openActions is all that the page for a vault from elsewhere may ask of the program.
type openActions interface {
	OpenVault(from VaultPlace)
	CancelOpening()
}

// VaultPlace is where a vault is, or the copy that it is fetched from, as it was typed.
type VaultPlace struct {
	CopyPlace // its Kind is "" for the vault's own folder

	Into       string // folder that a copy is fetched into
	Key        string
	Passphrase string // to be set for approvals; "" where there is one
}

// Opening is how far the opening of a vault is.
type Opening struct {
	Busy    *Busy
	Problem *backup.Fault
	HostKey *HostKey // that a person is to compare; nil when there is nothing to compare
	Into    string   // proposed folder for what is fetched
	Opened  int      // how often one was opened since the start
	Backups int      // in the last one
}

// HostKey is what an SFTP server says it is.
type HostKey struct {
	Host, Fingerprint, Type, Compare string
}

// openVault opens a vault that is there: in a folder, or fetched from one of its copies.
type openVault struct {
	do     openActions
	setup  bool // it is part of the first start
	root   fyne.CanvasObject
	kind   *pick
	at     int // the chosen kind: 0 is the vault's own folder
	form   *fyne.Container
	fields map[string]*entry

	into, key, first, again *entry
	about, mismatch         *widget.Label
	open, back              *button
	busy                    *busyPanel
	problem                 *problem
	host                    *panel
	hostSaid                *widget.Label
	agreed                  string // fingerprint that a person compared
	refused                 string // fingerprint that is another one
	shown                   Opening
	proposed                string
}

func newOpenVault(do openActions, k *keys, clipboard func(string), setup bool, back func()) *openVault {
	p := &openVault{
		do: do, setup: setup, form: container.NewStack(), into: k.entry(""), key: k.secret(lang.L("from the recovery kit")), first: k.secret(""), again: k.secret(""),
		about: text(""), mismatch: text(""), problem: newProblem(k, clipboard), hostSaid: text(""),
	}
	p.mismatch.Importance = widget.DangerImportance
	p.fields = placeFields(k)
	p.open = k.primary(lang.L("Open the vault"), p.submit)
	p.back = k.quiet(lang.L("Back"), nil, back)
	p.busy = newBusyPanel(k, do.CancelOpening)
	p.newHostPanel(k)
	for _, e := range p.entries() {
		e.OnSubmitted = func(string) { p.submit() }
		e.OnChanged = func(string) { p.mismatch.SetText("") }
	}
	p.kind = k.pick(func(at int) { p.choose(at) })
	p.kind.set([]string{lang.L("The folder of the vault"), lang.L("A copy on another disk or share"), lang.L("A copy on an SFTP server"), lang.L("A copy in an S3 bucket"), lang.L("A copy in a WebDAV folder")}, 0)
	p.root = container.NewVBox(
		heading(lang.L("Open the vault that you have")), p.about, p.form,
		p.host, p.busy.panel, p.mismatch, // which has its line while it is empty, so that the buttons stay
		container.NewHBox(p.back, layout.NewSpacer(), p.open),
		p.problem.panel, // below the buttons, for the same reason
	)
	p.choose(0)
	return p
}

// entries are all that can be typed into.
func (p *openVault) entries() []*entry {
	all := []*entry{p.into, p.key, p.first, p.again}
	for _, e := range p.fields {
		all = append(all, e)
	}
	return all
}

func (p *openVault) newHostPanel(k *keys) {
	same := k.button(lang.L("It is the same: go on"), nil, func() {
		if p.shown.HostKey != nil {
			p.agreed = p.shown.HostKey.Fingerprint
			p.submit()
		}
	})
	other := k.quiet(lang.L("It is another one"), nil, func() {
		if p.shown.HostKey != nil {
			p.refused = p.shown.HostKey.Fingerprint
			p.refresh(p.shown)
			fyne.CurrentApp().Driver().CanvasForObject(p.kind).Focus(p.kind) // what had the focus is gone
		}
	})
	p.hostSaid.Selectable = true
	p.host = newPanel(theme.ColorNameWarning, container.NewVBox(p.hostSaid, atEnd(other, same)))
	p.host.Hide()
}

// choose shows the fields of a kind.
func (p *openVault) choose(at int) {
	p.at, p.agreed = at, ""
	item := widget.NewFormItem
	items := []*widget.FormItem{item(lang.L("Where it is"), p.kind)}
	if at == 0 {
		items = append(items, item(lang.L("Vault"), p.fields[fieldPath]))
		p.about.SetText(lang.L("The folder of the vault, such as on a disk from another machine. Its backups are all there again; connect their databases afterwards."))
	} else {
		for _, field := range copyKinds[at-1].fields {
			if field != fieldName && field != fieldHostKey {
				items = append(items, item(fieldLabel(copyKinds[at-1].kind, field), p.fields[field]))
			}
		}
		items = append(items, item(lang.L("Fetch it into"), p.into))
		p.about.SetText(lang.L("The vault is fetched from its copy, and becomes this machine’s. Its backups are all there again; connect their databases afterwards. What breaks off is taken up again."))
	}
	key := item(lang.L("Recovery key"), p.key)
	key.HintText = lang.L("typed, pasted, or as a phone reads it from the kit’s code")
	items = append(items, key)
	if p.setup {
		passphrase := item(lang.L("Approval passphrase"), p.first)
		passphrase.HintText = lang.L("a new one, for this machine")
		items = append(items, passphrase, item(lang.L("Once more"), p.again))
	}
	p.form.Objects = []fyne.CanvasObject{widget.NewForm(items...)}
	p.form.Refresh()
}

// missing says what is not typed yet; "" when nothing is.
func (p *openVault) missing() string {
	switch {
	case strings.TrimSpace(p.key.Text) == "":
		return lang.L("Type the recovery key.")
	case p.at > 0 && strings.TrimSpace(p.into.Text) == "":
		return lang.L("Name a folder for the vault.")
	case p.setup && p.first.Text == "":
		return lang.L("Choose a passphrase.")
	case p.setup && p.first.Text != p.again.Text:
		return lang.L("The two passphrases differ.")
	}
	return ""
}

func (p *openVault) submit() {
	if p.open.Disabled() {
		return
	}
	if why := p.missing(); why != "" {
		p.mismatch.SetText(why)
		return
	}
	p.refused = ""
	from := VaultPlace{Into: strings.TrimSpace(p.into.Text), Key: p.key.Text, Passphrase: p.first.Text}
	if p.at == 0 {
		from.Path = strings.TrimSpace(p.fields[fieldPath].Text)
	} else {
		from.CopyPlace = typedPlace(p.at-1, p.fields)
		from.HostKey = p.agreed
	}
	p.do.OpenVault(from)
}

func (p *openVault) refresh(o Opening) {
	if o.Opened != p.shown.Opened {
		p.forget()
	}
	if p.into.Text == p.proposed { // what the person typed stays
		p.into.SetText(o.Into)
	}
	p.proposed = o.Into
	p.shown = o
	enable(p.open, o.Busy == nil)
	enable(p.back, o.Busy == nil)
	p.busy.refresh(o.Busy)
	p.problem.refresh(o.Problem)
	asks := o.HostKey != nil && o.Busy == nil && o.HostKey.Fingerprint != p.refused
	show(p.host, asks)
	show(p.open, !asks)
	show(p.form, !asks && o.Busy == nil) // what is asked and what runs is seen without scrolling
	if h := o.HostKey; h != nil {
		p.hostSaid.SetText(lang.L("{{.Host}} says that its host key is {{.Fingerprint}} ({{.Type}}). Compare that on the server itself: {{.Command}}",
			values{"Host": plain(h.Host), "Fingerprint": plain(h.Fingerprint), "Type": plain(h.Type), "Command": plain(h.Compare)}))
	}
	p.root.Refresh()
}

// forget drops what was typed once it did its work.
func (p *openVault) forget() {
	p.agreed = ""
	for _, e := range p.entries() {
		if e != p.into {
			e.SetText("")
		}
	}
}
