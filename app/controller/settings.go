package controller

import (
	"context"
	"slices"

	"fyne.io/fyne/v2/lang"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/backup/plan"
	"holdfast/views"
)

// SetPolicy changes what the gate says about an action.
func (c *Controller) SetPolicy(sandbox string, a backup.Action, d backup.Decision) {
	c.edit(sandbox, lang.L("Change the gate"), func(ctx context.Context, e *engine.Engine) error { return e.SetPolicy(ctx, sandbox, a, d) })
}

// ResetGate gives every sandbox the default policy and ends all tokens.
func (c *Controller) ResetGate(sandbox string) {
	c.edit(sandbox, lang.L("Reset the gate"), func(ctx context.Context, e *engine.Engine) error { return e.ResetGate(ctx) })
}

// Revoke ends a token.
func (c *Controller) Revoke(sandbox, token string) {
	c.edit(sandbox, lang.L("Revoke the token"), func(ctx context.Context, e *engine.Engine) error {
		_, err := e.RevokeToken(ctx, token)
		return err
	})
}

// AllowRestore switches restores into a sandbox.
func (c *Controller) AllowRestore(sandbox string, yes bool) {
	c.edit(sandbox, lang.L("Change the sandbox"), func(ctx context.Context, e *engine.Engine) error {
		s, err := e.Sandbox(sandbox)
		if err != nil {
			return err
		}
		s.NoRestore = !yes
		_, err = e.EditSandbox(ctx, s, engine.PutSandbox{})
		return err
	})
}

// SetDrill switches the monthly restore drill.
func (c *Controller) SetDrill(sandbox string, on bool) {
	c.edit(sandbox, lang.L("Change the sandbox"), func(ctx context.Context, e *engine.Engine) error { return e.SetDrill(ctx, sandbox, on) })
}

// TryConnection tries the connection of a sandbox as it was edited.
func (c *Controller) TryConnection(edited backup.Sandbox, password string) {
	go func() {
		err := c.with(c.life, voice{}, func(e *engine.Engine) error {
			return e.TrySandbox(c.life, edited, engine.PutSandbox{Password: password})
		})
		c.ui.Attempt(views.Attempt{Sandbox: edited.Name, OK: err == nil, Problem: backup.FaultOf(err)})
	}()
}

// SaveSandbox keeps a sandbox as it was edited. A connection that changed is tried first. The
// switch for restores stays as it is: it is not on that page.
func (c *Controller) SaveSandbox(edited backup.Sandbox, password string) {
	c.running.Add(1)
	go func() {
		defer c.running.Done()
		err := c.approved(c.life, lang.L("Change the sandbox"), nil, func(ctx context.Context, e *engine.Engine) error {
			old, err := e.Sandbox(edited.Name)
			if err != nil {
				return err
			}
			edited.NoRestore = old.NoRestore
			moved := !sameServer(old.Connection, edited.Connection) || password != ""
			_, err = e.EditSandbox(ctx, edited, engine.PutSandbox{Password: password, Test: moved})
			return err
		})
		c.reload()
		c.ui.Attempt(views.Attempt{Sandbox: edited.Name, Saved: true, OK: err == nil, Problem: backup.FaultOf(err)})
	}()
}

func sameServer(a, b backup.Connection) bool {
	return a.Host == b.Host && a.Port == b.Port && a.Database == b.Database && a.User == b.User && a.Container == b.Container
}

// RemoveSandbox takes a sandbox out; its backups stay in the vault.
func (c *Controller) RemoveSandbox(sandbox string) {
	c.edit(sandbox, lang.L("Remove the sandbox"), func(ctx context.Context, e *engine.Engine) error { return e.RemoveSandbox(ctx, sandbox) })
}

// DraftSchedule says what a schedule would mean; "" ends the draft.
func (c *Controller) DraftSchedule(sandbox, text string) {
	var d *views.Draft
	if text != "" {
		d = &views.Draft{Text: text}
		schedule, err := plan.Parse(text)
		d.Problem = backup.FaultOf(err)
		if err == nil {
			d.Words, d.Next = schedule.Words(), schedule.NextN(nextRuns, c.now())
		}
	}
	c.mu.Lock()
	c.drafts[sandbox] = d
	c.mu.Unlock()
	c.show()
}

// SetSchedule changes when a sandbox is backed up by itself.
func (c *Controller) SetSchedule(sandbox, text string) {
	c.edit(sandbox, lang.L("Change the schedule"), func(ctx context.Context, e *engine.Engine) error {
		schedule, err := plan.Parse(text)
		if err != nil {
			return err
		}
		return e.SetSchedule(ctx, sandbox, schedule)
	})
}

// PreviewRetention says what rules would do with the backups that there are.
func (c *Controller) PreviewRetention(sandbox string, rules backup.RetentionRules) {
	go func() {
		p := &views.Preview{Rules: rules}
		p.Problem = backup.FaultOf(c.with(c.life, voice{}, func(e *engine.Engine) error {
			fates, err := e.PreviewRetention(c.life, sandbox, rules)
			p.Fates = slices.Clone(fates)
			return err
		}))
		c.mu.Lock()
		c.previews[sandbox] = p
		c.mu.Unlock()
		c.show()
	}()
}

// SetRetention changes what a sandbox keeps. Nothing is pruned before the next completed run.
func (c *Controller) SetRetention(sandbox string, rules backup.RetentionRules) {
	c.edit(sandbox, lang.L("Change what is kept"), func(ctx context.Context, e *engine.Engine) error { return e.SetRetention(ctx, sandbox, rules) })
}
