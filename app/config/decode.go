package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"holdfast/backup"
)

// Parse reads a configuration from elsewhere. Keys that nothing knows are told in warning.
func Parse(text []byte) (c *Config, warning string, err error) {
	d, err := decode(text, time.Time{})
	if err == nil {
		return d.config, strings.Join(d.unknown, "; "), nil
	}
	hint := "Mend that line."
	if errors.As(err, new(newer)) {
		hint = "Import it with the newer Holdfast."
	}
	if errors.Is(err, errCutOff) {
		hint = "Copy the file again; or, if nothing is missing from it, add the line: " + endLine
	}
	return nil, "", &backup.Error{Kind: backup.Usage, Text: "the configuration has an error: " + err.Error(), Hint: hint, Err: err}
}

// decoded is what a text says.
type decoded struct {
	config  *Config
	version int      // that the text was written in
	unknown []string // keys that nothing knows, in words
}

// newer is the error about a file of a newer program.
type newer struct{ version int }

func (n newer) Error() string {
	return fmt.Sprintf("version is %d; this program reads up to version %d", n.version, Version)
}

// errCutOff is the error about a text of Holdfast's without its last line.
var errCutOff = errors.New("it is cut off: its last line is missing")

// decode reads a text that was last written at.
func decode(text []byte, at time.Time) (decoded, error) {
	if cutOff(string(text)) {
		return decoded{}, errCutOff
	}
	var head struct {
		Version int `toml:"version"`
	}
	if _, err := toml.Decode(string(text), &head); err != nil {
		return decoded{}, plainly(err)
	}
	if head.Version > Version {
		return decoded{}, newer{head.Version}
	}
	if head.Version < 1 {
		return decoded{}, fmt.Errorf("version is missing; the file must begin with: version = %d", Version)
	}
	d := decoded{config: &Config{}, version: head.Version}
	meta, err := toml.Decode(string(text), d.config)
	if err != nil {
		return decoded{}, plainly(err)
	}
	d.config.migrate(at)
	d.unknown = unknownKeys(text, meta.Undecoded())
	if err := d.config.check(); err != nil {
		return decoded{}, placed(string(text), err)
	}
	return d, nil
}

// plainly takes the parser's name away from its words, which name the line.
func plainly(err error) error { return errors.New(strings.TrimPrefix(err.Error(), "toml: ")) }

// migrate makes a configuration of an earlier version, last written at, one of this version.
func (c *Config) migrate(at time.Time) {
	if c.Version < 2 { // its sandboxes may lack added: they were there when it was written
		for i := range c.Sandboxes {
			if s := &c.Sandboxes[i]; s.Added.IsZero() {
				s.Added = at.UTC().Truncate(time.Second)
			}
		}
	}
	c.Version = Version
}

// unknownKeys says of each key that nothing knows where it is, and which was meant.
func unknownKeys(text []byte, keys []toml.Key) []string {
	var all, told []string
	for _, key := range keys {
		name := strings.Join(key, ".")
		if slices.ContainsFunc(told, func(t string) bool { return name == t || strings.HasPrefix(name, t+".") }) {
			continue // of a table that was told, or of another sandbox
		}
		told = append(told, name)
		line := place{nth: -1, key: name}.in(string(text))
		words := fmt.Sprintf("the configuration has a key that nothing knows, %q, without effect", name)
		if line > 0 {
			words = fmt.Sprintf("line %d of the configuration has a key that nothing knows, %q, without effect", line, name)
		}
		if near := backup.Nearest(name, knownNames()); near != "" {
			words += fmt.Sprintf("; did you mean %q?", near)
		}
		all = append(all, words)
	}
	return all
}

// knownNames gives all keys and tables.
func knownNames() []string {
	var names []string
	for _, k := range Keys() {
		for name := k.Name; name != ""; {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
			i := max(strings.LastIndex(name, "."), 0)
			name = name[:i]
		}
	}
	return names
}

// place is a key in the file: which table of a list it is in, from 0, and its whole name.
type place struct {
	nth int // -1: any
	key string
}

// misplaced is an error about a key.
type misplaced struct {
	place
	error
}

func (m misplaced) Unwrap() error { return m.error }

// about says which key err is about.
func about(nth int, key string, err error) error {
	if err == nil {
		return nil
	}
	return misplaced{place{nth, key}, err}
}

// placed puts the line before an error about a key, where it can be found.
func placed(text string, err error) error {
	m, ok := errors.AsType[misplaced](err)
	if !ok {
		return err
	}
	if line := m.in(text); line > 0 {
		return fmt.Errorf("line %d: %w", line, m.error)
	}
	return m.error
}

// in gives the number of the line in text that sets the key, or opens the table of that name; 0 is
// none. It reads what Holdfast writes, and what people do; not every text that TOML allows.
func (p place) in(text string) int {
	table, nth := "", map[string]int{}
	header := 0 // the line of the table of a list that was asked for
	root, _, _ := strings.Cut(p.key, ".")
	i := 0
	for line := range strings.Lines(text) {
		i++
		line, _, _ = strings.Cut(strings.TrimSpace(line), "#")
		line = strings.TrimSpace(line)
		if name, ok := tableName(line); ok {
			table = name
			if strings.HasPrefix(line, "[[") {
				nth[name]++
			}
			if name == p.key {
				return i
			}
			if name == root && nth[root]-1 == p.nth {
				header = i
			}
			continue
		}
		name, _, isKey := strings.Cut(line, "=")
		if !isKey {
			continue
		}
		name = bare(name)
		if table != "" {
			name = table + "." + name
		}
		if name == p.key && (!lists[root] || p.nth < 0 || nth[root]-1 == p.nth) {
			return i
		}
	}
	return header
}

func tableName(line string) (string, bool) {
	if !strings.HasPrefix(line, "[") || !strings.HasSuffix(line, "]") {
		return "", false
	}
	return bare(strings.Trim(line, "[]")), true
}

// bare is a name without the quotes and spaces that TOML allows around its parts.
func bare(name string) string {
	return strings.NewReplacer(`"`, "", "'", "", " ", "", "\t", "").Replace(name)
}
