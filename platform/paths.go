package platform

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"

	"github.com/adrg/xdg"
)

// HomeEnv names the environment variable under whose folder everything is kept.
const HomeEnv = "HOLDFAST_HOME"

// Paths say where Holdfast's files are. All are absolute.
type Paths struct {
	Home    string // folder of what belongs to this home alone
	Config  string // the configuration file
	Gate    string // hash of the approval passphrase
	Rules   string // policies and tokens of the gate
	Catalog string // the history, a SQLite file
	Vault   string // default folder of the vault
}

// FindPaths gives the places of this user: all under HomeEnv when that is set, else the
// platform's own (the XDG folders on Linux).
func FindPaths() (Paths, error) {
	if home := os.Getenv(HomeEnv); home != "" {
		abs, err := filepath.Abs(home)
		if err != nil {
			return Paths{}, fmt.Errorf("%s: %w", HomeEnv, err)
		}
		return PathsIn(abs), nil
	}
	if err := setHome(); err != nil {
		return Paths{}, err
	}
	xdg.Reload() // the library looks at the environment once, before anybody could change it
	config, data := filepath.Join(xdg.ConfigHome, "holdfast"), filepath.Join(xdg.DataHome, "holdfast")
	return Paths{
		Home:    data,
		Config:  filepath.Join(config, "config.toml"),
		Gate:    filepath.Join(config, "gate.json"),
		Rules:   filepath.Join(config, "gate-rules.json"),
		Catalog: filepath.Join(data, "catalog.db"),
		Vault:   filepath.Join(data, "vault"),
	}, nil
}

// setHome gives the process the home folder that the system knows of its user, where the environment names
// none, such as in a service: without one the files would be looked for in the root folder.
func setHome() error {
	if home, err := os.UserHomeDir(); err == nil && home != "" {
		return nil
	}
	u, err := user.Current()
	if err == nil && !filepath.IsAbs(u.HomeDir) {
		err = errors.New("the system knows none either")
	}
	if err != nil {
		return fmt.Errorf("HOME is not set: %w", err)
	}
	return os.Setenv("HOME", u.HomeDir)
}

// PathsIn gives the places when everything is under one folder, which must be absolute.
func PathsIn(home string) Paths {
	return Paths{
		Home:    home,
		Config:  filepath.Join(home, "config.toml"),
		Gate:    filepath.Join(home, "gate.json"),
		Rules:   filepath.Join(home, "gate-rules.json"),
		Catalog: filepath.Join(home, "catalog.db"),
		Vault:   filepath.Join(home, "vault"),
	}
}

// Make makes the folders, 0700 whatever the umask, and refuses one that others may write to.
// The vault's folder is not made.
func (p Paths) Make() error {
	for _, dir := range []string{p.Home, filepath.Dir(p.Config), filepath.Dir(p.Gate), filepath.Dir(p.Catalog)} {
		if err := makePrivateDir(dir); err != nil {
			return err
		}
	}
	return nil
}

func makePrivateDir(dir string) error {
	info, err := os.Stat(dir)
	if errors.Is(err, os.ErrNotExist) {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		return os.Chmod(dir, 0o700) //nolint:gosec // a folder needs its x bit
	}
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is not a folder", dir)
	}
	if info.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("others may write to %s; make it yours alone: chmod go-w %s", dir, dir)
	}
	return nil
}
