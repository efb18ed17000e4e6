package views_test

import (
	"fmt"
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
type told struct{ calls []string }

func (p *told) say(format string, args ...any) {
	p.calls = append(p.calls, fmt.Sprintf(format, args...))
}
func (p *told) BackUp(sandbox, note string)           { p.say("back up %s %q", sandbox, note) }
func (p *told) Cancel(sandbox string)                 { p.say("cancel %s", sandbox) }
func (p *told) Choose(sandbox string, id backup.ID)   { p.say("choose %s %s", sandbox, id) }
func (p *told) Restore(sandbox string, id backup.ID)  { p.say("restore %s %s", sandbox, id) }
func (p *told) Undo(sandbox string, id backup.ID)     { p.say("undo %s %s", sandbox, id) }
func (p *told) Verify(sandbox string, id backup.ID)   { p.say("verify %s %s", sandbox, id) }
func (p *told) Delete(sandbox string, id backup.ID)   { p.say("delete %s %s", sandbox, id) }
func (p *told) Snooze(reminder string)                { p.say("snooze %s", reminder) }
func (p *told) TrySandbox(name, url, password string) { p.say("try %s %s %s", name, url, password) }
func (p *told) AddSandbox(name, url, password string) { p.say("add %s %s %s", name, url, password) }
func (p *told) MakeVault(path, passphrase string)     { p.say("make %s %s", path, passphrase) }
func (p *told) KeyKept()                              { p.say("key kept") }
func (p *told) Approve(passphrase string)             { p.say("approve %s", passphrase) }
func (p *told) Decline()                              { p.say("decline") }
func (p *told) Refresh()                              { p.say("refresh") }

var _ views.Actions = (*told)(nil)

// screen is a window without a display.
type screen struct {
	t      *testing.T
	told   *told
	window fyne.Window
	shell  *views.Shell
}

func newScreen(t *testing.T) *screen {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(views.Theme{})
	s := &screen{t: t, told: &told{}, window: test.NewTempWindow(t, nil)}
	s.window.Resize(fyne.NewSize(1040, 680))
	s.shell = views.NewShell(s.window, s.told, func(string) {})
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

func (s *screen) button(label string) *widget.Button {
	s.t.Helper()
	var found *widget.Button
	s.visible(func(o fyne.CanvasObject) {
		if b, ok := o.(*widget.Button); ok && b.Text == label {
			found = b
		}
	})
	if found == nil {
		s.t.Fatalf("there is no button %q; shown:\n%s", label, s.texts())
	}
	return found
}

// entries gives the entries that are shown, in order.
func (s *screen) entries() []*widget.Entry {
	var all []*widget.Entry
	s.visible(func(o fyne.CanvasObject) {
		if e, ok := o.(*widget.Entry); ok && !slices.Contains(all, e) {
			all = append(all, e)
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

// secret gives the entry of the gate's prompt, which is one of ours.
func (s *screen) secret() fyne.Focusable {
	s.t.Helper()
	var found fyne.Focusable
	s.visible(func(o fyne.CanvasObject) {
		f, focusable := o.(fyne.Focusable)
		if _, typed := o.(interface{ SelectedText() string }); focusable && typed {
			found = f
		}
	})
	if found == nil {
		s.t.Fatal("the prompt has no entry")
	}
	return found
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
			Name: "shop", Health: views.Protected, Last: kept.Started, LastVerdict: backup.Intact, Next: now.Add(17 * time.Hour),
			Backups: []backup.Backup{kept, failed}, AllowRestore: true,
		}},
		Reminders: []views.Reminder{{Key: "git", Title: "Push your code to git", Text: "Holdfast keeps databases."}},
	}
}

func TestOverviewSaysHowThingsAre(t *testing.T) {
	s := newScreen(t)
	s.shell.Refresh(views.State{Now: now, Zone: time.UTC})
	s.sees("Not protected yet", "Add the database")
	st := state()
	s.shell.Refresh(st)
	s.sees("Protected", "shop", "Last backup 1 h ago", "tomorrow 02:30", "same disk", "Push your code to git")
	test.Tap(s.button("Remind me in a week"))
	s.wasTold("snooze git")
	st.Sandboxes[0].Health, st.Sandboxes[0].Why = views.NeedsAttention, "the last try at a backup failed"
	s.shell.Refresh(st)
	s.sees("Needs attention", "the last try at a backup failed")
	test.Tap(s.button("Back up now"))
	s.wasTold(`back up shop ""`)
}

func TestBackupsPageListsAndActs(t *testing.T) {
	s := newScreen(t)
	st := state()
	s.shell.Refresh(st)
	s.shell.Open("shop")
	s.sees("shop  ›  Settings  ›  Backups", "Today", "Yesterday", "08:30", "intact", "128,402", "failed", "before the migration")
	s.entry("Note, such as: before the migration").SetText("by hand")
	test.Tap(s.button("Back up now"))
	s.wasTold(`back up shop "by hand"`)

	st.Sandboxes[0].Details = &st.Sandboxes[0].Backups[0]
	st.Sandboxes[0].Undo = &views.Undo{Restore: "00000000000000cc", At: now}
	s.shell.Refresh(st)
	s.sees("public.orders", "128,402 rows", "Restored 15 June 09:30")
	s.told.calls = nil
	for label, want := range map[string]string{
		"Restore…": "restore shop 00000000000000aa", "Verify": "verify shop 00000000000000aa",
		"Delete…": "delete shop 00000000000000aa", "Undo": "undo shop 00000000000000cc",
	} {
		test.Tap(s.button(label))
		s.wasTold(want)
	}
	st.Sandboxes[0].AllowRestore = false
	s.shell.Refresh(st)
	if !s.button("Restore…").Disabled() {
		t.Error("Restore is offered though restores are switched off")
	}
}

func TestBusyAndProblem(t *testing.T) {
	s := newScreen(t)
	st := state()
	s.shell.Refresh(st)
	s.shell.Open("shop")
	st.Sandboxes[0].Busy = &views.Busy{Title: "Backing up shop", Rate: 2 << 20, Left: 90 * time.Second,
		Progress: backup.Progress{Stage: "tables", TablesDone: 12, TablesTotal: 41, Bytes: 1 << 20, BytesTotal: 4 << 20}}
	s.shell.Refresh(st)
	s.sees("Backing up shop", "tables 12/41", "2.0 MB/s", "about 2 min left")
	if !s.button("Back up now").Disabled() {
		t.Error("a second run is offered while one runs")
	}
	test.Tap(s.button("Cancel"))
	s.wasTold("cancel shop")
	st.Sandboxes[0].Busy = nil
	st.Sandboxes[0].Problem = &backup.Fault{Text: "cannot reach PostgreSQL", Hint: "Start it."}
	s.shell.Refresh(st)
	s.sees("cannot reach PostgreSQL", "Start it.")
	s.button("Copy details")
}

func TestGateAsksAndDefaultsToNo(t *testing.T) {
	s := newScreen(t)
	s.shell.Refresh(state())
	q := &views.Question{Verb: "Replace shop", Prompt: backup.Prompt{Until: now, Request: backup.Request{
		What: "Replace shop (128,402 rows)", Loss: "2 open sessions are cut.", Who: "ada@desk"}}}
	s.shell.Ask(q)
	s.sees("Replace shop (128,402 rows)", "2 open sessions are cut.", "ada@desk")
	test.Tap(s.button("Replace shop"))
	s.wasTold() // no passphrase, no approval
	s.secret().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	s.wasTold("decline")
	test.Type(s.secret(), "open sesame")
	test.Tap(s.button("Replace shop"))
	s.wasTold("approve open sesame")
	q.Trouble = "That is not the approval passphrase."
	s.shell.Ask(q)
	s.sees("That is not the approval passphrase.")
	s.shell.Ask(nil)
	if strings.Contains(s.texts(), "ada@desk") {
		t.Error("the prompt stays")
	}
}

func TestFirstStart(t *testing.T) {
	s := newScreen(t)
	s.shell.Refresh(views.State{Setup: &views.Setup{Path: "/home/ada/vault", Free: 64 << 30, SameDisk: true}})
	s.sees("Welcome to Holdfast", "64.0 GB free there", "same disk")
	fields := s.entries()
	fields[1].SetText("correct horse")
	fields[2].SetText("correct house")
	test.Tap(s.button("Make the vault"))
	s.wasTold()
	s.sees("The two passphrases differ.")
	fields[2].SetText("correct horse")
	test.Tap(s.button("Make the vault"))
	s.wasTold("make /home/ada/vault correct horse")

	s.shell.Refresh(views.State{Setup: &views.Setup{Key: "AAAA-BBBB-CCCC"}})
	s.sees("AAAA-BBBB-CCCC")
	if !s.button("I have kept it").Disabled() {
		t.Error("the key counts as kept before anything was typed")
	}
	s.entries()[0].SetText("cccc")
	test.Tap(s.button("I have kept it"))
	s.wasTold("key kept")
}

func TestAddASandbox(t *testing.T) {
	s := newScreen(t)
	s.shell.Refresh(state())
	test.Tap(s.button("Add a sandbox"))
	for i, text := range []string{"blog", "postgres://localhost/blog", "secret"} {
		s.entries()[i].SetText(text)
	}
	test.Tap(s.button("Test"))
	s.wasTold("try blog postgres://localhost/blog secret")
	s.shell.ShowAttempt(views.Attempt{Problem: &backup.Fault{Text: "the password is wrong", Hint: "Type it again."}})
	s.sees("the password is wrong", "Type it again.")
	s.shell.ShowAttempt(views.Attempt{OK: true})
	s.sees("The connection works.")
	test.Tap(s.button("Add and back up"))
	s.wasTold("add blog postgres://localhost/blog secret")
}

func TestHostileNamesAreText(t *testing.T) {
	s := newScreen(t)
	st := state()
	st.Sandboxes[0].Name = "a\nb\u202e**c**<i>"
	st.Sandboxes[0].Backups[0].Note = "x\x1b[31m"
	s.shell.Refresh(st)
	s.shell.Open(st.Sandboxes[0].Name)
	s.sees(`a␣b\u202e**c**<i>`, `x\u001b[31m`)
}

func TestAThousandBackups(t *testing.T) {
	s := newScreen(t)
	st := state()
	one := st.Sandboxes[0].Backups[0]
	st.Sandboxes[0].Backups = nil
	for i := range 1000 {
		one.ID, one.Started = backup.ID(fmt.Sprintf("%016x", i)), now.Add(-time.Duration(i)*24*time.Hour)
		st.Sandboxes[0].Backups = append(st.Sandboxes[0].Backups, one)
	}
	s.shell.Refresh(st)
	s.shell.Open("shop")
	drawn := strings.Count(s.texts(), "before the migration")
	if drawn == 0 || drawn > 60 {
		t.Errorf("%d of 1,000 rows are drawn", drawn)
	}
}
