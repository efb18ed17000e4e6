package backup_test

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
	"time"

	"holdfast/backup"
)

func auditLog(t *testing.T, key []byte, sealedFrom, n int) []backup.AuditEntry {
	t.Helper()
	var log []backup.AuditEntry
	prev := ""
	for i := range n {
		e := backup.AuditEntry{Seq: int64(i) + 1, At: time.Unix(int64(i), 0).UTC(), Who: "ada@desk", Action: backup.ActionDBFull}
		k := key
		if i < sealedFrom {
			k = nil
		}
		if err := backup.ChainAudit(k, prev, &e); err != nil {
			t.Fatal(err)
		}
		prev = e.MAC
		log = append(log, e)
	}
	return log
}

func TestAuditChainHolds(t *testing.T) {
	key := []byte("a key of the vault")
	if err := backup.CheckAudit(key, auditLog(t, key, 2, 5)); err != nil {
		t.Errorf("whole log: %v", err)
	}
}

func TestAuditChainShowsEveryChange(t *testing.T) {
	key := []byte("a key of the vault")
	changes := map[string]func([]backup.AuditEntry) []backup.AuditEntry{
		"edited":        func(l []backup.AuditEntry) []backup.AuditEntry { l[3].Who = "mallory@desk"; return l },
		"unsealed edit": func(l []backup.AuditEntry) []backup.AuditEntry { l[0].Outcome = "done"; return l },
		"cut out":       func(l []backup.AuditEntry) []backup.AuditEntry { return append(l[:2], l[3:]...) },
		"first cut":     func(l []backup.AuditEntry) []backup.AuditEntry { return l[1:] },
		"swapped":       func(l []backup.AuditEntry) []backup.AuditEntry { l[3], l[4] = l[4], l[3]; return l },
		"seal removed":  func(l []backup.AuditEntry) []backup.AuditEntry { l[4].Sealed = false; return l },
	}
	for name, change := range changes {
		err := backup.CheckAudit(key, change(auditLog(t, key, 2, 5)))
		if backup.KindOf(err) != backup.Damaged {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := backup.CheckAudit([]byte("another key"), auditLog(t, key, 0, 3)); backup.KindOf(err) != backup.Damaged {
		t.Errorf("another key: %v", err)
	}
}

// TestOlderAuditEntry has an entry of a version that did not know where somebody asked from. What
// was sealed must not change by fields that came later.
func TestOlderAuditEntry(t *testing.T) {
	e := backup.AuditEntry{Seq: 1, At: time.Date(2026, 4, 8, 14, 30, 0, 0, time.UTC), Who: "ada@desk", Action: backup.ActionRead, Sandbox: "shop"}
	if err := backup.ChainAudit(nil, "", &e); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("\n" + `{"seq":1,"at":"2026-04-08T14:30:00Z","who":"ada@desk","action":"backups.read","sandbox":"shop","object":"","decision":"","outcome":"","detail":"","sealed":false,"mac":""}`))
	if want := hex.EncodeToString(sum[:]); e.MAC != want {
		t.Errorf("%s, want %s", e.MAC, want)
	}
	moved := e
	moved.Via = backup.ViaWindow
	if err := backup.CheckAudit(nil, []backup.AuditEntry{moved}); backup.KindOf(err) != backup.Damaged {
		t.Errorf("another origin: %v", err)
	}
}
