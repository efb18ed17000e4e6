package secret_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/app/secret"
	"holdfast/backup"
	"holdfast/platform"
)

func TestKeyComesFromItsFile(t *testing.T) {
	withoutKeyring(t)
	key := backup.NewRecoveryKey()
	path := filepath.Join(t.TempDir(), "key")
	for _, text := range []string{string(key), strings.ToLower(string(key)) + "\n", strings.ReplaceAll(string(key), "-", " ")} {
		write(t, path, text, 0o600)
		if got, err := (secret.Keys{File: path}).Load(t.Context()); got != key || err != nil {
			t.Errorf("the key is not read back: %v", err)
		}
	}
}

func TestKeyFileThatIsNoGood(t *testing.T) {
	withoutKeyring(t)
	key := string(backup.NewRecoveryKey())
	wrong := "A"
	if key[0] == 'A' {
		wrong = "B"
	}
	path := filepath.Join(t.TempDir(), "key")
	cases := []struct {
		name, text string
		mode       os.FileMode
		kind       backup.Kind
		says       string
	}{
		{"readable by all", key, 0o644, backup.Refused, "can be read by others"},
		{"readable by the group", key, 0o640, backup.Refused, "can be read by others"},
		{"writable by others", key, 0o602, backup.Refused, "can be read by others"},
		{"typing error", wrong + key[1:], 0o600, backup.Damaged, "typing error"},
		{"cut", key[:40], 0o600, backup.Damaged, "characters instead of"},
		{"empty", "", 0o600, backup.Damaged, "characters instead of"},
		{"too large", strings.Repeat("A", 2<<20), 0o600, backup.Damaged, "cannot be read"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			write(t, path, c.text, c.mode)
			got, err := secret.Keys{File: path}.Load(t.Context())
			wantError(t, err, c.kind, c.says, key[5:30])
			if got != "" {
				t.Error("it gives a key")
			}
		})
	}
	_, err := secret.Keys{File: path + "-missing"}.Load(t.Context())
	wantError(t, err, backup.Damaged, "is not there")
	_, err = secret.Keys{File: filepath.Dir(path)}.Load(t.Context())
	wantError(t, err, backup.Damaged, "cannot be read")
}

func TestKeyWithoutKeyring(t *testing.T) {
	withoutKeyring(t)
	k := secret.Keys{Home: "home"}
	_, err := k.Load(t.Context())
	wantError(t, err, backup.Damaged, "there is no keyring here")
	if !strings.Contains(backup.AsError(err).Hint, secret.KeyFileEnv) {
		t.Errorf("the hint is %q", backup.AsError(err).Hint)
	}
	for _, err := range []error{err, k.Keep(t.Context(), backup.NewRecoveryKey()), k.Forget(t.Context())} {
		if !errors.Is(err, platform.ErrKeyringAbsent) {
			t.Errorf("got %v", err)
		}
	}
}

func TestWriteKeyFile(t *testing.T) {
	key, path := backup.NewRecoveryKey(), filepath.Join(t.TempDir(), "key")
	for _, want := range []bool{true, false} { // made, then found
		isNew, err := secret.WriteKeyFile(path, key)
		if isNew != want || err != nil {
			t.Errorf("new is %v, %v; want %v", isNew, err, want)
		}
	}
	wantMode(t, path, 0o600)
	if got, err := (secret.Keys{File: path}).Load(t.Context()); got != key || err != nil {
		t.Errorf("the key is not read back: %v", err)
	}
}

func TestWriteKeyFileNeverReplaces(t *testing.T) {
	key, dir := backup.NewRecoveryKey(), t.TempDir()
	other := filepath.Join(dir, "other")
	write(t, other, string(backup.NewRecoveryKey()), 0o600)
	before := read(t, other)
	empty := filepath.Join(dir, "empty")
	write(t, empty, "", 0o600)
	loop, nowhere := filepath.Join(dir, "loop"), filepath.Join(dir, "nowhere")
	for link, to := range map[string]string{loop: loop, nowhere: filepath.Join(dir, "missing")} { // root cannot read a loop either
		if err := os.Symlink(to, link); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{other, empty, loop, nowhere, dir} {
		isNew, err := secret.WriteKeyFile(path, key)
		wantError(t, err, backup.Usage, "exists already", string(key))
		if isNew {
			t.Errorf("%s counts as new", filepath.Base(path))
		}
	}
	if read(t, other) != before || read(t, empty) != "" {
		t.Error("a file was replaced")
	}
	for _, link := range []string{loop, nowhere} {
		if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
			t.Errorf("a link was replaced: %v, %v", info, err)
		}
	}
	_, err := secret.WriteKeyFile(filepath.Join(dir, "no such folder", "key"), key)
	wantError(t, err, backup.Failed, "cannot be written", string(key))
}
