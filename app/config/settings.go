package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Run says when nothing runs by itself.
type Run struct {
	MainsOnly bool `toml:"only_on_mains"` // not while the machine runs on its battery
}

// Desktop is how the window looks and what it says.
type Desktop struct {
	Theme    string  `toml:"theme,omitempty"`    // one of themes; "" is the first
	Language string  `toml:"language,omitempty"` // one of languages; "" is the first
	Scale    float32 `toml:"scale,omitzero"`     // 1.5 is half as large again; 0 follows the desktop
	Notify   string  `toml:"notify,omitempty"`   // one of notices; "" is the first
}

// themes are the colours of the window, the default first.
func themes() []string { return []string{"system", "light", "dark"} }

// languages are those of the window, the default first.
func languages() []string { return []string{"system", "en", "de"} }

// notices are what is notified, the default first.
func notices() []string { return []string{"failures", NotifyAll} }

// NotifyAll notifies of runs that went well too.
const NotifyAll = "all"

// The bounds of a scale, and of the number of workers.
const (
	leastScale  = 0.5
	mostScale   = 4
	mostWorkers = 32
)

// Setting is one value that a person may set by its key, as text.
type Setting struct {
	Key     string
	Means   string
	Choices []string // empty: any number, or any text
	get     func(*Config) string
	set     func(*Config, string) error
}

// Get gives its value.
func (s Setting) Get(c *Config) string { return s.get(c) }

// Set changes it, after checking the value.
func (s Setting) Set(c *Config, value string) error {
	if len(s.Choices) > 0 && !slices.Contains(s.Choices, value) {
		return fmt.Errorf("it is one of: %s", strings.Join(s.Choices, ", "))
	}
	return s.set(c, value)
}

// Settings gives all that can be set by a key, in the order in which people read them.
func Settings() []Setting {
	yesNo := []string{"true", "false"}
	return []Setting{
		oneOf("desktop.theme", "colours of the window", themes(), func(c *Config) *string { return &c.Desktop.Theme }),
		oneOf("desktop.language", "language of the window, from its next start", languages(), func(c *Config) *string { return &c.Desktop.Language }),
		{Key: "desktop.scale", Means: "size of the window's text, from its next start; 0 follows the desktop", get: getScale, set: setScale},
		oneOf("desktop.notify", "notify of failures only, or of each run", notices(), func(c *Config) *string { return &c.Desktop.Notify }),
		{
			Key: "run.only_on_mains", Means: "run nothing by itself while on battery", Choices: yesNo,
			get: func(c *Config) string { return strconv.FormatBool(c.Run.MainsOnly) },
			set: func(c *Config, v string) error { c.Run.MainsOnly = v == "true"; return nil },
		},
		{Key: "engine.workers", Means: "connections that copy at the same time; 0 chooses", get: func(c *Config) string { return strconv.Itoa(c.Engine.Workers) }, set: setWorkers},
	}
}

// SettingOf finds a setting by its key.
func SettingOf(key string) (Setting, bool) {
	all := Settings()
	i := slices.IndexFunc(all, func(s Setting) bool { return s.Key == key })
	if i < 0 {
		return Setting{}, false
	}
	return all[i], true
}

func oneOf(key, means string, choices []string, at func(*Config) *string) Setting {
	return Setting{
		Key: key, Means: means, Choices: choices,
		get: func(c *Config) string {
			if v := *at(c); v != "" {
				return v
			}
			return choices[0]
		},
		set: func(c *Config, v string) error { *at(c) = v; return nil },
	}
}

func getScale(c *Config) string { return strconv.FormatFloat(float64(c.Desktop.Scale), 'g', 4, 32) }

func setScale(c *Config, value string) error {
	n, err := strconv.ParseFloat(value, 32)
	if err != nil || !validScale(float32(n)) {
		return fmt.Errorf("it is 0, or a number from %g to %g", leastScale, float64(mostScale))
	}
	c.Desktop.Scale = float32(n)
	return nil
}

func validScale(n float32) bool { return n == 0 || n >= leastScale && n <= mostScale }

func setWorkers(c *Config, value string) error {
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 || n > mostWorkers {
		return fmt.Errorf("it is a number from 0 to %d", mostWorkers)
	}
	c.Engine.Workers = n
	return nil
}

// checkSettings looks at what a person wrote into the file.
func (c *Config) checkSettings() error {
	for _, s := range Settings() {
		if value := s.Get(c); len(s.Choices) > 0 && !slices.Contains(s.Choices, value) {
			return about(-1, s.Key, fmt.Errorf("%s is %q; it is one of: %s", s.Key, value, strings.Join(s.Choices, ", ")))
		}
	}
	if !validScale(c.Desktop.Scale) {
		return about(-1, "desktop.scale", fmt.Errorf("desktop.scale is %s; it is 0, or a number from %g to %g", getScale(c), leastScale, float64(mostScale)))
	}
	return nil
}
