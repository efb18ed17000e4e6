package backup

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

// RecoveryKey opens the vault: 256 random bits as 13 groups of 4 base32 characters and a
// 14th group that is a checksum. Its text, groups and dashes included, is the password of
// the Kopia repository, so that the stock kopia command opens the vault with it.
type RecoveryKey string

const (
	keyGroups = 13
	keyLength = keyGroups*4 + 4 // characters without dashes
)

// NewRecoveryKey draws a key from the system's random source.
func NewRecoveryKey() RecoveryKey {
	var raw [32]byte
	rand.Read(raw[:]) // never fails: crypto/rand ends the program instead
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw[:])
	return RecoveryKey(grouped(text + keyChecksum(text)))
}

// ParseRecoveryKey reads a key as a person types it: case, spaces and dashes do not matter,
// and the digits 0, 1 and 8, which base32 does not have, are read as O, I and B.
// Anything else than a whole key is Damaged. The error never holds the text.
func ParseRecoveryKey(typed string) (RecoveryKey, error) {
	clean := strings.Map(func(r rune) rune {
		switch {
		case r == '-' || r == ' ' || r == '\t' || r == '\n' || r == '\r':
			return -1
		case r == '0':
			return 'O'
		case r == '1':
			return 'I'
		case r == '8':
			return 'B'
		}
		return r
	}, strings.ToUpper(typed))
	hint := "Type it again from the recovery kit: 14 groups of 4 letters and digits."
	if len(clean) != keyLength {
		return "", Errorf(Damaged, hint, "the recovery key has %d characters instead of %d", len(clean), keyLength)
	}
	text, sum := clean[:keyGroups*4], clean[keyGroups*4:]
	if _, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(text); err != nil || keyChecksum(text) != sum {
		return "", Errorf(Damaged, hint, "the recovery key has a typing error: its last group does not fit")
	}
	return RecoveryKey(grouped(clean)), nil
}

// Derive gives a 32-byte key for another purpose, so that one leaked use does not open the vault.
func (k RecoveryKey) Derive(purpose string) ([]byte, error) {
	return hkdf.Key(sha256.New, []byte(k), nil, "holdfast "+purpose, 32)
}

func keyChecksum(text string) string {
	sum := sha256.Sum256([]byte("holdfast recovery key\n" + text))
	return base32.StdEncoding.EncodeToString(sum[:5])[:4]
}

func grouped(text string) string {
	var groups []string
	for len(text) > 4 {
		groups, text = append(groups, text[:4]), text[4:]
	}
	return strings.Join(append(groups, text), "-")
}
