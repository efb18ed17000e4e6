package views_test

import (
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"holdfast/backup"
	"holdfast/views"
)

// scene is one screen as a person meets it: what is in it, and how one gets there.
type scene struct {
	name string
	open func(s *screen)
}

// full is a workstation with three sandboxes, one well, one that lost data, one new.
func full() views.State {
	st := state()
	st.VaultBytes = 640 << 20
	st.CopiedTo, st.Copied = "nas", now.Add(-20*time.Hour)
	shop := &st.Sandboxes[0]
	shop.Backups = history(40)
	few := backup.Retention{Newest: 3, Days: 30}
	shop.Fates = backup.RetentionRules{Scheduled: backup.Retention{Daily: 7, Weekly: 4, Monthly: 12}, OnDemand: few, PreRestore: few}.Review("shop", shop.Backups, time.UTC, now)
	shop.Last, shop.LastVerdict, shop.Keeps = shop.Backups[0].Started, backup.Proven, "7 daily, 4 weekly, 12 monthly"
	shop.Pruned = views.Pruned{At: now.Add(-7 * time.Hour), Removed: 3, Freed: 41 << 20}
	shop.Days = month(0)
	blog := views.Sandbox{
		Name: "customer-portal", Database: "portal", Health: views.NeedsAttention, Trouble: views.TroubleFailed, Why: lang.L("the last try at a backup failed"),
		Last: now.Add(-50 * time.Hour), LastVerdict: backup.Intact, Due: true, Waits: backup.SkipBattery, AllowRestore: true, Days: month(9),
		Backups: history(3),
	}
	fresh := views.Sandbox{Name: "wiki", Database: "wiki", Health: views.NotYet, Trouble: views.TroubleNoBackup, Why: lang.L("there is no completed backup yet"), Next: now.Add(17 * time.Hour), AllowRestore: true}
	st.Sandboxes = append(st.Sandboxes, blog, fresh)
	st.Reminders = reminded()
	return st
}

// lossScene is one that lost data.
func lossScene() views.State {
	st := losing()
	st.Reminders = reminded()
	return st
}

// well is the same with nothing wrong.
func well() views.State {
	st := full()
	st.Sandboxes, st.Reminders = st.Sandboxes[:1], nil
	return st
}

func month(trouble int) (days []views.Day) {
	for i := range 30 {
		d := views.Day{Date: now.AddDate(0, 0, i-29), Mark: views.Done}
		switch {
		case i < 3+trouble:
			d.Mark = views.NoneDue
		case i%7 == 2:
			d.Mark = views.ProvenDay
		case trouble > 0 && i > 26:
			d.Mark = views.FailedDay
		case i == 13:
			d.Mark = views.Missed
		}
		days = append(days, d)
	}
	return days
}

// history has so many backups, newest first: mostly well, each size a little larger.
func history(n int) (all []backup.Backup) {
	for i := range n {
		k := backup.Backup{
			ID: backup.ID(fmt.Sprintf("%016x", 4096-i)), Sandbox: "shop", Status: backup.StatusCompleted, Trigger: backup.Scheduled, Verdict: backup.Intact,
			Started: now.Add(-time.Duration(i)*11*time.Hour - 30*time.Minute), Rows: int64(1284020 - 2311*i), RawBytes: int64(512-4*i) << 20, AddedBytes: int64(3+i%5) << 20,
			ServerVersion: "17.5", VerdictReason: "what it added to the vault was read back when it was taken", Tables: shopTables(),
		}
		switch i % 9 {
		case 0:
			k.Trigger, k.Note, k.Pinned, k.Verdict = backup.Manual, "before the migration to version 42", true, backup.Proven
			k.VerdictReason = "restored into a scratch database, read back and equal"
		case 4:
			k.Status, k.Verdict, k.Error = backup.StatusFailed, "", &backup.Fault{Kind: backup.Unreachable, Text: "cannot reach PostgreSQL at localhost:5432: nothing listens there", Hint: "Start PostgreSQL, or correct host and port."}
		case 6:
			k.Trigger, k.Verdict = backup.PreRestore, backup.Unchecked
		case 7:
			k.Status, k.Verdict = backup.StatusInterrupted, ""
		}
		all = append(all, k)
	}
	return all
}

func shopTables() []backup.Table {
	return []backup.Table{
		{Schema: "public", Name: "customers", Rows: 41870, Bytes: 38 << 20}, {Schema: "public", Name: "order_items", Rows: 903112, Bytes: 211 << 20},
		{Schema: "public", Name: "orders", Rows: 301044, Bytes: 164 << 20}, {Schema: "public", Name: "audit_logs", Excluded: true},
		{Schema: "reporting", Name: "a_table_with_quite_a_long_name_of_its_own", Rows: 37994, Bytes: 2 << 20},
	}
}

