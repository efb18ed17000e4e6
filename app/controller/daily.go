package controller

import (
	"context"

	"holdfast/app/engine"
	"holdfast/backup"
)

// RunDue starts what is due, one sandbox after another. It returns when all of it has ended.
func (c *Controller) RunDue(ctx context.Context) {
	var due []engine.Plan
	err := c.with(ctx, nil, nil, func(e *engine.Engine) error {
		if !e.HasVault() {
			return nil
		}
		plans, err := e.Plans(ctx)
		for _, p := range plans {
			if p.Due && !p.Waiting.After(c.now()) {
				due = append(due, p)
			}
		}
		return err
	})
	if err != nil {
		return // reload says what is wrong with the history
	}
	for _, p := range due {
		c.runScheduled(ctx, p)
	}
}

func (c *Controller) runScheduled(ctx context.Context, p engine.Plan) {
	ended := c.start(p.Sandbox, "Daily backup of "+p.Sandbox, func(ctx context.Context, report func(backup.Progress)) error {
		return c.with(ctx, report, nil, func(e *engine.Engine) error { return e.RunScheduled(ctx, p, 0).Err })
	})
	if ended == nil {
		return // it is being worked on; the next look decides again
	}
	select {
	case <-ended:
	case <-ctx.Done():
	}
}
