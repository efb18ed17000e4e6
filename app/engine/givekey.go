package engine

import (
	"context"
	"crypto/subtle"
	"errors"
	"io/fs"
	"os"
	"strings"
	"time"

	"holdfast/app/secret"
	"holdfast/backup"
	"holdfast/backup/vault"
)

// KeyMissing says why the vault key cannot be had just now; nil when it can, or there is no vault yet.
func (e *Engine) KeyMissing(ctx context.Context) error {
	if !e.HasVault() {
		return nil
	}
	if _, err := e.keys.Load(ctx); needsKey(err) {
		return err
	}
	return nil
}

// needsKey says whether an error is that the vault key cannot be had, so that a person may give it.
func needsKey(err error) bool { return errors.Is(err, secret.ErrNoKey) }

// GiveKey tries a recovery key that a person typed on the vault, and puts it back where it is kept: into
// the keyring, or into the key file that is missing. Where neither takes it, kept is false, and the key
// serves only as Options.Lent.
func (e *Engine) GiveKey(ctx context.Context, typed string) (key backup.RecoveryKey, kept bool, err error) {
	const op = "take the recovery key"
	key, err = backup.ParseRecoveryKey(typed)
	if err != nil {
		return "", false, backup.WithOp(op, err)
	}
	v, err := vault.Open(ctx, e.vaultOptions(e.VaultPath()), string(key))
	if err != nil {
		return "", false, backup.WithOp(op, err)
	}
	err = errors.Join(v.Close(ctx), e.trustKey(ctx, key))
	if e.keys.File == "" {
		return key, e.keys.Keep(ctx, key) == nil, backup.WithOp(op, err)
	}
	if _, statErr := os.Stat(e.keys.File); errors.Is(statErr, fs.ErrNotExist) {
		kept = e.fillKeyFile(key) == nil
	}
	return key, kept, backup.WithOp(op, err)
}

// TestKit compares the last group of the key on a recovery kit with the vault's. When it is the same the
// kit counts as kept.
func (e *Engine) TestKit(ctx context.Context, group string) error {
	const op = "test the recovery kit"
	key, err := e.key(ctx)
	if err != nil {
		return backup.WithOp(op, err)
	}
	groups := strings.Split(string(key), "-")
	typed := strings.ToUpper(strings.TrimSpace(group))
	if subtle.ConstantTimeCompare([]byte(typed), []byte(groups[len(groups)-1])) != 1 {
		return backup.WithOp(op, backup.Errorf(backup.Refused, "Look whether it is the kit of this vault, and was made after the key was last changed. If it is not, save a new one.", "that is not the last group of this vault's key"))
	}
	return e.KitKept(ctx)
}

// KitKeptAt says when a person last had the recovery kit in hand; zero: never, or the key was changed since.
func (e *Engine) KitKeptAt(ctx context.Context) (time.Time, error) {
	void, err := e.kitVoidSince(ctx)
	if err != nil || !void.IsZero() {
		return time.Time{}, err
	}
	return e.factTime(ctx, kitKept)
}

// factTime gives the time that a fact of the catalog holds; zero when there is none. One that nobody
// can read says nothing.
func (e *Engine) factTime(ctx context.Context, name string) (time.Time, error) {
	text, err := e.catalog.Fact(ctx, name)
	at, _ := time.Parse(time.RFC3339, text) // zero where it is none
	return at, err
}
