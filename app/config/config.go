// Package config keeps Holdfast's settings in one documented TOML file.
//
// The file is written whole, atomically and 0600, and never holds a secret. A copy of the last
// version that could be read stands beside it: when the file itself is torn, Load starts from
// the copy and says so, and nothing is saved over the torn file until a person has mended it.
//
// Hazard: Save writes the file anew, so comments that a person added do not survive it.
package config

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/gofrs/flock"

	"holdfast/app/tell"
	"holdfast/backup"
	"holdfast/backup/plan"
	"holdfast/platform"
)

// Version is the format of the file that this program writes.
const Version = 1

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
	Host            string            `toml:"host"`
	Port            uint16            `toml:"port"`
	Database        string            `toml:"database"`
	User            string            `toml:"user"`
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

const header = `# Holdfast's configuration. Holdfast writes this file anew when it changes a setting,
# so comments that you add here do not stay. It never holds a password.
#
# version        format of this file
# [vault]        path: folder of the vault; empty is the default place
# [engine]       workers: connections that copy at the same time, 0 chooses
#                tools: folder of pg_dump and pg_restore, empty searches
#                keep_replaced: how long a restore keeps the database it replaced, such as "24h",
#                which is the default; "-1h" keeps it until you drop it
# [tell]         webhook: address that gets a POST after each scheduled run, data loss alarm, and for reminders
#                ping: address of a dead-man's switch; GET at it, at it/start and at it/fail
# [discover]     folders: with projects, whose .env and compose files are searched for databases
#                only_folders: true leaves sockets, ports and containers of this machine alone
# [run]          only_on_mains: true runs nothing by itself while the machine is on its battery;
#                what is due then is made up for on mains
# [desktop]      theme: "system", "light" or "dark"; language: "system", "en" or "de"
#                scale: size of the text, such as 1.25; 0 follows the desktop
#                notify: "failures" or "all", which includes runs that went well
# [[sandbox]]    one for each sandbox:
#   name             its name in Holdfast
#   host, port, database, user, params
#                    where its database is; params are libpq's (sslmode, sslrootcert, …)
#   container, container_engine
#                    name of the container that its server runs in, and docker or podman; host and
#                    port are as seen inside it
#   exclude_tables   patterns (SCHEMA.NAME or NAME, with * and ?) of tables whose rows are left out
#   schemas          patterns of schemas; when given, only these are backed up
#   before, after    commands to run around a backup; after runs also when the backup fails
#   allow_restore    false refuses every restore into this sandbox, whoever asks
#   code, secrets    folders with its code, and secret files beside the .env files there: Holdfast
#                    reminds of what is nowhere else
#   export_every     how often you want to export its data, such as "720h"; a reminder says when it is due
#   loss_limit       percent of a table's rows whose loss between two backups raises an alarm;
#                    0 is 50, -1 raises none
#   no_drill         true ends the monthly restore drill
#   schedule         when it is backed up: "daily 02:00", "every 6h", "weekly mon 03:00",
#                    "monthly 1 03:00" or "cron 0 2 * * *", in local time
#   media            folders of files that belong to it, as absolute paths
#   media_exclude    what of them is left out: "*.tmp", "node_modules/"
#   scheduled_what   what scheduled runs take: "database", "media" or "both"; without it, all there is
#   added            when it was added; a slot before that was never missed
#   [sandbox.downloads]
#                    files that are written into a folder after scheduled backups. Set it with
#                    holdfast sandbox edit NAME --downloads-to DIR, which asks for approval: what is
#                    changed here by hand is not done
#   [sandbox.keep]   which backups are kept: scheduled, on_demand and pre_restore, each such as
#                    "7 daily", "7 daily, 4 weekly, 12 monthly", "30 days", "20 newest", "all"
# [[offsite]]    one for each place where a copy of the vault is kept: holdfast offsite add
#   name, kind       its name in Holdfast; folder, s3, sftp or webdav
#   limit            bytes sent per second on average; 0 is no limit
#   keep_removed     how long the copy keeps what the vault removed; 0 is seven days

`

// Store reads and writes the file.
type Store struct {
	Path string // absolute
}

// LastGood is where the copy of the last readable version is.
func (s Store) LastGood() string { return s.Path + ".last-good" }

// Load gives the configuration; a file that is not there is an empty one. When the file cannot
// be read but its last good copy can, warning says so, and Save will refuse. It also says when
// that copy cannot be written.
func (s Store) Load() (c *Config, warning string, err error) {
	text, err := os.ReadFile(s.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return s.loadMissing()
	}
	if err != nil {
		return nil, "", &backup.Error{Kind: backup.Failed, Text: "the configuration cannot be read", Hint: "Look at the file " + s.Path, Err: err}
	}
	c, err = decode(text)
	if err == nil {
		if err := s.keepCopy(text); err != nil { // a full disk must not keep anybody from what is there
			warning = fmt.Sprintf("the last good copy of the configuration cannot be written: %v", err)
		}
		return c, warning, nil
	}
	copied, copyErr := os.ReadFile(s.LastGood())
	if copyErr != nil {
		return nil, "", s.broken(err)
	}
	old, copyErr := decode(copied)
	if copyErr != nil {
		return nil, "", s.broken(err)
	}
	return old, fmt.Sprintf("%v; the last good copy is used until you mend it", s.broken(err)), nil
}

