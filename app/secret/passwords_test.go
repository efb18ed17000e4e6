package secret_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"holdfast/app/secret"
	"holdfast/backup"
)

// sealed keeps passwords where there is no keyring.
func sealed(t *testing.T) secret.Passwords {
	t.Helper()
	withoutKeyring(t)
	return secret.Passwords{Home: "home", File: filepath.Join(t.TempDir(), "passwords.json"), Key: keyOf(backup.NewRecoveryKey())}
}

func set(t *testing.T, p secret.Passwords, sandbox, password string) {
	t.Helper()
	if err := p.Set(t.Context(), sandbox, password); err != nil {
		t.Fatal(err)
	}
}

func wantPassword(t *testing.T, p secret.Passwords, sandbox, want string) {
	t.Helper()
	if got, err := p.Get(t.Context(), sandbox); got != want || err != nil {
		t.Errorf("%s: got %q, %v; want %q", sandbox, got, err, want)
	}
}

func TestPasswordsAreSealedWithoutKeyring(t *testing.T) {
	p := sealed(t)
	wantPassword(t, p, "shop", "")
	set(t, p, "shop", "hunter2")
	set(t, p, "blog", "pässword\nwith a line")
	wantPassword(t, p, "shop", "hunter2")
	wantPassword(t, p, "blog", "pässword\nwith a line")
	first := read(t, p.File)
	set(t, p, "shop", "hunter3")
	wantPassword(t, p, "shop", "hunter3")
	wantPassword(t, p, "wiki", "")
	wantMode(t, p.File, 0o600)
	for _, text := range []string{first, read(t, p.File)} {
		if strings.Contains(text, "hunter") || strings.Contains(text, "aHVudGVy") { // in base64
			t.Error("the file holds the password")
		}
	}
}

func TestTheSamePasswordIsSealedDifferently(t *testing.T) {
	p := sealed(t)
	set(t, p, "shop", "hunter2")
	first := read(t, p.File)
	set(t, p, "shop", "hunter2")
	if read(t, p.File) == first {
		t.Error("the nonce was used twice")
	}
}

func TestPasswordIsRemoved(t *testing.T) {
	p := sealed(t)
	set(t, p, "shop", "hunter2")
	set(t, p, "blog", "other")
	for range 2 { // one that is not there counts as removed
		if err := p.Remove(t.Context(), "shop"); err != nil {
			t.Fatal(err)
		}
	}
	wantPassword(t, p, "shop", "")
	wantPassword(t, p, "blog", "other")
}

func TestPasswordOfAnotherVaultIsDamaged(t *testing.T) {
	p := sealed(t)
	set(t, p, "shop", "hunter2")
	p.Key = keyOf(backup.NewRecoveryKey())
	_, err := p.Get(t.Context(), "shop")
	wantError(t, err, backup.Damaged, "cannot be opened with this vault key", "hunter2")
}

func TestPasswordOfAnotherSandboxIsDamaged(t *testing.T) {
	p := sealed(t)
	set(t, p, "shop", "hunter2")
	write(t, p.File, strings.Replace(read(t, p.File), `"shop"`, `"blog"`, 1), 0o600)
	_, err := p.Get(t.Context(), "blog")
	wantError(t, err, backup.Damaged, "cannot be opened", "hunter2")
}

func TestPasswordNeedsTheVaultKey(t *testing.T) {
	p := sealed(t)
	set(t, p, "shop", "hunter2")
	none := errors.New("no key")
	p.Key = func(context.Context) (backup.RecoveryKey, error) { return "", none }
	if got, err := p.Get(t.Context(), "shop"); got != "" || !errors.Is(err, none) {
		t.Errorf("Get gives %q, %v", got, err)
	}
	if err := p.Set(t.Context(), "shop", "new"); !errors.Is(err, none) {
		t.Errorf("Set gives %v", err)
	}
}

func TestSealedPasswordsThatAreNoGood(t *testing.T) {
	for name, text := range map[string]string{"torn": `{"shop":"AAA`, "empty": "", "null": "null", "another thing": "[1]"} {
		t.Run(name, func(t *testing.T) {
			p := sealed(t)
			write(t, p.File, text, 0o600)
			_, err := p.Get(t.Context(), "shop")
			for _, err := range []error{err, p.Set(t.Context(), "shop", "hunter2"), p.Remove(t.Context(), "shop")} {
				wantError(t, err, backup.Damaged, "cannot be read", "hunter2")
			}
			if read(t, p.File) != text {
				t.Error("the file was changed")
			}
		})
	}
	for _, box := range []string{`""`, `"AAAA"`, `"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"`} {
		p := sealed(t)
		write(t, p.File, `{"shop":`+box+`}`, 0o600)
		_, err := p.Get(t.Context(), "shop")
		wantError(t, err, backup.Damaged, "cannot be opened")
	}
}

func TestPasswordsSetAtOnceAreAllKept(t *testing.T) {
	p := sealed(t)
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if err := p.Set(t.Context(), fmt.Sprint("sandbox", i), fmt.Sprint("password", i)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for i := range 20 {
		wantPassword(t, p, fmt.Sprint("sandbox", i), fmt.Sprint("password", i))
	}
}

func TestPasswordsOfAFolderThatIsGone(t *testing.T) {
	p := sealed(t)
	if err := os.Remove(filepath.Dir(p.File)); err != nil {
		t.Fatal(err)
	}
	wantPassword(t, p, "shop", "")
	wantError(t, p.Set(t.Context(), "shop", "hunter2"), backup.Failed, "cannot be changed", "hunter2")
}
