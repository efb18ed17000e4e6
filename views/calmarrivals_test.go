package views_test

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"holdfast/backup"
	"holdfast/views"
)

// TestNothingMovesOnTheOverview when data is lost, backups fail, or the sample cannot be started.
func TestNothingMovesOnTheOverview(t *testing.T) {
	for _, l := range []look{{"en", "light", usual, 1}, {"de", "light", small, 1}} {
		l.begin(t)
		s := l.window(t)
		st := full()
		st.Sandboxes[1].Health, st.Sandboxes[1].Trouble, st.Sandboxes[1].Why = views.Protected, views.TroubleNone, ""
		st.Sandboxes = st.Sandboxes[:2]
		s.show("", st)
		shop, portal := &st.Sandboxes[0], &st.Sandboxes[1]
		alarm := losing().Sandboxes[0].Alarm
		for _, c := range []struct {
			what, says string
			do         func()
		}{
			{"an alarm", "shop", func() { shop.Alarm, shop.Health, shop.Why = alarm, views.NeedsAttention, "data was lost" }},
			{"a second alarm", "customer-portal", func() {
				later := *alarm
				later.Sandbox, later.At = "customer-portal", later.At.Add(time.Minute)
				portal.Alarm, portal.Health = &later, views.NeedsAttention
			}},
			{"a sample that fails", "PostgreSQL", func() { st.Sample.Problem = unreachable }},
			{"nothing", "shop", func() {
				shop.Alarm, portal.Alarm, st.Sample.Problem, shop.Health, portal.Health = nil, nil, nil, views.Protected, views.Protected
			}},
			{"a run that failed", "customer-portal", func() { portal.Health, portal.Why = views.NeedsAttention, full().Sandboxes[1].Why }},
		} {
			s.stays(l.String()+" "+c.what, func() { c.do(); s.shell.Refresh(st) }, c.says)
		}
	}
}

// TestAlarmsOfTheOverviewLeadOn: each of them shows the whole on the page of its sandbox.
func TestAlarmsOfTheOverviewLeadOn(t *testing.T) {
	s := newScreen(t)
	st := full()
	for i := range 2 {
		alarm := *losing().Sandboxes[0].Alarm
		alarm.Sandbox, alarm.At = st.Sandboxes[i].Name, alarm.At.Add(-time.Duration(i)*time.Hour)
		st.Sandboxes[i].Alarm = &alarm
	}
	s.shell.Refresh(st)
	s.sees("Data is missing in shop", "Data is missing in customer-portal")
	s.pressed("More…") // the last, which is the one that came first
	s.sees("customer-portal  ›  Settings", "Missing since the backup of")
	if had, _ := s.window.Canvas().Focused().(fyne.CanvasObject); had != s.pressedBy("It is gone on purpose") {
		t.Error("the focus is not where the alarm can be ended")
	}
}

// TestNothingMovesAfterARestore: what is told of it comes, goes, and waits for what runs.
func TestNothingMovesAfterARestore(t *testing.T) {
	for _, l := range []look{{"en", "light", usual, 1}, {"de", "light", small, 1}} {
		for _, section := range []views.Section{views.SectionBackups, views.SectionMedia} {
			l.begin(t)
			s := l.window(t)
			at(section, withFolders)(s)
			st := s.shell.Shown()
			shop := &st.Sandboxes[0]
			shop.Details = &shop.Backups[0]
			s.shell.Refresh(st)
			stays := func(what string, do func(), says string) {
				s.stays(l.String()+" "+what, func() { do(); s.shell.Refresh(st) }, says)
			}
			stays("a restore", func() { restoredSandbox(false)(shop) }, "")
			s.button(lang.L("Undo"))
			stays("a run after it", func() { shop.Busy = running }, "Backing up shop")
			stays("the end of that", func() { shop.Busy = nil }, "")
			stays("what was lost is back", func() {
				shop.Alarm = losing().Sandboxes[0].Alarm
				shop.Restored.Of = shop.Alarm.Good
			}, "")
			shop.Alarm = nil
			s.shell.Refresh(st)
			s.tapOn("More…")
			stays("a run while all is shown", func() { shop.Busy = running }, "shop_before_20260615_093000")
			if !s.button(lang.L("Undo")).Disabled() {
				t.Error("a restore can be undone while something runs")
			}
		}
	}
}

// TestARestoreIsToldBeforeItsAlarm: what was lost is back, and can be taken back; then the alarm can be ended.
func TestARestoreIsToldBeforeItsAlarm(t *testing.T) {
	s := newScreen(t)
	st := losing()
	shop := &st.Sandboxes[0]
	shop.Restored = &views.Restored{Restore: "2", Of: shop.Alarm.Good, At: now, Database: "shop", CanUndo: true}
	s.show("shop", st)
	s.sees("Restored 15 June 09:30.", "Its alarm still stands.")
	s.pressed("Undo")
	s.wasTold("undo shop 2")
	s.pressed("More…")
	s.sees("Restored 15 June 09:30.", "The lost data of shop was restored", "It came back 15 June 09:30.")
	s.pressed("End the alarm")
	s.wasTold("acknowledge shop")
	s.shell.Visit(views.Place{Sandbox: "shop", Section: views.SectionSchedule})
	s.sees("The lost data of shop was restored")

	// Of what was lost only a part: the undo is at hand, and the alarm comes again once it is put away.
	st.Sandboxes[0].Restored = &views.Restored{Restore: "4", Of: shop.Alarm.Good, At: now, Database: "shop", Only: []backup.Name{{Schema: "public", Name: "other"}}, CanUndo: true}
	s.show("shop", st)
	s.shell.Visit(views.Place{Sandbox: "shop"})
	s.sees("Restored 1 table 15 June 09:30.", "Its alarm still stands.")
	s.pressed("Undo")
	s.wasTold("undo shop 4")
	st.Sandboxes[0].Restored = nil
	s.show("shop", st)
	s.sees("Data is missing in shop")

	st.Sandboxes[0].Restored = &views.Restored{Restore: "3", At: now, Database: "shop", Undone: true}
	s.show("shop", st)
	s.shell.Visit(views.Place{Sandbox: "shop"})
	s.sees("Data is missing in shop")
	s.pressed("More…")
	s.sees("Missing since the backup of", "Undone 15 June 09:30: it is as it was before the restore.")
}

