package secret_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"holdfast/app/secret"
	"holdfast/backup"
)

const right, wrong = "correct hörse", "correct horse"

// clock is a time that tests move.
type clock struct{ now time.Time }

func (c *clock) pass(d time.Duration) { c.now = c.now.Add(d) }

func newPassphrase(t *testing.T) (secret.Passphrase, *clock) {
	t.Helper()
	c := &clock{now: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)}
	return secret.Passphrase{File: filepath.Join(t.TempDir(), "gate.json"), Now: func() time.Time { return c.now }}, c
}

func setPassphrase(t *testing.T) (secret.Passphrase, *clock) {
	t.Helper()
	p, c := newPassphrase(t)
	if err := p.Set(right); err != nil {
		t.Fatal(err)
	}
	return p, c
}

// cheapPassphrase is set with a hash that costs little, for tests with many tries.
func cheapPassphrase(t *testing.T) (secret.Passphrase, *clock) {
	t.Helper()
	p, c := newPassphrase(t)
	salt := []byte("sixteen bytes ok")
	text, err := json.Marshal(map[string]any{
		"version": 1, "time": 1, "memory_kib": 8 << 10, "threads": 1, "salt": salt,
		"hash": argon2.IDKey([]byte(right), salt, 1, 8<<10, 1, 32),
	})
	if err != nil {
		t.Fatal(err)
	}
	write(t, p.File, string(text), 0o600)
	return p, c
}

func wantRight(t *testing.T, p secret.Passphrase) {
	t.Helper()
	if err := p.Verify(t.Context(), right); err != nil {
		t.Errorf("the right passphrase: %v", err)
	}
}

func wantWrong(t *testing.T, p secret.Passphrase) {
	t.Helper()
	wantError(t, p.Verify(t.Context(), wrong), backup.Refused, "the approval passphrase is wrong", right, wrong)
}

// wantWait checks that even the right passphrase has to wait.
func wantWait(t *testing.T, p secret.Passphrase, wait string) {
	t.Helper()
	wantError(t, p.Verify(t.Context(), right), backup.Refused, "the next try is possible in "+wait, right)
}

func TestPassphrase(t *testing.T) {
	p, _ := setPassphrase(t)
	if err := p.Ready(); err != nil || !p.IsSet() {
		t.Errorf("set is %v, %v", p.IsSet(), err)
	}
	wantRight(t, p)
	for _, text := range []string{wrong, "", right + " ", strings.ToUpper(right), right[:5]} {
		wantError(t, p.Verify(t.Context(), text), backup.Refused, "passphrase", right)
		wantRight(t, p) // and the count begins anew
	}
	wantMode(t, p.File, 0o600)
	if strings.Contains(read(t, p.File), right) {
		t.Error("the file holds the passphrase")
	}
}

func TestPassphraseIsReplaced(t *testing.T) {
	p, _ := setPassphrase(t)
	before := read(t, p.File)
	if err := p.Set("another one"); err != nil {
		t.Fatal(err)
	}
	wantError(t, p.Verify(t.Context(), right), backup.Refused, "wrong")
	if err := p.Verify(t.Context(), "another one"); err != nil {
		t.Error(err)
	}
	if err := p.Set(right); err != nil {
		t.Fatal(err)
	}
	wantRight(t, p)
	if read(t, p.File) == before {
		t.Error("the same passphrase has the same hash twice")
	}
}

func TestPassphraseUnset(t *testing.T) {
	p, _ := newPassphrase(t)
	if p.IsSet() {
		t.Error("it counts as set")
	}
	for _, err := range []error{p.Ready(), p.Verify(t.Context(), ""), p.Verify(t.Context(), right)} {
		wantError(t, err, backup.Refused, "no approval passphrase is set yet")
	}
}

func TestPassphraseTooShort(t *testing.T) {
	p, _ := newPassphrase(t)
	for _, text := range []string{"", "12345", "üüüüü"} {
		wantError(t, p.Set(text), backup.Usage, "it needs at least 6")
	}
	if p.IsSet() {
		t.Error("a short one was kept")
	}
	if err := p.Set("üüüüüü"); err != nil {
		t.Errorf("six letters: %v", err)
	}
}

