package config

import (
	"bytes"
	"slices"

	"github.com/BurntSushi/toml"
)

// kept are the connection parameters whose values say nothing secret.
var kept = []string{"sslmode", "application_name", "connect_timeout", "target_session_attrs", "gssencmode"}

const hidden = "(set, not shown)"

// Redacted gives the configuration as text without what may hold a secret: addresses that are
// told, commands, and parameters that are not known to be harmless.
func (c *Config) Redacted() ([]byte, error) {
	r := *c
	hide(&r.Tell.Webhook)
	hide(&r.Tell.Ping)
	r.Sandboxes = slices.Clone(c.Sandboxes)
	for i := range r.Sandboxes {
		s := &r.Sandboxes[i]
		hide(&s.Before)
		hide(&s.After)
		params := map[string]string{}
		for name, value := range s.Params {
			if !slices.Contains(kept, name) {
				hide(&value)
			}
			params[name] = value
		}
		s.Params = params
	}
	var out bytes.Buffer
	err := toml.NewEncoder(&out).Encode(&r)
	return out.Bytes(), err
}

func hide(value *string) {
	if *value != "" {
		*value = hidden
	}
}
