package controller

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"holdfast/app/engine"
	"holdfast/app/secret"
	"holdfast/backup"
	"holdfast/views"
)

// Refresh reads everything again.
func (c *Controller) Refresh() { go c.reload() }

// BackUp takes a backup.
func (c *Controller) BackUp(sandbox, note string) {
	c.start(sandbox, "Backing up "+sandbox, func(ctx context.Context, report func(backup.Progress)) error {
		return c.with(ctx, report, nil, func(e *engine.Engine) error {
			_, err := e.CreateBackup(ctx, sandbox, note, 0)
			return err
		})
	})
}

// Cancel ends the job of a sandbox.
func (c *Controller) Cancel(sandbox string) {
	c.mu.Lock()
	if j := c.jobs[sandbox]; j != nil {
		j.busy.Stopping = true
		j.stop()
	}
	c.mu.Unlock()
	c.show()
}

// Choose shows the details of a backup.
func (c *Controller) Choose(sandbox string, id backup.ID) {
	c.mu.Lock()
	c.chosen[sandbox] = id
	c.mu.Unlock()
	go c.reload()
}

// Restore brings a backup back, behind the gate.
func (c *Controller) Restore(sandbox string, id backup.ID) {
	c.gated(sandbox, "Restoring "+sandbox, c.replaceWords(sandbox, id), func(ctx context.Context, e *engine.Engine) error {
		rec, err := e.Restore(ctx, engine.RestoreRequest{Ref: string(id)})
		if err == nil {
			c.ui.Notify("Restored "+sandbox, "What was there before is kept as "+rec.Replaced+".")
		}
		return err
	})
}

// replaceWords names what the gate's button does: "Replace shop with 14 June 09:00".
func (c *Controller) replaceWords(sandbox string, id backup.ID) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, b := range c.state.Sandboxes {
		for _, k := range b.Backups {
			if b.Name == sandbox && k.ID == id {
				return fmt.Sprintf("Replace %s with %s", sandbox, k.Started.Local().Format("2 January 15:04"))
			}
		}
	}
	return "Replace " + sandbox
}

// Undo swaps back what a restore replaced, behind the gate.
func (c *Controller) Undo(sandbox string, restore backup.ID) {
	c.gated(sandbox, "Undoing the restore of "+sandbox, "Undo the restore", func(ctx context.Context, e *engine.Engine) error {
		_, err := e.Undo(ctx, string(restore), false, 0)
		return err
	})
}

// Delete removes a backup, behind the gate.
func (c *Controller) Delete(sandbox string, id backup.ID) {
	c.gated(sandbox, "Deleting a backup of "+sandbox, "Delete the backup", func(ctx context.Context, e *engine.Engine) error {
		_, _, err := e.DeleteBackup(ctx, string(id), 0)
		return err
	})
}

// Verify reads every byte of a backup.
func (c *Controller) Verify(sandbox string, id backup.ID) {
	c.start(sandbox, "Verifying a backup of "+sandbox, func(ctx context.Context, report func(backup.Progress)) error {
		return c.with(ctx, report, nil, func(e *engine.Engine) error {
			_, err := e.VerifyBackup(ctx, string(id), false, 0)
			return err
		})
	})
}

// gated is a job that the gate asks about; a wrong passphrase may be typed again.
func (c *Controller) gated(sandbox, title, verb string, work func(context.Context, *engine.Engine) error) {
	c.start(sandbox, title, func(ctx context.Context, report func(backup.Progress)) error {
		c.asking.Lock()
		trouble := ""
		answered := sync.OnceFunc(func() { // once: afterwards the prompt is another job's
			c.ui.Ask(nil)
			c.asking.Unlock()
		})
		defer answered()
		approve := func(ctx context.Context, p backup.Prompt) (string, error) { return c.ask(ctx, p, verb, trouble) }
		watched := func(p backup.Progress) {
			answered()
			report(p)
		}
		for {
			err := c.with(ctx, watched, approve, func(e *engine.Engine) error { return work(ctx, e) })
			if !errors.Is(err, secret.ErrWrong) {
				return err
			}
			trouble = "That is not the approval passphrase. Try again."
		}
	})
}

// ask shows the prompt and waits for the answer.
func (c *Controller) ask(ctx context.Context, p backup.Prompt, verb, trouble string) (string, error) {
	answer := make(chan string, 1)
	c.mu.Lock()
	c.answer = answer
	c.mu.Unlock()
	c.ui.Ask(&views.Question{Prompt: p, Verb: verb, Trouble: trouble})
	select {
	case typed := <-answer:
		if typed == "" {
			return "", &backup.Error{Kind: backup.Cancelled, Text: "not approved; nothing was touched"}
		}
		return typed, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// Approve answers the prompt.
func (c *Controller) Approve(passphrase string) { c.reply(passphrase) }

// Decline closes the prompt; nothing is touched.
func (c *Controller) Decline() { c.reply("") }

func (c *Controller) reply(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.answer != nil {
		c.answer <- text
		c.answer = nil
	}
}

// Snooze keeps a reminder away for a week.
func (c *Controller) Snooze(reminder string) {
	go func() {
		err := c.with(c.life, nil, nil, func(e *engine.Engine) error { return e.Snooze(c.life, engine.Reminder(reminder)) })
		if err != nil {
			c.ui.Notify("The reminder stays", backup.AsError(err).Error())
		}
		c.reload()
	}()
}
