package views

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
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
	do        offsiteActions
	prove     func(name string) // asks what of a copy is to be restored for trial
	keys      *keys
	clipboard func(string)

	root    *fyne.Container
	rows    *fyne.Container
	empty   *widget.Label
	problem *problem
	drawn   string
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

func newOffsite(do offsiteActions, k *keys, clipboard func(string), prove func(name string)) *offsite {
	p := &offsite{do: do, prove: prove, keys: k, clipboard: clipboard, rows: container.NewVBox(), empty: text(""), problem: newProblem(k, clipboard), form: container.NewStack()}
	p.fields = placeFields(k)
	for _, e := range p.fields {
		e.OnSubmitted = func(string) { p.submit() }
	}
	p.kind = k.pick(func(at int) { p.choose(at) })
	p.add = k.primary(lang.L("Try it and add it…"), p.submit)
	p.kind.set([]string{lang.L("Another disk or share"), lang.L("SFTP server"), lang.L("S3 bucket"), lang.L("WebDAV folder")}, 0)
	p.root = container.NewStack(scrolled(760, container.NewPadded(container.NewVBox(
		heading(lang.L("Off-site copies")),
		text(lang.L("A lost disk loses the database and the vault together. A copy of the vault at another place is what is left then: encrypted as the vault is, brought up to date after each backup, and useless without the recovery key.")),
		p.problem.panel, p.empty, p.rows,
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
	drawn := ""
	for i := range o.Copies {
		drawn += fmt.Sprintln(o.Copies[i].Name, o.Copies[i].Where, copyState(&o.Copies[i], s), lockWords(&o.Copies[i]), trialWords(&o.Copies[i], s), len(provable(s)))
	}
	if drawn != p.drawn {
		p.drawn, p.rows.Objects = drawn, nil
		for i := range o.Copies {
			p.rows.Add(p.row(&o.Copies[i], s))
		}
	}
	if o.Added { // its fields did their work
		for _, e := range p.fields {
			e.SetText("")
		}
	}
	p.root.Refresh()
}

func (p *offsite) row(c *Copy, s State) fyne.CanvasObject {
	state := text(copyState(c, s))
	if c.Problem != nil {
		state.Importance = widget.WarningImportance
	}
	sync := p.keys.button(lang.L("Bring up to date"), nil, func() { p.do.SyncCopy(c.Name) })
	check := p.keys.button(lang.L("Check every byte"), nil, func() { p.do.CheckCopy(c.Name) })
	prove := p.keys.button(lang.L("Prove from this copy…"), nil, func() { p.prove(c.Name) })
	remove := p.keys.quiet(lang.L("Remove…"), nil, func() { p.do.RemoveCopy(c.Name) })
	stop := p.keys.quiet(lang.L("Cancel"), nil, func() { p.do.Cancel(c.Job) })
	for _, b := range []*button{sync, check, remove} {
		enable(b, c.Busy == nil)
	}
	enable(prove, c.Busy == nil && !c.Last.IsZero())
	show(prove, len(provable(s)) > 0)
	show(stop, c.Busy != nil)
	lock := smallText(lockWords(c))
	show(lock, c.Lock > 0)
	trials := smallText(trialWords(c, s))
	show(trials, trials.Text != "")
	colour := theme.ColorNameSeparator
	if c.Problem != nil {
		colour = theme.ColorNameWarning
	}
	buttons := container.New(layout.NewRowWrapLayout(), sync, check, prove, remove, stop)
	if c.Problem != nil {
		buttons.Add(p.keys.quiet(lang.L("Copy details"), theme.ContentCopyIcon(), func() { p.clipboard(faultText(c.Problem)) }))
		buttons.Add(p.keys.quiet(lang.L("Open the log"), theme.DocumentIcon(), p.keys.log))
	}
	return newPanel(colour, container.NewVBox(tight(bold(plain(c.Name)), smallText(plain(c.Where)), state, trials, lock), buttons))
}

// copyState says how current a copy is, or what is done about it.
func copyState(c *Copy, s State) string {
	switch {
	case c.Busy != nil:
		return facts(plain(c.Busy.Title), said(c.Busy))
	case c.Problem != nil:
		return failing(c, s)
	case c.Last.IsZero():
		return lang.L("Nothing was copied yet.")
	}
	said := lang.L("Up to date {{.When}}, {{.Size}}.", values{"When": ago(c.Last, s.Now), "Size": size(c.Bytes)})
	if c.Behind {
		said = lang.L("Behind: not every backup is there yet. Last brought up to date {{.When}}, {{.Size}}.", values{"When": ago(c.Last, s.Now), "Size": size(c.Bytes)})
	}
	if c.SameDisk {
		said += " " + lang.L("It is on the vault’s own disk: a lost disk loses both.")
	}
	return said
}

// failing says why the last try went wrong, when the next one is, and what is there.
func failing(c *Copy, s State) string {
	said := sentence(translated(c.Problem.Text)) + ". " + translated(c.Problem.Hint)
	if c.NextTry.After(s.Now) {
		said += " " + lang.L("The next try is {{.When}}.", values{"When": soon(c.NextTry, s.Now, s.zone())})
	}
	if c.Last.IsZero() {
		return said + " " + lang.L("Nothing was copied yet.")
	}
	return said + " " + lang.L("It was last up to date {{.When}}.", values{"When": ago(c.Last, s.Now)})
}

// lockWords says for how long nobody can undo what was sent; "" when it is not locked.
func lockWords(c *Copy) string {
	if c.Lock <= 0 {
		return ""
	}
	n := int((c.Lock + 24*time.Hour - 1) / (24 * time.Hour))
	return lang.N("Locked: for {{.N}} days nobody can change or delete what was sent, not even with its password.", n, values{"N": n})
}
