package views_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
	"holdfast/views"
)

func TestOverviewSaysHowThingsAre(t *testing.T) {
	s := newScreen(t)
	s.shell.Refresh(views.State{Now: now, Zone: time.UTC})
	s.sees("Not protected yet", "Add the database")
	st := state()
	s.shell.Refresh(st)
	s.sees("Protected", "shop", "Last backup", "1 h ago", "tomorrow 02:30", "same disk", "Push your code to git")
	test.Tap(s.button("Remind me in a week"))
	s.wasTold("snooze git")
	test.Tap(s.button("Before you do this…"))
	s.sees("A save point of shop")
	s.entry("What comes next, such as: migration, bulk update, deploy").SetText("migration 42")
	s.field("What comes next, such as: migration, bulk update, deploy").TypedKey(key(fyne.KeyReturn))
	s.wasTold(`back up shop "migration 42"`)
	s.seesNo("A save point of shop")
	st.Sandboxes[0].Health, st.Sandboxes[0].Why = views.NeedsAttention, "the last try at a backup failed"
	s.shell.Refresh(st)
	s.sees("Needs attention", "the last try at a backup failed")
	test.Tap(s.button("Back up now"))
	s.wasTold(`back up shop ""`)
}

func TestWhatCannotBeReadIsSaid(t *testing.T) {
	s := newScreen(t)
	why := &backup.Fault{Kind: backup.Usage, Text: "the catalog is from a newer version", Hint: "Install the newer Holdfast."}
	s.shell.Refresh(views.State{Now: now, Zone: time.UTC, Unread: why})
	s.sees("The catalog is from a newer version", "Install the newer Holdfast.")
	s.seesNo("Not protected yet")
	test.Tap(s.button("Try again"))
	s.wasTold("refresh")

	st := state()
	st.Unread = why
	s.shell.Refresh(st)
	s.sees("May be out of date", "shop")
	test.Tap(s.button("More…"))
	s.sees("The catalog is from a newer version", "Install the newer Holdfast.")
	test.Tap(s.button("Try again"))
	s.wasTold("refresh")
	s.shell.Refresh(state())
	s.seesNo("May be out of date", "The catalog is from a newer version")
}

