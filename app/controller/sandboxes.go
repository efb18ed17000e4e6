package controller

import (
	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/views"
)

// TrySandbox tries the connection of a new sandbox.
func (c *Controller) TrySandbox(name, url, password string) {
	go func() {
		err := c.with(c.life, voice{}, func(e *engine.Engine) error {
			s, put, err := newSandbox(e, name, url, password)
			if err != nil {
				return err
			}
			return e.TrySandbox(c.life, s, put)
		})
		c.ui.Attempt(views.Attempt{OK: err == nil, Problem: backup.FaultOf(err)})
	}()
}

// AddSandbox adds a sandbox, shows it and takes its first backup.
func (c *Controller) AddSandbox(name, url, password string) {
	go func() {
		err := c.with(c.life, voice{}, func(e *engine.Engine) error {
			s, put, err := newSandbox(e, name, url, password)
			if err == nil {
				_, err = e.AddSandbox(c.life, s, put)
			}
			return err
		})
		c.ui.Attempt(views.Attempt{OK: err == nil, Problem: backup.FaultOf(err)})
		if err != nil {
			return
		}
		c.reload()
		c.ui.Added(name)
		c.BackUp(name, "")
	}()
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
