package views_test

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
)

// TestRowsSayWhyTheyAreKept: one word in the row for each reason that retention gives.
func TestRowsSayWhyTheyAreKept(t *testing.T) {
	s := newScreen(t)
	st := full()
	b := &st.Sandboxes[0]
	one := func(id backup.ID, days int, trigger backup.Trigger) backup.Backup {
		return backup.Backup{ID: id, Sandbox: "shop", Status: backup.StatusCompleted, Trigger: trigger, Verdict: backup.Intact, Started: now.Add(-time.Duration(days) * 24 * time.Hour)}
	}
	b.Backups = []backup.Backup{
		one("0", 0, backup.Manual), one("1", 1, backup.PreRestore), one("2", 2, backup.Scheduled), one("3", 9, backup.Scheduled), one("4", 16, backup.PreRestore), one("5", 17, backup.Scheduled),
		one("6", 40, backup.Scheduled), one("7", 80, backup.Scheduled), one("8", 85, backup.Scheduled),
	}
	b.Backups[7].Pinned = true
	rules := backup.RetentionRules{Scheduled: backup.Retention{Daily: 1, Weekly: 2, Monthly: 2}, OnDemand: backup.Retention{Newest: 1}, PreRestore: backup.Retention{Newest: 1, Days: 30}}
	b.Fates = rules.Review("shop", b.Backups, time.UTC, now)
	s.shell.Refresh(st)
	s.shell.Open("shop")
	s.window.Resize(fyne.NewSize(1040, 1400))
	want := []string{"Manual", "Newest", "Daily", "Weekly", "By age", "Monthly", "Goes", "Pinned", "Goes"}
	if got := s.column("Kept"); len(got) != len(want) {
		t.Fatalf("%d rows, want %d: %q", len(got), len(want), got)
	} else {
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("backup %d: %q, want %q", i, got[i], want[i])
			}
		}
	}
	s.window.Resize(fyne.NewSize(800, 560))
	if got := s.column("Kept"); len(got) == 0 || got[0] != "Manual" {
		t.Errorf("in a small window: %q", got)
	}
}

// column gives what stands below a head, from the top.
func (s *screen) column(head string) (texts []string) {
	s.t.Helper()
	var at, below fyne.Position
	s.visible(func(o fyne.CanvasObject) {
		if l, ok := o.(*widget.Label); ok && l.Text == head {
			at = fyne.CurrentApp().Driver().AbsolutePositionForObject(l)
		}
	})
	if at == below {
		s.t.Fatalf("no column is called %q", head)
	}
	s.visible(func(o fyne.CanvasObject) {
		l, ok := o.(*widget.Label)
		if !ok || l.Text == "" {
			return
		}
		if p := fyne.CurrentApp().Driver().AbsolutePositionForObject(l); p.Y > at.Y && p.X > at.X-8 && p.X < at.X+8 {
			texts = append(texts, l.Text)
		}
	})
	return texts
}
