package views_test

import (
	"time"

	"fyne.io/fyne/v2/lang"

	"holdfast/backup"
	"holdfast/views"
)

func overviewScenes() []scene {
	return []scene{
		{"overview", func(s *screen) { s.show("", full()) }},
		{"overview-well", func(s *screen) { s.show("", well()) }},
		{"overview-alarm", func(s *screen) { s.show("", lossScene()) }},
		{"overview-empty", func(s *screen) { s.show("", views.State{Now: now, Zone: time.UTC}) }},
		{"overview-reading", func(s *screen) { s.show("", views.State{}) }},
		{"overview-unknown", func(s *screen) {
			st := well()
			st.Unknown = []string{"old-shop"}
			s.show("", st)
		}},
		{"save-point", func(s *screen) { s.show("", well()); s.tapOn("Before you do this…") }},
	}
}

func backupScenes() []scene {
	gone := &backup.Fault{Text: "cannot reach PostgreSQL at localhost:5432: nothing listens there", Hint: "Start PostgreSQL, or correct host and port."}
	return []scene{
		{"backups", at(views.SectionBackups, none)},
		{"backups-empty", at(views.SectionBackups, func(b *views.Sandbox) { b.Backups, b.Last = nil, time.Time{} })},
		{"backups-filtered", func(s *screen) {
			at(views.SectionBackups, none)(s)
			s.entries()[0].SetText("xyz")
		}},
		{"details", at(views.SectionBackups, func(b *views.Sandbox) {
			b.Details = &b.Backups[0]
		})},
		{"details-failed", at(views.SectionBackups, func(b *views.Sandbox) { b.Details = &b.Backups[4] })},
		{"row-menu", func(s *screen) {
			at(views.SectionBackups, func(b *views.Sandbox) { b.Details = &b.Backups[0] })(s)
			s.longest().TypedKey(key("Menu"))
		}},
		{"busy", at(views.SectionBackups, func(b *views.Sandbox) {
			b.Busy = &views.Busy{Title: lang.L("Backing up {{.Name}}", map[string]any{"Name": "shop"}), Fraction: 0.33, Rate: 84 << 20, Left: 95 * time.Second, Progress: backup.Progress{Stage: "tables", TablesDone: 12, TablesTotal: 41, Bytes: 171 << 20, BytesTotal: 512 << 20}}
		})},
		{"busy-stopping", at(views.SectionBackups, func(b *views.Sandbox) {
			b.Busy = &views.Busy{Title: lang.L("Backing up {{.Name}}", map[string]any{"Name": "shop"}), Stopping: true}
		})},
		{"problem", at(views.SectionBackups, func(b *views.Sandbox) { b.Problem = gone })},
		{"problem-unsaved", func(s *screen) {
			at(views.SectionBackups, func(b *views.Sandbox) { b.Problem, b.CanGoUnsaved = gone, true })(s)
			s.tapOn("More…")
		}},
		{"restored", at(views.SectionBackups, func(b *views.Sandbox) {
			b.Restored = &views.Restored{Restore: "1", At: now, Database: "shop", CanUndo: true, Kept: "shop_before_20260615_093000", Until: now.Add(72 * time.Hour), Size: 512 << 20}
		})},
		{"restored-details", at(views.SectionBackups, func(b *views.Sandbox) {
			b.Details = &b.Backups[0]
			b.Restored = &views.Restored{Restore: "1", At: now, Database: "shop", CanUndo: true, Kept: "a_customer_portal_with_a_long_name_of_its_own_before_20260615_093000", Until: now.Add(72 * time.Hour), Size: 512 << 20}
		})},
		{"restored-whole", func(s *screen) {
			at(views.SectionBackups, restoredSandbox(false))(s)
			s.tapOn("More…")
		}},
		{"restored-alarm", func(s *screen) {
			st := lossScene()
			shop := &st.Sandboxes[0]
			shop.Restored = &views.Restored{Restore: "2", Of: shop.Alarm.Good, At: now, Database: "shop", CanUndo: true}
			s.show("shop", st)
		}},
		{"alarm", func(s *screen) { s.show("shop", lossScene()) }},
		{"alarm-whole", func(s *screen) { s.show("shop", lossScene()); s.tapOn("More…") }},
		{"note", func(s *screen) {
			at(views.SectionBackups, func(b *views.Sandbox) { b.Details = &b.Backups[0] })(s)
			s.longest().TypedRune('n')
		}},
		{"gate", func(s *screen) { at(views.SectionBackups, none)(s); s.shell.Ask(asked()) }},
		{"gate-wrong", func(s *screen) {
			at(views.SectionBackups, none)(s)
			q := asked()
			s.shell.Ask(q)
			q.Trouble, q.Prompt.System = lang.L("That is not the approval passphrase. Try again."), true
			s.shell.Ask(nil)
			s.shell.Ask(q)
		}},
	}
}

// asked is a whole prompt.
func asked() *views.Question {
	return &views.Question{Verb: lang.L("Replace {{.Name}} with {{.When}}", map[string]any{"Name": "shop", "When": views.Moment(now.Add(-12 * time.Hour))}), Prompt: backup.Prompt{Until: now.Add(5 * time.Minute), Request: backup.Request{
		What: "Replace shop, the database shop at localhost:5432 (41 tables, about 1,284,020 rows), with the backup of shop from 14 June 2026 22:00 UTC (41 tables, 1,281,709 rows)",
		Loss: "What was written to shop since then is replaced. 2 open sessions are cut. Today's state is saved first, and the replaced database is kept for undo. Code is not rewound.", Who: "ada@desk"}}}
}

func wizardScenes() []scene {
	wizard := func(pages int, then func(s *screen, st views.State)) func(*screen) {
		return func(s *screen) {
			st := full()
			st.Sandboxes[0].Details = &st.Sandboxes[0].Backups[0]
			s.show("shop", st)
			s.tapOn("Restore…")
			for range pages {
				s.tapOn("Next")
			}
			then(s, st)
		}
	}
	nothing := func(*screen, views.State) {}
	compared := func(s *screen, st views.State) {
		b := &st.Sandboxes[0]
		b.Compared = &views.Compared{Backup: b.Backups[0].ID, Result: backup.Comparison{Tables: []backup.TableChange{
			{Schema: "public", Name: "customers", Change: backup.RowsChanged, RowsNow: 41877, RowsThen: 41870},
			{Schema: "public", Name: "order_items", Change: backup.Unchanged, RowsNow: 903112, RowsThen: 903112},
			{Schema: "public", Name: "orders", Change: backup.TableGone, RowsThen: 301044},
			{Schema: "public", Name: "scratch", Change: backup.TableNew, RowsNow: 12},
		}, Definitions: []string{"changed: FUNCTION public.total(integer)"}, Sequences: 2}}
		s.shell.Refresh(st)
	}
	return []scene{
		{"restore-what", wizard(0, nothing)},
		{"restore-tables", wizard(0, func(s *screen, _ views.State) { s.tap(lang.L("Only some tables")) })},
		{"restore-where", wizard(1, nothing)},
		{"restore-compare", wizard(2, compared)},
		{"restore-comparing", wizard(2, func(s *screen, st views.State) {
			st.Sandboxes[0].Busy = &views.Busy{Title: lang.L("Comparing {{.Name}} with the backup", map[string]any{"Name": "shop"}), Progress: backup.Progress{Stage: "compare"}}
			s.shell.Refresh(st)
		})},
		{"restore-not-compared", wizard(2, nothing)},
	}
}
