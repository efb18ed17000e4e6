package views_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
	"holdfast/views"
)

// told is a program that writes down what the window asks of it.
type told struct {
	calls   []string
	place   views.Place // that is shown
	folders []string    // that were searched for databases
}

func (p *told) say(format string, args ...any) {
	p.calls = append(p.calls, fmt.Sprintf(format, args...))
}
func (p *told) BackUp(sandbox, note string)           { p.say("back up %s %q", sandbox, note) }
func (p *told) Cancel(sandbox string)                 { p.say("cancel %s", sandbox) }
func (p *told) Choose(sandbox string, id backup.ID)   { p.say("choose %s %s", sandbox, id) }
func (p *told) Undo(sandbox string, id backup.ID)     { p.say("undo %s %s", sandbox, id) }
func (p *told) Verify(sandbox string, id backup.ID)   { p.say("verify %s %s", sandbox, id) }
func (p *told) Delete(sandbox string, id backup.ID)   { p.say("delete %s %s", sandbox, id) }
func (p *told) Snooze(reminder string)                { p.say("snooze %s", reminder) }
func (p *told) DismissReminder(reminder string)       { p.say("dismiss reminder %s", reminder) }
func (p *told) OpenFolder(path string)                { p.say("open %s", path) }
func (p *told) TrySandbox(name, url, password string) { p.say("try %s %s %s", name, url, password) }
func (p *told) AddSandbox(name, url, password string) { p.say("add %s %s %s", name, url, password) }
func (p *told) AddFolders(name string, folders, exclude []string) {
	p.say("add folders %s %q without %q", name, folders, exclude)
}
func (p *told) MakeVault(path, passphrase string, chosen []views.Chosen, sample bool) {
	p.say("make %s %s %v %v", path, passphrase, chosen, sample)
}
func (p *told) OpenVault(from views.VaultPlace) { p.say("open %+v", from) }
func (p *told) CancelOpening()                  { p.say("cancel opening") }
func (p *told) SaveKit(file string)             { p.say("save the kit in %s", file) }
func (p *told) Strength(text string) int        { return len(text) / 4 }
func (p *told) Discover(folder string)          { p.folders = append(p.folders, folder) }
func (p *told) AddFound(chosen []views.Chosen)  { p.say("add found %v", chosen) }
func (p *told) AddWithout(name, url, password string, leaveOut []string) {
	p.say("add %s %s %s without %v", name, url, password, leaveOut)
}
func (p *told) AddCopy(to views.CopyPlace)         { p.say("add copy %+v", to) }
func (p *told) SyncCopy(name string)               { p.say("sync copy %s", name) }
func (p *told) CheckCopy(name string)              { p.say("check copy %s", name) }
func (p *told) RemoveCopy(name string)             { p.say("remove copy %s", name) }
func (p *told) ProveCopy(name, sandbox string)     { p.say("prove copy %s of %s", name, sandbox) }
func (p *told) KeyKept()                           { p.say("key kept") }
func (p *told) Approve(passphrase string)          { p.say("approve %s", passphrase) }
func (p *told) ApproveBySystem()                   { p.say("approve by the system") }
func (p *told) Decline()                           { p.say("decline") }
func (p *told) Refresh()                           { p.say("refresh") }
func (p *told) Look(at views.Place)                { p.place = at }
func (p *told) Drill(sandbox string, id backup.ID) { p.say("drill %s %s", sandbox, id) }
func (p *told) Pin(sandbox string, id backup.ID, yes bool) {
	p.say("pin %s %s %v", sandbox, id, yes)
}
func (p *told) Note(sandbox string, id backup.ID, note string) {
	p.say("note %s %s %q", sandbox, id, note)
}
func (p *told) Acknowledge(sandbox string)            { p.say("acknowledge %s", sandbox) }
func (p *told) Dismiss(sandbox string)                { p.say("dismiss %s", sandbox) }
func (p *told) GoUnsaved(sandbox string)              { p.say("go unsaved %s", sandbox) }
func (p *told) GoReplacing(sandbox string, yes bool)  { p.say("go replacing %s %v", sandbox, yes) }
func (p *told) GiveBack(sandbox string, id backup.ID) { p.say("give back %s %s", sandbox, id) }
func (p *told) Forget(id backup.ID)                   { p.say("forget %s", id) }
func (p *told) Restore(what views.Restoring)          { p.say("restore %+v", what) }
func (p *told) AllowRestore(sandbox string, yes bool) { p.say("allow restore %s %v", sandbox, yes) }
func (p *told) ResetGate(string)                      { p.say("reset gate") }
func (p *told) Revoke(_, token string)                { p.say("revoke %s", token) }
func (p *told) SetDrill(sandbox string, on bool)      { p.say("drill %s %v", sandbox, on) }
func (p *told) RemoveSandbox(sandbox string)          { p.say("remove %s", sandbox) }
func (p *told) DraftSchedule(sandbox, text string)    { p.say("draft %s %s", sandbox, text) }
func (p *told) SetSchedule(sandbox, text string)      { p.say("schedule %s %s", sandbox, text) }
func (p *told) Compare(sandbox string, id backup.ID, target string) {
	p.say("compare %s %s %s", sandbox, id, target)
}
func (p *told) SetPolicy(sandbox string, a backup.Action, d backup.Decision) {
	p.say("policy %s %s %s", sandbox, a, d)
}
func (p *told) TryConnection(s backup.Sandbox, password string) {
	p.say("try %+v %s", s.Connection, password)
}
func (p *told) SaveSandbox(s backup.Sandbox, password string) { p.say("save %+v %s", s, password) }
func (p *told) PreviewRetention(sandbox string, r backup.RetentionRules) {
	p.say("preview %s %s", sandbox, r.Scheduled)
}
func (p *told) SetRetention(sandbox string, r backup.RetentionRules) {
	p.say("retention %s %s; %s; %s", sandbox, r.Scheduled, r.OnDemand, r.PreRestore)
}