// TestNothingMovesWhileFilesAreWritten: a download begins, goes on, ends or fails, in both sections that tell of it.
func TestNothingMovesWhileFilesAreWritten(t *testing.T) {
	for _, l := range []look{{"en", "light", usual, 1}, {"de", "light", small, 1}} {
		for _, section := range []views.Section{views.SectionBackups, views.SectionDownloads} {
			l.begin(t)
			s := l.window(t)
			at(section, sectionsFilled()[section])(s)
			st := s.shell.Shown()
			shop := &st.Sandboxes[0]
			if section == views.SectionBackups {
				shop.Details = &shop.Backups[0]
			}
			s.shell.Refresh(st)
			one := &views.Download{Job: "1", Title: "Download of shop as dump", Busy: &views.Busy{}}
			two := &views.Download{Job: "2", Title: "Download of shop as sql", Busy: &views.Busy{Fraction: 0.5}}
			for _, c := range []struct {
				what string
				do   func()
				all  []*views.Download
			}{
				{"a download", func() {}, []*views.Download{one}},
				{"half of it", func() {
					one.Busy = &views.Busy{Fraction: 0.5, Progress: backup.Progress{Stage: "download", Bytes: 1 << 30}}
				}, []*views.Download{one}},
				{"another one", func() {}, []*views.Download{two, one}},
				{"its end", func() {
					one.Busy, one.Path, one.Opens = nil, "/home/ada/a/folder/whose/name/is/long/and/longer/still/Downloads/shop-2026-06-15-09-30-00.dump", "pg_restore"
				}, []*views.Download{two, one}},
				{"a failure", func() {
					two.Busy, two.Problem = nil, &backup.Fault{Text: "the disk that holds the vault is full", Hint: "Make room on that disk, or delete old backups; nothing of what is there was lost, and what was written so far is removed."}
				}, []*views.Download{two, one}},
				{"none", func() {}, nil},
			} {
				s.stays(l.String()+" "+c.what, func() {
					c.do()
					shop.Downloads = nil
					for _, d := range c.all {
						shop.Downloads = append(shop.Downloads, *d)
					}
					s.shell.Refresh(st)
				})
			}
			shop.Writes = &views.DownloadPlan{Format: "dump", Keep: 7, Files: []string{"/out/first.dump"}}
			s.stays(l.String()+" the first file by plan", func() { s.shell.Refresh(st) })
		}
	}
}

// TestARunHasItsRoomBefore: where little room breaks what is said of it into two lines, in German too.
func TestARunHasItsRoomBefore(t *testing.T) {
	for _, l := range []look{{"de", "light", zoom, 1.5}, {"de", "light", small, 1}, {"en", "light", small, 1}} {
		l.begin(t)
		s := l.window(t)
		at(views.SectionBackups, none)(s)
		st := s.shell.Shown()
		for _, b := range []views.Busy{
			{Title: "Backing up shop"},
			{Title: "Backing up shop", Fraction: 0.33, Rate: 84 << 20, Longer: true, Progress: backup.Progress{Stage: "indexes", IndexesDone: 12, IndexesTotal: 41, Bytes: 171 << 20}},
			{Title: "Backing up shop", Fraction: 0.33, Rate: 84 << 20, Left: 95 * time.Second, Step: true, Progress: backup.Progress{Stage: "waiting for a lock held by ada", IndexesDone: 12, IndexesTotal: 41, Bytes: 171 << 20}},
		} {
			s.stays(l.String(), func() { st.Sandboxes[0].Busy = &b; s.shell.Refresh(st) }, "shop")
		}
	}
}

// TestCancelOfACopyHasItsRoomBefore: how ever wide the window is, it never begins a line of buttons as it comes.
func TestCancelOfACopyHasItsRoomBefore(t *testing.T) {
	for width := small.Width; width <= usual.Width; width += 40 {
		l := look{"en", "light", fyne.NewSize(width, small.Height), 1}
		l.begin(t)
		s := l.window(t)
		st := well()
		st.Offsite = &views.Offsite{Copies: []views.Copy{
			{Name: "disk", Where: "/media/backup/holdfast", Last: now.Add(-2 * time.Hour), Bytes: 3 << 30, Job: "1"},
			{Name: "nas", Where: "sftp://ada@nas:22/backup/holdfast", Last: now.Add(-50 * time.Hour), Bytes: 3 << 30, Job: "2"},
		}}
		s.show("\x00offsite", st)
		s.stays(l.String(), func() {
			st.Offsite.Copies[0].Busy = &views.Busy{Title: "Off-site copy disk", Fraction: 0.5}
			s.shell.Refresh(st)
		}, "50 %")
		s.button("Cancel")
	}
}
