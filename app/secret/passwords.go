package secret

import (
	"cmp"
	"context"
	"crypto/cipher"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"holdfast/backup"
	"holdfast/platform"
)

// Passwords keeps the passwords of sandboxes' databases, or secrets of another kind by their names.
type Passwords struct {
	Kind    string // names the keyring's items; "" is "database"
	Again   string // the command that gives a secret again, NAME in it is replaced; "" is sandbox edit
	Home    string // random ID of this home, names the keyring's items
	File    string // where sealed ones are kept when there is no keyring
	Keyring platform.Keyring
	Key     func(context.Context) (backup.RecoveryKey, error) // the vault key
	Derived Derived                                           // seals them
}

func (p Passwords) item(name string) string {
	return cmp.Or(p.Kind, "database") + ":" + p.Home + ":" + name
}

// bound is what a sealed secret is bound to: one of another name or kind does not open in its place.
func (p Passwords) bound(name string) []byte {
	if p.Kind == "" {
		return []byte(name)
	}
	return []byte(p.Kind + ":" + name)
}

// again says how a person gives a secret again.
func (p Passwords) again(name string) string {
	return strings.ReplaceAll(cmp.Or(p.Again, "holdfast sandbox edit NAME --password-file FILE"), "NAME", name)
}

// Set keeps the password of a sandbox: in a keyring that gives it back, else sealed under the vault key.
func (p Passwords) Set(ctx context.Context, sandbox, password string) error {
	bounded, stop := context.WithTimeout(ctx, keyringTime)
	defer stop()
	if err := keep(bounded, p.Keyring, p.item(sandbox), password); err == nil {
		return p.unseal(ctx, sandbox)
	}
	return p.seal(ctx, sandbox, password)
}

// Get gives the password of a sandbox; "" when none is kept.
func (p Passwords) Get(ctx context.Context, sandbox string) (string, error) {
	boxes, err := p.load()
	if err != nil {
		return "", err
	}
	if box, ok := boxes[sandbox]; ok {
		return p.open(ctx, sandbox, box)
	}
	bounded, stop := context.WithTimeout(ctx, keyringTime)
	defer stop()
	password, err := p.Keyring.Get(bounded, service, p.item(sandbox))
	switch {
	case err == nil:
		return password, nil
	case errors.Is(err, platform.ErrNotFound), errors.Is(err, platform.ErrKeyringAbsent):
		return "", nil
	}
	return "", p.unavailable(err, sandbox)
}

// unavailable says that the keyring does not say whether it has a password. That is not about the vault key,
// nor about what is stored.
func (p Passwords) unavailable(err error, name string) error {
	fault := &backup.Error{Kind: backup.Unreachable, Text: "the keyring does not give the password for " + name + ": " + err.Error(), Hint: "Give it again: " + p.again(name), Err: err}
	if errors.Is(err, platform.ErrKeyringLocked) {
		fault.Text, fault.Hint = "the keyring is locked, so the password for "+name+" cannot be had", "Unlock the keyring, then try again."
	}
	return fault
}

// Remove forgets the password of a sandbox.
func (p Passwords) Remove(ctx context.Context, sandbox string) error {
	if err := p.unseal(ctx, sandbox); err != nil {
		return err
	}
	bounded, stop := context.WithTimeout(ctx, keyringTime)
	defer stop()
	err := p.Keyring.Delete(bounded, service, p.item(sandbox))
	if errors.Is(err, platform.ErrNotFound) || errors.Is(err, platform.ErrKeyringAbsent) {
		return nil
	}
	if err != nil {
		return p.unavailable(err, sandbox)
	}
	return nil
}

func (p Passwords) load() (map[string][]byte, error) {
	boxes, err := readBoxes[[]byte](p.File)
	if err != nil {
		return nil, &backup.Error{Kind: backup.Damaged, Text: "the sealed passwords cannot be read", Hint: "Remove " + p.File + " and give the passwords again: " + p.again("NAME"), Err: err}
	}
	return boxes, nil
}

func (p Passwords) store(boxes map[string][]byte) error {
	text, err := json.Marshal(boxes)
	if err != nil {
		return fmt.Errorf("encode sealed passwords: %w", err)
	}
	return platform.WriteFileAtomic(p.File, text, 0o600)
}

func (p Passwords) unseal(ctx context.Context, sandbox string) error {
	if boxes, err := p.load(); err != nil || boxes[sandbox] == nil {
		return err
	}
	return p.change(ctx, func(boxes map[string][]byte) { delete(boxes, sandbox) })
}

// change changes the sealed passwords while no other process does.
func (p Passwords) change(ctx context.Context, do func(boxes map[string][]byte)) error {
	unlock, err := lockBeside(ctx, p.File)
	if err != nil {
		return &backup.Error{Kind: backup.Failed, Text: "the sealed passwords cannot be changed now", Hint: "Is the folder of " + p.File + " writable?", Err: err}
	}
	defer unlock()
	boxes, err := p.load()
	if err != nil {
		return err
	}
	do(boxes)
	return p.store(boxes)
}

func (p Passwords) seal(ctx context.Context, sandbox, password string) error {
	box, err := p.box(ctx)
	if err != nil {
		return err
	}
	kept := sealed(box, []byte(password), p.bound(sandbox))
	return p.change(ctx, func(boxes map[string][]byte) { boxes[sandbox] = kept })
}

func (p Passwords) open(ctx context.Context, sandbox string, kept []byte) (string, error) {
	box, err := p.box(ctx)
	if err != nil {
		return "", err
	}
	if plain, ok := opened(box, kept, p.bound(sandbox)); ok {
		return string(plain), nil
	}
	return "", backup.Errorf(backup.Damaged, "Give it again: "+p.again(sandbox),
		"the sealed password of %s cannot be opened with this vault key", sandbox)
}

func (p Passwords) box(ctx context.Context) (cipher.AEAD, error) {
	key, err := p.Key(ctx)
	if err != nil {
		return nil, err
	}
	raw, err := p.Derived.Key(key, ForPasswords)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	return aead(raw)
}
