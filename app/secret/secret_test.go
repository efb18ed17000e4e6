package secret_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/backup"
)

// withoutKeyring takes the session bus away, and with it the keyring.
func withoutKeyring(t *testing.T) {
	t.Helper()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(t.TempDir(), "nobody"))
}

func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func wantMode(t *testing.T, path string, want os.FileMode) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != want {
		t.Errorf("%s has mode %04o, want %04o", filepath.Base(path), got, want)
	}
}

// wantError checks kind and text of an error, that it says what to do, and that no secret is in it.
func wantError(t *testing.T, err error, kind backup.Kind, says string, secrets ...string) {
	t.Helper()
	if backup.KindOf(err) != kind || !strings.Contains(err.Error(), says) {
		t.Errorf("got %q error %v; want %q: %s", backup.KindOf(err), err, kind, says)
		return
	}
	e := backup.AsError(err)
	if e.Hint == "" {
		t.Errorf("%v: no hint", err)
	}
	for _, secret := range secrets {
		for cause := error(e); cause != nil; cause = unwrap(cause) {
			if strings.Contains(cause.Error()+e.Hint, secret) {
				t.Errorf("a secret is in %v", cause)
			}
		}
	}
}

func unwrap(err error) error {
	if u, ok := err.(interface{ Unwrap() error }); ok {
		return u.Unwrap()
	}
	return nil
}

func keyOf(key backup.RecoveryKey) func(context.Context) (backup.RecoveryKey, error) {
	return func(context.Context) (backup.RecoveryKey, error) { return key, nil }
}
