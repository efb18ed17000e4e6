package views_test

import (
	"fmt"
	"time"

	"fyne.io/fyne/v2/lang"

	"holdfast/backup"
	"holdfast/views"
)

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

// five are the next runs of a schedule.
func five() []time.Time {
	return []time.Time{now.Add(17 * time.Hour), now.Add(41 * time.Hour), now.Add(65 * time.Hour), now.Add(89 * time.Hour), now.Add(113 * time.Hour)}
}
