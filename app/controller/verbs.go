package controller

import (
	"context"
	"time"

	"fyne.io/fyne/v2/lang"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/views"
)

// Refresh reads everything again.
func (c *Controller) Refresh() { go c.reload() }

// Look says what the window shows, so that it is read.
func (c *Controller) Look(at views.Place) {
	c.mu.Lock()
	known := c.place == at
	c.place = at
	c.mu.Unlock()
	if !known {
		go c.reload()
	}
	if !known && at == (views.Place{Section: views.SectionReminders}) {
		c.scan()
	}
	if !known && at.Section == views.SectionUncovered {
		c.lookAround(at.Sandbox)
	}
}

// Choose shows the details of a backup.
func (c *Controller) Choose(sandbox string, id backup.ID) {
	c.mu.Lock()
	c.chosen[sandbox] = id
	c.mu.Unlock()
	go c.reload()
}

// Dismiss takes a problem off the screen.
func (c *Controller) Dismiss(sandbox string) {
	c.mu.Lock()
	delete(c.problems, sandbox)
	delete(c.unsaved, sandbox)
	delete(c.lacking, sandbox)
	c.mu.Unlock()
	c.show()
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

// queueTime is how long a backup that a person asked for waits for a vault that another run uses: of two
// that are begun at once, as at the first start, the second one follows the first.
const queueTime = 10 * time.Minute

// BackUp takes a backup.
func (c *Controller) BackUp(sandbox, note string) {
	c.jobOf(runBackup, sandbox, lang.L("Backing up {{.Name}}", values{"Name": sandbox}), lang.L("Back up now"), func(ctx context.Context, e *engine.Engine) error {
		_, err := e.SavePoint(ctx, sandbox, "", note, queueTime)
		return err
	})
}

// Verify reads every byte of a backup.
func (c *Controller) Verify(sandbox string, id backup.ID) {
	c.job(sandbox, lang.L("Verifying a backup of {{.Name}}", values{"Name": sandbox}), lang.L("Verify"), func(ctx context.Context, e *engine.Engine) error {
		_, err := e.VerifyBackup(ctx, string(id), false, 0)
		return err
	})
}

// Drill restores a backup into a scratch database, compares it, and drops it.
func (c *Controller) Drill(sandbox string, id backup.ID) {
	c.jobOf(runDrill, sandbox, lang.L("Trying a restore of {{.Name}}", values{"Name": sandbox}), lang.L("Try a restore"), func(ctx context.Context, e *engine.Engine) error {
		_, err := e.VerifyBackup(ctx, string(id), true, 0)
		return err
	})
}

// Delete removes a backup.
func (c *Controller) Delete(sandbox string, id backup.ID) {
	c.job(sandbox, lang.L("Deleting a backup of {{.Name}}", values{"Name": sandbox}), lang.L("Delete the backup"), func(ctx context.Context, e *engine.Engine) error {
		_, _, err := e.DeleteBackup(ctx, string(id), 0)
		return err
	})
}

// Pin keeps a backup from being pruned or deleted, or ends that.
func (c *Controller) Pin(sandbox string, id backup.ID, pinned bool) {
	verb := lang.L("Pin")
	if !pinned {
		verb = lang.L("Unpin")
	}
	c.edit(sandbox, verb, func(ctx context.Context, e *engine.Engine) error {
		_, err := e.PinBackup(ctx, string(id), pinned)
		return err
	})
}

// Note replaces a backup's note.
func (c *Controller) Note(sandbox string, id backup.ID, note string) {
	c.edit(sandbox, lang.L("Change the note"), func(ctx context.Context, e *engine.Engine) error {
		_, err := e.NoteBackup(ctx, string(id), note)
		return err
	})
}

// Acknowledge ends a data loss alarm.
func (c *Controller) Acknowledge(sandbox string) {
	c.edit(sandbox, lang.L("End the alarm"), func(ctx context.Context, e *engine.Engine) error {
		_, err := e.Acknowledge(ctx, sandbox)
		return err
	})
}
