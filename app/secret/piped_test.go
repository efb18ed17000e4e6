//go:build unix

package secret_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"holdfast/app/secret"
	"holdfast/backup"
)

// TestKeyThroughAPipe loads a key twice that a pipe gives once.
func TestKeyThroughAPipe(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	want := backup.NewRecoveryKey()
	written := make(chan error, 1)
	go func() { written <- os.WriteFile(path, []byte(want+"\n"), 0) }()
	keys := secret.Keys{File: path, Piped: new(secret.Piped)}
	for range 2 {
		if got, err := keys.Load(t.Context()); err != nil || got != want {
			t.Errorf("the key is not what was written: %v", err)
		}
	}
	if err := <-written; err != nil {
		t.Error(err)
	}
}
