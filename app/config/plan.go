package config

import (
	"holdfast/backup"
	"holdfast/backup/plan"
)

// SetSchedule changes when a sandbox is backed up.
func (c *Config) SetSchedule(name string, s plan.Schedule) error {
	i := c.index(name)
	if i < 0 {
		return c.unknown(name)
	}
	c.Sandboxes[i].Schedule = s
	return nil
}

// Rules gives what a sandbox keeps; for one that is not there, what is kept by default.
func (c *Config) Rules(name string) backup.RetentionRules {
	i := c.index(name)
	if i < 0 || c.Sandboxes[i].Keep == nil {
		return backup.DefaultRetention()
	}
	k := c.Sandboxes[i].Keep
	return backup.RetentionRules{Scheduled: k.Scheduled, OnDemand: k.OnDemand, PreRestore: k.PreRestore}
}

// SetRules changes what a sandbox keeps.
func (c *Config) SetRules(name string, r backup.RetentionRules) error {
	i := c.index(name)
	if i < 0 {
		return c.unknown(name)
	}
	c.Sandboxes[i].Keep = &Keep{Scheduled: r.Scheduled, OnDemand: r.OnDemand, PreRestore: r.PreRestore}
	return nil
}

// DownloadsOf gives what is written into a folder for a sandbox; nil for nothing.
func (c *Config) DownloadsOf(name string) *Downloads {
	i := c.index(name)
	if i < 0 {
		return nil
	}
	return c.Sandboxes[i].Downloads
}

// SetDownloads changes what is written into a folder for a sandbox; nil ends it.
func (c *Config) SetDownloads(name string, d *Downloads) error {
	i := c.index(name)
	if i < 0 {
		return c.unknown(name)
	}
	c.Sandboxes[i].Downloads = d
	return nil
}

// SetDrill switches the monthly restore drill of a sandbox.
func (c *Config) SetDrill(name string, on bool) error {
	i := c.index(name)
	if i < 0 {
		return c.unknown(name)
	}
	c.Sandboxes[i].NoDrill = !on
	return nil
}

// SetScheduledWhat changes what scheduled runs of a sandbox take.
func (c *Config) SetScheduledWhat(name string, what backup.Scope) error {
	i := c.index(name)
	if i < 0 {
		return c.unknown(name)
	}
	c.Sandboxes[i].ScheduledWhat = what
	return nil
}
