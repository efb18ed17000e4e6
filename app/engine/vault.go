package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"holdfast/app/config"
	"holdfast/app/secret"
	"holdfast/backup"
	"holdfast/backup/catalog"
	"holdfast/backup/vault"
	"holdfast/platform"
)

// VaultPath gives the folder of the vault, made or not.
func (e *Engine) VaultPath() string {
	if e.config.Vault.Path != "" {
		return e.config.Vault.Path
	}
	return e.paths.Vault
}

// HasVault says whether this home has made or attached its vault.
func (e *Engine) HasVault() bool { return e.config.Vault.Path != "" }

func (e *Engine) vaultOptions(path string) vault.Options {
	host, _ := os.Hostname()
	return vault.Options{Path: path, ConfigFile: filepath.Join(e.paths.Home, "vault.config"), Home: e.home, Host: host, Clock: e.opts.Now}
}

func (e *Engine) openVault(ctx context.Context) (*vault.Vault, error) {
	key, err := e.key(ctx)
	if err != nil {
		return nil, err
	}
	v, err := vault.Open(ctx, e.vaultOptions(e.VaultPath()), string(key))
	if backup.KindOf(err) == backup.Damaged {
		if now, keyErr := e.key(ctx); keyErr == nil && now != key { // another process has just changed it
			key = now
			v, err = vault.Open(ctx, e.vaultOptions(e.VaultPath()), string(key))
		}
	}
	if err != nil {
		if _, statErr := os.Stat(e.VaultPath()); errors.Is(statErr, fs.ErrNotExist) {
			e.warn("if the vault was moved, say where it is: holdfast vault open --path DIR")
		}
		return nil, err
	}
	for _, text := range v.Warnings() {
		e.warn(text)
	}
	return v, e.trustKey(ctx, key)
}

// InitVault asks for a vault to be made.
type InitVault struct {
	Path   string // "" is the default place
	KeyOut string // new file for the recovery key; "" for none
	Shown  bool   // the caller shows the key to a person
	Kept   bool   // refuse when no keyring and no file keeps the key for daily use

	Passphrase string // the approval passphrase, set with the vault; "" leaves it to SetPassphrase
}

// MadeVault says what was made.
type MadeVault struct {
	Path      string
	Key       backup.RecoveryKey
	KeyFile   string // "" when the key is in no file
	InKeyring bool

	written []string // key files that did not exist before
}

// InitVault makes the vault, with a new key, or with the one in HOLDFAST_KEY_FILE when that
// file is there. The key is kept before the vault is made: a vault nobody can open never is.
func (e *Engine) InitVault(ctx context.Context, req InitVault) (MadeVault, error) {
	op := "make the vault"
	var made MadeVault
	takeBack, err := e.firstPassphrase(ctx, req.Passphrase)
	if err != nil {
		return made, err
	}
	err = e.change(ctx, op, "", func() error {
		var err error
		made, err = e.initVault(ctx, req)
		return err
	})
	if err != nil && !e.HasVault() {
		err = errors.Join(err, takeBack())
	}
	return made, err
}

// firstPassphrase sets the approval passphrase of a home that has none; one that is set already must be
// the same. takeBack forgets what was set, so that another try may choose another one.
func (e *Engine) firstPassphrase(ctx context.Context, passphrase string) (takeBack func() error, err error) {
	nothing := func() error { return nil }
	if passphrase == "" || e.HasVault() {
		return nothing, nil
	}
	if e.HasPassphrase() {
		return nothing, e.gate.Verify(ctx, passphrase)
	}
	err = e.SetPassphrase(ctx, nil, func() (string, error) { return passphrase, nil })
	return e.gate.Forget, err
}

