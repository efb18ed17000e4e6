package views_test

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
	"holdfast/views"
)

// tap presses what has this text on it and is no button of Fyne's.
func (s *screen) tap(label string) {
	s.t.Helper()
	var found fyne.Tappable
	s.visible(func(o fyne.CanvasObject) {
		if tappable, ok := o.(fyne.Tappable); ok && embedded[widget.Button](o) == nil && has(o, label) {
			found = tappable
		}
	})
	if found == nil {
		s.t.Fatalf("nothing can be pressed that says %q; shown:\n%s", label, s.texts())
	}
	found.Tapped(nil)
}

func has(o fyne.CanvasObject, label string) (yes bool) {
	walk(o, func(child fyne.CanvasObject) {
		if l, ok := child.(*widget.Label); ok && l.Text == label {
			yes = true
		}
	})
	return yes
}

func (s *screen) tick(label string) *widget.Check {
	s.t.Helper()
	var found *widget.Check
	s.visible(func(o fyne.CanvasObject) {
		if c := embedded[widget.Check](o); c != nil && c.Text == label {
			found = c
		}
	})
	if found == nil {
		s.t.Fatalf("there is no %q", label)
	}
	return found
}

// section is shop's page at a section.
func section(t *testing.T, name string, fill func(*views.Sandbox)) (*screen, views.State) {
	t.Helper()
	s := newScreen(t)
	st := state()
	s.shell.Refresh(st)
	s.shell.Open("shop")
	s.tap(name)
	fill(&st.Sandboxes[0])
	s.shell.Refresh(st)
	return s, st
}

func TestPermissions(t *testing.T) {
	s, st := section(t, "Permissions", func(b *views.Sandbox) {
		b.Permissions = &views.Permissions{Policy: backup.DefaultPolicy(), Tokens: []backup.Token{{ID: "t1", Note: "nightly", Actions: []backup.Action{backup.ActionCreate}, Expires: now.Add(time.Hour)}}}
	})
	if s.told.place != (views.Place{Sandbox: "shop", Section: views.SectionPermissions}) {
		t.Errorf("the program thinks that %+v is shown", s.told.place)
	}
	s.sees("Replace the database  (db_full)", "nightly", "in every sandbox")
	for _, label := range []string{"allow", "deny"} { // of the last row, db_full
		s.tap(label)
	}
	s.wasTold("policy shop db_full deny") // allow cannot be chosen
	s.tick("Restores into this sandbox are allowed").SetChecked(false)
	s.wasTold("allow restore shop false")
	test.Tap(s.button("Revoke"))
	s.wasTold()
	test.Tap(s.button("Revoke"))
	s.wasTold("revoke t1")
	st.Sandboxes[0].AllowRestore = false
	s.shell.Refresh(st)
	s.sees("nothing and nobody restores into it")
	st.Sandboxes[0].Permissions = &views.Permissions{Broken: &backup.Fault{Text: "the rules are torn"}}
	s.shell.Refresh(st)
	s.sees("The rules are torn")
	s.seesNo("(db_full)")
	test.Tap(s.button("Reset the gate…"))
	s.wasTold("reset gate")
}

func TestSchedule(t *testing.T) {
	next := []time.Time{now.Add(time.Hour), now.Add(25 * time.Hour)}
	s, st := section(t, "Schedule", func(b *views.Sandbox) {
		b.Schedule = &views.Schedule{Text: "weekly fri 03:00", Next: next}
	})
	s.sees("Every Friday at 03:00", "Mon 15 June 10:30\nTue 16 June 10:30")
	if !s.button("Apply").Disabled() {
		t.Error("what holds can be applied")
	}
	s.entry("02:00").SetText("04:30")
	s.wasTold("draft shop weekly fri 04:30")
	st.Sandboxes[0].Schedule.Draft = &views.Draft{Text: "weekly fri 04:30", Next: next}
	s.shell.Refresh(st)
	test.Tap(s.button("Apply"))
	s.wasTold("schedule shop weekly fri 04:30")
	st.Sandboxes[0].Schedule.Draft.Problem = &backup.Fault{Text: "that is no time"}
	s.shell.Refresh(st)
	s.sees("That is no time")
	if !s.button("Apply").Disabled() {
		t.Error("what is no schedule can be applied")
	}
	test.Tap(s.button("Discard the changes"))
	s.sees("Every Friday at 03:00")
	st.Sandboxes[0].Schedule = &views.Schedule{Text: "cron 0 2 * * 1-5"}
	s.shell.Refresh(st)
	if got := s.entry("0 2 * * 1-5").Text; got != "0 2 * * 1-5" {
		t.Errorf("the expression is %q", got)
	}
}