func (p *told) BackUpOf(sandbox string, what backup.Scope, note string) {
	p.say("back up %s of %s %q", what, sandbox, note)
}
func (p *told) SetMedia(sandbox string, folders, exclude []string) {
	p.say("media %s %q without %q", sandbox, folders, exclude)
}
func (p *told) SetTakes(sandbox string, what backup.Scope) { p.say("takes %s %s", sandbox, what) }
func (p *told) CompareFolders(sandbox string, id backup.ID, target string) {
	p.say("compare folders %s %s %s", sandbox, id, target)
}
func (p *told) ListFiles(sandbox string, id backup.ID, text string) {
	p.say("list files %s %s %q", sandbox, id, text)
}
func (p *told) Download(what views.Downloading) { p.say("download %+v", what) }
func (p *told) ForgetDownload(job string)       { p.say("forget download %s", job) }
func (p *told) SetDownloads(sandbox string, plan views.DownloadPlan, passphrase string) {
	p.say("downloads %s %+v %q", sandbox, plan, passphrase)
}
func (p *told) StopDownloads(sandbox string) { p.say("stop downloads %s", sandbox) }
func (p *told) FindSecrets(sandbox string)   { p.say("find secrets %s", sandbox) }
func (p *told) WatchSecrets(sandbox string, watched []string) {
	p.say("watch secrets %s %q", sandbox, watched)
}
func (p *told) ExportSecrets(what views.SecretsExport) { p.say("export secrets %+v", what) }
func (p *told) DeleteExport(sandbox string)            { p.say("delete export %s", sandbox) }
func (p *told) EndSecrets()                            { p.say("end secrets") }

func (p *told) SetPreference(key, value string) { p.say("set %s %s", key, value) }
func (p *told) GiveKey(typed string)            { p.say("give key %s", typed) }
func (p *told) TryKeyring()                     { p.say("try the keyring") }
func (p *told) ShowKey()                        { p.say("show the key") }
func (p *told) ChangeKey()                      { p.say("change the key") }
func (p *told) HideKey()                        { p.say("hide the key") }
func (p *told) TestKit(group string)            { p.say("test the kit %s", group) }
func (p *told) StartSample()                    { p.say("start the sample") }
func (p *told) RemoveSample(backups bool)       { p.say("remove the sample %v", backups) }
func (p *told) WriteDiagnostics()               { p.say("diagnostics") }
func (p *told) OpenLog()                        { p.say("open the log") }

