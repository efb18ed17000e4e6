package controller

import (
	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/views"
)

// TrySandbox tries the connection of a new sandbox.
func (c *Controller) TrySandbox(name, url, password string) {
	go func() {
		asks, err := c.trySandbox(name, url, password)
		c.ui.Attempt(views.Attempt{OK: err == nil, Asks: asks, Problem: backup.FaultOf(err)})
	}()
}

// trySandbox tries a connection, and gives the tables there that a person may want to leave out.
func (c *Controller) trySandbox(name, url, password string) (asks []string, err error) {
	err = c.with(c.life, voice{}, func(e *engine.Engine) error {
		s, put, err := newSandbox(e, name, url, password)
		if err == nil {
			err = e.TrySandbox(c.life, s, put)
		}
		if err != nil {
			return err
		}
		asks, _ = e.OperationalTables(c.life, s, put) // they can be left out later too
		return nil
	})
	return asks, err
}

// AddSandbox adds a sandbox, shows it and takes its first backup. Where there are tables that programs
// write for themselves, it asks about them instead.
func (c *Controller) AddSandbox(name, url, password string) {
	go func() {
		if asks, err := c.trySandbox(name, url, password); err == nil && len(asks) > 0 {
			c.ui.Attempt(views.Attempt{OK: true, Asks: asks})
			return
		}
		c.AddWithout(name, url, password, nil)
	}()
}

// AddWithout is AddSandbox for one whose backups have no rows of some tables.
func (c *Controller) AddWithout(name, url, password string, leaveOut []string) {
	go func() {
		err := c.with(c.life, voice{}, func(e *engine.Engine) error {
			s, put, err := newSandbox(e, name, url, password)
			if err == nil {
				s.ExcludeTables = leaveOut
				_, err = e.AddSandbox(c.life, s, put)
			}
			return err
		})
		c.welcome(name, err)
	}()
}

// welcome shows what came of adding a sandbox, and takes its first backup.
func (c *Controller) welcome(name string, err error) {
	c.ui.Attempt(views.Attempt{OK: err == nil, Problem: backup.FaultOf(err)})
	if err != nil {
		return
	}
	c.reload()
	c.ui.Added(name)
	c.BackUp(name, "")
}

func newSandbox(e *engine.Engine, name, url, password string) (backup.Sandbox, engine.PutSandbox, error) {
	s, put := backup.Sandbox{Name: name}, engine.PutSandbox{Test: true}
	if err := backup.ValidateSandboxName(name); err != nil {
		return s, put, err
	}
	if _, err := e.ParseDSN(url, &s, &put); err != nil {
		return s, put, err
	}
	if password != "" {
		put.Password = password
	}
	return s, put, nil
}

// AddFolders adds a sandbox of folders alone, shows it and takes its first backup.
func (c *Controller) AddFolders(name string, folders, exclude []string) {
	go func() {
		err := c.with(c.life, voice{}, func(e *engine.Engine) error {
			paths, err := engine.MediaPaths(folders)
			if err == nil {
				_, err = e.AddSandbox(c.life, backup.Sandbox{Name: name, FoldersOnly: true, Media: paths, MediaExclude: exclude}, engine.PutSandbox{})
			}
			return err
		})
		c.welcome(name, err)
	}()
}
