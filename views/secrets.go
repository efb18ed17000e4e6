package views

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"
)

// secretActions is all that the wizard about secret files may ask of the program.
type secretActions interface {
	FindSecrets(sandbox string)
	WatchSecrets(sandbox string, watched []string)
	ExportSecrets(what SecretsExport)
	DeleteExport(sandbox string)
	EndSecrets()
}

// The pages of the wizard about secret files.
const (
	secretsWhich = iota
	secretsForm
	secretsDone
)

// secretsPage leads to an export of secret files: which, into what, and what to do then. It shows
// names and times, never what is in the files.
type secretsPage struct {
	do        secretActions
	keys      *keys
	window    fyne.Window
	clipboard func(string)
	leave     func()
	sandbox   string
	page      int
	chosen    map[string]bool
	drawn     bool // the ticks were set for what was found
	state     State
	shown     Secrets

	root                         fyne.CanvasObject
	title, step                  *widget.Label
	body                         *fyne.Container
	problem                      *problem
	cancel, copyIt, backIt, next *button
	working                      *widget.ProgressBarInfinite
	which                        *secretsWhichPage
	form                         *secretsFormPage
	end                          *secretsEndPage
}

func newSecrets(do secretActions, k *keys, window fyne.Window, clipboard func(string), leave func()) *secretsPage {
	p := &secretsPage{do: do, keys: k, window: window, clipboard: clipboard, leave: leave, title: heading(""), step: bold(""), body: container.NewStack(), problem: newProblem(k, clipboard), chosen: map[string]bool{}, working: widget.NewProgressBarInfinite()}
	p.working.Stop()
	p.cancel = k.quiet(lang.L("Close"), nil, p.close)
	p.copyIt = k.quiet(lang.L("Copy the command for it"), nil, func() { clipboard(p.command()) })
	p.backIt = k.button(lang.L("Back"), nil, p.back)
	p.next = k.primary("", p.forward)
	p.which, p.form, p.end = newSecretsWhich(p, k), newSecretsForm(p, k), newSecretsEnd(p, k)
	foot := container.NewHBox(p.cancel, p.copyIt, layout.NewSpacer(), p.backIt, p.next)
	top := container.NewVBox(p.title, p.step, p.problem.panel, p.working)
	p.root = container.NewVScroll(container.NewPadded(over(top, container.NewBorder(nil, foot, nil, nil, p.body))))
	return p
}

// begin starts for a sandbox.
func (p *secretsPage) begin(sandbox string) {
	p.sandbox, p.page, p.drawn, p.chosen = sandbox, secretsWhich, false, map[string]bool{}
	p.form.reset()
	p.do.FindSecrets(sandbox)
}

func (p *secretsPage) close() {
	p.do.EndSecrets()
	p.leave()
}

// back turns to the page before; from the first and the last one it closes.
func (p *secretsPage) back() {
	if p.shown.Busy {
		return
	}
	if p.page == secretsForm {
		p.turn(secretsWhich)
		return
	}
	p.close()
}

// forward does the primary action.
func (p *secretsPage) forward() {
	switch {
	case p.next.Disabled():
	case p.page == secretsWhich:
		p.turn(secretsForm)
	case p.page == secretsForm:
		p.form.submit()
	default:
		p.close()
	}
}

func (p *secretsPage) turn(page int) {
	p.page = page
	p.refresh(p.state)
	p.window.Canvas().Focus(p.next)
	if page == secretsForm {
		p.form.focus()
	}
}

// names are the chosen files, in order.
func (p *secretsPage) names() (all []string) {
	for _, f := range p.shown.Files {
		if p.chosen[f.Path] {
			all = append(all, f.Path)
		}
	}
	return all
}

// command is the same export without a window. A passphrase is asked for there.
func (p *secretsPage) command() string {
	words := []string{"holdfast", "secrets", "export", shellWord(p.sandbox), "--format", p.form.kind(), "--out", shellWord(p.form.path())}
	if names := p.names(); len(names) < len(p.shown.Files) {
		for _, name := range names {
			words = append(words, "--file", shellWord(name))
		}
	}
	return strings.Join(words, " ")
}

func (p *secretsPage) refresh(s State) {
	p.state, p.shown = s, Secrets{Sandbox: p.sandbox, Looking: true}
	if s.Secrets != nil && s.Secrets.Sandbox == p.sandbox {
		p.shown = *s.Secrets
	}
	if !p.drawn && !p.shown.Looking {
		p.drawn = true
		for _, f := range p.shown.Files {
			p.chosen[f.Path] = f.Problem == ""
		}
	}
	switch {
	case p.shown.Done != nil:
		p.page = secretsDone
		p.form.forget()
	case p.page == secretsDone: // begun anew
		p.page = secretsWhich
	}
	p.title.SetText(lang.L("Secret files of {{.Name}}", values{"Name": plain(p.sandbox)}))
	p.step.SetText(facts(lang.L("Step {{.N}} of 3", values{"N": p.page + 1}), []string{lang.L("Which files"), lang.L("Into what"), lang.L("What to do now")}[p.page]))
	p.problem.refresh(p.shown.Problem)
	busy := p.shown.Busy || p.shown.Looking
	show(p.working, busy)
	if busy {
		p.working.Start()
	} else {
		p.working.Stop()
	}
	p.place()
	p.root.Refresh()
}

