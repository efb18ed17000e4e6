package views_test

import (
	"testing"
	"time"

	"fyne.io/fyne/v2/test"

	"holdfast/views"
)

func TestRemindersPage(t *testing.T) {
	s := newScreen(t)
	st := state()
	st.Reminders = nil
	s.shell.Refresh(st)
	s.sees("Reminders", "Nothing to do")
	s.shell.Open("\x00reminders")
	if s.told.place != (views.Place{Section: views.SectionReminders}) {
		t.Errorf("the program thinks that %+v is shown", s.told.place)
	}
	s.sees("Nothing needs doing.")
	st.Reminders = []views.Reminder{
		{Key: "git:1", Title: "Push your code to git", Text: "/src/\u202eshop has 2 commits on no remote", Since: now.Add(-72 * time.Hour), Command: "git -C /src/shop push", Folder: "/src/shop"},
		{Key: "kit", Title: "Save the recovery kit", Text: "the recovery kit was not saved", Command: "holdfast vault kit"},
	}
	s.shell.Refresh(st)
	s.sees("2 things to do", "Push your code to git", "has 2 commits on no remote. Since ", "git -C /src/shop push", "The recovery kit was not saved.")
	s.seesNo("Nothing needs doing.", "\u202e")
	test.Tap(s.button("Open the folder"))
	s.wasTold("open /src/shop")
	st.Reminders = st.Reminders[1:]
	s.shell.Refresh(st)
	s.seesNo("Open the folder", "Push your code to git")
	s.sees("1 thing to do")
	test.Tap(s.button("Copy the command"))
	if s.copied != "holdfast vault kit" {
		t.Errorf("copied %q", s.copied)
	}
	test.Tap(s.button("Remind me in a week"))
	s.wasTold("snooze kit")
	test.Tap(s.button("Dismiss"))
	s.wasTold("dismiss reminder kit")
}

// TestRemindersLeadThere: what the window can do has a button that leads there, in the place of a command.
func TestRemindersLeadThere(t *testing.T) {
	for _, c := range []struct {
		verb string
		at   views.Place
	}{
		{"Save the recovery kit…", views.Place{Section: views.SectionPreferences}},
		{"Add a place", views.Place{Section: views.SectionOffsite}},
		{"Not covered…", views.Place{Sandbox: "shop", Section: views.SectionUncovered}},
		{"Open", views.Place{Sandbox: "shop", Section: views.SectionBackups}},
	} {
		s := newScreen(t)
		st := state()
		st.Reminders = []views.Reminder{{Key: "one", Title: "Do it", Text: "it is not done", Command: "holdfast do it", There: c.at}}
		s.shell.Refresh(st)
		s.shell.Open("\x00reminders")
		s.seesNo("holdfast do it")
		test.Tap(s.button(c.verb))
		if s.told.place != c.at {
			t.Errorf("%s leads to %+v", c.verb, s.told.place)
		}
	}
}
