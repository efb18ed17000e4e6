package controller

import (
	"time"

	"fyne.io/fyne/v2/lang"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/views"
)

// stale is how long a due run may be owed before it needs attention.
const stale = 2 * time.Hour

// assess says how well a sandbox is protected, and why it is not. Its history is newest first.
func assess(b *views.Sandbox, p engine.Plan, now time.Time) (views.Health, string) {
	newest, err := backup.Resolve("latest:"+b.Name, b.Backups)
	switch {
	case b.Alarm != nil:
		return views.NeedsAttention, lang.L("data was lost between two backups")
	case err != nil:
		return views.NotYet, lang.L("there is no completed backup yet")
	case newest.Verdict == backup.Broken:
		return views.NeedsAttention, lang.L("the newest backup is broken; take a new one")
	case failedSince(newest, b.Backups):
		return views.NeedsAttention, lang.L("the last try at a backup failed")
	case p.Due && now.Sub(newest.Started) > 24*time.Hour+stale:
		return views.NeedsAttention, lang.L("the last backup is older than its schedule allows")
	}
	return views.Protected, ""
}

// failedSince says whether a run failed after the newest completed one.
func failedSince(newest *backup.Backup, history []backup.Backup) bool {
	for i := range history {
		b := &history[i]
		if b.Started.After(newest.Started) && (b.Status == backup.StatusFailed || b.Status == backup.StatusInterrupted) {
			return true
		}
	}
	return false
}