func (e *Engine) initVault(ctx context.Context, req InitVault) (MadeVault, error) {
	if e.HasVault() {
		return MadeVault{}, backup.Errorf(backup.Refused, "Use it, or set HOLDFAST_HOME to another folder for another vault.", "this home has a vault already: %s", e.VaultPath())
	}
	path, err := e.absolute(req.Path)
	if err == nil {
		err = e.checkVaultPlace(path)
	}
	if err != nil {
		return MadeVault{}, err
	}
	made, err := e.newKey(ctx, req)
	if err != nil {
		return MadeVault{}, errors.Join(err, e.dropKey(ctx, made))
	}
	v, err := vault.Create(ctx, e.vaultOptions(path), string(made.Key))
	if err != nil {
		return MadeVault{}, errors.Join(err, e.dropKey(ctx, made))
	}
	made.Path = v.Path()
	if err := v.Close(ctx); err != nil {
		return MadeVault{}, err
	}
	if err := e.useVault(ctx, made.Path, made.Key); err != nil {
		return made, err
	}
	return made, e.catalog.Fill(ctx, nil, e.opts.Now())
}

func (e *Engine) absolute(path string) (string, error) {
	if path == "" {
		path = e.VaultPath()
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("path of the vault: %w", err)
	}
	return abs, nil
}

// newKey finds or draws the vault's key, and keeps it wherever it is to be kept.
func (e *Engine) newKey(ctx context.Context, req InitVault) (MadeVault, error) {
	made := MadeVault{Key: backup.NewRecoveryKey()}
	files := []string{req.KeyOut}
	if e.keys.File != "" {
		if _, err := os.Stat(e.keys.File); !errors.Is(err, fs.ErrNotExist) {
			if made.Key, err = e.keys.Load(ctx); err != nil {
				return made, err
			}
		}
		files = append(files, e.keys.File)
	}
	for _, file := range files {
		if file == "" {
			continue
		}
		isNew, err := secret.WriteKeyFile(file, made.Key)
		if err != nil {
			return made, err
		}
		if isNew {
			made.written = append(made.written, file)
		}
		made.KeyFile = file
	}
	if made.KeyFile == "" && !req.Shown {
		return made, backup.Errorf(backup.Usage, "Give --key-out FILE.", "there is no terminal to show the recovery key on, and no file for it")
	}
	err := e.keys.Keep(ctx, made.Key)
	made.InKeyring = err == nil
	if req.Kept && !made.InKeyring && made.KeyFile == "" {
		return made, noKeyring(err)
	}
	if err != nil && !errors.Is(err, platform.ErrKeyringAbsent) {
		e.warn("the keyring did not take the vault key: " + err.Error())
	}
	return made, nil
}

// dropKey takes back the key of a vault that was not made.
func (e *Engine) dropKey(ctx context.Context, made MadeVault) error {
	var errs []error
	for _, file := range made.written {
		errs = append(errs, os.Remove(file))
	}
	if made.InKeyring {
		errs = append(errs, e.keys.Forget(ctx))
	}
	return errors.Join(errs...)
}

func (e *Engine) useVault(ctx context.Context, path string, key backup.RecoveryKey) error {
	err := e.update(ctx, func(c *config.Config) error {
		c.Vault.Path = path
		return nil
	})
	if err != nil {
		return err
	}
	return e.trustKey(ctx, key)
}

// OpenedVault says what an attached vault holds.
type OpenedVault struct {
	Backups   int
	Damaged   int // of them, which miss stored bytes
	InKeyring bool
}

// OpenVault attaches an existing vault: its key comes from HOLDFAST_KEY_FILE or from ask, this
// home becomes its writer, and the catalog is rebuilt from it.
func (e *Engine) OpenVault(ctx context.Context, path string, ask func() (string, error)) (OpenedVault, error) {
	var opened OpenedVault
	err := e.change(ctx, "open the vault", "", func() error {
		var err error
		opened, err = e.attach(ctx, path, ask)
		return err
	})
	return opened, err
}

func (e *Engine) attach(ctx context.Context, path string, ask func() (string, error)) (OpenedVault, error) {
	if err := e.checkVaultPlace(path); err != nil {
		return OpenedVault{}, err
	}
	key, err := e.givenKey(ctx, ask)
	if err != nil {
		return OpenedVault{}, err
	}
	opts := e.vaultOptions(path)
	opts.TakeOver = true
	v, err := vault.Open(ctx, opts, string(key))
	if err != nil {
		return OpenedVault{}, err
	}
	stored, err := v.List(ctx)
	found := e.lookThrough(ctx, v)
	path = v.Path()
	if err := errors.Join(err, v.Close(ctx)); err != nil {
		return OpenedVault{}, err
	}
	opened := OpenedVault{Backups: len(stored)}
	opened.InKeyring = e.keys.Keep(ctx, key) == nil
	if err := e.fillKeyFile(key); err != nil {
		return opened, err
	}
	if err := e.useVault(ctx, path, key); err != nil {
		return opened, err
	}
	if err := e.fill(ctx, stored); err != nil {
		return opened, err
	}
	opened.Damaged, err = e.condemnAll(ctx, found)
	return opened, err
}

