package engine

import (
	"context"
	"time"

	"holdfast/app/config"
	"holdfast/backup"
	"holdfast/backup/plan"
)

// SetSchedule changes when a sandbox is backed up by itself.
func (e *Engine) SetSchedule(ctx context.Context, sandbox string, s plan.Schedule) error {
	if _, err := e.Sandbox(sandbox); err != nil {
		return err
	}
	return e.change(ctx, "change the schedule of "+sandbox, sandbox, func() error {
		return e.update(ctx, func(c *config.Config) error { return c.SetSchedule(sandbox, s) })
	})
}

// pausedFact remembers until when nothing runs by itself.
const pausedFact = "paused until"

// Pause keeps everything from running by itself until a time, which must lie ahead. A person may
// still back up at any time.
func (e *Engine) Pause(ctx context.Context, until time.Time) error {
	op := "pause the schedules"
	if !until.After(e.opts.Now()) {
		return backup.WithOp(op, backup.Errorf(backup.Usage, "Give a time ahead, such as 1h.", "the pause would be over already"))
	}
	return e.change(ctx, op, "", func() error {
		return e.catalog.SetFact(ctx, pausedFact, until.UTC().Format(time.RFC3339))
	})
}

// Resume ends a pause.
func (e *Engine) Resume(ctx context.Context) error {
	return e.change(ctx, "resume the schedules", "", func() error { return e.catalog.SetFact(ctx, pausedFact, "") })
}

// longestPause bounds a pause: a clock that was years ahead when it was made must not end
// backups for years.
const longestPause = 31 * 24 * time.Hour

// PausedUntil gives the end of a pause; zero when nothing is paused.
func (e *Engine) PausedUntil(ctx context.Context) (time.Time, error) {
	until, err := e.factTime(ctx, pausedFact)
	now := e.opts.Now()
	if !until.After(now) || until.Sub(now) > longestPause {
		return time.Time{}, err
	}
	return until, err
}