// Sizes have three digits before the unit at most: more have no room in their column.
func TestSizesAreShort(t *testing.T) {
	s := newScreen(t)
	st := state()
	st.Sandboxes[0].Backups[0].RawBytes = 1018 << 20
	s.shell.Refresh(st)
	s.shell.Open("shop")
	s.sees("1.0 GB")
	s.seesNo("1018 MB")
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
	st.Sandboxes[0].Restored = &views.Restored{Restore: "00000000000000cc", At: now, Database: "shop", CanUndo: true, Kept: "shop_before_1", Until: now.Add(24 * time.Hour), Size: 5 << 20}
	s.shell.Refresh(st)
	s.sees("public.orders", "128,402 rows", "Restored 15 June 09:30", "What was there before is kept until 16 June 09:30.")
	s.told.calls = nil
	test.Tap(s.button("Undo"))
	s.wasTold("undo shop 00000000000000cc")
	test.Tap(s.button("More…"))
	s.sees("Restored 15 June 09:30", "shop_before_1 until 16 June 09:30", "5.0 MB")
	for label, want := range map[string]string{
		"Verify": "verify shop 00000000000000aa", "Try a restore": "drill shop 00000000000000aa", "Give the space back…": "give back shop 00000000000000cc",
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
	st.Sandboxes[0].Busy = &views.Busy{Title: "Restoring shop", Fraction: 0.61, Longer: true, Progress: backup.Progress{Stage: "indexes", TablesDone: 41, TablesTotal: 41, IndexesDone: 4, IndexesTotal: 16}}
	s.shell.Refresh(st)
	s.sees("Building the indexes  ·  indexes 4/16  ·  61 %  ·  takes longer than last time")
	st.Sandboxes[0].Busy = &views.Busy{Title: "Restoring shop", Left: 9 * time.Second, Step: true, Progress: backup.Progress{Stage: "tables"}}
	s.shell.Refresh(st)
	s.sees("about 10 s left in this step")
	st.Sandboxes[0].Busy = nil
	st.Sandboxes[0].Problem = &backup.Fault{Text: "cannot reach PostgreSQL", Hint: "Start it."}
	s.shell.Refresh(st)
	s.sees("Cannot reach PostgreSQL", "Start it.")
	test.Tap(s.button("More…"))
	test.Tap(s.button("Copy details"))
	if s.copied != "cannot reach PostgreSQL\nStart it." {
		t.Errorf("%q was copied", s.copied)
	}
}

func TestGateAsksAndDefaultsToNo(t *testing.T) {
	s := newScreen(t)
	s.shell.Refresh(state())
	q := question()
	s.shell.Ask(q)
	s.sees("Replace shop (128,402 rows)", "2 open sessions are cut.", "ada@desk")
	test.Tap(s.button("Replace shop"))
	s.wasTold() // no passphrase, no approval
	s.secret().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	s.wasTold("decline")
	s.secret().TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	s.wasTold("decline") // Enter without a passphrase is Cancel
	test.Type(s.secret(), "open sesame")
	test.Tap(s.button("Replace shop"))
	s.wasTold("approve open sesame")
	q.Trouble = "That is not the approval passphrase."
	s.shell.Ask(q)
	s.sees("That is not the approval passphrase.")
	s.shell.Ask(nil)
	s.seesNo("ada@desk")
}

// TestGateOffersTheSystem only where the system can ask.
func TestGateOffersTheSystem(t *testing.T) {
	s := newScreen(t)
	s.shell.Refresh(state())
	s.shell.Ask(question())
	s.seesNo("Use this computer’s password…")
	s.shell.Ask(nil)
	q := question()
	q.Prompt.System = true
	s.shell.Ask(q)
	test.Tap(s.button("Use this computer’s password…"))
	s.wasTold("approve by the system")
}

func TestHelp(t *testing.T) {
	s := newScreen(t)
	s.shell.Refresh(state())
	s.window.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyF1})
	s.sees("First steps", "What it reminds of")
	typed := s.window.Canvas().Focused().TypedKey
	typed(&fyne.KeyEvent{Name: fyne.KeyDown})
	typed(&fyne.KeyEvent{Name: fyne.KeyReturn})
	text := s.scrolled("Single tables")
	for _, step := range []struct {
		key  fyne.KeyName
		down bool
	}{{fyne.KeyPageDown, true}, {fyne.KeyPageUp, false}} {
		if typed(&fyne.KeyEvent{Name: step.key}); (text.Offset.Y > 0) != step.down {
			t.Errorf("after %s the text is at %v", step.key, text.Offset)
		}
	}
	test.Tap(s.button("Close"))
	s.seesNo("What it reminds of")
	test.Tap(s.button("Help"))
	s.sees("What it reminds of")
	s.window.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	s.seesNo("What it reminds of")
}

// firstStart is what a new machine has: a database that can be added, one that cannot, and one that
// is a sandbox already.
func firstStart() views.State {
	return views.State{
		Setup: &views.Setup{Path: "/home/ada/vault", Free: 64 << 30, SameDisk: true},
		Discovery: views.Discovery{Found: []views.Found{
			{Name: "shop", Where: "shop at localhost:5432", Version: "PostgreSQL 17.5", Bytes: 12 << 20, Source: "/code/shop/.env"},
			{Name: "blog", Where: "blog at localhost:5432", Version: "PostgreSQL 17.5", Bytes: 3 << 20, Source: "port 5432"},
			{Name: "locked", Where: "locked at localhost:5432", Problem: &backup.Fault{Text: `PostgreSQL at localhost:5432 does not accept the password of role "ada"`, Hint: "Correct the host name."}},
			{Sandbox: "old", Where: "old at localhost:5432"},
		}},
	}
}

