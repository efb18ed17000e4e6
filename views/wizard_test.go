package views_test

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
	"holdfast/views"
)

// losing is a state with an alarm in shop: orders lost rows, "odd.name" is gone.
func losing() views.State {
	st := state()
	b := &st.Sandboxes[0]
	good := b.Backups[0]
	good.ID, good.Started = "00000000000000dd", now.Add(-25*time.Hour)
	good.Tables = []backup.Table{{Schema: "public", Name: "customers", Rows: 5}, {Schema: "public", Name: "odd.name", Rows: 9}, {Schema: "public", Name: "orders", Rows: 128402}}
	b.Backups = append(b.Backups, good)
	b.Health = views.NeedsAttention
	b.Alarm = &backup.Alarm{Sandbox: "shop", Backup: b.Backups[0].ID, Good: good.ID, At: now.Add(-time.Hour), Losses: []backup.Loss{
		{Table: backup.Name{Schema: "public", Name: "orders"}, Before: 128402, After: 12},
		{Table: backup.Name{Schema: "public", Name: "odd.name"}, Before: 9, Gone: true},
	}}
	st.Sandboxes = append(st.Sandboxes, views.Sandbox{Name: "blog", Database: "blog", AllowRestore: true})
	return st
}

// withDetails is what the program shows once the wizard has chosen its backup.
func withDetails(st views.State) views.State {
	st.Sandboxes[0].Details = &st.Sandboxes[0].Backups[2]
	return st
}

func (s *screen) press(name fyne.KeyName) {
	s.t.Helper()
	focused := s.window.Canvas().Focused()
	if focused == nil {
		s.t.Fatalf("nothing has the focus; shown:\n%s", s.texts())
	}
	focused.TypedKey(key(name))
}

func TestAlarmLeadsToTheLostTables(t *testing.T) {
	s := newScreen(t)
	s.shell.Refresh(losing())
	s.sees("Data is missing in shop", "public.orders fell from 128,402 rows to 12", "public.odd.name vanished, it had 9 rows")
	test.Tap(s.button("More…"))
	s.sees("Data is missing in shop", "public.orders fell from 128,402 rows to 12", "public.odd.name vanished, it had 9 rows", "14 June 08:30")
	s.shell.Open("\x00overview")
	test.Tap(s.button("Restore these tables…"))
	s.wasTold("choose shop 00000000000000dd")
	s.sees("Reading the backup…")
	s.shell.Refresh(withDetails(losing()))
	s.sees("Step 1 of 3", "Chosen: 2 tables")
	s.press(fyne.KeyReturn)
	s.sees("Step 2 of 3", "Single tables go into a database that is there.")
	s.press(fyne.KeyReturn)
	s.wasTold("compare shop 00000000000000dd shop")
	test.Tap(s.button("Copy the command for it"))
	if want := `holdfast restore 00000000000000dd --table 'public."odd.name"' --table public.orders`; s.copied != want {
		t.Errorf("%q was copied, want %q", s.copied, want)
	}
	test.Tap(s.button("Restore…"))
	s.wasTold("restore {Sandbox:shop Backup:00000000000000dd What:database Tables:[{Schema:public Name:odd.name} {Schema:public Name:orders}] Files:[] Beside:false Target:shop NewDatabase:}")
}

func TestAlarmIsEndedOnlyAfterAQuestion(t *testing.T) {
	s := newScreen(t)
	st := losing()
	s.shell.Refresh(st)
	test.Tap(s.button("More…"))
	test.Tap(s.button("It is gone on purpose"))
	s.sees("The alarm of shop ends")
	s.press(fyne.KeyReturn) // Cancel has the focus
	s.wasTold()
	test.Tap(s.button("It is gone on purpose"))
	test.Tap(s.button("End the alarm"))
	s.wasTold("acknowledge shop")
	st.Sandboxes[0].Restored = &views.Restored{Restore: "00000000000000ee", Of: "00000000000000dd", At: now, Database: "shop"}
	st.Sandboxes[0].Restored.Only = []backup.Name{{Schema: "public", Name: "orders"}}
	s.shell.Refresh(st)
	s.sees("Data is missing in shop") // the other one is
	st.Sandboxes[0].Restored.Only = append(st.Sandboxes[0].Restored.Only, backup.Name{Schema: "public", Name: "odd.name"})
	s.shell.Refresh(st)
	s.sees("The lost data of shop was restored", "It came back 15 June 09:30.")
	s.seesNo("fell from", "vanished")
	test.Tap(s.button("End the alarm"))
	s.wasTold("acknowledge shop")
}

// wizardAt is the wizard for the whole of a backup, at one of its pages.
func wizardAt(t *testing.T, page int) (*screen, views.State) {
	t.Helper()
	s := newScreen(t)
	st := withDetails(losing())
	st.Sandboxes[0].Alarm = nil
	s.shell.Refresh(st)
	s.shell.Open("shop")
	test.Tap(s.button("Restore…"))
	for range page - 1 {
		s.press(fyne.KeyReturn)
	}
	s.told.calls = nil
	return s, st
}

