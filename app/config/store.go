package config

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/gofrs/flock"

	"holdfast/backup"
	"holdfast/platform"
)

// maxFile bounds what is taken for a configuration, in bytes.
const maxFile = 16 << 20

// Store reads and writes the file.
type Store struct {
	Path string // absolute
}

// LastGood is where the copy of the last readable version is.
func (s Store) LastGood() string { return s.Path + ".last-good" }

// Load gives the configuration; a file that is not there is an empty one. When the file cannot
// be read but its last good copy can, warning says so, and Save will refuse; a file of a newer
// program is an error, copy or not. It also warns of keys that nothing knows, and when the copy
// cannot be written.
func (s Store) Load() (c *Config, warning string, err error) {
	text, err := platform.ReadBounded(s.Path, maxFile)
	if errors.Is(err, fs.ErrNotExist) {
		return s.loadMissing()
	}
	if err != nil {
		return nil, "", &backup.Error{Kind: backup.Failed, Text: fmt.Sprintf("the configuration cannot be read: %v", err), Hint: "Look at the file " + s.Path, Err: err}
	}
	d, err := decode(text, written(s.Path))
	if err == nil {
		warnings := d.unknown
		if err := s.keepCopy(text); err != nil { // a full disk must not keep anybody from what is there
			warnings = append(warnings, fmt.Sprintf("the last good copy of the configuration cannot be written: %v", err))
		}
		return d.config, strings.Join(warnings, "; "), nil
	}
	if errors.As(err, new(newer)) {
		return nil, "", s.broken(err)
	}
	copied, copyErr := platform.ReadBounded(s.LastGood(), maxFile)
	if copyErr != nil {
		return nil, "", s.broken(err)
	}
	old, copyErr := decode(copied, written(s.LastGood()))
	if copyErr != nil {
		return nil, "", s.broken(err)
	}
	return old.config, fmt.Sprintf("%v; the last good copy is used until you mend it", s.broken(err)), nil
}

// loadMissing tells a first start from a file that was lost.
func (s Store) loadMissing() (*Config, string, error) {
	copied, err := platform.ReadBounded(s.LastGood(), maxFile)
	if err != nil {
		return &Config{Version: Version}, "", nil //nolint:nilerr // no copy: a first start
	}
	d, err := decode(copied, written(s.LastGood()))
	if errors.As(err, new(newer)) {
		return nil, "", s.broken(err)
	}
	if err != nil {
		return &Config{Version: Version}, "", nil //nolint:nilerr // a torn copy of a lost file is no help
	}
	return d.config, "the configuration " + s.Path + " is gone; its last good copy is used", nil
}

// written says when a file was last written; zero when that cannot be known.
func written(path string) time.Time {
	info, err := os.Stat(path)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

func (s Store) broken(err error) error {
	hint := "Mend that line, or copy " + s.LastGood() + " over it."
	if errors.As(err, new(newer)) {
		hint = "Install the newer Holdfast again; nothing was changed."
	}
	if errors.Is(err, errCutOff) {
		hint = "Copy " + s.LastGood() + " over it; or, if nothing is missing from it, add the line: " + endLine
	}
	return &backup.Error{Kind: backup.Failed, Text: "the configuration " + s.Path + " has an error: " + err.Error(), Hint: hint, Err: err}
}

func (s Store) keepCopy(text []byte) error {
	if old, err := platform.ReadBounded(s.LastGood(), maxFile); err == nil && bytes.Equal(old, text) {
		return nil
	}
	return platform.WriteFileAtomic(s.LastGood(), text, 0o600)
}

// Save writes c. It refuses while the file on disk cannot be read, so that a person's own
// edit is never lost, and what it could not read again. A file of an earlier version, or with
// keys that nothing knows, stays beside as it was.
func (s Store) Save(c *Config) error {
	old, err := platform.ReadBounded(s.Path, maxFile)
	if err == nil {
		err = s.keepOld(old)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := c.check(); err != nil { // what is written must be readable
		return err
	}
	c.Version = Version
	text, err := c.whole()
	if err != nil {
		return fmt.Errorf("encode configuration: %w", err)
	}
	if err := platform.WriteFileAtomic(s.Path, text, 0o600); err != nil {
		return s.notWritten(err)
	}
	return s.keepCopy(text)
}

// whole is the text of the file, from its head to its last line.
func (c *Config) whole() ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(header())
	err := toml.NewEncoder(&out).Encode(c)
	out.WriteString("\n" + endLine + "\n")
	return out.Bytes(), err
}

func (s Store) notWritten(err error) error {
	return &backup.Error{Kind: backup.Failed, Text: "the configuration cannot be written", Hint: "Is the folder of " + s.Path + " writable?", Err: err}
}

// keepOld keeps a text beside the file that what is written in its place would not hold; one that
// cannot be read is an error.
func (s Store) keepOld(text []byte) error {
	d, err := decode(text, time.Time{})
	if err != nil {
		return s.broken(err)
	}
	var name string
	switch {
	case d.version < Version:
		name = fmt.Sprintf("%s.version-%d", s.Path, d.version)
	case len(d.unknown) > 0:
		name = s.Path + ".unknown-keys"
	default:
		return nil
	}
	if err := platform.WriteFileAtomic(name, text, 0o600); err != nil {
		return s.notWritten(err)
	}
	return nil
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
