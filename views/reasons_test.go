package views_test

import (
	"testing"
	"time"

	"holdfast/backup"
	"holdfast/views"
)

// TestReasonsAreTranslated runs retention itself: no reason that it gives stays English.
func TestReasonsAreTranslated(t *testing.T) {
	l := look{"de", "light", large, 1}
	l.begin(t)
	s := l.window(t)
	var all []backup.Backup
	for i := range 60 {
		all = append(all, backup.Backup{ID: backup.ID(rune('a' + i)), Sandbox: "shop", Status: backup.StatusCompleted, Trigger: []backup.Trigger{backup.Scheduled, backup.Manual, backup.PreRestore}[i%3],
			Verdict: backup.Intact, Started: now.AddDate(0, 0, -i), Pinned: i == 30})
	}
	all[0].Started = now.Add(time.Hour)
	for _, rules := range []backup.RetentionRules{
		{Scheduled: backup.Retention{Daily: 2, Weekly: 2, Monthly: 2}, OnDemand: backup.Retention{Newest: 2, Days: 20}, PreRestore: backup.Retention{Newest: 1}}, {},
	} {
		st := state()
		st.Sandboxes[0].Backups = all
		st.Sandboxes[0].Retention = &views.Retention{Rules: rules, Preview: &views.Preview{Rules: rules, Fates: rules.Review("shop", all, time.UTC, now)}}
		s.shell.Refresh(st)
		s.shell.Visit(views.Place{Sandbox: "shop", Section: views.SectionRetention})
		s.shell.Refresh(st)
		s.seesNo("the newest", "one of", "younger", "the rule", "pinned", "everything", "date")
	}
}