func TestWizardGoesBackAndCloses(t *testing.T) {
	s, _ := wizardAt(t, 2)
	s.sees("Step 2 of 3")
	s.press(fyne.KeyEscape)
	s.sees("Step 1 of 3", "The whole database")
	s.press(fyne.KeyEscape)
	s.sees("shop  ›  Settings  ›  Backups")
	s.wasTold()
}

func TestWizardChoosesTables(t *testing.T) {
	s, _ := wizardAt(t, 1)
	s.tap("Only some tables")
	if !s.button("Next").Disabled() {
		t.Error("it goes on with no table")
	}
	s.entry("Filter by name").SetText("O")
	list := s.focusable(func(o fyne.CanvasObject) bool {
		l := embedded[widget.List](o)
		return l != nil && l.Length() == 3 && l.MinSize().Width > 300
	})
	list.TypedKey(key(fyne.KeySpace))
	s.sees("Chosen: 1 table")
	s.entry("Filter by name").SetText("odd")
	s.tick("Select all shown").SetChecked(true)
	s.sees("Chosen: 2 tables")
}

func TestWizardGoesElsewhere(t *testing.T) {
	s, st := wizardAt(t, 2)
	s.tap("A new database")
	if !s.button("Next").Disabled() {
		t.Error("a new database needs no name")
	}
	s.entry("Name of the new database").SetText("copy")
	s.field("Name of the new database").TypedKey(key(fyne.KeyReturn))
	s.sees("The database copy is made anew")
	test.Tap(s.button("Restore…"))
	s.wasTold("restore {Sandbox:shop Backup:00000000000000dd What:database Tables:[] Files:[] Beside:false Target:shop NewDatabase:copy}")
	test.Tap(s.button("Back"))
	s.tap("Another sandbox")
	test.Tap(s.button("Next"))
	s.wasTold("compare shop 00000000000000dd blog")
	st.Sandboxes[1].Busy = &views.Busy{Title: "Comparing blog with the backup"}
	s.shell.Refresh(st)
	s.sees("Comparing blog with the backup", "Reading blog as it is now")
	test.Tap(s.button("Cancel"))
	s.wasTold("cancel blog")
	st.Sandboxes[1].AllowRestore, st.Sandboxes[1].Busy = false, nil
	s.shell.Refresh(st)
	test.Tap(s.button("Back"))
	s.sees("Restores into this sandbox are switched off.")
}

func TestWizardShowsWhatChanges(t *testing.T) {
	s, st := wizardAt(t, 3)
	s.sees("Not compared.")
	st.Sandboxes[0].Compared = &views.Compared{Backup: "00000000000000dd", Result: backup.Comparison{
		Tables: []backup.TableChange{
			{Schema: "public", Name: "orders", Change: backup.RowsChanged, RowsThen: 128402, RowsNow: 12},
			{Schema: "public", Name: "fresh", Change: backup.TableNew, RowsNow: 7},
			{Schema: "public", Name: "calm", Change: backup.Unchanged},
		},
		Sequences: 2, Definitions: []string{"changed: FUNCTION public.total(integer)"},
	}}
	s.shell.Refresh(st)
	s.sees("2 of 3 tables differ", "public.orders", "its rows", "128,402", "new since; goes away", "FUNCTION public.total(integer)", "2 sequences stand elsewhere")
	s.seesNo("public.calm")
	st.Sandboxes[0].Compared.Result = backup.Comparison{Same: true}
	s.shell.Refresh(st)
	s.sees("Nothing differs: shop is as it was")
}

// TestWizardEndsWhenItIsRestored: a decline leaves it, a failure says why, success closes it.
func TestWizardEndsWhenItIsRestored(t *testing.T) {
	s, st := wizardAt(t, 3)
	s.press(fyne.KeyReturn)
	st.Sandboxes[0].Busy = &views.Busy{Title: "Restoring shop"}
	s.shell.Refresh(st)
	st.Sandboxes[0].Busy = nil
	s.shell.Refresh(st)
	s.sees("Step 3 of 3") // declined
	st.Sandboxes[0].Problem, st.Sandboxes[0].CanGoUnsaved = &backup.Fault{Text: "the backup of the present state failed"}, true
	s.shell.Refresh(st)
	s.sees("The backup of the present state failed")
	s.told.calls = nil
	test.Tap(s.button("Go on without saving, and keep the replaced database…"))
	s.wasTold("go unsaved shop")
	st.Sandboxes[0].CanGoUnsaved, st.Sandboxes[0].Lacking = false, true
	s.shell.Refresh(st)
	s.told.calls = nil
	test.Tap(s.button("Make the missing roles…"))
	test.Tap(s.button("Give what is theirs to this user…"))
	s.wasTold("go replacing shop true", "go replacing shop false")
	s.seesNo("Go on without saving")
	st.Sandboxes[0].Problem = nil
	st.Sandboxes[0].Restored = &views.Restored{Restore: "00000000000000ee", At: now, Database: "shop", Kept: "shop_before", CanUndo: true}
	s.shell.Refresh(st)
	s.sees("shop  ›  Settings  ›  Backups", "Restored 15 June 09:30.", "What was there before is kept.")
	test.Tap(s.button("More…"))
	s.sees("Restored 15 June 09:30.", "shop_before until you drop it")
}
