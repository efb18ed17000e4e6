package secret

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"holdfast/backup"
	"holdfast/platform"
)

// KeyFileEnv names the environment variable that names the key's file.
const KeyFileEnv = "HOLDFAST_KEY_FILE"

// keyringTime bounds how long the keyring may take: it blocks while it is locked.
const keyringTime = 5 * time.Second

const service = "Holdfast"

// Keys finds and keeps the vault key.
type Keys struct {
	File    string // from KeyFileEnv; "" when not set
	Home    string // random ID of this home, names the keyring's item
	Keyring platform.Keyring

	Piped *Piped                    // what File gave, where it is a pipe; nil: it is read each time
	Lent  func() backup.RecoveryKey // what a person gave this process; nil, or "": nothing
}

// ErrNoKey means that the vault key cannot be had from where it is kept.
var ErrNoKey = errors.New("the vault key cannot be had")

func (k Keys) item() string { return "vault-key:" + k.Home }

// Load gives the vault key. A readable key file, a locked keyring and a key that is nowhere
// are errors with their remedy.
func (k Keys) Load(ctx context.Context) (backup.RecoveryKey, error) {
	if k.Lent != nil {
		if key := k.Lent(); key != "" {
			return key, nil
		}
	}
	if k.File != "" {
		return k.Piped.load(ctx, k.File)
	}
	ctx, stop := context.WithTimeout(ctx, keyringTime)
	defer stop()
	text, err := k.Keyring.Get(ctx, service, k.item())
	if err != nil {
		return "", keyringError(err)
	}
	key, err := backup.ParseRecoveryKey(text)
	if err != nil {
		return "", keyringError(errors.Join(errOtherItem, err))
	}
	return key, nil
}

// errOtherItem means that the keyring's item is no vault key.
var errOtherItem = errors.New("the keyring's item is no vault key")

func readKeyFile(ctx context.Context, path string) (backup.RecoveryKey, error) {
	text, err := platform.ReadPrivate(ctx, path)
	switch {
	case errors.Is(err, platform.ErrReadableByOthers):
		return "", &backup.Error{Kind: backup.Refused, Text: "the key file " + path + " can be read by others", Hint: "Make it yours alone: chmod 600 " + path, Err: err}
	case errors.Is(err, fs.ErrNotExist):
		return "", &backup.Error{Kind: backup.Damaged, Text: "the key file " + path + " is not there", Hint: KeyFileEnv + " names it; correct it, or put the recovery key into that file (mode 0600).", Err: errors.Join(ErrNoKey, err)}
	case errors.Is(err, platform.ErrSilentPipe):
		return "", &backup.Error{Kind: backup.Damaged, Text: "no key comes through the pipe " + path, Hint: KeyFileEnv + " names it; write the key into it at once, or name a file with the key (mode 0600).", Err: errors.Join(ErrNoKey, err)}
	case err != nil:
		return "", &backup.Error{Kind: backup.Damaged, Text: "the key file " + path + " cannot be read", Hint: "Look at its rights, and whether it is a file.", Err: err}
	}
	return backup.ParseRecoveryKey(string(text))
}

func keyringError(err error) error {
	err = errors.Join(ErrNoKey, err)
	paste := "Give the recovery key: put it into a file (mode 0600) and set " + KeyFileEnv + " to it, or run: holdfast vault open"
	switch {
	case errors.Is(err, platform.ErrKeyringLocked):
		return &backup.Error{Kind: backup.Damaged, Text: "the keyring is locked, so the vault key cannot be had", Hint: "Unlock the keyring, then try again. Or: " + paste, Err: err}
	case errors.Is(err, errOtherItem):
		return &backup.Error{Kind: backup.Damaged, Text: "the keyring holds something else where the vault key was", Hint: paste, Err: err}
	case errors.Is(err, platform.ErrNotFound):
		return &backup.Error{Kind: backup.Damaged, Text: "the vault key is not in the keyring", Hint: paste, Err: err}
	case !errors.Is(err, platform.ErrKeyringAbsent):
		return &backup.Error{Kind: backup.Damaged, Text: "the keyring does not give the vault key: " + err.Error(), Hint: paste, Err: err}
	default:
		return &backup.Error{Kind: backup.Damaged, Text: "there is no keyring here, so the vault key cannot be had", Hint: paste, Err: err}
	}
}