func TestRetentionShowsBeforeItIsApplied(t *testing.T) {
	s, st := section(t, "Retention", func(b *views.Sandbox) {
		b.Retention = &views.Retention{Rules: backup.DefaultRetention()}
	})
	s.wasTold("preview shop 7 daily")
	s.entry("7 daily").SetText("2 daily")
	s.wasTold("preview shop 2 daily")
	if !s.button("Apply").Disabled() {
		t.Error("it can be applied before it was shown")
	}
	rules := backup.DefaultRetention()
	rules.Scheduled = backup.Retention{Daily: 2}
	b := &st.Sandboxes[0]
	b.Retention.Preview = &views.Preview{Rules: rules, Fates: []backup.Fate{{Backup: &b.Backups[0], Keep: true, Reason: "the newest"}, {Backup: &b.Backups[1], Reason: "too old"}}}
	s.shell.Refresh(st)
	s.sees("1 kept, 1 deleted after the next backup", "✕", "too old")
	test.Tap(s.button("Apply"))
	s.wasTold("retention shop 2 daily; 3 newest, 30 days; 3 newest, 30 days")
	s.entry("7 daily").SetText("2 sometimes")
	s.sees("is no word of a retention rule")
	if !s.button("Apply").Disabled() {
		t.Error("what is no rule can be applied")
	}
}

func TestConnection(t *testing.T) {
	s, st := section(t, "Connection", func(b *views.Sandbox) {
		b.Connection = &views.Connection{
			Sandbox: backup.Sandbox{Name: "shop", Connection: backup.Connection{Host: "localhost", Port: 5432, Database: "shop", User: "app"}, ExcludeTables: []string{"audit_*"}},
			Tables:  []backup.Table{{Schema: "public", Name: "audit_logs"}, {Schema: "public", Name: "orders", Rows: 3}},
			Drill:   true, Drilled: views.Drilled{At: now, Proven: true, Seconds: 4},
		}
	})
	s.sees("by audit_*", "3 rows", "Proven on 15 June 09:30, in 4 s")
	s.entry("localhost").SetText("db.example")
	s.shell.Refresh(st)
	if s.entry("localhost").Text != "db.example" {
		t.Error("a refresh drops what is being typed")
	}
	s.entry("50").SetText("0")
	test.Tap(s.button("Save"))
	s.wasTold()
	s.sees("The limit is a number from 1 to 100.")
	s.entry("50").SetText("20")
	test.Tap(s.button("Save"))
	if calls := s.told.calls; len(calls) != 1 || !strings.Contains(calls[0], "db.example") || !strings.Contains(calls[0], "LossLimit:20") {
		t.Errorf("told %q", calls)
	}
	s.told.calls = nil
	test.Tap(s.button("Save"))
	s.wasTold() // it is being saved
	s.shell.ShowAttempt(views.Attempt{Sandbox: "shop", Saved: true, OK: true})
	s.sees("Saved.")
	test.Tap(s.button("Remove the sandbox…"))
	s.wasTold()
	test.Tap(s.button("Remove the sandbox"))
	s.wasTold("remove shop")
}

