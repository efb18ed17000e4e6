package controller

import (
	"context"

	"fyne.io/fyne/v2/lang"

	"holdfast/app/engine"
	"holdfast/views"
)

// ProveCopy restores a copy's newest backup of a sandbox into a scratch database, compares it, and drops it.
func (c *Controller) ProveCopy(name, sandbox string) {
	title := lang.L("Restore drill from the copy {{.Name}}", values{"Name": name})
	c.job(aboutCopies+name, title, lang.L("Prove it"), func(ctx context.Context, e *engine.Engine) error {
		drilled, err := e.DrillOffsite(ctx, name, sandbox)
		if err == nil {
			text := lang.L("The backup of {{.Sandbox}} from {{.When}} was restored from it, and everything is equal.", values{"Sandbox": sandbox, "When": views.Moment(drilled.Started.Local())})
			c.ui.NotifyAt(title, text, views.Place{Section: views.SectionOffsite})
		}
		return err
	})
}

func copyTrial(t *engine.CopyTrial) *views.CopyTrial {
	if t == nil {
		return nil
	}
	return &views.CopyTrial{At: t.At, Verdict: t.Verdict, Sandbox: t.Sandbox, Problem: t.Error}
}
