package backup_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"holdfast/backup"
)

func TestRecoveryKeyIsReadAsPeopleTypeIt(t *testing.T) {
	key := backup.NewRecoveryKey()
	if groups := strings.Split(string(key), "-"); len(groups) != 14 {
		t.Fatalf("a key has %d groups, want 14", len(groups))
	}
	typed := []string{
		string(key), strings.ToLower(string(key)), strings.ReplaceAll(string(key), "-", ""),
		strings.ReplaceAll(string(key), "-", " "), "  " + string(key) + "\r\n",
		strings.NewReplacer("O", "0", "I", "1", "B", "8").Replace(string(key)),
	}
	for i, text := range typed {
		if got, err := backup.ParseRecoveryKey(text); err != nil || got != key {
			t.Errorf("way %d of typing it is not read back: %v", i, err)
		}
	}
}

func TestRecoveryKeyCatchesTypingErrors(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := []byte(backup.NewRecoveryKey())
		at := rapid.IntRange(0, len(key)-1).Draw(t, "at")
		if key[at] == '-' {
			at++
		}
		to := rapid.SampledFrom([]byte("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")).Draw(t, "to")
		if key[at] == to {
			return
		}
		key[at] = to
		// 20 bits of checksum: one in a million wrong keys passes.
		if got, err := backup.ParseRecoveryKey(string(key)); err == nil && string(got) == string(key) {
			t.Fatalf("a wrong character at %d was not noticed", at)
		}
	})
}

func TestRecoveryKeyErrorsHoldNoKey(t *testing.T) {
	key := string(backup.NewRecoveryKey())
	_, err := backup.ParseRecoveryKey(key + "A")
	if backup.KindOf(err) != backup.Damaged || strings.Contains(err.Error(), key[:9]) {
		t.Errorf("got %v", err)
	}
}

func TestDerivedKeysDiffer(t *testing.T) {
	key := backup.NewRecoveryKey()
	a, errA := key.Derive("one thing")
	b, errB := key.Derive("another")
	if errA != nil || errB != nil || len(a) != 32 || string(a) == string(b) {
		t.Errorf("derived keys: %d bytes, equal %v, %v %v", len(a), string(a) == string(b), errA, errB)
	}
}