// Keep puts the key into the keyring, and makes sure that it is there. Where there is no keyring the error
// is platform.ErrKeyringAbsent, wrapped.
func (k Keys) Keep(ctx context.Context, key backup.RecoveryKey) error {
	ctx, stop := context.WithTimeout(ctx, keyringTime)
	defer stop()
	return keep(ctx, k.Keyring, k.item(), string(key))
}

// keep puts a secret into the keyring and reads it back: one whose collection goes away, or is of memory alone
// and lost, takes it without a word.
func keep(ctx context.Context, keyring platform.Keyring, item, secret string) error {
	if err := keyring.Set(ctx, service, item, secret); err != nil {
		return err
	}
	got, err := keyring.Get(ctx, service, item)
	if err == nil && got != secret {
		err = errors.New("the keyring does not give back what it was given")
	}
	return err
}

// Forget takes the key out of the keyring; one that is not there counts as taken out.
func (k Keys) Forget(ctx context.Context) error {
	ctx, stop := context.WithTimeout(ctx, keyringTime)
	defer stop()
	if err := k.Keyring.Delete(ctx, service, k.item()); err != nil && !errors.Is(err, platform.ErrNotFound) {
		return err
	}
	return nil
}

// maxKeyFile is more than a file with a key has, in bytes.
const maxKeyFile = 1 << 12

// WriteKeyFile makes a new 0600 file with the key; isNew is false when the file already holds
// this very key. A file with anything else is never replaced.
func WriteKeyFile(path string, key backup.RecoveryKey) (isNew bool, err error) {
	if old, err := platform.ReadBounded(path, maxKeyFile); err == nil && strings.TrimSpace(string(old)) == string(key) {
		return false, nil
	}
	err = platform.WriteFileNew(path, []byte(string(key)+"\n"), 0o600)
	if errors.Is(err, fs.ErrExist) {
		return false, &backup.Error{Kind: backup.Usage, Text: "the file " + path + " exists already", Hint: "Choose another name, or move that file away.", Err: err}
	}
	if err != nil {
		return false, &backup.Error{Kind: backup.Failed, Text: "the recovery key cannot be written to " + path, Hint: "Is its folder there and writable?", Err: err}
	}
	return true, nil
}

// Replace puts the key where the one before is taken from every day: into the key file, if there is
// one, and into the keyring. One of them must take it, the file where there is one.
func (k Keys) Replace(ctx context.Context, key backup.RecoveryKey) error {
	if k.File == "" {
		if err := k.Keep(ctx, key); err != nil {
			return keyringError(err)
		}
		return nil
	}
	path, err := k.Replaceable()
	if err != nil {
		return err
	}
	if err := platform.WriteFileAtomic(path, []byte(string(key)+"\n"), 0o600); err != nil {
		return &backup.Error{Kind: backup.Failed, Text: "the key file " + path + " does not take the new key: " + err.Error(), Hint: "Make its folder writable, then change the key again.", Err: err}
	}
	_ = k.Keep(ctx, key) // the file decides; a keyring that lags is only a cache
	return nil
}

// Replaceable gives the real path of the key file, which must be a file that can be replaced.
func (k Keys) Replaceable() (string, error) {
	path, err := filepath.EvalSymlinks(k.File)
	if err != nil {
		return "", fmt.Errorf("key file: %w", err)
	}
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = backup.Errorf(backup.Refused, "Put the key into a file (mode 0600) and set "+KeyFileEnv+" to it.", "the key comes from %s, which is no file that could keep a new one", k.File)
	}
	return path, err
}
