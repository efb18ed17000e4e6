package controller

import (
	"context"
	"time"

	"fyne.io/fyne/v2/lang"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/views"
)

// Pause keeps everything from running by itself until a time.
func (c *Controller) Pause(until time.Time) {
	c.running.Go(func() {
		c.settle(lang.L("Pause backups"), func(ctx context.Context, e *engine.Engine) error { return e.Pause(ctx, until) })
	})
}

// Resume ends a pause, and catches up at once on what it kept from running.
func (c *Controller) Resume() {
	c.running.Go(func() {
		if c.settle(lang.L("Resume backups"), func(ctx context.Context, e *engine.Engine) error { return e.Resume(ctx) }) {
			c.RunDue(c.life)
		}
	})
}

// settle is a quick change that belongs to no sandbox; that it failed is notified.
func (c *Controller) settle(verb string, work func(context.Context, *engine.Engine) error) (done bool) {
	err := c.approved(c.life, verb, nil, work)
	if err != nil && backup.KindOf(err) != backup.Cancelled {
		c.ui.Notify(lang.L("{{.What}}: failed", values{"What": verb}), views.Message(err))
	}
	c.reload()
	return err == nil
}
