package views

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// wizardActions is all that the restore wizard may ask of the program.
type wizardActions interface {
	Compare(sandbox string, id backup.ID, target string)
	CompareFolders(sandbox string, id backup.ID, target string)
	ListFiles(sandbox string, id backup.ID, text string)
	Restore(what Restoring)
}

// The pages of the wizard.
const (
	pageWhat = iota
	pageWhere
	pageCompare
)

// wizard leads to a restore, one question a page: what, where, and what that changes. It holds
// what was chosen; what was found out is in the State.
type wizard struct {
	do    wizardActions
	shell *Shell
	close func()
	open  bool
	page  int

	sandbox string
	id      backup.ID
	backup  *backup.Backup // with its tables; nil until it is read
	chosen  map[backup.Name]bool
	whole   bool         // else only the chosen tables
	part    backup.Scope // of the backup; "" until that is read
	some    bool         // only the chosen files
	state   State
	shown   Sandbox
	before  backup.ID // newest restore of the target when ours was begun
	begun   bool      // ours was asked for
	runs    string    // the sandbox that what runs and what failed belong to
	wants   bool      // the focus belongs on the primary button once that is possible

	root                 fyne.CanvasObject
	step                 *widget.Label
	body                 *fyne.Container
	cancel, backIt, next *button
	copyIt               *button
	running              *busyPanel
	problem              *problem
	what                 *wizardWhat
	where                *wizardWhere
	compare              *wizardCompare
}

func newWizard(s *Shell, k *keys, clipboard func(string), close func()) *wizard {
	w := &wizard{do: s.do, shell: s, close: close, step: bold(""), body: container.NewStack(), chosen: map[backup.Name]bool{}}
	w.cancel = k.quiet(lang.L("Close"), nil, w.end)
	w.copyIt = k.quiet(lang.L("Copy the command for it"), nil, func() { clipboard(w.command()) })
	w.backIt = k.button(lang.L("Back"), nil, w.back)
	w.next = k.primary("", w.forward)
	w.what = newWizardWhat(w, k)
	w.where = newWizardWhere(w, k)
	w.compare = newWizardCompare(w, k)
	w.running = newBusyPanel(k, func() { s.do.Cancel(w.runs) })
	w.problem = newProblem(k, clipboard)
	w.problem.offers(s.do, k)
	foot := container.NewVBox(w.running.panel, w.problem.panel, container.NewHBox(w.cancel, w.copyIt, layout.NewSpacer(), w.backIt, w.next))
	w.root = container.NewBorder(w.step, foot, nil, nil, w.body)
	return w
}

// begin starts for a backup, with the tables to begin with.
func (w *wizard) begin(sandbox string, id backup.ID, tables []backup.Name) {
	w.open, w.page, w.begun = true, pageWhat, false
	w.sandbox, w.id, w.backup = sandbox, id, nil
	w.whole, w.chosen = len(tables) == 0, map[backup.Name]bool{}
	w.part, w.some = "", false
	for _, t := range tables {
		w.chosen[t] = true
	}
	w.what.reset()
	w.where.reset(sandbox)
	w.compare.reset()
}

func (w *wizard) end() {
	w.open = false
	w.close()
}

// back turns to the page before; from the first one it closes.
func (w *wizard) back() {
	switch {
	case w.working():
	case w.page == pageWhat:
		w.end()
	default:
		w.turn(w.page - 1)
	}
}

// forward does the primary action.
func (w *wizard) forward() {
	switch {
	case w.next.Disabled():
	case w.page == pageCompare:
		w.begun, w.before = true, restoredID(w.target())
		w.do.Restore(w.restoring())
	default:
		w.turn(w.page + 1)
		if w.page == pageCompare {
			w.compare.enter()
			w.focus()
		}
	}
}

func (w *wizard) turn(page int) {
	w.page = page
	w.refresh(w.state, w.shown)
	w.focus()
}

// focus puts the focus where Enter goes on, as soon as that can be pressed; unless the person
// has put it somewhere else by then.
func (w *wizard) focus() {
	w.wants = true
	w.shell.window.Canvas().Unfocus()
	w.settle()
}

func (w *wizard) settle() {
	canvas := w.shell.window.Canvas()
	if !w.wants || w.next.Disabled() {
		return
	}
	w.wants = false
	if canvas.Focused() == nil {
		canvas.Focus(w.next)
	}
}

func restoredID(b *Sandbox) backup.ID {
	if b == nil || b.Restored == nil {
		return ""
	}
	return b.Restored.Restore
}

// target is the sandbox into which the restore goes; nil when it is gone.
func (w *wizard) target() *Sandbox { return sandboxOf(w.state, w.where.sandbox()) }

// busy says whether something runs that belongs to this restore.
func (w *wizard) busy() bool {
	t := w.target()
	return t != nil && t.Busy != nil
}

// working says whether the wizard waits for what runs.
func (w *wizard) working() bool { return w.page == pageCompare && w.busy() }

// about gives the sandbox whose run and whose problem are shown beside the wizard.
func (w *wizard) about(s State, shown Sandbox) Sandbox {
	w.state = s
	if t := w.target(); t != nil && w.page == pageCompare {
		return *t
	}
	return shown
}

