// Package config keeps Holdfast's settings in one documented TOML file.
//
// The file is written whole, atomically and 0600, and never holds a secret. A copy of the last
// version that could be read stands beside it: when the file itself is torn, Load starts from
// the copy and says so, and nothing is saved over the torn file until a person has mended it.
// What each key means is in keys.go, and nowhere else: the head of the file and the help are made
// from it. A file of an earlier version is read as it is meant, and kept beside when it is written
// anew; one of a newer program is refused and left alone.
//
// Hazard: Save writes the file anew, so comments that a person added do not survive it.
package config

import (
	"slices"
	"strings"
	"time"

	"holdfast/backup"
	"holdfast/backup/plan"
)

// Version is the format of the file that this program writes. Version 1 had sandboxes without
// schedule and added.
const Version = 2

// Config is the whole file.
type Config struct {
	Version   int       `toml:"version"`
	Vault     Vault     `toml:"vault"`
	Engine    Engine    `toml:"engine"`
	Tell      Tell      `toml:"tell"`
	Discover  Discover  `toml:"discover,omitempty"`
	Run       Run       `toml:"run"`
	Desktop   Desktop   `toml:"desktop"`
	Sandboxes []Sandbox `toml:"sandbox"`
	Offsite   []Offsite `toml:"offsite,omitempty"`
}

// Vault says where the vault is.
type Vault struct {
	Path string `toml:"path"` // absolute; "" is the default place
}

// Tell says who is told outside how scheduled runs went; "" tells nobody.
type Tell struct {
	Webhook string `toml:"webhook"` // gets a POST with event, sandbox, trigger and time
	Ping    string `toml:"ping"`    // gets a GET: at URL/start, at URL when a run completed, at URL/fail
}

// Discover says where databases of this machine are looked for.
type Discover struct {
	Folders     []string `toml:"folders,omitempty"`      // with projects, absolute: .env and compose files in them are read
	OnlyFolders bool     `toml:"only_folders,omitempty"` // sockets, ports and containers are left alone
}

// Engine holds settings of the engine.
type Engine struct {
	Workers int    `toml:"workers"` // connections that copy at the same time; 0 chooses
	Tools   string `toml:"tools"`   // folder of pg_dump and pg_restore; "" searches

	KeepReplaced Duration `toml:"keep_replaced,omitempty"` // how long a replaced database is kept for undo; 0 is a day, below 0 for ever
}

// Duration is a length of time as people write it: "90m".
type Duration time.Duration

// MarshalText implements encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(text []byte) error {
	value, err := time.ParseDuration(string(text))
	*d = Duration(value)
	return err
}

// Sandbox is one sandbox as the file has it.
type Sandbox struct {
	Name            string            `toml:"name"`
	FoldersOnly     bool              `toml:"folders_only,omitempty"`
	Host            string            `toml:"host,omitempty"`
	Port            uint16            `toml:"port,omitzero"`
	Database        string            `toml:"database,omitempty"`
	User            string            `toml:"user,omitempty"`
	Params          map[string]string `toml:"params,omitempty"`
	Container       string            `toml:"container,omitempty"`
	ContainerEngine string            `toml:"container_engine,omitempty"`
	ExcludeTables   []string          `toml:"exclude_tables,omitempty"`
	Schemas         []string          `toml:"schemas,omitempty"`
	Media           []string          `toml:"media,omitempty"`
	MediaExclude    []string          `toml:"media_exclude,omitempty"`
	Before          string            `toml:"before,omitempty"`
	After           string            `toml:"after,omitempty"`
	AllowRestore    bool              `toml:"allow_restore"`
	Code            []string          `toml:"code,omitempty"`
	Secrets         []string          `toml:"secrets,omitempty"`
	ExportEvery     Duration          `toml:"export_every,omitempty"`
	LossLimit       int               `toml:"loss_limit,omitempty"`
	NoDrill         bool              `toml:"no_drill,omitempty"`
	Schedule        plan.Schedule     `toml:"schedule"`
	ScheduledWhat   backup.Scope      `toml:"scheduled_what,omitempty"` // "" is all that it has
	Added           time.Time         `toml:"added"`
	Keep            *Keep             `toml:"keep,omitempty"`      // nil: the default
	Downloads       *Downloads        `toml:"downloads,omitempty"` // nil: none
}

