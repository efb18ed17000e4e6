package views_test

import (
	"testing"

	"fyne.io/fyne/v2/test"

	"holdfast/backup"
	"holdfast/views"
)

// noisyTables are tables that programs write for themselves.
func noisyTables() []string {
	return []string{"public.audit_logs", "public.sessions", "queue.good_jobs", "queue.job_batches", "public.backup_logs"}
}

// noisy is a first start that finds a database with such tables.
func noisy() views.State {
	st := firstStart()
	st.Discovery.Found[0].Operational = noisyTables()
	return st
}

// TestTablesOfPrograms: of the tables that programs write for themselves, the rows of those that a
// person ticks are left out of what is added.
func TestTablesOfPrograms(t *testing.T) {
	s := newScreen(t)
	st := noisy()
	s.shell.Refresh(st)
	s.sees("Programs write these tables for themselves")
	s.tick("public.sessions").SetChecked(true)
	s.tick("queue.good_jobs").SetChecked(true)
	s.shell.Refresh(st) // what was ticked stays so
	s.tick("blog").SetChecked(false)
	test.Tap(s.button("Protect 1 database"))
	fields := s.entries()
	fields[1].SetText("correct horse")
	fields[2].SetText("correct horse")
	test.Tap(s.button("Make the vault"))
	s.wasTold("make /home/ada/vault correct horse [{shop [public.sessions queue.good_jobs]}] false")

	st = state()
	st.Discovery = noisy().Discovery
	s.shell.Refresh(st)
	test.Tap(s.button("Add a sandbox"))
	s.shell.Refresh(st)
	s.tick("shop").SetChecked(false)
	if !s.tick("queue.good_jobs").Disabled() {
		t.Error("a table of what is not added can be chosen")
	}
	test.Tap(s.button("Protect 1 database"))
	s.wasTold("add found [{blog []}]")
}

// TestTablesOfProgramsByAddress: they are known only once the server was asked; another address is asked
// about again.
func TestTablesOfProgramsByAddress(t *testing.T) {
	s := newScreen(t)
	s.shell.Refresh(state())
	test.Tap(s.button("Add a sandbox"))
	for i, text := range []string{"blog", "postgres://localhost/blog", "secret"} {
		s.entries()[i].SetText(text)
	}
	test.Tap(s.button("Add and back up"))
	s.wasTold("add blog postgres://localhost/blog secret")
	s.shell.ShowAttempt(views.Attempt{OK: true, Asks: []string{"public.sessions", "public.jobs"}})
	s.sees("Say which rows are left out", "Programs write these tables for themselves")
	s.tick("public.sessions").SetChecked(true)
	test.Tap(s.button("Add and back up"))
	s.wasTold("add blog postgres://localhost/blog secret without [public.sessions]")
	s.shell.ShowAttempt(views.Attempt{Problem: &backup.Fault{Text: "the server is down"}})
	s.entries()[1].SetText("postgres://localhost/wiki")
	test.Tap(s.button("Add and back up"))
	s.wasTold("add blog postgres://localhost/wiki secret")
	s.shell.ShowAttempt(views.Attempt{OK: true})
	s.shell.Added("blog")
	test.Tap(s.button("Add a sandbox"))
	s.seesNo("Programs write these tables for themselves")
}
