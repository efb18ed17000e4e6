package controller

import (
	"time"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/views"
)

// stale is how long a due run may be owed before it needs attention.
const stale = 2 * time.Hour

// assess says how well a sandbox is protected, and why it is not. history is newest first.
func assess(history []backup.Backup, p engine.Plan, now time.Time) (views.Health, string) {
	newest, err := backup.Resolve("latest:"+p.Sandbox, history)
	switch {
	case err != nil:
		return views.NotYet, "there is no completed backup yet"
	case newest.Verdict == backup.Broken:
		return views.NeedsAttention, "the newest backup is broken; take a new one"
	case failedSince(newest, history):
		return views.NeedsAttention, "the last try at a backup failed"
	case p.Due && now.Sub(newest.Started) > 24*time.Hour+stale:
		return views.NeedsAttention, "the last backup is older than its schedule allows"
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
