package views_test

import (
	"fmt"
	"time"

	"fyne.io/fyne/v2/lang"

	"holdfast/backup"
	"holdfast/views"
)

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