var _ views.Actions = (*told)(nil)

// screen is a window without a display.
type screen struct {
	t      *testing.T
	told   *told
	window fyne.Window
	shell  *views.Shell
	copied string
}

func newScreen(t *testing.T) *screen {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(views.Theme{})
	if err := views.Speak(""); err != nil {
		t.Fatal(err)
	}
	s := &screen{t: t, told: &told{}, window: test.NewTempWindow(t, nil)}
	s.shell = views.NewShell(s.window, s.told, func(text string) { s.copied = text })
	s.window.Resize(fyne.NewSize(1040, 680))
	return s
}

// visible walks everything that is shown, dialogs too.
func (s *screen) visible(visit func(fyne.CanvasObject)) {
	roots := append([]fyne.CanvasObject{s.window.Content()}, s.window.Canvas().Overlays().List()...)
	for _, root := range roots {
		walk(root, visit)
	}
}

func walk(o fyne.CanvasObject, visit func(fyne.CanvasObject)) {
	if o == nil || !o.Visible() {
		return
	}
	visit(o)
	switch o := o.(type) {
	case *fyne.Container:
		for _, child := range o.Objects {
			walk(child, visit)
		}
	case *container.Scroll:
		walk(o.Content, visit)
	case fyne.Widget:
		for _, child := range test.WidgetRenderer(o).Objects() {
			walk(child, visit)
		}
	}
}

// texts gives all labels that are shown.
func (s *screen) texts() string {
	var all []string
	s.visible(func(o fyne.CanvasObject) {
		if l, ok := o.(*widget.Label); ok && l.Text != "" {
			all = append(all, l.Text)
		}
	})
	return strings.Join(all, "\n")
}

// embedded gives the widget of Fyne that o is, or that one of ours is made of; nil if it is none.
func embedded[W any](o fyne.CanvasObject) *W {
	if w, ok := any(o).(*W); ok {
		return w
	}
	v := reflect.ValueOf(o)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return nil
	}
	for i := range v.Elem().NumField() {
		if f := v.Elem().Type().Field(i); f.Anonymous && f.IsExported() {
			if w, ok := v.Elem().Field(i).Addr().Interface().(*W); ok {
				return w
			}
		}
	}
	return nil
}

func (s *screen) button(label string) *widget.Button {
	s.t.Helper()
	found := s.buttons(label)
	if len(found) == 0 {
		s.t.Fatalf("there is no button %q; shown:\n%s", label, s.texts())
	}
	return found[len(found)-1]
}

func (s *screen) buttons(label string) (found []*widget.Button) {
	s.visible(func(o fyne.CanvasObject) {
		if b := embedded[widget.Button](o); b != nil && b.Text == label {
			found = append(found, b)
		}
	})
	return found
}

// focusable gives what would have the focus, to type keys into.
func (s *screen) focusable(is func(fyne.CanvasObject) bool) fyne.Focusable {
	s.t.Helper()
	var found fyne.Focusable
	s.visible(func(o fyne.CanvasObject) {
		if f, ok := o.(fyne.Focusable); ok && is(o) {
			found = f
		}
	})
	if found == nil {
		s.t.Fatal("there is nothing to type into")
	}
	return found
}

// entries gives the entries that are shown, in order.
func (s *screen) entries() []*widget.Entry {
	var all []*widget.Entry
	s.visible(func(o fyne.CanvasObject) {
		if e := embedded[widget.Entry](o); e != nil && !slices.Contains(all, e) {
			all = append(all, e)
		}
	})
	return all
}

// list gives the first list of the page; the sidebar comes after it.
func (s *screen) list() (first *widget.List) {
	s.visible(func(o fyne.CanvasObject) {
		if l := embedded[widget.List](o); l != nil && first == nil {
			first = l
		}
	})
	return first
}