func TestFirstStart(t *testing.T) {
	s := newScreen(t)
	st := firstStart()
	s.shell.Refresh(views.State{Setup: st.Setup, Discovery: views.Discovery{Looking: true}})
	s.seesNo("No database was found")
	s.shell.Refresh(st)
	s.sees("Welcome to Holdfast", "12.0 MB", "/code/shop/.env", "does not accept the password of role", "Correct the host name.", "is a sandbox already")
	s.tick("blog").SetChecked(false)
	for _, name := range []string{"locked at localhost:5432", "old"} {
		if tick := s.tick(name); !tick.Disabled() || tick.Checked {
			t.Errorf("%s can be chosen", name)
		}
	}
	s.shell.Refresh(st) // what was unticked stays so
	test.Tap(s.button("Protect 1 database"))
	s.sees("64.0 GB free there", "same disk")
	fields := s.entries()
	fields[1].SetText("correct horse")
	fields[2].SetText("correct house")
	test.Tap(s.button("Make the vault"))
	s.wasTold()
	s.sees("The two passphrases differ.")
	fields[2].SetText("correct horse")
	test.Tap(s.button("Make the vault"))
	s.wasTold("make /home/ada/vault correct horse [{shop []}] false")

	s.shell.Refresh(views.State{Setup: &views.Setup{Key: "AAAA-BBBB-CCCC", Kit: "/home/ada/kit.pdf"}})
	s.sees("AAAA-BBBB-CCCC", "The kit is in /home/ada/kit.pdf.")
	if !s.button("I have kept it").Disabled() {
		t.Error("the key counts as kept before anything was typed")
	}
	s.entries()[0].SetText("cccc")
	test.Tap(s.button("I have kept it"))
	s.wasTold("key kept")
}

// TestVaultThatIsThere is the first start on a new machine.
func TestVaultThatIsThere(t *testing.T) {
	s := newScreen(t)
	s.shell.Refresh(views.State{Setup: &views.Setup{Path: "/home/ada/vault"}})
	test.Tap(s.button("Continue"))
	test.Tap(s.button("I have a vault already"))
	fields := s.entries()
	fields[0].SetText("/mnt/vault")
	fields[2].SetText("correct horse battery")
	fields[3].SetText("correct horse")
	test.Tap(s.button("Open the vault"))
	s.wasTold()
	s.sees("Type the recovery key.")
	fields[1].SetText("AAAA-BBBB")
	test.Tap(s.button("Open the vault"))
	s.wasTold()
	s.sees("The two passphrases differ.")
	fields[3].SetText("correct horse battery")
	test.Tap(s.button("Open the vault"))
	s.wasTold(fmt.Sprintf("open %+v", views.VaultPlace{CopyPlace: views.CopyPlace{Path: "/mnt/vault"}, Key: "AAAA-BBBB", Passphrase: "correct horse battery"}))
	s.shell.Refresh(views.State{Setup: &views.Setup{Path: "/home/ada/vault"}, Opening: views.Opening{Opened: 1, Backups: 3}})
	if fields[1].Text != "" || fields[2].Text != "" {
		t.Error("the secrets stay in their fields")
	}

	st := state()
	st.Unknown = []string{"blog"}
	s.shell.Refresh(st)
	test.Tap(s.button("Connect…"))
	s.sees("Add a sandbox")
	if name := s.entries()[0].Text; name != "blog" {
		t.Errorf("the new sandbox would be called %q", name)
	}
}

func TestAddWhatWasFound(t *testing.T) {
	s := newScreen(t)
	st := state()
	s.shell.Refresh(st)
	test.Tap(s.button("Add a sandbox"))
	if len(s.told.folders) != 1 || s.told.folders[0] != "" {
		t.Errorf("looked in %q", s.told.folders)
	}
	st.Discovery = firstStart().Discovery
	s.shell.Refresh(st)
	test.Tap(s.button("Protect 2 databases"))
	s.wasTold("add found [{shop []} {blog []}]")
	s.shell.ShowAttempt(views.Attempt{Problem: &backup.Fault{Text: "the server is down"}})
	s.sees("The server is down")
}

