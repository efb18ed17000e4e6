package controller

import (
	"context"

	"fyne.io/fyne/v2/lang"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/views"
)

// aboutCopies is what problems and jobs of the Off-site page are kept under. No sandbox has a colon in
// its name.
const aboutCopies = "offsite:"

// readOffsite reads what the Off-site page shows.
func (c *Controller) readOffsite(e *engine.Engine) (*views.Offsite, error) {
	all, err := e.Offsites(c.life)
	o := &views.Offsite{}
	for _, one := range all {
		o.Copies = append(o.Copies, views.Copy{
			Name: one.Name, Where: one.Place.String(), SameDisk: e.OnVaultDisk(one.Place), Last: one.LastSuccess, Bytes: one.Bytes,
			Behind: one.State == engine.CopyBehind, NextTry: one.NextTry, Lock: one.Lock, Problem: one.LastError, Job: aboutCopies + one.Name,
			Drilled: copyTrial(one.Drilled), Checked: copyTrial(one.Checked),
		})
	}
	return o, err
}

// overlayOffsite puts over it what runs now.
func (c *Controller) overlayOffsite(s *views.State) {
	if s.Offsite == nil {
		return
	}
	with := *s.Offsite
	with.Copies = append([]views.Copy{}, s.Offsite.Copies...)
	with.Problem, with.Adding, with.Added = c.problems[aboutCopies], c.adding, c.added
	c.added = false
	for i := range with.Copies {
		one := &with.Copies[i]
		if j := c.jobs[one.Job]; j != nil {
			busy := j.busy
			one.Busy = &busy
		} else if p := c.problems[one.Job]; p != nil {
			one.Problem = p
		}
	}
	s.Offsite = &with
}

// AddCopy tries a place and keeps it, once a person approved; then the first copy begins.
func (c *Controller) AddCopy(to views.CopyPlace) {
	place, err := mirrorPlace(to)
	if err != nil {
		c.sayOffsite(err)
		return
	}
	req := engine.AddOffsite{Name: to.Name, Secret: to.Secret, Fingerprint: to.HostKey, Place: place}
	c.setAdding(true)
	c.editThen(aboutCopies, lang.L("Copy the vault there"), func(ctx context.Context, e *engine.Engine) error {
		place, err := req.Place.Check()
		if err != nil {
			return err
		}
		req.Place = place
		if _, err := e.AddOffsite(ctx, req); err != nil {
			return err
		}
		c.mu.Lock()
		c.added = true
		c.mu.Unlock()
		c.SyncCopy(req.Name)
		return nil
	}, func() { c.setAdding(false) })
}

func (c *Controller) setAdding(adding bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.adding = adding
}

// sayOffsite shows what is wrong with what was asked for.
func (c *Controller) sayOffsite(err error) {
	c.mu.Lock()
	c.problems[aboutCopies] = backup.FaultOf(err)
	c.mu.Unlock()
	engine.LogFault(err)
	c.show()
}

// SyncCopy brings a copy up to date.
func (c *Controller) SyncCopy(name string) {
	c.start(aboutCopies+name, lang.L("Off-site copy {{.Name}}", values{"Name": name}), func(ctx context.Context, report func(backup.Progress)) error {
		return c.with(ctx, voice{report: report}, func(e *engine.Engine) error { return syncOne(ctx, e, name) })
	})
}

// CheckCopy reads every byte of a copy.
func (c *Controller) CheckCopy(name string) {
	title := lang.L("Check of the copy {{.Name}}", values{"Name": name})
	c.start(aboutCopies+name, title, func(ctx context.Context, report func(backup.Progress)) error {
		return c.with(ctx, voice{report: report}, func(e *engine.Engine) error {
			tested, err := e.TestOffsite(ctx, name, true)
			if err == nil {
				c.ui.NotifyAt(title, lang.N("{{.N}} backups are there, every byte.", tested.Backups, values{"N": tested.Backups}), views.Place{Section: views.SectionOffsite})
			}
			return err
		})
	})
}

// RemoveCopy forgets a place, once a person approved. What is there stays.
func (c *Controller) RemoveCopy(name string) {
	c.edit(aboutCopies, lang.L("Forget the place {{.Name}}", values{"Name": name}), func(ctx context.Context, e *engine.Engine) error {
		return e.RemoveOffsite(ctx, name)
	})
}
