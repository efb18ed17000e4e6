package controller

import (
	"slices"
	"time"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/platform"
	"holdfast/views"
)

// reload reads everything again and shows it.
func (c *Controller) reload() {
	var next views.State
	err := c.with(c.life, nil, nil, func(e *engine.Engine) error {
		if !e.HasVault() {
			return c.readPlace(e)
		}
		if _, err := e.Recover(c.life); err != nil {
			return err
		}
		var err error
		next, err = c.read(e)
		return err
	})
	c.tell("", "Holdfast cannot read its history", err)
	if err != nil {
		return
	}
	c.mu.Lock()
	c.state = next
	c.mu.Unlock()
	c.show()
}

// readPlace looks at where the first start proposes the vault.
func (c *Controller) readPlace(e *engine.Engine) error {
	path := e.VaultPath()
	free, err := platform.Free(path)
	if err != nil {
		return err
	}
	same, err := e.SameDisk(path)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.setup.Path, c.setup.Free, c.setup.SameDisk = path, free, same
	return err
}

// read makes the State out of what the engine knows.
func (c *Controller) read(e *engine.Engine) (views.State, error) {
	s := views.State{Vault: e.VaultPath()}
	plans, err := e.Plans(c.life)
	if err != nil {
		return s, err
	}
	all, err := e.History(c.life, backup.Query{})
	if err != nil {
		return s, err
	}
	restores, err := e.Restores(c.life)
	if err != nil {
		return s, err
	}
	for i, sandbox := range e.Sandboxes() {
		b, err := c.readSandbox(e, sandbox, plans[i], all)
		if err != nil {
			return s, err
		}
		b.Undo = undoOf(sandbox.Name, restores)
		s.Sandboxes = append(s.Sandboxes, b)
	}
	s.SameDisk, err = e.SameDisk(s.Vault)
	if err != nil {
		return s, err
	}
	s.Reminders, err = c.reminders(e)
	return s, err
}

func (c *Controller) readSandbox(e *engine.Engine, sandbox backup.Sandbox, p engine.Plan, all []backup.Backup) (views.Sandbox, error) {
	b := views.Sandbox{Name: sandbox.Name, Next: p.Next, Due: p.Due, AllowRestore: !sandbox.NoRestore}
	for _, k := range all {
		if k.Sandbox == sandbox.Name {
			b.Backups = append(b.Backups, k)
		}
	}
	if newest, err := backup.Resolve("latest:"+sandbox.Name, b.Backups); err == nil {
		b.Last, b.LastVerdict = newest.Started, newest.Verdict
	}
	b.Health, b.Why = assess(b.Backups, p, c.now())
	c.mu.Lock()
	id := c.chosen[sandbox.Name]
	c.mu.Unlock()
	if !slices.ContainsFunc(b.Backups, func(k backup.Backup) bool { return k.ID == id }) {
		return b, nil
	}
	details, err := e.Backup(c.life, string(id))
	b.Details = details
	return b, err
}

// undoOf offers to undo the newest restore of a sandbox that can be undone.
func undoOf(sandbox string, restores []backup.Restore) *views.Undo {
	for _, r := range restores { // newest first
		if r.Sandbox != sandbox || r.Status != backup.StatusCompleted {
			continue
		}
		kept := r.Replaced != "" && !r.ReplacedGone
		if r.UndoOf != "" || !kept && r.PreRestore == "" {
			return nil
		}
		return &views.Undo{Restore: r.ID, At: r.Finished}
	}
	return nil
}

func (c *Controller) reminders(e *engine.Engine) ([]views.Reminder, error) {
	due, err := e.Reminders(c.life)
	var list []views.Reminder
	for _, r := range due {
		list = append(list, reminderText(r))
	}
	return list, err
}

func reminderText(r engine.Reminder) views.Reminder {
	v := views.Reminder{Key: string(r)}
	switch r {
	case engine.RemindGit:
		v.Title, v.Text = "Push your code to git", "Holdfast keeps databases. Code that is not pushed is only on this machine, and a restore does not rewind it."
	case engine.RemindSecrets:
		v.Title, v.Text = "Keep secrets in a password manager", "Files like .env are not in any backup here. Keep what they hold in a password manager, and the recovery key too."
	case engine.RemindOffsite:
		v.Title, v.Text = "Copy the vault to another place", "A lost disk loses the database and the vault together. Copy the vault's folder to another disk; the copy is useless without the recovery key."
	}
	return v
}

// show puts what runs over what was read, and shows it.
func (c *Controller) show() {
	c.mu.Lock()
	s := c.state
	s.Now, s.Zone = c.now(), time.Local
	if s.Vault == "" && c.setup.Path != "" || c.setup.Key != "" || c.setup.Busy {
		setup := c.setup
		s.Setup = &setup
	}
	s.Sandboxes = slices.Clone(s.Sandboxes)
	for i := range s.Sandboxes {
		b := &s.Sandboxes[i]
		b.Problem = c.problems[b.Name]
		if j := c.jobs[b.Name]; j != nil {
			busy := j.busy
			b.Busy = &busy
		}
	}
	c.mu.Unlock()
	c.ui.Show(s)
}
