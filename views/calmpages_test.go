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

// places is where everything stands that is read or pressed.
func (s *screen) places() map[fyne.CanvasObject]fyne.Position {
	s.arrange()
	all := map[fyne.CanvasObject]fyne.Position{}
	s.visible(func(o fyne.CanvasObject) {
		l, reads := o.(*widget.Label)
		if _, keyed := o.(fyne.Focusable); keyed || reads && l.Text != "" {
			all[o] = where(o)
		}
	})
	return all
}

// stays fails where something that is still shown is elsewhere after something was done, or nothing is new.
func (s *screen) stays(what string, do func(), says ...string) {
	s.t.Helper()
	was := s.places()
	do()
	is := s.places()
	s.sees(says...)
	for o, at := range was {
		now, shown := is[o]
		switch l, reads := o.(*widget.Label); {
		case !shown:
		case max(now.X-at.X, at.X-now.X, now.Y-at.Y, at.Y-now.Y) < 1: // another mark in the middle of its place
		case reads && l.Text == "Choose a line to read all of its name.": // at the foot of a list, which may be shorter
		case reads:
			s.t.Errorf("%s: %q was at %v and is at %v", what, l.Text, at, now)
		default:
			s.t.Errorf("%s: a %T was at %v and is at %v", what, o, at, now)
		}
	}
}

var (
	unreachable = &backup.Fault{Text: "cannot reach PostgreSQL at localhost:5432: nothing listens there", Hint: "Start PostgreSQL, or correct host and port."}
	running     = &views.Busy{Title: "Backing up shop", Fraction: 0.33, Rate: 84 << 20, Progress: backup.Progress{Stage: "tables", TablesDone: 12, TablesTotal: 41, Bytes: 171 << 20}}
)

// sectionsFilled are all sections of a sandbox.
func sectionsFilled() map[views.Section]func(*views.Sandbox) {
	return map[views.Section]func(*views.Sandbox){
		views.SectionBackups:  none,
		views.SectionSchedule: func(b *views.Sandbox) { b.Schedule = &views.Schedule{Text: "daily 02:00", Next: five()} },
		views.SectionRetention: func(b *views.Sandbox) {
			b.Retention = &views.Retention{Rules: backup.DefaultRetention()}
		},
		views.SectionMedia:       withFolders,
		views.SectionDownloads:   func(b *views.Sandbox) { b.Writes = &views.DownloadPlan{Format: "dump", Keep: 7} },
		views.SectionPermissions: func(b *views.Sandbox) { b.Permissions = &views.Permissions{Policy: backup.DefaultPolicy()} },
		views.SectionConnection: func(b *views.Sandbox) {
			b.Connection = &views.Connection{Sandbox: backup.Sandbox{Name: "shop"}, Tables: shopTables()}
		},
		views.SectionUncovered: func(b *views.Sandbox) { b.Gaps = gaps() },
	}
}

// TestNothingMovesInASection when a run begins by itself, something goes wrong or is lost, or the key is missing.
func TestNothingMovesInASection(t *testing.T) {
	for _, size := range []fyne.Size{usual, small} {
		l := look{"en", "light", size, 1}
		l.begin(t)
		for section, fill := range sectionsFilled() {
			if size == small && section != views.SectionConnection && section != views.SectionRetention {
				continue // as in the usual one
			}
			s := l.window(t)
			at(section, fill)(s)
			st := s.shell.Shown()
			shop := &st.Sandboxes[0]
			show := func() { s.shell.Refresh(st) }
			for _, c := range []struct {
				what, says string
				do         func()
			}{
				{"a run", "Backing up shop", func() { shop.Busy = running }},
				{"a problem", "Cannot reach PostgreSQL", func() { shop.Problem = unreachable }},
				{"an alarm", "Data is missing", func() { shop.Alarm = losing().Sandboxes[0].Alarm }},
				{"no key", "Vault key missing", func() { st.KeyAsked.Cause = unreachable }},
				{"nothing read", "May be out of date", func() { st.Vault, st.Unread = "/vault", unreachable }},
			} {
				s.stays(l.String()+" "+c.what, func() { c.do(); show() }, c.says)
				shop.Busy, shop.Problem, shop.Alarm, st.KeyAsked.Cause, st.Unread = nil, nil, nil, nil, nil
				show()
			}
		}
	}
}

