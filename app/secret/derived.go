package secret

import (
	"crypto/cipher"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"holdfast/backup"
	"holdfast/platform"
)

// What this home derives keys from the vault key for.
const (
	ForAudit     = "audit log"
	ForRules     = "gate rules"
	ForPasswords = "database passwords"
	ForPrints    = "fingerprints of secret files"
)

// Derived gives the keys that this home derives from the vault key. They stay the same when the vault
// key changes: a file keeps them then, sealed under the new one. Without the file, and for the
// vault's first key, they come from the vault key itself.
type Derived struct {
	File string // 0600; "" keeps nothing
}

// keptKeys are the file's contents: for each vault key, known by its mark, the sealed keys by what they are for.
type keptKeys map[string]map[string][]byte

// Key gives the key for a purpose.
func (d Derived) Key(key backup.RecoveryKey, purpose string) ([]byte, error) {
	kept, err := d.load()
	if err != nil {
		return nil, err
	}
	mark, err := keyMark(key)
	if err != nil {
		return nil, err
	}
	box, ok := kept[mark][purpose]
	if !ok {
		return key.Derive(purpose)
	}
	seal, err := derivedSeal(key)
	if err != nil {
		return nil, err
	}
	raw, ok := opened(seal, box, []byte(purpose))
	if !ok {
		return nil, d.damaged(nil)
	}
	return raw, nil
}

// Carry keeps the derived keys of one vault key for another one, beside those of the first: until the
// change is done, either may be the vault's.
func (d Derived) Carry(from, to backup.RecoveryKey) error {
	seal, err := derivedSeal(to)
	if err != nil {
		return err
	}
	boxes := map[string][]byte{}
	for _, purpose := range []string{ForAudit, ForRules, ForPasswords, ForPrints} {
		raw, err := d.Key(from, purpose)
		if err != nil {
			return err
		}
		boxes[purpose] = sealed(seal, raw, []byte(purpose))
	}
	kept, err := d.load()
	if err != nil {
		return err
	}
	mark, err := keyMark(to)
	if err != nil {
		return err
	}
	kept[mark] = boxes
	return d.store(kept)
}

// Only forgets what is kept for other vault keys.
func (d Derived) Only(key backup.RecoveryKey) error {
	kept, err := d.load()
	if err != nil {
		return err
	}
	mark, err := keyMark(key)
	if err != nil || kept[mark] == nil {
		return err
	}
	return d.store(keptKeys{mark: kept[mark]})
}

func (d Derived) load() (keptKeys, error) {
	if d.File == "" {
		return keptKeys{}, nil
	}
	kept, err := readBoxes[map[string][]byte](d.File)
	if err != nil {
		return nil, d.damaged(err)
	}
	return kept, nil
}

func (d Derived) damaged(err error) error {
	return &backup.Error{
		Kind: backup.Damaged, Text: "the keys of this home, " + d.File + ", cannot be read", Err: err,
		Hint: "Put the file back from a copy. Without it, remove it, give the databases' passwords again (holdfast sandbox edit NAME --password-file FILE), and look at the gate: holdfast gate reset",
	}
}

func (d Derived) store(kept keptKeys) error {
	text, err := json.Marshal(kept)
	if err != nil {
		return fmt.Errorf("encode the keys of this home: %w", err)
	}
	if err := platform.WriteFileAtomic(d.File, text, 0o600); err != nil {
		return &backup.Error{Kind: backup.Failed, Text: "the keys of this home cannot be kept in " + d.File, Hint: "Is its folder writable?", Err: err}
	}
	return nil
}

// keyMark is what a vault key is known by; it says nothing of the key.
func keyMark(key backup.RecoveryKey) (string, error) {
	raw, err := key.Derive("mark of derived keys")
	if err != nil {
		return "", fmt.Errorf("derive key: %w", err)
	}
	return hex.EncodeToString(raw[:8]), nil
}

func derivedSeal(key backup.RecoveryKey) (cipher.AEAD, error) {
	raw, err := key.Derive("derived keys")
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	return aead(raw)
}
