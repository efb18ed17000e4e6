package config

import (
	"bytes"
	"net/url"
	"slices"
	"strings"

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

// Exported gives the configuration as text for another machine: of the addresses that are told only
// the host, for the rest of one is what lets anybody in.
func (c *Config) Exported() ([]byte, error) {
	r := *c
	r.Tell = Tell{Webhook: hostOf(c.Tell.Webhook), Ping: hostOf(c.Tell.Ping)}
	return r.whole()
}

// hostOf gives an address without what may be secret; one that is no more than its host stays.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return hidden
	}
	host := url.URL{Scheme: u.Scheme, Host: u.Host}
	if text := host.String(); address == text || address == text+"/" {
		return address
	}
	return host.String() + "/" + hidden
}

// KeepHidden puts the addresses of old in the place of those that were left out of an export. missing
// are the keys of those that old has not: they are empty.
func (c *Config) KeepHidden(old *Config) (missing []string) {
	for _, one := range []struct {
		key     string
		address *string
		own     string
	}{{"tell.webhook", &c.Tell.Webhook, old.Tell.Webhook}, {"tell.ping", &c.Tell.Ping, old.Tell.Ping}} {
		if !strings.HasSuffix(*one.address, "/"+hidden) {
			continue
		}
		if *one.address = one.own; one.own == "" {
			missing = append(missing, one.key)
		}
	}
	return missing
}