// picks gives the drop-down lists that are shown.
func (s *screen) picks() (all []*widget.Select) {
	s.visible(func(o fyne.CanvasObject) {
		if p := embedded[widget.Select](o); p != nil && !slices.Contains(all, p) {
			all = append(all, p)
		}
	})
	return all
}

// entry gives the entry with a placeholder.
func (s *screen) entry(placeholder string) *widget.Entry {
	s.t.Helper()
	for _, e := range s.entries() {
		if e.PlaceHolder == placeholder {
			return e
		}
	}
	s.t.Fatalf("there is no entry %q", placeholder)
	return nil
}

// field gives the same as something to type keys into.
func (s *screen) field(placeholder string) fyne.Focusable {
	s.t.Helper()
	return s.focusable(func(o fyne.CanvasObject) bool {
		e := embedded[widget.Entry](o)
		return e != nil && e.PlaceHolder == placeholder
	})
}

func (s *screen) secret() fyne.Focusable {
	s.t.Helper()
	return s.field("Approval passphrase")
}

func (s *screen) sees(want ...string) {
	s.t.Helper()
	got := s.texts()
	for _, w := range want {
		if !strings.Contains(got, w) {
			s.t.Errorf("%q is not shown; shown:\n%s", w, got)
		}
	}
}

func (s *screen) seesNo(unwanted ...string) {
	s.t.Helper()
	got := s.texts()
	for _, w := range unwanted {
		if strings.Contains(got, w) {
			s.t.Errorf("%q is shown; shown:\n%s", w, got)
		}
	}
}

// scrolled gives what scrolls the rich text with those words.
func (s *screen) scrolled(words string) (found *container.Scroll) {
	s.t.Helper()
	s.visible(func(o fyne.CanvasObject) {
		if scroll, ok := o.(*container.Scroll); ok {
			if text, ok := scroll.Content.(*widget.RichText); ok && strings.Contains(text.String(), words) {
				found = scroll
			}
		}
	})
	if found == nil {
		s.t.Fatalf("nothing scrolls %q", words)
	}
	return found
}

func (s *screen) wasTold(want ...string) {
	s.t.Helper()
	if !slices.Equal(s.told.calls, want) {
		s.t.Errorf("the program was told %q, want %q", s.told.calls, want)
	}
	s.told.calls = nil
}

var now = time.Date(2026, 6, 15, 9, 30, 0, 0, time.UTC)

func state() views.State {
	kept := backup.Backup{
		ID: "00000000000000aa", Sandbox: "shop", Status: backup.StatusCompleted, Trigger: backup.Manual, Verdict: backup.Intact,
		Started: now.Add(-time.Hour), Rows: 128402, RawBytes: 5 << 20, AddedBytes: 1 << 20, Note: "before the migration",
		Tables: []backup.Table{{Schema: "public", Name: "orders", Rows: 128402, Bytes: 5 << 20}},
	}
	failed := backup.Backup{
		ID: "00000000000000bb", Sandbox: "shop", Status: backup.StatusFailed, Trigger: backup.Scheduled, Started: now.Add(-26 * time.Hour),
		Error: &backup.Fault{Kind: backup.Unreachable, Text: "cannot reach PostgreSQL", Hint: "Start it."},
	}
	return views.State{
		Now: now, Zone: time.UTC, Vault: "/vault", SameDisk: true,
		Sandboxes: []views.Sandbox{{
			Name: "shop", Database: "shop", Health: views.Protected, Last: kept.Started, LastVerdict: backup.Intact, Next: now.Add(17 * time.Hour),
			Backups: []backup.Backup{kept, failed}, AllowRestore: true,
		}},
		Reminders: []views.Reminder{{Key: "git", Title: "Push your code to git", Text: "Holdfast keeps databases."}},
	}
}

func question() *views.Question {
	return &views.Question{Verb: "Replace shop", Prompt: backup.Prompt{Until: now, Request: backup.Request{
		What: "Replace shop (128,402 rows)", Loss: "2 open sessions are cut.", Who: "ada@desk"}}}
}