// tell shows what runs and what went wrong between the page and its buttons: neither moves.
func (w *wizard) tell(about Sandbox) {
	w.runs = about.Name
	w.running.refresh(about.Busy)
	w.problem.refresh(about.Problem)
	w.problem.offer(about)
}

// restoring is what was chosen.
func (w *wizard) restoring() Restoring {
	r := Restoring{Sandbox: w.sandbox, Backup: w.id, What: w.part, Target: w.where.sandbox(), NewDatabase: w.where.newName(), Beside: w.where.beside()}
	if w.some {
		r.Files = w.what.files.names()
	}
	if !w.whole {
		r.Tables = w.names()
	}
	return r
}

// names are the chosen tables, in the backup's order.
func (w *wizard) names() (names []backup.Name) {
	if w.backup == nil {
		return nil
	}
	for i := range w.backup.Tables {
		if n := nameOf(&w.backup.Tables[i]); w.chosen[n] {
			names = append(names, n)
		}
	}
	return names
}

func nameOf(t *backup.Table) backup.Name { return backup.Name{Schema: t.Schema, Name: t.Name} }

// command is the same restore without a window.
func (w *wizard) command() string {
	r := w.restoring()
	words := []string{"holdfast", "restore", string(r.Backup)}
	if w.backup != nil && w.backup.What == backup.ScopeBoth && len(r.Tables) == 0 {
		words = append(words, "--what", string(r.What))
	}
	for _, pattern := range MediaPatterns(r.Files, w.backup != nil && len(w.backup.Media) > 1) {
		words = append(words, "--media-path", shellWord(pattern))
	}
	if r.Beside {
		words = append(words, "--beside")
	}
	if r.Target != r.Sandbox {
		words = append(words, "--target", shellWord(r.Target))
	}
	if r.NewDatabase != "" {
		words = append(words, "--to-database", shellWord(r.NewDatabase))
	}
	for _, t := range r.Tables {
		words = append(words, "--table", shellWord(identifier(t.Schema)+"."+identifier(t.Name)))
	}
	return strings.Join(words, " ")
}

func (w *wizard) refresh(s State, shown Sandbox) {
	w.state, w.shown = s, shown
	if d := shown.Details; d != nil && d.ID == w.id {
		w.backup = d
		w.settlePart()
	}
	if t := w.target(); w.begun && t != nil && t.Busy == nil && restoredID(t) != w.before {
		w.open = false
		w.shell.do.Choose(w.sandbox, "")
		w.shell.Open(t.Name) // it is restored: the page of the target says so
		return
	}
	w.step.SetText(w.stepWords())
	root := []fyne.CanvasObject{w.what.root, w.where.root, w.compare.root}[w.page]
	if len(w.body.Objects) == 0 || w.body.Objects[0] != root {
		w.body.Objects = []fyne.CanvasObject{root}
	}
	ready := w.backup != nil && (w.whole || len(w.names()) > 0) && (!w.some || len(w.what.files.chosen) > 0)
	w.next.SetText(lang.L("Next"))
	switch w.page {
	case pageWhat:
		w.what.refresh()
	case pageWhere:
		w.where.refresh()
		ready = ready && w.where.ready()
	case pageCompare:
		w.compare.refresh()
		w.next.SetText(lang.L("Restore…"))
		ready = ready && !w.working()
	}
	enable(w.next, ready)
	enable(w.backIt, w.page > pageWhat && !w.working())
	enable(w.cancel, !w.working())
	show(w.copyIt, w.page == pageCompare)
	w.root.Refresh()
	w.settle()
}

// settlePart begins with the database, or with the folders where the backup holds nothing else.
func (w *wizard) settlePart() {
	switch {
	case w.part != "":
	case !w.backup.Holds(backup.ScopeDatabase):
		w.part = backup.ScopeMedia
	default:
		w.part = backup.ScopeDatabase
	}
}

// beginFolders is begin for the folders of a backup.
func (w *wizard) beginFolders(sandbox string, id backup.ID) {
	w.begin(sandbox, id, nil)
	w.part = backup.ScopeMedia
}

func (w *wizard) stepWords() string {
	name := []string{lang.L("What comes back"), lang.L("Where it goes"), lang.L("What that changes")}[w.page]
	when := ""
	if w.backup != nil {
		when = lang.L("backup of {{.When}}", values{"When": Moment(w.backup.Started.In(w.state.Zone))})
	}
	return facts(lang.L("Step {{.N}} of 3", values{"N": w.page + 1}), name, when)
}

// shellWord quotes a word for a POSIX shell where that is needed.
func shellWord(word string) string {
	const plainly = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/"
	if word != "" && !strings.ContainsFunc(word, func(r rune) bool { return !strings.ContainsRune(plainly, r) }) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// identifier quotes a name for the command only where that is needed.
func identifier(name string) string {
	if strings.ContainsAny(name, `".`) {
		return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
	}
	return name
}

// others gives the names of the other sandboxes.
func (w *wizard) others() (names []string) {
	for _, b := range w.state.Sandboxes {
		if b.Name != w.sandbox && (!b.FoldersOnly || w.part == backup.ScopeMedia) {
			names = append(names, b.Name)
		}
	}
	slices.Sort(names)
	return names
}
