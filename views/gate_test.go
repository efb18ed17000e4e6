package views_test

import (
	"testing"

	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
	"holdfast/views"
)

// TestRedIsWhatLoses: the button that approves is red only where something is replaced or deleted.
func TestRedIsWhatLoses(t *testing.T) {
	s := newScreen(t)
	s.shell.Refresh(state())
	for action, want := range map[backup.Action]widget.Importance{
		backup.ActionDBFull: widget.DangerImportance, backup.ActionDelete: widget.DangerImportance, backup.ActionExport: widget.HighImportance, backup.ActionUpdate: widget.HighImportance,
	} {
		s.shell.Ask(&views.Question{Prompt: backup.Prompt{Request: backup.Request{Action: action, What: "do it"}, Until: now}, Verb: "Do it"})
		if got := s.button("Do it").Importance; got != want {
			t.Errorf("%s: the button has importance %d, want %d", action, got, want)
		}
		s.shell.Ask(nil)
	}
}