// Downloads says that backups of a sandbox are written into a folder as files.
type Downloads struct {
	Folder    string   `toml:"folder"` // absolute; it must be there
	Format    string   `toml:"format"`
	Every     Duration `toml:"every"`      // at least this far apart; 0 is after each scheduled backup
	Keep      int      `toml:"keep"`       // newest files; 0 keeps all
	Sealed    bool     `toml:"sealed"`     // with a passphrase that is kept elsewhere
	AllTables bool     `toml:"all_tables"` // of JSON snapshots: operational tables too
	Approved  string   `toml:"approved"`   // seal over the above: a person approved of it
}

// Keep says which backups of a sandbox are kept, for each trigger.
type Keep struct {
	Scheduled  backup.Retention `toml:"scheduled"`
	OnDemand   backup.Retention `toml:"on_demand"`
	PreRestore backup.Retention `toml:"pre_restore"`
}

// Sandbox finds a sandbox by its name.
func (c *Config) Sandbox(name string) (backup.Sandbox, error) {
	i := c.index(name)
	if i < 0 {
		return backup.Sandbox{}, c.unknown(name)
	}
	return c.Sandboxes[i].Domain(), nil
}

// Put adds s, with the default schedule and as added now, or replaces the sandbox of the same
// name, which keeps its plan.
func (c *Config) Put(s backup.Sandbox, now time.Time) {
	entry := fromDomain(s)
	if i := c.index(s.Name); i >= 0 {
		old := c.Sandboxes[i]
		entry.Schedule, entry.Added, entry.NoDrill, entry.Keep, entry.Downloads = old.Schedule, old.Added, old.NoDrill, old.Keep, old.Downloads
		entry.ScheduledWhat = old.ScheduledWhat
		c.Sandboxes[i] = entry
		return
	}
	entry.Schedule, entry.Added = plan.Default(), now.UTC().Truncate(time.Second)
	c.Sandboxes = append(c.Sandboxes, entry)
}

// Remove takes a sandbox out.
func (c *Config) Remove(name string) error {
	i := c.index(name)
	if i < 0 {
		return c.unknown(name)
	}
	c.Sandboxes = slices.Delete(c.Sandboxes, i, i+1)
	return nil
}

func (c *Config) index(name string) int {
	return slices.IndexFunc(c.Sandboxes, func(s Sandbox) bool { return s.Name == name })
}

func (c *Config) unknown(name string) error {
	if len(c.Sandboxes) == 0 {
		return backup.Errorf(backup.Usage, "Add it first: holdfast sandbox add NAME --dsn URL", "there is no sandbox %q, nor any other", name)
	}
	names := make([]string, len(c.Sandboxes))
	for i, s := range c.Sandboxes {
		names[i] = s.Name
	}
	return backup.Errorf(backup.Usage, backup.Meant(name, names, "These are there: "+strings.Join(names, ", ")), "there is no sandbox %q", name)
}

// Domain gives the sandbox as the engine knows it.
func (s Sandbox) Domain() backup.Sandbox {
	return backup.Sandbox{
		Name: s.Name, FoldersOnly: s.FoldersOnly,
		Connection:    backup.Connection{Host: s.Host, Port: s.Port, Database: s.Database, User: s.User, Params: s.Params, Container: s.container()},
		ExcludeTables: s.ExcludeTables, Schemas: s.Schemas, Media: s.Media, MediaExclude: s.MediaExclude,
		Before: s.Before, After: s.After, NoRestore: !s.AllowRestore, LossLimit: s.LossLimit,
		Code: s.Code, Secrets: s.Secrets, ExportEvery: time.Duration(s.ExportEvery),
	}
}

func (s Sandbox) container() backup.Container {
	return backup.Container{Engine: s.ContainerEngine, Name: s.Container}
}

func fromDomain(s backup.Sandbox) Sandbox {
	c := s.Connection
	return Sandbox{
		Name: s.Name, FoldersOnly: s.FoldersOnly, Host: c.Host, Port: c.Port, Database: c.Database, User: c.User, Params: c.Params,
		Container: c.Container.Name, ContainerEngine: c.Container.Engine,
		ExcludeTables: s.ExcludeTables, Schemas: s.Schemas, Media: s.Media, MediaExclude: s.MediaExclude,
		Before: s.Before, After: s.After, AllowRestore: !s.NoRestore, LossLimit: s.LossLimit,
		Code: s.Code, Secrets: s.Secrets, ExportEvery: Duration(s.ExportEvery),
	}
}
