package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// aead is AES-256-GCM under a derived key, 32 bytes.
func aead(raw []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(raw)
	if err != nil {
		return nil, fmt.Errorf("cipher: %w", err)
	}
	return cipher.NewGCM(block)
}

// sealed gives a box: a fresh nonce, then plain sealed. It opens only with what it is bound to.
func sealed(seal cipher.AEAD, plain, bound []byte) []byte {
	nonce := make([]byte, seal.NonceSize())
	rand.Read(nonce)
	return seal.Seal(nonce, nonce, plain, bound)
}

// opened gives what is in a box; false when it is torn, or was sealed under another key or bound otherwise.
func opened(seal cipher.AEAD, box, bound []byte) ([]byte, bool) {
	n := seal.NonceSize()
	if len(box) <= n {
		return nil, false
	}
	plain, err := seal.Open(nil, box[:n], box[n:], bound)
	return plain, err == nil
}

// readBoxes reads a file of boxes; one that is not there is empty.
func readBoxes[V any](path string) (map[string]V, error) {
	boxes := map[string]V{}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return boxes, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &boxes)
	}
	if err == nil && boxes == nil {
		err = errors.New("it is null")
	}
	return boxes, err
}
