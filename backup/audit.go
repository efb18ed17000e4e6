package backup

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// AuditEntry is one line of the audit log. Lines are only ever appended; each one's MAC
// covers the line before it, so that an edit or a cut shows.
type AuditEntry struct {
	Seq      int64     `json:"seq"` // 1, 2, 3, …
	At       time.Time `json:"at"`  // UTC
	Who      string    `json:"who"`
	Action   Action    `json:"action"`
	Sandbox  string    `json:"sandbox"`
	Object   string    `json:"object"`   // ID of the backup or restore, or what else it was about
	Decision Decision  `json:"decision"` // "" for an entry that reports an outcome
	Outcome  string    `json:"outcome"`  // "" until it is known; else "done" or the error's text
	Detail   string    `json:"detail"`
	Sealed   bool      `json:"sealed"` // MAC was made with the vault's audit key
	MAC      string    `json:"mac"`    // hex, 32 bytes
	Origin             // empty in entries of older versions
}

// What Origin.Via may be.
const (
	ViaWindow  = "window"
	ViaCommand = "command"
	ViaPlan    = "plan"
)

// Origin says through what somebody asks: which the operating system's user name alone does not.
type Origin struct {
	Via     string `json:"via,omitempty"`     // ViaWindow, ViaCommand, or ViaPlan where nobody asked
	Parents string `json:"parents,omitempty"` // processes that the asking one descends from, nearest first: "bash (812) < node (700)"
}

// Words gives it for a person: "command, from bash (812) < node (700)".
func (o Origin) Words() string {
	if o.Parents == "" {
		return o.Via
	}
	return o.Via + ", from " + o.Parents
}

// ChainAudit sets Sealed and MAC of e, whose predecessor has the MAC prev ("" for the first).
// Without a key (before there is a vault) the entry gets a plain SHA-256; the next sealed
// entry covers it.
func ChainAudit(key []byte, prev string, e *AuditEntry) error {
	e.Sealed, e.MAC = len(key) > 0, ""
	text, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encode audit entry: %w", err)
	}
	h := sha256.New()
	if e.Sealed {
		h = hmac.New(sha256.New, key)
	}
	h.Write([]byte(prev))
	h.Write([]byte{'\n'})
	h.Write(text)
	e.MAC = hex.EncodeToString(h.Sum(nil))
	return nil
}

// CheckAudit verifies the whole log, oldest first. The error is Damaged and names the first
// entry that is missing or was changed. Sealed entries need the key.
func CheckAudit(key []byte, entries []AuditEntry) error {
	prev := ""
	for i, e := range entries {
		if e.Seq != int64(i)+1 {
			return Errorf(Damaged, "Compare it with the audit head in the manifests of the backups.", "the audit log misses entry %d", i+1)
		}
		again, k := e, key
		if !e.Sealed {
			k = nil
		}
		if err := ChainAudit(k, prev, &again); err != nil {
			return err
		}
		if !hmac.Equal([]byte(again.MAC), []byte(e.MAC)) || again.Sealed != e.Sealed {
			return Errorf(Damaged, "Compare it with the audit head in the manifests of the backups.", "entry %d of the audit log was changed", e.Seq)
		}
		prev = e.MAC
	}
	return nil
}