func TestActivity(t *testing.T) {
	s := newScreen(t)
	s.shell.Refresh(state())
	s.shell.Open("\x00activity")
	s.sees("Reading the history…")
	st := state()
	st.Sandboxes[0].Busy = &views.Busy{Title: "Backing up shop"}
	st.Activity = &views.Activity{Runs: []views.Run{
		{ID: "1", Sandbox: "shop", Kind: views.RunRestore, Status: backup.StatusFailed, Started: now, Error: &backup.Fault{Text: "the server is gone", Hint: "Start it."}},
		{ID: "5", Sandbox: "shop", Kind: views.RunBackup, Trigger: backup.Scheduled, Status: backup.StatusDeleted, Started: now, GoneBy: "plan, for ada@desk", GoneWhy: "the newest backup", Who: "the schedule"},
		{ID: "6", Sandbox: "shop", Kind: views.RunBackup, Trigger: backup.Manual, Status: backup.StatusDeleted, Started: now, GoneBy: "eve@desk", GoneWhy: "asked for, with all of its sandbox", Who: "ada@desk"},
		{ID: "2", Sandbox: "blog", Kind: views.RunBackup, Trigger: backup.Scheduled, Status: backup.StatusCompleted, Started: now, Finished: now.Add(90 * time.Second), Who: "ada@desk"},
	}}
	s.shell.Refresh(st)
	s.sees("Backing up shop", "Restore", "The server is gone", "Backup", "Scheduled", "took 2 min", "ada@desk", "by the plan", "by eve@desk")
	s.entry("Filter by sandbox, action, outcome").SetText("blog")
	s.seesNo("The server is gone")
	s.tap("Audit log")
	if s.told.place != (views.Place{Section: views.SectionAudit}) {
		t.Errorf("shown: %+v", s.told.place)
	}
	s.entry("Filter by sandbox, action, outcome").SetText("")
	st.Activity.Audit = []backup.AuditEntry{
		{Seq: 2, At: now, Who: "eve@desk", Action: backup.ActionDelete, Sandbox: "shop", Decision: backup.Deny, Outcome: "denied by policy"},
		{Seq: 1, At: now, Who: "ada@desk", Action: backup.ActionDBFull, Sandbox: "shop", Decision: backup.Allow, Detail: "ask"},
	}
	s.shell.Refresh(st)
	s.sees("eve@desk", "backups.delete", "denied", "denied by policy", "approved")
	s.seesNo("cannot be trusted")
	st.Activity.Broken = &backup.Fault{Text: "entry 3 was changed"}
	s.shell.Refresh(st)
	s.sees("The log cannot be trusted: entry 3 was changed")
}

func TestRowMenuAndLetters(t *testing.T) {
	s := chosen(t)
	for letter, want := range map[rune]string{'v': "verify shop 00000000000000aa", 'd': "drill shop 00000000000000aa", 'p': "pin shop 00000000000000aa true"} {
		s.history().TypedRune(letter)
		s.wasTold(want)
	}
	s.history().TypedRune('c')
	if s.copied != "00000000000000aa" {
		t.Errorf("%q was copied", s.copied)
	}
	s.history().TypedRune('n')
	s.entry("Note").SetText("after all")
	s.field("Note").TypedKey(key(fyne.KeyReturn))
	s.wasTold(`note shop 00000000000000aa "after all"`)
	s.history().TypedKey(key("Menu"))
	var menu *widget.PopUpMenu
	s.visible(func(o fyne.CanvasObject) {
		if m, ok := o.(*widget.PopUpMenu); ok {
			menu = m
		}
	})
	if menu == nil {
		t.Fatal("the menu key opens no menu")
	}
}

// TestMarksOfDaysDiffer holds the strip to its shapes: each mark is drawn in its own way.
func TestMarksOfDaysDiffer(t *testing.T) {
	s := newScreen(t)
	st := state()
	st.Sandboxes[0].Days = []views.Day{{Mark: views.NoneDue}, {Mark: views.Missed}, {Mark: views.FailedDay}, {Mark: views.Done}, {Mark: views.ProvenDay}}
	s.shell.Refresh(st)
	s.sees("5 days: 1 proven  ·  1 done  ·  1 failed  ·  1 missed")
}
