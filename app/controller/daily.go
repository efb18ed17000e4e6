package controller

import (
	"context"

	"fyne.io/fyne/v2/lang"

	"holdfast/app/config"
	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/views"
)

// RunDue starts what is due, one sandbox after another: backups, then restore drills. Replaced
// databases whose time is over are dropped, and what needs doing is notified of, once a day. It
// returns when all of it has ended, or at once while another call is at it; off-site copies that are
// behind follow on their own.
func (c *Controller) RunDue(ctx context.Context) {
	if !c.duty.TryLock() {
		return
	}
	defer c.duty.Unlock()
	defer c.tellOverdue(ctx)
	c.lookForKey(ctx, false)
	var due []engine.Plan
	var drills []string
	err := c.with(ctx, voice{}, func(e *engine.Engine) error {
		if !e.HasVault() {
			return nil
		}
		err := c.recall(e)
		if err == nil {
			due, err = e.DueRuns(ctx, true)
		}
		if err != nil {
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
		c.unattended(ctx, runBackup, p.Sandbox, lang.L("Daily backup of {{.Name}}", values{"Name": p.Sandbox}), func(ctx context.Context, e *engine.Engine) error { return e.RunScheduled(ctx, p, 0).Err })
	}
	for _, sandbox := range drills {
		c.unattended(ctx, runDrill, sandbox, lang.L("Monthly restore drill of {{.Name}}", values{"Name": sandbox}), func(ctx context.Context, e *engine.Engine) error {
			_, err := e.RunDrill(ctx, sandbox, 0)
			return err
		})
	}
	c.runDownloads(ctx)
	c.followOffsite(ctx)
	_ = c.with(ctx, voice{}, func(e *engine.Engine) error { return c.remind(ctx, e) }) // else the next look reminds
}

// tellOverdue notifies of each sandbox whose last good backup is too old, once for one cause.
func (c *Controller) tellOverdue(ctx context.Context) {
	var overdue []engine.Plan
	err := c.with(ctx, voice{}, func(e *engine.Engine) (err error) {
		if e.HasVault() && ctx.Err() == nil {
			overdue, err = e.NewlyOverdue(ctx)
		}
		return err
	})
	if err != nil {
		return // reload says what is wrong with the history
	}
	for _, p := range overdue {
		text := lang.L("There is no good backup yet.")
		if !p.Good.IsZero() {
			text = lang.L("Its last good backup began {{.When}}.", values{"When": views.Moment(p.Good.Local())})
		}
		c.ui.NotifyAt(lang.L("The backup of {{.Name}} is overdue", values{"Name": p.Sandbox}), text, views.Place{Sandbox: p.Sandbox})
	}
}

// unattended runs one job and waits for its end. That it went well is notified where a person
// wants to hear of that too.
func (c *Controller) unattended(ctx context.Context, kind runKind, sandbox, title string, work func(context.Context, *engine.Engine) error) {
	ended := c.startOf(kind, sandbox, title, func(ctx context.Context, report func(backup.Progress)) error {
		return c.with(ctx, voice{report: report}, func(e *engine.Engine) error {
			err := work(ctx, e)
			if err == nil && e.Desktop().Notify == config.NotifyAll {
				c.ui.NotifyAt(lang.L("{{.What}}: done", values{"What": title}), "", views.Place{Sandbox: sandbox})
			}
			return err
		})
	})
	if ended == nil {
		return // it is being worked on; the next look decides again
	}
	select {
	case <-ended:
	case <-ctx.Done():
	}
}
