package config

import (
	"fmt"
	"slices"

	"holdfast/app/tell"
	"holdfast/backup"
)

// check says what of a configuration cannot be, and which key says it.
func (c *Config) check() error {
	for key, address := range map[string]string{"tell.webhook": c.Tell.Webhook, "tell.ping": c.Tell.Ping} {
		if address == "" {
			continue
		}
		if err := tell.CheckURL(address); err != nil {
			return about(-1, key, fmt.Errorf("%s cannot be used: %w", key, err))
		}
	}
	if err := c.checkSettings(); err != nil {
		return err
	}
	seen := map[string]bool{}
	for i := range c.Sandboxes {
		s := &c.Sandboxes[i]
		if key, err := s.check(); err != nil {
			return about(i, key, err)
		}
		if seen[s.Name] {
			return about(i, "sandbox.name", fmt.Errorf("two sandboxes have the name %q", s.Name))
		}
		seen[s.Name] = true
	}
	return c.checkOffsite()
}

// check says what of one sandbox cannot be, and which key says it.
func (s *Sandbox) check() (key string, err error) {
	if err := backup.ValidateSandboxName(s.Name); err != nil {
		return "sandbox.name", err
	}
	for _, secret := range []string{"password", "sslpassword"} {
		if _, ok := s.Params[secret]; ok {
			return "sandbox.params." + secret, fmt.Errorf("the sandbox %q has a %s; this file holds no passwords", s.Name, secret)
		}
	}
	if err := s.container().Validate(); err != nil {
		return "sandbox.container_engine", fmt.Errorf("the sandbox %q: %w", s.Name, err)
	}
	if !slices.Contains([]backup.Scope{"", backup.ScopeDatabase, backup.ScopeMedia, backup.ScopeBoth}, s.ScheduledWhat) {
		return "sandbox.scheduled_what", fmt.Errorf("the sandbox %q: scheduled_what is database, media or both, not %q", s.Name, s.ScheduledWhat)
	}
	if s.FoldersOnly && s.Database != "" {
		return "sandbox.folders_only", fmt.Errorf("the sandbox %q has folders only, and a database; take one of them out", s.Name)
	}
	if s.FoldersOnly && len(s.Media) == 0 {
		return "sandbox.folders_only", fmt.Errorf("the sandbox %q has folders only, and media names none", s.Name)
	}
	return "", nil
}
