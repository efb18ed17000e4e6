package views_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

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
	st.Sandboxes[0].Restored = &views.Restored{Restore: "00000000000000cc", At: now, Database: "shop", CanUndo: true, Kept: "shop_before_1", Until: now.Add(24 * time.Hour), Size: 5 << 20}
	s.shell.Refresh(st)
	s.sees("public.orders", "128,402 rows", "Restored 15 June 09:30", "shop_before_1 until 16 June 09:30", "5.0 MB")
	s.told.calls = nil
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
	st.Sandboxes[0].Busy = nil
	st.Sandboxes[0].Problem = &backup.Fault{Text: "cannot reach PostgreSQL", Hint: "Start it."}
	s.shell.Refresh(st)
	s.sees("Cannot reach PostgreSQL", "Start it.")
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
	q.Prompt.From = backup.Origin{Via: backup.ViaWindow, Parents: "bash (812) < node (700)"}
	s.shell.Ask(q)
	s.sees("ada@desk (bash (812) < node (700))")
	test.Tap(s.button("Use this computer’s password…"))
	s.wasTold("approve by the system")
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