func reminded() []views.Reminder {
	return []views.Reminder{
		{Key: "kit", Title: lang.L("Save the recovery kit"), Text: lang.L("The recovery kit was not saved: without the key nobody can open the vault"), Command: "holdfast vault kit ~/holdfast-kit.pdf", There: views.Place{Section: views.SectionPreferences}},
		{Key: "git", Title: lang.L("Push your code to git"), Text: "/home/ada/code/shop: " + lang.N("{{.N}} commits on no remote", 3, map[string]any{"N": 3}) + " (main)", Since: now.Add(-49 * time.Hour), Command: "git -C /home/ada/code/shop push", Folder: "/home/ada/code/shop"},
		{Key: "secrets", Title: lang.L("Keep secrets in a password manager"), Text: lang.L("Secrets changed since they were exported: {{.Files}}", map[string]any{"Files": "/srv/shop/.env, /srv/shop/stripe.key"}), Since: now.Add(-5 * time.Hour), Command: "holdfast secrets export shop", Secrets: "shop"},
	}
}

// tapOn presses the button with a text, in the language that is spoken.
func (s *screen) tapOn(label string) {
	s.t.Helper()
	test.Tap(s.button(lang.L(label)))
}

// show opens a page with a state.
func (s *screen) show(page string, st views.State) {
	s.shell.Refresh(st)
	if page != "" {
		s.shell.Open(page)
	}
}

// at opens a section of shop.
func at(section views.Section, fill func(b *views.Sandbox)) func(*screen) {
	return func(s *screen) {
		st := full()
		s.shell.Refresh(st)
		s.shell.Visit(views.Place{Sandbox: "shop", Section: section})
		fill(&st.Sandboxes[0])
		s.shell.Refresh(st)
	}
}

// onPage opens a page that is about all sandboxes.
func onPage(page string, fill func(st *views.State)) func(*screen) {
	return func(s *screen) {
		st := full()
		fill(&st)
		s.show(page, st)
	}
}

func none(*views.Sandbox) {}

// scenes are all screens and dialogs of the window.
func scenes() []scene {
	all := overviewScenes()
	all = append(all, backupScenes()...)
	all = append(all, wizardScenes()...)
	all = append(all, sectionScenes()...)
	all = append(all, pageScenes()...)
	all = append(all, offsiteScenes()...)
	all = append(all, folderScenes()...)
	all = append(all, fileScenes()...)
	all = append(all, vaultScenes()...)
	return append(all, setupScenes()...)
}

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

