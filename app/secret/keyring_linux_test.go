package secret_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"holdfast/app/secret"
	"holdfast/backup"
	"holdfast/platform"
)

// insideEnv says that the test program runs on a session bus of its own, with a real keyring.
const insideEnv = "HOLDFAST_TEST_IN_KEYRING"

// TestKeyInAKeyring runs TestInsideKeyring on a session bus of its own.
func TestKeyInAKeyring(t *testing.T) {
	for command, pkg := range map[string]string{"dbus-run-session": "dbus-daemon", "gnome-keyring-daemon": "gnome-keyring"} {
		if _, err := exec.LookPath(command); err != nil {
			t.Fatalf("%s is missing; install the Debian package %s", command, pkg)
		}
	}
	dir, err := os.MkdirTemp("", "hf") // t.TempDir's names are too long for sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // a daemon may still be on its way out
	if err := os.Mkdir(filepath.Join(dir, "run"), 0o700); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 2*time.Minute)
	defer stop()
	const script = `printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null; exec "$0" -test.run='^TestInsideKeyring$' -test.count=1`
	cmd := exec.CommandContext(ctx, "dbus-run-session", "--", "sh", "-c", script, os.Args[0])
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "XDG_DATA_HOME=" + filepath.Join(dir, "data"),
		"XDG_RUNTIME_DIR=" + filepath.Join(dir, "run"), insideEnv + "=yes",
	}
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "PASS") {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestInsideKeyring: an item that was emptied, holds something else or is gone costs one paste of the key,
// and nothing of what it holds is shown.
func TestInsideKeyring(t *testing.T) {
	if os.Getenv(insideEnv) == "" {
		return
	}
	k := secret.Keys{Home: "home"}
	key := backup.NewRecoveryKey()
	missing := func(says string, secrets ...string) {
		t.Helper()
		got, err := k.Load(t.Context())
		if got != "" || !errors.Is(err, secret.ErrNoKey) {
			t.Errorf("a key: %v, error %v", got != "", err)
		}
		wantError(t, err, backup.Damaged, says, secrets...)
		if hint := backup.AsError(err).Hint; !strings.Contains(hint, secret.KeyFileEnv) || !strings.Contains(hint, "holdfast vault open") {
			t.Errorf("the hint is %q", hint)
		}
	}
	whole := func() {
		t.Helper()
		if err := k.Keep(t.Context(), key); err != nil {
			t.Fatal(err)
		}
		if got, err := k.Load(t.Context()); got != key || err != nil {
			t.Errorf("the key is not read back: %v", err)
		}
	}
	missing("not in the keyring")
	whole()
	for _, other := range []string{"", "another program's secret", string(key)[:40], strings.Repeat("A", 1<<16), strings.Replace(string(key), "-", "A", 1)} {
		if err := (platform.Keyring{}).Set(t.Context(), "Holdfast", "vault-key:home", other); err != nil {
			t.Fatal(err)
		}
		missing("holds something else", "another program", string(key)[:10])
		whole()
	}
	if err := k.Forget(t.Context()); err != nil {
		t.Fatal(err)
	}
	missing("not in the keyring")
	if _, err := (secret.Keys{Home: "another"}).Load(t.Context()); !errors.Is(err, secret.ErrNoKey) {
		t.Errorf("another home's key: %v", err)
	}
}
