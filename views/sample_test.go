package views_test

import (
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"holdfast/views"
)

// TestSampleIsOfferedWhereNothingIs: in the first start and on the empty Overview.
func TestSampleIsOfferedWhereNothingIs(t *testing.T) {
	s := newScreen(t)
	st := views.State{Now: now, Zone: time.UTC, Setup: &views.Setup{Path: "/home/ada/vault"}}
	s.shell.Refresh(st)
	s.sees("No database was found", "a small shop on a private PostgreSQL")
	test.Tap(s.button("Start a sample sandbox"))
	fields := s.entries()
	fields[1].SetText("correct horse")
	fields[2].SetText("correct horse")
	test.Tap(s.button("Make the vault"))
	s.wasTold("make /home/ada/vault correct horse [] true")

	s.shell.Refresh(views.State{Now: now, Zone: time.UTC})
	test.Tap(s.button("Start a sample sandbox"))
	s.wasTold("start the sample")
	s.shell.Refresh(views.State{Now: now, Zone: time.UTC, Sample: views.Sample{Busy: &views.Busy{Title: "Making the sample sandbox"}}})
	s.sees("Making the sample sandbox…")
	if !s.button("Start a sample sandbox").Disabled() {
		t.Error("it is offered while it is made")
	}
	st = state()
	s.shell.Refresh(st)
	s.seesNo("Start a sample sandbox", "Remove the sample…")
}

// TestSampleIsMarkedAndRemoved with one click and one question.
func TestSampleIsMarkedAndRemoved(t *testing.T) {
	s := newScreen(t)
	st := state()
	st.Sandboxes[0].Sample = true
	s.shell.Refresh(st)
	s.sees("shop · sample")
	test.Tap(s.button("Remove the sample…"))
	s.sees("Its server is stopped, and its database is deleted.")
	test.Tap(s.button("Remove the sample"))
	s.wasTold("remove the sample false")
	test.Tap(s.button("Remove the sample…"))
	s.tick("Delete its backups too (asks for the approval passphrase)").SetChecked(true)
	s.told.calls = nil
	test.Tap(s.button("Remove the sample"))
	s.wasTold("remove the sample true")
	s.shell.Open("shop")
	s.sees("shop (sample)  ›  Settings")
}