// place shows the page, and what can be done on it.
func (p *secretsPage) place() {
	root := []fyne.CanvasObject{p.which.root, p.form.root, p.end.root}[p.page]
	if len(p.body.Objects) == 0 || p.body.Objects[0] != root {
		p.body.Objects = []fyne.CanvasObject{root}
	}
	ready := !p.shown.Busy && !p.shown.Looking
	p.next.SetText(lang.L("Next"))
	switch p.page {
	case secretsWhich:
		p.which.refresh()
		ready = ready && len(p.names()) > 0
	case secretsForm:
		p.form.refresh()
		p.next.SetText(lang.L("Export…"))
	default:
		p.end.refresh()
		p.next.SetText(lang.L("Done"))
	}
	enable(p.next, ready)
	show(p.backIt, p.page == secretsForm)
	enable(p.backIt, ready)
	show(p.cancel, p.page != secretsDone)
	show(p.copyIt, p.page == secretsForm)
}

// secretsWhichPage asks which files, and which are to be watched.
type secretsWhichPage struct {
	p       *secretsPage
	root    fyne.CanvasObject
	said    *widget.Label
	all     *tick
	list    *list
	add     *entry
	watched *fyne.Container
	was     string
}

func newSecretsWhich(p *secretsPage, k *keys) *secretsWhichPage {
	w := &secretsWhichPage{p: p, said: text(""), watched: container.New(layout.NewRowWrapLayout())}
	w.all = k.tick(lang.L("All of them"), func(on bool) {
		for _, f := range p.shown.Files {
			p.chosen[f.Path] = on && f.Problem == ""
		}
		p.refresh(p.state)
	})
	w.list = k.list(func() int { return len(p.shown.Files) }, newSecretRow, w.draw)
	w.list.enter = p.forward
	w.list.OnSelected = func(i widget.ListItemID) {
		w.list.UnselectAll()
		if f := p.shown.Files[i]; f.Problem == "" {
			p.chosen[f.Path] = !p.chosen[f.Path]
			p.refresh(p.state)
		}
	}
	w.add = k.entry(lang.L("A file, or a pattern such as /srv/shop/*.key"))
	w.add.OnSubmitted = func(string) { w.watch() }
	add := k.button(lang.L("Watch it"), nil, w.watch)
	top := container.NewVBox(text(lang.L("Holdfast shows their names and when they changed, never what is in them.")), container.NewBorder(nil, nil, nil, w.all, w.said))
	foot := container.NewVBox(container.NewBorder(nil, nil, nil, add, w.add), w.watched)
	w.root = container.NewBorder(top, foot, nil, nil, container.NewStack(tallOf(140), w.list))
	return w
}

func newSecretRow() fyne.CanvasObject {
	row := newTickRow().(*fyne.Container)
	row.Layout = columns{{width: 36}, {width: 220, grow: 1}, {width: 280, drop: 1}}
	row.Objects = row.Objects[:3]
	row.Objects[1] = newPathLabel()
	return row
}

func (w *secretsWhichPage) draw(i widget.ListItemID, o fyne.CanvasObject) {
	f := w.p.shown.Files[i]
	drawTick(o, w.p.chosen[f.Path], plain(f.Path), secretWords(f, w.p.state))
}

// secretWords says where a secret file stands.
func secretWords(f SecretFile, s State) string {
	switch {
	case f.Problem != "":
		return lang.L("cannot be read: {{.Why}}", values{"Why": translated(f.Problem)})
	case f.Exported.IsZero():
		return lang.L("never exported")
	case f.Changed:
		return lang.L("changed since its export {{.When}}", values{"When": ago(f.Exported, s.Now)})
	}
	return lang.L("exported {{.When}}", values{"When": ago(f.Exported, s.Now)})
}

func (w *secretsWhichPage) watch() {
	if path := strings.TrimSpace(w.add.Text); path != "" {
		w.add.SetText("")
		w.p.drawn = false
		w.p.do.WatchSecrets(w.p.sandbox, append(slices.Clone(w.p.shown.Watched), path))
	}
}

func (w *secretsWhichPage) refresh() {
	shown := &w.p.shown
	taken := len(w.p.names())
	switch {
	case shown.Looking:
		w.said.SetText(lang.L("Looking through the code folders…"))
	case len(shown.Files) == 0:
		w.said.SetText(lang.L("No secret file was found. Name one below, or the code folders of the sandbox."))
	default:
		said := lang.N("{{.N}} of {{.All}} files are chosen.", taken, values{"N": taken, "All": len(shown.Files)})
		for _, note := range shown.Notes {
			said += " " + sentence(translated(note)) + "."
		}
		w.said.SetText(said)
	}
	w.all.set(taken > 0 && taken == len(shown.Files))
	show(w.all, len(shown.Files) > 0)
	w.list.Refresh()
	if was := fmt.Sprint(shown.Watched); was != w.was {
		w.was, w.watched.Objects = was, nil
		for _, path := range shown.Watched {
			remove := w.p.keys.quiet(lang.L("Watch {{.Name}} no more", values{"Name": plain(filepath.Base(path))}), nil, func() {
				w.p.do.WatchSecrets(w.p.sandbox, slices.DeleteFunc(slices.Clone(w.p.shown.Watched), func(s string) bool { return s == path }))
			})
			w.watched.Add(remove)
		}
	}
}
