package views_test

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"holdfast/backup"
	"holdfast/views"
)

// TestOpenTheLog: wherever a problem can be copied, in the help and in the Preferences the log opens; why
// it does not is said in front of everything, and can be copied.
func TestOpenTheLog(t *testing.T) {
	s := newScreen(t)
	st := state()
	st.Sandboxes[0].Problem = &backup.Fault{Text: "cannot reach PostgreSQL", Hint: "Start it."}
	st.Preferences = &views.Preferences{Log: "/home/ada/holdfast.log"}
	s.shell.Refresh(st)
	s.shell.Open("shop")
	test.Tap(s.button("More…"))
	test.Tap(s.button("Open the log"))
	s.wasTold("open the log")

	s.shell.Open("\x00preferences")
	s.sees("/home/ada/holdfast.log")
	test.Tap(s.button("Open the log"))
	s.wasTold("open the log")

	s.window.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyF1})
	test.Tap(s.button("Open the log"))
	s.wasTold("open the log")
	s.shell.Say(&backup.Fault{Text: "the log cannot be opened", Hint: "It is here: /home/ada/holdfast.log"})
	s.sees("The log cannot be opened", "It is here: /home/ada/holdfast.log")
	test.Tap(s.button("Copy details"))
	if want := "the log cannot be opened\nIt is here: /home/ada/holdfast.log"; s.copied != want {
		t.Errorf("copied %q, want %q", s.copied, want)
	}
	s.window.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyEscape})
	s.seesNo("The log cannot be opened")
	test.Tap(s.button("Write a diagnostics bundle"))
	s.wasTold("diagnostics")
	s.sees("Where things are")
}

// TestLogOfAProgramThatCannotStart: also where there is no shell.
func TestLogOfAProgramThatCannotStart(t *testing.T) {
	s := newScreen(t)
	views.ShowFailure(s.window, &backup.Fault{Text: "version is 99"}, func(string) {}, func(said func(*backup.Fault)) {
		said(&backup.Fault{Text: "The log cannot be opened", Hint: "It is here: /log"})
	}, func() {})
	test.Tap(s.button("Open the log"))
	s.sees("Version is 99", "It is here: /log")
}