// longest is the list with the most rows.
func (s *screen) longest() (found fyne.Focusable) {
	most := 0
	s.visible(func(o fyne.CanvasObject) {
		if l := embedded[widget.List](o); l != nil && l.Length() > most && !l.HideSeparators { // not the sidebar
			most, found = l.Length(), o.(fyne.Focusable)
		}
	})
	return found
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

// five are the next runs of a schedule.
func five() []time.Time {
	return []time.Time{now.Add(17 * time.Hour), now.Add(41 * time.Hour), now.Add(65 * time.Hour), now.Add(89 * time.Hour), now.Add(113 * time.Hour)}
}

func sectionScenes() []scene {
	return []scene{
		{"schedule", at(views.SectionSchedule, func(b *views.Sandbox) { b.Schedule = &views.Schedule{Text: "daily 02:00", Next: five()} })},
		{"schedule-weekly", at(views.SectionSchedule, func(b *views.Sandbox) { b.Schedule = &views.Schedule{Text: "weekly fri 02:00", Next: five()} })},
		{"schedule-cron", at(views.SectionSchedule, func(b *views.Sandbox) {
			b.Schedule = &views.Schedule{Text: "cron 0 2 * * 1-5", Next: five(), Draft: &views.Draft{Text: "cron 0 2 * * 1-5", Words: "every Monday to Friday at 02:00", Next: five()}}
		})},
		{"schedule-wrong", at(views.SectionSchedule, func(b *views.Sandbox) {
			b.Schedule = &views.Schedule{Text: "cron 0 2 * *", Draft: &views.Draft{Text: "cron 0 2 * *", Problem: &backup.Fault{Text: "a cron expression has 5 fields, this one has 4", Hint: `Write minute, hour, day of the month, month and day of the week, like "cron 0 2 * * *" or "cron 30 8-18/2 * * mon-fri".`}}}
		})},
		{"schedule-busy", at(views.SectionSchedule, func(b *views.Sandbox) {
			b.Schedule = &views.Schedule{Text: "daily 02:00", Next: five()}
			b.Busy = &views.Busy{Title: lang.L("Backing up {{.Name}}", map[string]any{"Name": "shop"}), Fraction: 0.33, Rate: 84 << 20, Left: 95 * time.Second, Progress: backup.Progress{Stage: "tables", TablesDone: 12, TablesTotal: 41, Bytes: 171 << 20}}
		})},
		{"retention-problem", at(views.SectionRetention, func(b *views.Sandbox) {
			b.Retention = &views.Retention{Rules: backup.DefaultRetention()}
			b.Problem = &backup.Fault{Text: "cannot reach PostgreSQL at localhost:5432: nothing listens there", Hint: "Start PostgreSQL, or correct host and port."}
		})},
		{"retention", at(views.SectionRetention, func(b *views.Sandbox) {
			rules := backup.DefaultRetention()
			preview := &views.Preview{Rules: rules}
			for i := range b.Backups[:14] {
				keep := i < 8
				reason := "the newest of 2026-06-1" + fmt.Sprint(i%10)
				if !keep {
					reason = `the rule "7 daily" does not keep it`
				}
				preview.Fates = append(preview.Fates, backup.Fate{Backup: &b.Backups[i], Keep: keep, Reason: reason})
			}
			b.Retention = &views.Retention{Rules: rules, Preview: preview}
		})},
		{"permissions", at(views.SectionPermissions, func(b *views.Sandbox) {
			b.Permissions = &views.Permissions{Policy: backup.DefaultPolicy(), Tokens: []backup.Token{{ID: "t1", Note: "nightly job", Actions: []backup.Action{backup.ActionCreate, backup.ActionRead}, Expires: now.Add(720 * time.Hour)}}}
		})},
		{"permissions-off", at(views.SectionPermissions, func(b *views.Sandbox) {
			b.AllowRestore = false
			b.Permissions = &views.Permissions{Broken: &backup.Fault{Text: "the gate's rules, /home/ada/.config/holdfast/rules.json, are damaged", Hint: "Look who did that. Then give all sandboxes the default policy again: holdfast gate reset"}}
		})},
		{"connection", at(views.SectionConnection, func(b *views.Sandbox) {
			b.Connection = &views.Connection{
				Sandbox: backup.Sandbox{Name: "shop", Connection: backup.Connection{Host: "localhost", Port: 5432, Database: "shop", User: "app"}, ExcludeTables: []string{"audit_*"}, Before: "systemctl --user stop shop", After: "systemctl --user start shop"},
				Tables:  shopTables(), Drill: true, Drilled: views.Drilled{At: now, Proven: true, Seconds: 41},
			}
		})},
	}
}

func pageScenes() []scene {
	runs := func(st *views.State) {
		st.Activity = &views.Activity{Runs: []views.Run{
			{ID: "0", Sandbox: "shop", Kind: views.RunBackup, Trigger: backup.Scheduled, Status: backup.StatusDeleted, Started: now.Add(-20 * time.Minute), GoneBy: "plan, for ada@desk", GoneWhy: "the rule \"7 daily\" does not keep it", Who: "ada@desk"},
			{ID: "1", Sandbox: "shop", Kind: views.RunBackup, Trigger: backup.Scheduled, Status: backup.StatusCompleted, Started: now.Add(-30 * time.Minute), Finished: now.Add(-28 * time.Minute), Who: "ada@desk"},
			{ID: "2", Sandbox: "customer-portal", Kind: views.RunRestore, Into: "portal", Status: backup.StatusFailed, Started: now.Add(-2 * time.Hour), Who: "ada@desk", Error: &backup.Fault{Text: "lost the connection to PostgreSQL at localhost:5432", Hint: "Check that the server still runs, then try again."}},
			{ID: "3", Sandbox: "shop", Kind: views.RunUndo, Into: "shop", Status: backup.StatusCompleted, Started: now.Add(-26 * time.Hour), Finished: now.Add(-26*time.Hour + 5*time.Second), Who: "ada@desk"},
			{Sandbox: "wiki", Trigger: backup.Scheduled, Started: now.Add(-30 * time.Hour), Skipped: backup.SkipPaused},
		}}
	}
	audit := func(st *views.State) {
		st.Activity = &views.Activity{Audit: []backup.AuditEntry{
			{Seq: 3, At: now, Who: "eve@desk, token nightly", Action: backup.ActionDelete, Sandbox: "shop", Decision: backup.Deny, Outcome: "denied by policy (backups.delete)"},
			{Seq: 2, At: now.Add(-time.Hour), Who: "ada@desk", Action: backup.ActionDBFull, Sandbox: "shop", Decision: backup.Allow, Detail: "ask"},
			{Seq: 1, At: now.Add(-2 * time.Hour), Who: "ada@desk", Action: backup.ActionCreate, Sandbox: "shop", Decision: backup.Allow, Outcome: "done"},
		}}
	}
	open := func(at views.Section, fill func(*views.State)) func(*screen) {
		return func(s *screen) {
			st := full()
			fill(&st)
			s.shell.Refresh(st)
			s.shell.Visit(views.Place{Section: at})
			s.shell.Refresh(st)
		}
	}
	return []scene{
		{"activity", open(views.SectionRuns, runs)},
		{"activity-failed", func(s *screen) {
			open(views.SectionRuns, runs)(s)
			s.longest().TypedKey(key(fyne.KeyDown))
			s.longest().TypedKey(key(fyne.KeySpace))
		}},
		{"activity-empty", open(views.SectionRuns, func(st *views.State) { st.Activity = &views.Activity{} })},
		{"audit", open(views.SectionAudit, audit)},
		{"audit-broken", open(views.SectionAudit, func(st *views.State) {
			audit(st)
			st.Activity.Broken = &backup.Fault{Text: "entry 3 of the audit log was changed", Hint: "Compare it with the audit head in the manifests of the backups."}
		})},
		{"reminders", onPage("\x00reminders", func(*views.State) {})},
		{"reminders-empty", onPage("\x00reminders", func(st *views.State) { st.Reminders = nil })},
		{"preferences", onPage("\x00preferences", func(st *views.State) {
			st.Preferences = &views.Preferences{Values: map[string]string{views.PrefTheme: "system", views.PrefLanguage: "system", views.PrefNotify: "failures", views.PrefWorkers: "0", views.PrefScale: "0", views.PrefLogin: "true"},
				Vault: "/home/ada/vault", Config: "/home/ada/.config/holdfast/config.toml", Home: "/home/ada/.local/share/holdfast", Bundle: "/home/ada/holdfast-diagnostics-20260615.zip"}
		})},
		{"help", func(s *screen) {
			s.show("", well())
			s.window.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyF1})
		}},
		{"add", onPage("\x00add", func(st *views.State) { st.Discovery = firstStart().Discovery })},
		{"add-found-tables", onPage("\x00add", func(st *views.State) { st.Discovery = noisy().Discovery })},
		{"add-tables", func(s *screen) {
			onPage("\x00add", func(*views.State) {})(s)
			s.shell.ShowAttempt(views.Attempt{OK: true, Asks: noisyTables()})
		}},
		{"add-folders", func(s *screen) {
			onPage("\x00add", func(*views.State) {})(s)
			s.tap(lang.L("Folders without a database"))
			s.entry("/home/me/code").SetText("/home/ada/code/shop")
			test.Tap(s.buttons(lang.L("Add"))[0])
			s.entry("code").SetText("code")
		}},
		{"add-problem", func(s *screen) {
			onPage("\x00add", func(*views.State) {})(s)
			s.shell.ShowAttempt(views.Attempt{Problem: &backup.Fault{Text: `PostgreSQL at localhost:5432 does not accept the password of role "app"`, Hint: "Give the right one with --password-file, or put it into ~/.pgpass (mode 0600)."}})
		}},
		{"confirm", func(s *screen) { s.show("", lossScene()); s.tapOn("It is gone on purpose") }},
	}
}

