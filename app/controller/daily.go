package controller

import (
	"context"

	"fyne.io/fyne/v2/lang"

	"holdfast/app/engine"
	"holdfast/backup"
)

// RunDue starts what is due, one sandbox after another: backups, then restore drills. Replaced
// databases whose time is over are dropped, and what needs doing is notified of, once a day. It
// returns when all of it has ended, or at once while another call is at it.
func (c *Controller) RunDue(ctx context.Context) {
	if !c.duty.TryLock() {
		return
	}
	defer c.duty.Unlock()
	var due []engine.Plan
	var drills []string
	err := c.with(ctx, voice{}, func(e *engine.Engine) error {
		if !e.HasVault() {
			return nil
		}
		var err error
		if due, err = e.DueRuns(ctx, true); err != nil {
			return err
		}
		if held, err := e.Held(ctx); err != nil || held != "" {
			return err
		}
		e.Expire(ctx)
		e.SendTold(ctx)
		drills, err = e.DueDrills(ctx)
		return err
	})
	if err != nil {
		return // reload says what is wrong with the history
	}
	for _, p := range due {
		c.unattended(ctx, p.Sandbox, lang.L("Daily backup of {{.Name}}", values{"Name": p.Sandbox}), func(ctx context.Context, e *engine.Engine) error { return e.RunScheduled(ctx, p, 0).Err })
	}
	for _, sandbox := range drills {
		c.unattended(ctx, sandbox, lang.L("Monthly restore drill of {{.Name}}", values{"Name": sandbox}), func(ctx context.Context, e *engine.Engine) error {
			_, err := e.RunDrill(ctx, sandbox, 0)
			return err
		})
	}
	_ = c.with(ctx, voice{}, func(e *engine.Engine) error { return c.remind(ctx, e) }) // else the next look reminds
}

// unattended runs one job and waits for its end.
func (c *Controller) unattended(ctx context.Context, sandbox, title string, work func(context.Context, *engine.Engine) error) {
	ended := c.start(sandbox, title, func(ctx context.Context, report func(backup.Progress)) error {
		return c.with(ctx, voice{report: report}, func(e *engine.Engine) error { return work(ctx, e) })
	})
	if ended == nil {
		return // it is being worked on; the next look decides again
	}
	select {
	case <-ended:
	case <-ctx.Done():
	}
}
