package controller

import (
	"context"

	"fyne.io/fyne/v2/lang"

	"holdfast/app/engine"
	"holdfast/backup"
)

// followOffsite starts bringing up to date the off-site copies that are behind. It does not wait for
// them: a first copy takes hours, in which backups go on.
func (c *Controller) followOffsite(ctx context.Context) {
	var due []string
	err := c.with(ctx, voice{}, func(e *engine.Engine) error {
		var err error
		due, err = e.DueOffsite(ctx)
		return err
	})
	if err != nil {
		return // reload says what is wrong with the catalog
	}
	for _, name := range due {
		// No sandbox has a colon in its name.
		c.start("offsite:"+name, lang.L("Off-site copy {{.Name}}", values{"Name": name}), func(ctx context.Context, report func(backup.Progress)) error {
			return c.with(ctx, voice{report: report}, func(e *engine.Engine) error { return syncOne(ctx, e, name) })
		})
	}
}

// syncOne brings one copy up to date, unless another process is at it.
func syncOne(ctx context.Context, e *engine.Engine, name string) error {
	done, err := e.SyncOffsite(ctx, name, 0)
	for _, s := range done {
		if backup.KindOf(s.Err) != backup.Busy {
			err = s.Err
		}
	}
	return err
}
