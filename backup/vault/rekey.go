package vault

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"time"

	"holdfast/backup"
)

// changeFile says that the key is being changed. While it is there, the format files may be those of
// the new key and their copies those of the old one: either key opens the vault.
const changeFile = "holdfast.key-change"

// keyChange is a change of the key that has not ended.
type keyChange struct {
	New string `json:"new"` // digest by which the new key is known; 256 random bits cannot be guessed from it
}

// ChangeKey wraps what opens the vault in another key, and no backup anew. keep puts the new key where
// it is taken from every day; its error takes everything back. Kopia's files come first, then keep,
// then the copies of the files: whenever the process dies, the key that is kept opens the vault, and
// Open says whether it is the new one. After ChangeKey the old key opens nothing in the vault's folder.
//
// Hazard: what opened the vault before, copied elsewhere, goes on opening that copy with the old key.
func (v *Vault) ChangeKey(ctx context.Context, key string, wait time.Duration, keep func() error) error {
	const op = "change the recovery key"
	if key == "" || key == v.key {
		return backup.WithOp(op, backup.Errorf(backup.Usage, "", "the new key is none, or the old one"))
	}
	l, err := v.acquire(ctx, true, wait, "a change of the key")
	if err != nil {
		return explain(op, err)
	}
	err = v.changeKey(context.WithoutCancel(ctx), key, keep)
	return explain(op, errors.Join(err, l.release(!l.dirty)))
}

func (v *Vault) changeKey(ctx context.Context, key string, keep func() error) error {
	if v.KeyChanged() {
		return backup.Errorf(backup.Busy, "Try again.", "another process has just changed the key")
	}
	old := v.format
	if err := v.copyFormat(); err != nil {
		return err
	}
	text, err := json.Marshal(keyChange{New: keyDigest(key)})
	if err != nil {
		return err
	}
	if err := replaceFile(filepath.Join(v.opts.Path, changeFile), text); err != nil {
		return err
	}
	err = v.rewrap(ctx, key)
	if err == nil {
		err = keep()
	}
	if err != nil {
		return errors.Join(err, v.takeBack(old))
	}
	if v.format, err = readFormat(v.opts.Path); err != nil {
		return err
	}
	v.key = key
	return errors.Join(v.copyFormat(), v.endChange())
}

// rewrap lets Kopia write its files, and tries them.
func (v *Vault) rewrap(ctx context.Context, key string) error {
	if err := v.rep.FormatManager().ChangePassword(ctx, key); err != nil {
		return err
	}
	if err := syncFolder(v.opts.Path); err != nil {
		return err
	}
	tried, err := connect(ctx, v.opts, key)
	if err != nil {
		return err
	}
	return tried.rep.Close(ctx)
}

// takeBack puts the format files back as they were.
func (v *Vault) takeBack(old [len(formatFiles)][]byte) (err error) {
	for i, name := range formatFiles {
		if old[i] != nil {
			err = errors.Join(err, replaceFile(filepath.Join(v.opts.Path, name), old[i]))
		}
	}
	if err != nil {
		return err
	}
	return v.endChange()
}

func (v *Vault) endChange() error {
	err := os.Remove(filepath.Join(v.opts.Path, changeFile))
	return errors.Join(ignoreMissing(err), syncFolder(v.opts.Path))
}

// KeyChanged says whether what opens the vault is not what opened it here: another process changed
// the key.
func (v *Vault) KeyChanged() bool {
	now, err := readFormat(v.opts.Path)
	if err != nil {
		return false
	}
	for i := range now {
		if now[i] != nil && !bytes.Equal(now[i], v.format[i]) {
			return true
		}
	}
	return false
}

// unfinishedChange gives the change of the key that has not ended; nil when there is none.
func unfinishedChange(path string) *keyChange {
	text, err := os.ReadFile(filepath.Join(path, changeFile))
	if err != nil {
		return nil
	}
	change := &keyChange{}
	if err := json.Unmarshal(text, change); err != nil {
		return &keyChange{}
	}
	return change
}

// changeTime is how long to wait for a change of the key that another process is at.
const changeTime = 10 * time.Second

// afterChange opens a vault that did not open, once more: another process may have been changing its key,
// in two files one after the other.
func afterChange(ctx context.Context, o Options, key string) (*Vault, error) {
	if unfinishedChange(o.Path) == nil {
		return connect(ctx, o, key)
	}
	l, err := (&Vault{opts: o}).acquire(ctx, true, changeTime, "a look at the key")
	if err != nil {
		return nil, err
	}
	v, err := connect(ctx, o, key)
	if releaseErr := l.release(!l.dirty); err == nil && releaseErr != nil {
		return nil, errors.Join(releaseErr, v.rep.Close(ctx))
	}
	return v, err
}

// finishChange ends a change of the key that died: the key that opened the vault is the one that
// counts from now on. While another process is at it, nothing is done.
func (v *Vault) finishChange(ctx context.Context) error {
	if unfinishedChange(v.opts.Path) == nil {
		return nil
	}
	l, err := v.acquire(ctx, true, 0, "the end of a change of the key")
	if backup.KindOf(err) == backup.Busy {
		return nil
	}
	if err != nil {
		return err
	}
	change := unfinishedChange(v.opts.Path)
	if change == nil || v.KeyChanged() { // it has ended meanwhile
		return l.release(!l.dirty)
	}
	if err = errors.Join(v.copyFormat(), v.endChange()); err == nil {
		v.warn(change.text(v.key))
	}
	return errors.Join(err, l.release(!l.dirty))
}

// text says which key counts.
func (c *keyChange) text(key string) string {
	if c.New == keyDigest(key) {
		return "A change of the recovery key was interrupted when the vault had the new one: the new key counts, and the old one opens nothing here any more."
	}
	return "A change of the recovery key was interrupted and is taken back: the old key counts, and the new one opens nothing. Change it again."
}

func keyDigest(key string) string {
	sum := sha256.Sum256([]byte("holdfast change of the key\n" + key))
	return hex.EncodeToString(sum[:])
}
