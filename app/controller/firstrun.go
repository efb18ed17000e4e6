package controller

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"

	"github.com/trustelem/zxcvbn"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/views"
)

// Discover looks for databases on this machine, and in a folder if one is named. What was found
// before in other folders is looked at again.
func (c *Controller) Discover(folder string) {
	c.mu.Lock()
	if folder != "" && !slices.Contains(c.folders, folder) {
		c.folders = append(c.folders, folder)
	}
	folders := slices.Clone(c.folders)
	begin := !c.discovering
	c.discovering = true
	c.mu.Unlock()
	if !begin {
		return
	}
	c.show()
	go func() {
		if home, err := os.UserHomeDir(); err == nil {
			folders = append(folders, home)
		}
		var all []engine.Discovered
		err := c.with(c.life, voice{}, func(e *engine.Engine) error {
			all = e.Discover(c.life, folders)
			e.FindOperational(c.life, all)
			return nil
		})
		c.mu.Lock()
		c.found, c.discovering = all, false
		c.mu.Unlock()
		c.tell("discovery", "", views.Place{}, err)
		c.show()
	}()
}

func foundView(all []engine.Discovered) []views.Found {
	var list []views.Found
	for _, d := range all {
		v := views.Found{Name: d.Name, Sandbox: d.Sandbox, Where: d.Connection.At(d.Connection.Database), Source: d.Source, Bytes: d.Bytes, Operational: d.Operational, Problem: backup.FaultOf(d.Problem)}
		if d.Version != "" {
			v.Version = "PostgreSQL " + d.Version
		}
		list = append(list, v)
	}
	return list
}

// AddFound makes sandboxes of databases that were found, and takes the first backup of each.
func (c *Controller) AddFound(chosen []views.Chosen) {
	go func() {
		added, err := c.addFound(chosen)
		c.ui.Attempt(views.Attempt{OK: err == nil, Problem: backup.FaultOf(err)})
		c.reload()
		c.first(added)
		if err == nil && len(added) > 0 {
			c.ui.Added(added[0].Name)
		}
	}()
}

func (c *Controller) addFound(chosen []views.Chosen) (added []backup.Sandbox, err error) {
	var list []engine.Discovered
	c.mu.Lock()
	for _, d := range c.found {
		if i := slices.IndexFunc(chosen, func(one views.Chosen) bool { return one.Name == d.Name }); i >= 0 {
			d.LeaveOut = chosen[i].LeaveOut
			list = append(list, d)
		}
	}
	c.mu.Unlock()
	err = c.with(c.life, voice{}, func(e *engine.Engine) error {
		var err error
		added, err = e.AddDiscovered(c.life, list)
		return err
	})
	return added, err
}

// first takes the first backups of new sandboxes.
func (c *Controller) first(added []backup.Sandbox) {
	for _, s := range added {
		c.BackUp(s.Name, "")
	}
}

// MakeVault makes the vault of the first start, sets the approval passphrase, and begins to protect
// the databases that were chosen, and the sample if it was.
func (c *Controller) MakeVault(path, passphrase string, databases []views.Chosen, sample bool) {
	c.begin(func(e *engine.Engine) (func(*views.Setup), error) {
		made, err := e.InitVault(c.life, engine.InitVault{Path: path, Shown: true, Kept: true, Passphrase: passphrase})
		return func(s *views.Setup) { s.Path, s.Key = made.Path, string(made.Key) }, err
	}, func() {
		added, err := c.addFound(databases)
		c.editSetup(func(s *views.Setup) { s.Problem = backup.FaultOf(err) })
		c.reload()
		c.first(added)
		if sample {
			c.StartSample()
		}
	})
}

func (c *Controller) setPassphrase(e *engine.Engine, passphrase string) error {
	if e.HasPassphrase() {
		return nil
	}
	return e.SetPassphrase(c.life, nil, func() (string, error) { return passphrase, nil })
}

// begin does a step of the first start, and what follows once it is done.
func (c *Controller) begin(step func(*engine.Engine) (func(*views.Setup), error), then func()) {
	c.editSetup(func(s *views.Setup) { s.Busy, s.Problem = true, nil })
	go func() {
		var done func(*views.Setup)
		err := c.with(c.life, voice{}, func(e *engine.Engine) (err error) {
			done, err = step(e)
			return err
		})
		c.editSetup(func(s *views.Setup) {
			s.Busy, s.Problem = false, backup.FaultOf(err)
			if err == nil {
				done(s)
			}
		})
		if err == nil {
			then()
		}
	}()
}

// SaveKit writes the recovery kit into a folder, under a name that is not taken.
func (c *Controller) SaveKit(folder string) {
	c.mu.Lock()
	key := c.setup.Key
	c.mu.Unlock()
	go func() {
		file := filepath.Join(folder, "holdfast-recovery-kit.pdf")
		err := c.with(c.life, voice{}, func(e *engine.Engine) error { return e.KeepKit(c.life, backup.RecoveryKey(key), file) })
		c.editSetup(func(s *views.Setup) {
			s.Problem = backup.FaultOf(err)
			if err == nil {
				s.Kit = file
			}
		})
	}()
}

// Strength says how hard a passphrase is to guess, from 0 to 4.
func (c *Controller) Strength(passphrase string) int {
	return zxcvbn.PasswordStrength(passphrase[:min(len(passphrase), longestMeasured)], nil).Score
}

// longestMeasured bounds what is measured, for it takes longer than the length: in bytes.
const longestMeasured = 72

// KeyKept ends the first start.
func (c *Controller) KeyKept() {
	c.editSetup(func(s *views.Setup) { s.Key, s.Kit, s.Again = "", "", false })
	go func() {
		_ = c.with(c.life, voice{}, func(e *engine.Engine) error { return e.KitKept(c.life) }) // else a reminder asks for it
		c.reload()
	}()
}

func (c *Controller) editSetup(edit func(*views.Setup)) {
	c.mu.Lock()
	edit(&c.setup)
	c.mu.Unlock()
	c.show()
}

// unknown names the sandboxes that the vault has backups of and this machine no connection for.
func unknown(history []backup.Backup, sandboxes []backup.Sandbox) []string {
	var names []string
	for _, b := range history {
		known := slices.ContainsFunc(sandboxes, func(s backup.Sandbox) bool { return s.Name == b.Sandbox })
		if b.Status == backup.StatusCompleted && !known && !slices.Contains(names, b.Sandbox) {
			names = append(names, b.Sandbox)
		}
	}
	slices.SortFunc(names, cmp.Compare[string])
	return names
}
