package workspace

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"slices"
	"strings"
	"time"

	"holdfast/backup/envfile"
)

// Secret is a file with secrets, without what is in it.
type Secret struct {
	Path     string    `json:"path"` // absolute
	Modified time.Time `json:"modified"`
	Print    string    `json:"print"`             // Fingerprint of its contents; "" when it cannot be read
	Problem  string    `json:"problem,omitempty"` // why it cannot be read
}

// Fingerprint tells contents from other contents without giving anything away of them to who does
// not have the key: an HMAC-SHA256, cut to 128 bits, in hex.
func Fingerprint(key, text []byte) string {
	h := hmac.New(sha256.New, key)
	h.Write(text)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Secrets looks at secret files, in the order of their paths, each once. With no key nothing is
// read, and there are no fingerprints.
func Secrets(paths []string, key []byte) []Secret {
	var list []Secret
	for _, path := range slices.Compact(slices.Sorted(slices.Values(paths))) {
		s := Secret{Path: path}
		info, err := os.Stat(path)
		if err == nil {
			s.Modified = info.ModTime().UTC()
		}
		if err == nil && len(key) > 0 {
			var text []byte
			if text, err = envfile.Read(path); err == nil {
				s.Print = Fingerprint(key, text)
			}
		}
		if err != nil {
			s.Problem = reason(err)
		}
		list = append(list, s)
	}
	return list
}

// reason gives an error's last words, without the path that stands beside it anyway.
func reason(err error) string {
	text := err.Error()
	return strings.TrimSpace(text[strings.LastIndex(text, ": ")+1:])
}
