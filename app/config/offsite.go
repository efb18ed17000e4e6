package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"holdfast/backup"
	"holdfast/backup/vault/mirror"
)

// Offsite is one place where a copy of the vault is kept. Its secret is elsewhere.
type Offsite struct {
	Name string `toml:"name"`
	mirror.Place

	Limit       int64     `toml:"limit,omitempty"`
	KeepRemoved Duration  `toml:"keep_removed,omitempty"`
	Lock        Duration  `toml:"lock,omitempty"` // s3: how long nobody can change or delete what is sent
	Added       time.Time `toml:"added"`
}

// Lag is how long the copy keeps what the vault removed.
func (o Offsite) Lag() time.Duration {
	if o.KeepRemoved == 0 {
		return mirror.DefaultLag
	}
	return time.Duration(o.KeepRemoved)
}

// ValidateOffsiteName checks a place's name, which is also used in file names.
func ValidateOffsiteName(name string) error {
	if err := backup.ValidateName("place", name); err != nil {
		return err
	}
	if strings.ContainsAny(name, `/\: `) || strings.HasPrefix(name, "-") || strings.HasPrefix(name, ".") {
		return backup.Errorf(backup.Usage, "Use letters, digits, - and _, starting with a letter or a digit.",
			"%q is no name for a place: it has a space, / \\ or :, or starts with - or a dot", name)
	}
	return nil
}

func (c *Config) checkOffsite() error {
	seen := map[string]bool{}
	for i, o := range c.Offsite {
		if err := ValidateOffsiteName(o.Name); err != nil {
			return about(i, "offsite.name", err)
		}
		if seen[o.Name] {
			return about(i, "offsite.name", fmt.Errorf("two off-site places have the name %q", o.Name))
		}
		seen[o.Name] = true
		if _, err := o.Check(); err != nil {
			return about(i, "offsite.kind", fmt.Errorf("the off-site place %q: %w", o.Name, err))
		}
		if o.Limit < 0 || o.KeepRemoved < 0 || o.Lock < 0 {
			return about(i, "offsite.limit", fmt.Errorf("the off-site place %q: limit, keep_removed and lock cannot be below 0", o.Name))
		}
	}
	return nil
}

// FindOffsite finds a place by its name.
func (c *Config) FindOffsite(name string) (Offsite, error) {
	i := slices.IndexFunc(c.Offsite, func(o Offsite) bool { return o.Name == name })
	if i >= 0 {
		return c.Offsite[i], nil
	}
	names := make([]string, len(c.Offsite))
	for i, o := range c.Offsite {
		names[i] = o.Name
	}
	hint := "Add one: holdfast offsite add NAME folder --path DIR"
	if len(names) > 0 {
		hint = backup.Meant(name, names, "These are there: "+strings.Join(names, ", "))
	}
	return Offsite{}, backup.Errorf(backup.Usage, hint, "there is no off-site place %q", name)
}

// RemoveOffsite takes a place out.
func (c *Config) RemoveOffsite(name string) {
	c.Offsite = slices.DeleteFunc(c.Offsite, func(o Offsite) bool { return o.Name == name })
}
