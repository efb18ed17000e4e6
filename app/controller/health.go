package controller

import (
	"fyne.io/fyne/v2/lang"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/views"
)

// assess says what is wrong with a sandbox, the worst of it. Its history is newest first.
func assess(e *engine.Engine, b *views.Sandbox, p engine.Plan) views.Trouble {
	newest, err := e.Newest(b.Backups, b.Name, backup.Sandbox{FoldersOnly: b.FoldersOnly}.Main())
	switch {
	case b.Alarm != nil:
		return views.TroubleLoss
	case err != nil && failedSince(&backup.Backup{}, b.Backups):
		return views.TroubleNeverWorked
	case err != nil:
		return views.TroubleNoBackup
	case newest.Verdict == backup.Broken:
		return views.TroubleBroken
	case failedSince(newest, b.Backups):
		return views.TroubleFailed
	case !p.Overdue.IsZero():
		return views.TroubleOverdue
	}
	return views.TroubleNone
}

// judge gives how well a sandbox with some trouble is protected, and the trouble in words.
func judge(t views.Trouble) (views.Health, string) {
	switch t {
	case views.TroubleLoss:
		return views.NeedsAttention, lang.L("data was lost between two backups")
	case views.TroubleNeverWorked, views.TroubleNoBackup:
		return views.NotYet, lang.L("there is no completed backup yet")
	case views.TroubleBroken:
		return views.NeedsAttention, lang.L("the newest backup is broken; take a new one")
	case views.TroubleFailed:
		return views.NeedsAttention, lang.L("the last try at a backup failed")
	case views.TroubleOverdue:
		return views.NeedsAttention, lang.L("the last backup is older than its schedule allows")
	case views.TroubleKey:
		return views.NeedsAttention, lang.L("no backup can be taken until the vault key is there again")
	default:
		return views.Protected, ""
	}
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
