package views_test

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/test"

	"holdfast/backup"
	"holdfast/views"
)

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
		{"confirm", func(s *screen) { s.show("shop", lossScene()); s.tapOn("More…"); s.tapOn("It is gone on purpose") }},
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
