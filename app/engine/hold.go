package engine

import (
	"context"
	"time"

	"holdfast/backup"
)

// DueRuns gives the plans that are to run now. While backups are paused, or on battery where only
// mains will do, there are none: what is due is then recorded as skipped, once, and due again
// afterwards. With patience a failed run that is to be tried again later is left out.
func (e *Engine) DueRuns(ctx context.Context, patience bool) ([]Plan, error) {
	plans, err := e.Plans(ctx)
	if err != nil {
		return nil, err
	}
	var due []Plan
	for _, p := range plans {
		if p.Due && !(patience && p.Waiting.After(e.opts.Now())) {
			due = append(due, p)
		}
	}
	reason, err := e.Held(ctx)
	if err != nil || reason == "" {
		return due, err
	}
	for _, p := range due {
		if err := e.catalog.AddSkip(ctx, backup.Skip{Sandbox: p.Sandbox, Slot: p.Slot, At: e.opts.Now(), Reason: reason}); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// Held says why nothing runs by itself just now; "" when it does.
func (e *Engine) Held(ctx context.Context) (backup.SkipReason, error) {
	until, err := e.PausedUntil(ctx)
	switch {
	case err != nil:
		return "", err
	case !until.IsZero():
		return backup.SkipPaused, nil
	case e.config.Run.MainsOnly && e.opts.OnBattery(ctx):
		return backup.SkipBattery, nil
	}
	return "", nil
}

// Skips gives the runs that were due and not begun, newest first.
func (e *Engine) Skips(ctx context.Context) ([]backup.Skip, error) { return e.catalog.Skips(ctx) }

// skipOf gives the skip of a slot; nil when it was not skipped.
func skipOf(skips []backup.Skip, sandbox string, slot time.Time) *backup.Skip {
	for i := range skips {
		if skips[i].Sandbox == sandbox && skips[i].Slot.Equal(slot) {
			return &skips[i]
		}
	}
	return nil
}
