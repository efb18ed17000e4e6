package views_test

import (
	"testing"

	"fyne.io/fyne/v2"

	"holdfast/backup"
	"holdfast/views"
)

// TestNothingMovesWhenARunBegins: what a person may be aiming at stays where it is when a run begins by
// itself, goes on and ends.
func TestNothingMovesWhenARunBegins(t *testing.T) {
	l := look{"en", "light", large, 1}
	l.begin(t)
	s := l.window(t)
	st := full()
	s.show("shop", st)
	s.arrange()
	at := func() [2]fyne.Position {
		return [2]fyne.Position{where(s.longest().(fyne.CanvasObject)), where(s.pressedBy("Back up now"))}
	}
	was := at()
	for _, busy := range []*views.Busy{
		{Title: "Backing up shop"},
		{Title: "Backing up shop", Fraction: 0.33, Rate: 84 << 20, Progress: backup.Progress{Stage: "tables", TablesDone: 12, TablesTotal: 41, Bytes: 171 << 20}},
		nil,
	} {
		st.Sandboxes[0].Busy = busy
		s.shell.Refresh(st)
		s.arrange()
		if is := at(); is != was {
			t.Errorf("list and button were at %v and are at %v", was, is)
		}
		if busy != nil {
			s.sees("Backing up shop")
			s.button("Cancel")
		}
	}
}