func setupScenes() []scene {
	begin := func(s *screen) {
		s.shell.Refresh(firstStart())
		test.Tap(s.button(lang.N("Protect {{.N}} databases", 2, map[string]any{"N": 2})))
	}
	return []scene{
		{"setup-databases", func(s *screen) { s.shell.Refresh(firstStart()) }},
		{"setup-tables", func(s *screen) { s.shell.Refresh(noisy()) }},
		{"setup-looking", func(s *screen) {
			s.shell.Refresh(views.State{Setup: firstStart().Setup, Discovery: views.Discovery{Looking: true}})
		}},
		{"setup-none", func(s *screen) { s.shell.Refresh(views.State{Setup: firstStart().Setup}) }},
		{"setup-vault", begin},
		{"setup-vault-typed", func(s *screen) {
			begin(s)
			s.entries()[1].SetText("correct horse battery")
			s.entries()[2].SetText("another")
			s.tapOn("Make the vault")
		}},
		{"setup-open", func(s *screen) { begin(s); s.tapOn("I have a vault already") }},
		{"setup-key", func(s *screen) {
			s.shell.Refresh(views.State{Setup: &views.Setup{Key: "ABCD-EFGH-IJKL-MNOP-QRST-UVWX-YZ23-4567-ABCD-EFGH-IJKL-MNOP", Kit: "/home/ada/holdfast-kit.pdf"}})
		}},
	}
}