func TestAddASandbox(t *testing.T) {
	s := newScreen(t)
	s.shell.Refresh(state())
	test.Tap(s.button("Add a sandbox"))
	for i, text := range []string{"blog", "postgres://localhost/blog", "secret"} {
		s.entries()[i].SetText(text)
	}
	test.Tap(s.button("Test the connection"))
	s.wasTold("try blog postgres://localhost/blog secret")
	s.shell.ShowAttempt(views.Attempt{Problem: &backup.Fault{Text: "the password is wrong", Hint: "Type it again."}})
	s.sees("The password is wrong", "Type it again.")
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

// many is a state whose first sandbox has 10,000 backups.
func many() views.State {
	st := state()
	one := st.Sandboxes[0].Backups[0]
	st.Sandboxes[0].Backups = nil
	for i := range 10_000 {
		one.ID, one.Started = backup.ID(fmt.Sprintf("%016x", i)), now.Add(-time.Duration(i)*8*time.Hour)
		st.Sandboxes[0].Backups = append(st.Sandboxes[0].Backups, one)
	}
	return st
}

func TestTenThousandBackups(t *testing.T) {
	s := newScreen(t)
	s.shell.Refresh(many())
	s.shell.Open("shop")
	list := embedded[widget.List](s.longest().(fyne.CanvasObject))
	for _, at := range []float32{0, 100_000, 250_000} {
		list.ScrollToOffset(at)
		drawn := strings.Count(s.texts(), "before the migration")
		if drawn == 0 || drawn > 60 {
			t.Errorf("%d of 10,000 rows are drawn", drawn)
		}
	}
}

// BenchmarkScroll is one step of the wheel through 10,000 backups, drawn: a frame of a screen with
// 60 a second has 16.7 ms.
func BenchmarkScroll(b *testing.B) {
	s := benchScreen(b)
	list := embedded[widget.List](s.longest().(fyne.CanvasObject))
	at := float32(0)
	for b.Loop() {
		at += 120
		list.ScrollToOffset(at)
	}
}

// BenchmarkRefresh is another State with 10,000 backups.
func BenchmarkRefresh(b *testing.B) {
	s := benchScreen(b)
	st := many()
	for b.Loop() {
		st.Now = st.Now.Add(time.Second)
		s.shell.Refresh(st)
	}
}

// benchScreen shows a sandbox that has 10,000 backups.
func benchScreen(b *testing.B) *screen {
	b.Helper()
	app := test.NewTempApp(b)
	app.Settings().SetTheme(views.Theme{})
	if err := views.Speak("en"); err != nil {
		b.Fatal(err)
	}
	s := &screen{told: &told{}, window: test.NewTempWindow(b, nil)}
	s.shell = views.NewShell(s.window, s.told, func(string) {})
	s.window.Resize(fyne.NewSize(1280, 800))
	s.shell.Refresh(many())
	s.shell.Open("shop")
	return s
}

// TestVisit: a click on a notification turns to what it is about, and leaves alone what a person
// is in the middle of.
func TestVisit(t *testing.T) {
	s := newScreen(t)
	s.shell.Refresh(state())
	s.shell.Visit(views.Place{Sandbox: "shop", Section: views.SectionSchedule})
	s.sees("shop  ›  Settings  ›  Schedule")
	s.shell.Visit(views.Place{Section: views.SectionRuns})
	s.sees("Activity", "Runs")
	s.shell.Visit(views.Place{Sandbox: "nobody"})
	s.sees("Last backup", "shop")
	s.shell.Ask(question())
	s.shell.Visit(views.Place{Sandbox: "shop"})
	s.seesNo("shop  ›  Settings  ›  Backups")
}