// loadMissing tells a first start from a file that was lost.
func (s Store) loadMissing() (*Config, string, error) {
	copied, err := os.ReadFile(s.LastGood())
	if err != nil {
		return &Config{Version: Version}, "", nil //nolint:nilerr // no copy: a first start
	}
	c, err := decode(copied)
	if err != nil {
		return &Config{Version: Version}, "", nil //nolint:nilerr // a torn copy of a lost file is no help
	}
	return c, "the configuration " + s.Path + " is gone; its last good copy is used", nil
}

func (s Store) broken(err error) error {
	return &backup.Error{Kind: backup.Failed, Text: "the configuration " + s.Path + " has an error: " + err.Error(), Hint: "Mend that line, or copy " + s.LastGood() + " over it.", Err: err}
}

// Parse reads a configuration from elsewhere.
func Parse(text []byte) (*Config, error) {
	c, err := decode(text)
	if err != nil {
		return nil, &backup.Error{Kind: backup.Usage, Text: "the configuration has an error: " + err.Error(), Hint: "Mend that line.", Err: err}
	}
	return c, nil
}

func decode(text []byte) (*Config, error) {
	var c Config
	meta, err := toml.Decode(string(text), &c)
	if err != nil {
		return nil, err
	}
	if c.Version != Version {
		return nil, fmt.Errorf("version is %d; this program reads version %d", c.Version, Version)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return nil, fmt.Errorf("unknown setting %q", unknown[0].String())
	}
	return &c, c.check()
}

func (c *Config) check() error {
	for _, address := range []string{c.Tell.Webhook, c.Tell.Ping} {
		if address == "" {
			continue
		}
		if err := tell.CheckURL(address); err != nil {
			return fmt.Errorf("an address under [tell] cannot be used: %w", err)
		}
	}
	if err := c.checkSettings(); err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, s := range c.Sandboxes {
		if err := backup.ValidateSandboxName(s.Name); err != nil {
			return err
		}
		if seen[s.Name] {
			return fmt.Errorf("two sandboxes have the name %q", s.Name)
		}
		for _, secret := range []string{"password", "sslpassword"} {
			if _, ok := s.Params[secret]; ok {
				return fmt.Errorf("the sandbox %q has a %s; this file holds no passwords", s.Name, secret)
			}
		}
		if err := s.container().Validate(); err != nil {
			return fmt.Errorf("the sandbox %q: %w", s.Name, err)
		}
		if !slices.Contains([]backup.Scope{"", backup.ScopeDatabase, backup.ScopeMedia, backup.ScopeBoth}, s.ScheduledWhat) {
			return fmt.Errorf("the sandbox %q: scheduled_what is database, media or both, not %q", s.Name, s.ScheduledWhat)
		}
		seen[s.Name] = true
	}
	return c.checkOffsite()
}

func (s Store) keepCopy(text []byte) error {
	if old, err := os.ReadFile(s.LastGood()); err == nil && bytes.Equal(old, text) {
		return nil
	}
	return platform.WriteFileAtomic(s.LastGood(), text, 0o600)
}

// Save writes c. It refuses while the file on disk cannot be read, so that a person's own
// edit is never lost, and what it could not read again.
func (s Store) Save(c *Config) error {
	old, err := os.ReadFile(s.Path)
	if err == nil {
		_, err = decode(old)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return s.broken(err)
	}
	if err := c.check(); err != nil { // what is written must be readable
		return err
	}
	c.Version = Version
	var out bytes.Buffer
	out.WriteString(header)
	if err := toml.NewEncoder(&out).Encode(c); err != nil {
		return fmt.Errorf("encode configuration: %w", err)
	}
	if err := platform.WriteFileAtomic(s.Path, out.Bytes(), 0o600); err != nil {
		return &backup.Error{Kind: backup.Failed, Text: "the configuration cannot be written", Hint: "Is the folder of " + s.Path + " writable?", Err: err}
	}
	return s.keepCopy(out.Bytes())
}

// Update reads the file, lets change edit it, and writes it, under a lock: commands at the same
// time do not undo each other's changes. It gives what is in force then.
func (s Store) Update(ctx context.Context, change func(*Config) error) (c *Config, err error) {
	lock := flock.New(s.Path+".lock", flock.SetPermissions(0o600))
	if ok, err := lock.TryLockContext(ctx, 20*time.Millisecond); err != nil || !ok {
		return nil, &backup.Error{Kind: backup.Failed, Text: "the configuration cannot be locked", Hint: "Is the folder of " + s.Path + " writable?", Err: err}
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	c, _, err = s.Load()
	if err != nil {
		return nil, err
	}
	if err := change(c); err != nil {
		return nil, err
	}
	return c, s.Save(c)
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
		Name:          s.Name,
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
		Name: s.Name, Host: c.Host, Port: c.Port, Database: c.Database, User: c.User, Params: c.Params,
		Container: c.Container.Name, ContainerEngine: c.Container.Engine,
		ExcludeTables: s.ExcludeTables, Schemas: s.Schemas, Media: s.Media, MediaExclude: s.MediaExclude,
		Before: s.Before, After: s.After, AllowRestore: !s.NoRestore, LossLimit: s.LossLimit,
		Code: s.Code, Secrets: s.Secrets, ExportEvery: Duration(s.ExportEvery),
	}
}
