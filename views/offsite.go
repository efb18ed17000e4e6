package views

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// offsiteActions is all that the Off-site page may ask of the program.
type offsiteActions interface {
	AddCopy(to CopyPlace)
	SyncCopy(name string)
	CheckCopy(name string)
	RemoveCopy(name string)
	ProveCopy(name, sandbox string)
	Cancel(sandbox string)
}

// offsite shows the copies of the vault at other places, and makes new ones.
type offsite struct {
	do    offsiteActions
	prove func(name string) // asks what of a copy is to be restored for trial
	tell  func(*backup.Fault)
	keys  *keys

	root    *fyne.Container
	rows    *fyne.Container
	empty   *widget.Label
	problem *problem
	known   map[string]*copyRow // by the copy's name, so that the focus in them stays
	kind    *pick
	at      int // the chosen kind
	form    *fyne.Container
	fields  map[string]*entry
	add     *button
}

// copyKinds are the kinds of places, each with its fields in their order. Those with a * are secret.
var copyKinds = []struct {
	kind   string
	fields []string
}{
	{CopyToFolder, []string{fieldName, fieldPath}},
	{CopyToSFTP, []string{fieldName, fieldHost, fieldPort, fieldUser, fieldPath, fieldIdentity, fieldHostKey}},
	{CopyToS3, []string{fieldName, fieldEndpoint, fieldBucket, fieldPrefix, fieldRegion, fieldAccessKey, fieldSecret}},
	{CopyToWebDAV, []string{fieldName, fieldURL, fieldUser, fieldSecret}},
}

// The fields of a place.
const (
	fieldName      = "name"
	fieldPath      = "path"
	fieldHost      = "host"
	fieldPort      = "port"
	fieldUser      = "user"
	fieldIdentity  = "identity"
	fieldHostKey   = "host key"
	fieldEndpoint  = "endpoint"
	fieldBucket    = "bucket"
	fieldPrefix    = "prefix"
	fieldRegion    = "region"
	fieldAccessKey = "access key"
	fieldSecret    = "secret"
	fieldURL       = "url"
)

func newOffsite(do offsiteActions, k *keys, clipboard func(string), prove func(name string), tell func(*backup.Fault)) *offsite {
	p := &offsite{do: do, prove: prove, tell: tell, keys: k, rows: container.NewVBox(), known: map[string]*copyRow{}, empty: text(""), problem: newProblem(k, clipboard), form: container.NewStack()}
	p.fields = placeFields(k)
	for _, e := range p.fields {
		e.OnSubmitted = func(string) { p.submit() }
	}
	p.kind = k.pick(func(at int) { p.choose(at) })
	p.add = k.primary(lang.L("Try it and add it…"), p.submit)
	p.kind.set([]string{lang.L("Another disk or share"), lang.L("SFTP server"), lang.L("S3 bucket"), lang.L("WebDAV folder")}, 0)
	p.root = footed(760, p.problem.panel, scrolled(760, container.NewPadded(container.NewVBox(
		heading(lang.L("Off-site copies")),
		text(lang.L("A lost disk loses the database and the vault together. A copy of the vault at another place is what is left then: encrypted as the vault is, brought up to date after each backup, and useless without the recovery key.")),
		p.empty, p.rows,
		subheading(lang.L("Add a place")),
		p.form, atEnd(p.add),
	))))
	p.choose(0)
	return p
}

// placeFields are all that can be typed about a place.
func placeFields(k *keys) map[string]*entry {
	return map[string]*entry{
		fieldName: k.entry("disk"), fieldPath: k.entry("/media/backup/holdfast"), fieldHost: k.entry("nas"), fieldPort: k.entry("22"), fieldUser: k.entry(""),
		fieldIdentity: k.entry(lang.L("without one the SSH agent is asked")), fieldHostKey: k.entry(lang.L("left empty, the server’s is shown first")),
		fieldEndpoint: k.entry("s3.example.org"), fieldBucket: k.entry("backups"), fieldPrefix: k.entry("desk"), fieldRegion: k.entry(lang.L("only if the server asks for a region")),
		fieldAccessKey: k.entry(""), fieldSecret: k.secret(""), fieldURL: k.entry("https://dav.example.org/holdfast"),
	}
}

// fieldLabel is what a field is called at a kind of place.
func fieldLabel(kind, field string) string {
	if kind == CopyToS3 && field == fieldSecret {
		return lang.L("Secret access key")
	}
	return map[string]string{
		fieldName: lang.L("Name"), fieldPath: lang.L("Folder"), fieldHost: lang.L("Server"), fieldPort: lang.L("Port"), fieldUser: lang.L("User"),
		fieldIdentity: lang.L("Private key file"), fieldHostKey: lang.L("Fingerprint of the server"), fieldEndpoint: lang.L("Endpoint"), fieldBucket: lang.L("Bucket"),
		fieldPrefix: lang.L("Folder in it"), fieldRegion: lang.L("Region"), fieldAccessKey: lang.L("Access key ID"), fieldSecret: lang.L("Password"), fieldURL: lang.L("Address"),
	}[field]
}

// choose shows the fields of a kind.
func (p *offsite) choose(at int) {
	p.at = at
	items := []*widget.FormItem{widget.NewFormItem(lang.L("Kind"), p.kind)}
	for _, field := range copyKinds[at].fields {
		items = append(items, widget.NewFormItem(fieldLabel(copyKinds[at].kind, field), p.fields[field]))
	}
	p.form.Objects = []fyne.CanvasObject{widget.NewForm(items...)}
	p.form.Refresh()
}

func (p *offsite) submit() {
	if p.add.Disabled() {
		return
	}
	p.do.AddCopy(typedPlace(p.at, p.fields))
}

// typedPlace reads what was typed for the kind at that index; what belongs to other kinds is left out.
func typedPlace(kind int, fields map[string]*entry) CopyPlace {
	of := func(field string) string {
		if !slices.Contains(copyKinds[kind].fields, field) {
			return ""
		}
		return strings.TrimSpace(fields[field].Text)
	}
	return CopyPlace{
		Kind: copyKinds[kind].kind, Name: of(fieldName), Path: of(fieldPath), Host: of(fieldHost), Port: of(fieldPort), User: of(fieldUser), Identity: of(fieldIdentity),
		HostKey: of(fieldHostKey), Endpoint: of(fieldEndpoint), Bucket: of(fieldBucket), Prefix: of(fieldPrefix), Region: of(fieldRegion), AccessKey: of(fieldAccessKey),
		URL: of(fieldURL), Secret: fields[fieldSecret].Text,
	}
}

func (p *offsite) refresh(s State) {
	o := s.Offsite
	if o == nil {
		o = &Offsite{}
	}
	p.problem.refresh(o.Problem)
	enable(p.add, !o.Adding)
	show(p.empty, len(o.Copies) == 0)
	p.empty.SetText(lang.L("There is no copy yet."))
	p.rows.Objects = nil
	for i := range o.Copies {
		c := &o.Copies[i]
		if p.known[c.Name] == nil {
			p.known[c.Name] = p.newRow()
		}
		p.known[c.Name].refresh(c, s)
		p.rows.Add(p.known[c.Name].panel)
	}
	if o.Added { // its fields did their work
		for _, e := range p.fields {
			e.SetText("")
		}
	}
	p.root.Refresh()
}