// CanKeepKey says whether a key that opens a vault now will be there for the next start: in the keyring,
// which is tried with a key that opens nothing, or in the file of HOLDFAST_KEY_FILE.
func (e *Engine) CanKeepKey(ctx context.Context) error {
	if e.keys.File != "" {
		return nil
	}
	trial := e.keys
	trial.Home += " trial"
	err := trial.Keep(ctx, backup.NewRecoveryKey())
	if err == nil {
		err = trial.Forget(ctx)
	}
	if err != nil {
		return noKeyring(err)
	}
	return nil
}

func noKeyring(err error) error {
	return &backup.Error{Kind: backup.Unreachable, Text: "there is no keyring to keep the vault key in", Hint: "Start or unlock a keyring, such as gnome-keyring, or start Holdfast with " + KeyFileEnv + " set to a file for the key.", Err: err}
}

// fillKeyFile writes a key that was typed into the file that HOLDFAST_KEY_FILE names.
func (e *Engine) fillKeyFile(key backup.RecoveryKey) error {
	if e.keys.File == "" {
		return nil
	}
	if _, err := os.Stat(e.keys.File); !errors.Is(err, fs.ErrNotExist) {
		return nil // the key is from there
	}
	_, err := secret.WriteKeyFile(e.keys.File, key)
	return err
}

// givenKey gives the key in HOLDFAST_KEY_FILE. Where that is not set, or names a file that is not
// there, a person is asked.
func (e *Engine) givenKey(ctx context.Context, ask func() (string, error)) (backup.RecoveryKey, error) {
	var missing error
	if e.keys.File != "" {
		key, err := e.keys.Load(ctx)
		if !errors.Is(err, fs.ErrNotExist) {
			return key, err
		}
		missing = err
	}
	typed, err := ask()
	if err != nil {
		return "", cmp.Or(missing, err)
	}
	return backup.ParseRecoveryKey(typed)
}

// openCatalog opens the catalog; a damaged one is set aside.
func (e *Engine) openCatalog(ctx context.Context) error {
	c, err := catalog.Open(ctx, e.paths.Catalog, e.auditKey)
	if err != nil {
		return err
	}
	e.catalog = c
	if c.Aside() != "" {
		e.warn("the catalog was damaged; it is kept as " + c.Aside() + ", and a new one is made from the vault")
	}
	return nil
}

// fillCatalog fills a catalog that is new from the vault, if there is one.
func (e *Engine) fillCatalog(ctx context.Context) error {
	if !e.HasVault() {
		return nil
	}
	needed, err := e.catalog.NeedsFill(ctx)
	if err != nil || !needed {
		return err
	}
	if err := e.lookForMarks(ctx); err != nil {
		return err
	}
	stored, err := e.vault.List(ctx)
	if err != nil {
		return backup.WithOp("rebuild the catalog from the vault", err)
	}
	if err := e.recallRules(ctx, stored); err != nil {
		return err
	}
	return e.fill(ctx, stored)
}

// fill makes the catalog agree with the vault: what it does not know is added, and what the
// vault does not hold any more is marked.
func (e *Engine) fill(ctx context.Context, stored []backup.Stored) error {
	if err := e.catalog.Fill(ctx, stored, e.opts.Now()); err != nil {
		return err
	}
	held := map[backup.ID]bool{}
	for _, s := range stored {
		held[s.Manifest.ID] = true
	}
	missing, err := e.runner.MarkMissing(ctx, held)
	if n := len(missing); n > 0 {
		e.warn(fmt.Sprintf("backups of the history that this vault does not hold: %d; they are listed as broken. If they are in another vault, open that one again: holdfast vault open --path DIR", n))
	}
	return err
}
