package backup

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// MaxName is the longest name, in bytes, that PostgreSQL keeps (NAMEDATALEN - 1).
const MaxName = 63

// Connection says where a database is. It never holds a password.
type Connection struct {
	Host     string            // host name, address, or the folder of a Unix socket
	Port     uint16            // TCP port, also part of a socket's name
	Database string            // name of the database
	User     string            // role that connects
	Params   map[string]string // libpq's sslmode, sslrootcert, sslcert, sslkey, sslsni; may be nil

	Container Container `json:",omitzero"` // Host and Port are as seen inside it
}

// At names a database and its server for people.
func (c Connection) At(database string) string {
	if c.Container.Name != "" {
		return fmt.Sprintf("%s in %s", database, c.Container)
	}
	return fmt.Sprintf("%s at %s:%d", database, c.Host, c.Port)
}

// Container is a container on this machine, reached through its engine's exec. The zero value
// is none.
type Container struct {
	Engine string // docker or podman
	Name   string // name or ID
}

// String names it for people: "container pg (docker)".
func (c Container) String() string { return fmt.Sprintf("container %s (%s)", c.Name, c.Engine) }

// Validate checks the engine, and the name by the engines' own grammar. None is valid too.
func (c Container) Validate() error {
	if c == (Container{}) {
		return nil
	}
	if c.Engine != "docker" && c.Engine != "podman" {
		return Errorf(Usage, "Name docker or podman.", "%q is no container engine that is known here", c.Engine)
	}
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
	}
	odd := strings.ContainsFunc(c.Name, func(r rune) bool { return !plain(r) && !strings.ContainsRune("_.-", r) })
	if odd || c.Name == "" || len(c.Name) > maxContainer || !plain(rune(c.Name[0])) {
		return Errorf(Usage, "See the name with: "+c.Engine+" ps", "%q is no name of a container", c.Name)
	}
	return nil
}

// maxContainer is the longest name of a container, in bytes.
const maxContainer = 255

// Sandbox is one development environment: one database and what belongs to it; or folders alone.
type Sandbox struct {
	Name          string        // unique, 1 to MaxName bytes
	FoldersOnly   bool          // it has Media and no database: Connection is zero, and nothing connects
	Connection    Connection    // where its database is
	ExcludeTables []string      // patterns SCHEMA.NAME or NAME with * and ?: tables whose rows are left out
	Schemas       []string      // patterns: only these schemas, when not empty
	Media         []string      // absolute paths of its folders
	MediaExclude  Exclusion     // what is left out of them
	Before        string        // command to run before the capture
	After         string        // command to run after it, also after a failure
	NoRestore     bool          // restores into this sandbox are refused, whoever asks
	Code          []string      // folders with its code, absolute
	Secrets       []string      // secret files beside the .env files in these, absolute
	ExportEvery   time.Duration // how often the person wants to export its data; 0: no reminder
	LossLimit     int           // percent of a table's rows whose loss raises an alarm; 0 is DefaultLossLimit, below 0 none does
}

// ValidateName checks a sandbox's or database's name: what names it ("sandbox", "database"),
// 1 to MaxName bytes of UTF-8 without control characters and without a slash.
func ValidateName(what, name string) error {
	switch {
	case name == "":
		return Errorf(Usage, "Give it a name.", "the %s has no name", what)
	case len(name) > MaxName:
		return Errorf(Usage, "Choose a shorter name.", "the name of the %s has %d bytes; PostgreSQL keeps at most %d", what, len(name), MaxName)
	case !utf8.ValidString(name):
		return Errorf(Usage, "Choose a name in UTF-8.", "the name of the %s is not valid UTF-8", what)
	case strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return Errorf(Usage, "Choose a name without line breaks, tabs and other control characters.", "the name of the %s has control characters", what)
	}
	return nil
}

// ValidateSandboxName checks a sandbox's name, which is also used in file names and in
// references like latest:NAME.
func ValidateSandboxName(name string) error {
	if err := ValidateName("sandbox", name); err != nil {
		return err
	}
	if strings.ContainsAny(name, `/\:`) || strings.HasPrefix(name, "-") || strings.HasPrefix(name, ".") {
		return Errorf(Usage, "Use letters, digits, - and _, starting with a letter or a digit.",
			"%q is no name for a sandbox: it has / \\ or :, or starts with - or a dot", name)
	}
	return nil
}

// CutName makes base+suffix fit into MaxName bytes by cutting base at a rune boundary.
func CutName(base, suffix string) string {
	room := max(MaxName-len(suffix), 0)
	if len(base) > room {
		base = base[:room]
		for !utf8.ValidString(base) && base != "" {
			base = base[:len(base)-1]
		}
	}
	return base + suffix
}