// TestNothingMovesOnAPage that is about all sandboxes, or asks for something.
func TestNothingMovesOnAPage(t *testing.T) {
	copies := func(st *views.State) {
		st.Offsite = &views.Offsite{Copies: []views.Copy{
			{Name: "disk", Where: "/media/backup/holdfast", Last: now.Add(-2 * time.Hour), Bytes: 3 << 30, Job: "1"},
			{Name: "nas", Where: "sftp://ada@nas:22/backup/holdfast", Last: now.Add(-50 * time.Hour), Bytes: 3 << 30, Behind: true, Job: "2"},
		}}
	}
	disk := func(c views.Copy) func(st *views.State) {
		return func(st *views.State) {
			c.Name, c.Where, c.Last, c.Bytes = "disk", "/media/backup/holdfast", now.Add(-2*time.Hour), 3<<30
			st.Offsite = &views.Offsite{Copies: []views.Copy{c, st.Offsite.Copies[1]}}
		}
	}
	busy := func(st *views.State) { st.Sandboxes[0].Busy = running }
	for _, c := range []struct {
		page, what, says string
		open, then       func(*views.State)
	}{
		{"\x00offsite", "a problem", "Cannot reach", copies, func(st *views.State) { st.Offsite.Problem = unreachable }},
		{"\x00offsite", "a run of a copy", "50 %", copies, disk(views.Copy{Busy: &views.Busy{Title: "Off-site copy disk", Fraction: 0.5}})},
		{"\x00offsite", "a failed copy", "Cannot reach", copies, disk(views.Copy{Problem: unreachable, NextTry: now.Add(time.Hour)})},
		{"\x00activity", "a run", "Backing up shop", func(st *views.State) { st.Activity = someRuns() }, busy},
		{"\x00preferences", "a problem", "Cannot reach", func(st *views.State) { st.Preferences = &views.Preferences{Values: map[string]string{}} },
			func(st *views.State) {
				st.Preferences = &views.Preferences{Values: map[string]string{}, Problem: unreachable}
			}},
		{"", "no key", "Vault key missing", func(*views.State) {}, func(st *views.State) { st.KeyAsked.Cause = unreachable }},
		{"\x00reminders", "nothing read", "May be out of date", func(*views.State) {}, func(st *views.State) { st.Vault, st.Unread = "/vault", unreachable }},
	} {
		l := look{"en", "light", usual, 1}
		l.begin(t)
		s := l.window(t)
		st := well()
		c.open(&st)
		s.show(c.page, st)
		s.stays(c.page+" "+c.what, func() { c.then(&st); s.shell.Refresh(st) }, c.says)
	}
}

// someRuns is an activity with two runs.
func someRuns() *views.Activity {
	return &views.Activity{Runs: []views.Run{
		{ID: "1", Sandbox: "shop", Status: backup.StatusCompleted, Started: now.Add(-30 * time.Minute), Finished: now},
		{ID: "2", Sandbox: "shop", Status: backup.StatusCompleted, Started: now.Add(-90 * time.Minute), Finished: now.Add(-time.Hour)},
	}}
}

// TestNothingMovesWhileOneTypes: what is said about what was typed or tried has its room before.
func TestNothingMovesWhileOneTypes(t *testing.T) {
	l := look{"en", "light", usual, 1}
	l.begin(t)
	s := l.window(t)
	at(views.SectionSchedule, sectionsFilled()[views.SectionSchedule])(s)
	st := s.shell.Shown()
	s.stays("a wrong time", func() {
		s.entry("02:00").SetText("25:00")
		st.Sandboxes[0].Schedule.Draft = &views.Draft{Text: "daily 25:00", Problem: &backup.Fault{Text: "25:00 is no time of day", Hint: "Write hours and minutes, like 02:00."}}
		s.shell.Refresh(st)
	}, "25:00 is no time of day")

	s = l.window(t)
	at(views.SectionRetention, sectionsFilled()[views.SectionRetention])(s)
	s.stays("a wrong rule", func() { s.entry("7 daily").SetText("7 dayly") }, "dayly")

	s = l.window(t)
	at(views.SectionDownloads, sectionsFilled()[views.SectionDownloads])(s)
	s.stays("no folder", func() { test.Tap(s.button("Save…")) }, "Name the folder to write into.")

	s = l.window(t)
	s.show("\x00add", full())
	s.stays("a connection that fails", func() { s.shell.ShowAttempt(views.Attempt{Problem: unreachable}) }, "Cannot reach")

	s = l.window(t)
	s.shell.Refresh(firstStart())
	test.Tap(s.button("Protect 2 databases"))
	s.stays("a vault that cannot be made", func() {
		first := firstStart()
		first.Setup.Problem = unreachable
		s.shell.Refresh(first)
	}, "Cannot reach")
}

// TestNothingMovesInTheWizard when it compares, or a restore goes wrong.
func TestNothingMovesInTheWizard(t *testing.T) {
	l := look{"en", "light", usual, 1}
	for _, page := range []string{"restore-what", "restore-where", "restore-compare"} {
		l.begin(t)
		s := l.window(t)
		for _, sc := range wizardScenes() {
			if sc.name == page {
				sc.open(s)
			}
		}
		st := s.shell.Shown()
		s.stays(page+" a run", func() { st.Sandboxes[0].Busy = running; s.shell.Refresh(st) }, "Backing up shop")
		s.stays(page+" a problem", func() { st.Sandboxes[0].Busy, st.Sandboxes[0].Problem = nil, unreachable; s.shell.Refresh(st) }, "Cannot reach")
	}
}

// TestTheWholeMatrixIsSeen: who may replace the database is not what scrolls away in the window as it opens.
func TestTheWholeMatrixIsSeen(t *testing.T) {
	l := look{"en", "light", usual, 1}
	l.begin(t)
	s := l.window(t)
	at(views.SectionPermissions, sectionsFilled()[views.SectionPermissions])(s)
	s.arrange()
	s.visible(func(o fyne.CanvasObject) {
		if words, is := o.(*widget.Label); is && words.Text == "restore and undo; never allowed without asking" && !s.whole(o) {
			t.Errorf("it is at %v", where(o))
		}
	})
	s.sees("restore and undo; never allowed without asking")
}
