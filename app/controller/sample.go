package controller

import (
	"context"

	"fyne.io/fyne/v2/lang"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/views"
)

// aboutSample is what the job and the problem of the sample are kept under. No sandbox has a colon in
// its name.
const aboutSample = "sample:"

// StartSample makes the sample sandbox, and takes its first backup.
func (c *Controller) StartSample() {
	name := ""
	ended := c.start(aboutSample, lang.L("Making the sample sandbox"), func(ctx context.Context, report func(backup.Progress)) error {
		return c.approved(ctx, lang.L("Start a sample sandbox"), report, func(ctx context.Context, e *engine.Engine) error {
			s, err := e.StartSample(ctx, false)
			if err == nil {
				err = c.holdSample(e)
			}
			name = s.Name
			return err
		})
	})
	if ended == nil {
		return
	}
	c.running.Add(1)
	go func() {
		defer c.running.Done()
		<-ended
		c.mu.Lock()
		failed := c.problems[aboutSample] != nil
		c.mu.Unlock()
		if !failed && name != "" && c.life.Err() == nil {
			c.BackUp(name, "")
			c.ui.Added(name)
		}
	}()
}

// RemoveSample stops the sample's server, deletes its data and takes its sandbox out; with backups these
// go too, once a person approved.
func (c *Controller) RemoveSample(backups bool) {
	c.start(aboutSample, lang.L("Removing the sample sandbox"), func(ctx context.Context, report func(backup.Progress)) error {
		return c.approved(ctx, lang.L("Remove the sample"), report, func(ctx context.Context, e *engine.Engine) error {
			_, err := e.RemoveSample(ctx, engine.RemoveSample{Backups: backups})
			return err
		})
	})
}

// holdSample keeps the sample's server running as long as the program runs.
func (c *Controller) holdSample(e *engine.Engine) error {
	s, there := e.Sample()
	c.mu.Lock()
	if !there {
		c.held = "" // what was held is gone
	}
	begin := there && c.held != s.Connection.Host
	if begin {
		c.held = s.Connection.Host
	}
	c.mu.Unlock()
	if !begin {
		return nil
	}
	end, err := e.HoldSample(c.life)
	if err != nil || end == nil {
		return err // the first run tries again
	}
	c.running.Add(1)
	go func() {
		defer c.running.Done()
		<-c.life.Done()
		_ = end(context.Background()) // one that does not end is found again by the next start
	}()
	return nil
}

// overlaySample puts what is made of the sample now over what was read.
func (c *Controller) overlaySample(s *views.State) {
	s.Sample.Problem = c.problems[aboutSample]
	if j := c.jobs[aboutSample]; j != nil {
		busy := j.busy
		s.Sample.Busy = &busy
	}
}