func TestPassphraseFileThatIsNoGood(t *testing.T) {
	p, _ := setPassphrase(t)
	good := read(t, p.File)
	cases := []struct {
		name, text string
		mode       os.FileMode
		says       string
	}{
		{"torn", good[:len(good)/2], 0o600, "is damaged"},
		{"empty", "", 0o600, "is damaged"},
		{"null", "null", 0o600, "is damaged"},
		{"no hash", "{}", 0o600, "is damaged"},
		{"absurd memory", strings.Replace(good, `"memory_kib":65536`, `"memory_kib":4000000000`, 1), 0o600, "is damaged"},
		{"no memory", strings.Replace(good, `"memory_kib":65536`, `"memory_kib":0`, 1), 0o600, "is damaged"},
		{"absurd passes", strings.Replace(good, `"time":3`, `"time":100000`, 1), 0o600, "is damaged"},
		{"no passes", strings.Replace(good, `"time":3`, `"time":0`, 1), 0o600, "is damaged"},
		{"newer version", strings.Replace(good, `"version":1`, `"version":2`, 1), 0o600, "is damaged"},
		{"tries on credit", strings.Replace(good, `"wrong":0`, `"wrong":-1000`, 1), 0o600, "is damaged"},
		{"readable by others", good, 0o644, "can be read by others"},
		{"writable by others", good, 0o620, "can be read by others"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			write(t, p.File, c.text, c.mode)
			wantError(t, p.Ready(), backup.Refused, c.says)
			wantError(t, p.Verify(t.Context(), right), backup.Refused, c.says)
			if read(t, p.File) != c.text {
				t.Error("the file was changed")
			}
		})
	}
	write(t, p.File, good, 0o600)
	wantRight(t, p)
}

func TestWrongPassphrasesHaveToWait(t *testing.T) {
	p, now := cheapPassphrase(t)
	for range 5 {
		wantWrong(t, p) // free
	}
	for _, wait := range []time.Duration{2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900} {
		wait *= time.Second
		wantWait(t, p, wait.String())
		now.pass(wait - time.Second)
		wantWait(t, p, "1s")
		now.pass(time.Second)
		wantWrong(t, p)
	}
	now.pass(15 * time.Minute)
	wantRight(t, p)
	for range 5 {
		wantWrong(t, p) // the right one made five free again
	}
	wantWait(t, p, "2s")
}

func TestWaitingSurvivesTheProcess(t *testing.T) {
	p, _ := cheapPassphrase(t)
	for range 5 {
		wantWrong(t, p)
	}
	again := secret.Passphrase{File: p.File, Now: p.Now}
	wantWait(t, again, "2s")
}

func TestClockThatWasSetBackLocksNobodyOut(t *testing.T) {
	for _, back := range []time.Duration{time.Hour, 5 * 365 * 24 * time.Hour, 200 * 365 * 24 * time.Hour} {
		p, now := cheapPassphrase(t)
		for range 6 {
			_ = p.Verify(t.Context(), wrong)
		}
		now.pass(-back)
		wantWait(t, p, "2s") // the wait itself is not escaped
		now.pass(2 * time.Second)
		wantRight(t, p)
	}
}

func TestClockThatWasSetForthAndBack(t *testing.T) {
	p, now := cheapPassphrase(t)
	now.pass(290 * 365 * 24 * time.Hour)
	for range 5 {
		wantWrong(t, p)
	}
	now.pass(-290 * 365 * 24 * time.Hour)
	now.pass(-290 * 365 * 24 * time.Hour) // further apart than a Duration reaches
	wantWait(t, p, "2s")
	now.pass(2 * time.Second)
	wantRight(t, p)
}

func TestWrongTriesAtOnceAreAllCounted(t *testing.T) {
	p, _ := cheapPassphrase(t)
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() { _ = p.Verify(context.Background(), wrong) })
	}
	all.Wait()
	wantWait(t, p, "2s")
}

func TestNewPassphraseIsNotLostToAWrongTry(t *testing.T) {
	p, _ := cheapPassphrase(t)
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() { _ = p.Verify(context.Background(), wrong) })
	}
	if err := p.Set("another one"); err != nil {
		t.Error(err)
	}
	all.Wait()
	if err := p.Verify(t.Context(), "another one"); err != nil {
		t.Errorf("the new passphrase: %v", err)
	}
}

func TestPassphraseEndsWithItsContext(t *testing.T) {
	p, _ := cheapPassphrase(t)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	wantError(t, p.Verify(ctx, right), backup.Refused, "cannot be checked")
}
