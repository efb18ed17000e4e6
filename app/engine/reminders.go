package engine

import (
	"context"
	"time"

	"holdfast/backup"
)

// Reminder names something that Holdfast does not do by itself.
type Reminder string

// The reminders.
const (
	RemindGit     Reminder = "git"
	RemindSecrets Reminder = "secrets"
	RemindOffsite Reminder = "offsite"
)

// snoozeTime is for how long a reminder stays away.
const snoozeTime = 7 * 24 * time.Hour

// Reminders gives those that are not snoozed.
func (e *Engine) Reminders(ctx context.Context) ([]Reminder, error) {
	var due []Reminder
	for _, r := range []Reminder{RemindGit, RemindSecrets, RemindOffsite} {
		until, err := e.catalog.Fact(ctx, "snoozed "+string(r))
		if err != nil {
			return nil, err
		}
		if at, err := time.Parse(time.RFC3339, until); err != nil || !e.opts.Now().Before(at) {
			due = append(due, r)
		}
	}
	return due, nil
}

// Snooze keeps a reminder away for a week.
func (e *Engine) Snooze(ctx context.Context, r Reminder) error {
	return e.catalog.SetFact(ctx, "snoozed "+string(r), e.opts.Now().Add(snoozeTime).UTC().Format(time.RFC3339))
}

// Restores gives all restores, newest first.
func (e *Engine) Restores(ctx context.Context) ([]backup.Restore, error) {
	return e.catalog.Restores(ctx)
}
