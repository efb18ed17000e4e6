package engine

import (
	"net"
	"path/filepath"
	"testing"

	"holdfast/backup"
)

// TestPasswordsDoNotWait: while a keyring does not answer for one sandbox, another's password, which is
// sealed in a file, is had.
func TestPasswordsDoNotWait(t *testing.T) {
	const bus = "DBUS_SESSION_BUS_ADDRESS"
	t.Setenv(bus, "unix:path="+filepath.Join(t.TempDir(), "nobody"))
	e := open(t)
	_, err := e.InitVault(t.Context(), InitVault{Path: filepath.Join(t.TempDir(), "vault"), Passphrase: "correct horse"})
	must(t, err)
	must(t, e.passwords.Set(t.Context(), "sealed", "hush"))

	silent, err := net.Listen("unix", filepath.Join(t.TempDir(), "bus"))
	must(t, err)
	defer silent.Close()
	t.Setenv(bus, "unix:path="+silent.Addr().String())
	password, slow := e.passwordOf(), make(chan error, 1)
	go func() {
		_, err := password(backup.Sandbox{Name: "slow"})
		slow <- err
	}()
	conn, err := silent.Accept() // it is asked now
	must(t, err)
	if got, err := password(backup.Sandbox{Name: "sealed"}); err != nil || got != "hush" {
		t.Errorf("got %d characters, %v", len(got), err)
	}
	select {
	case <-slow:
		t.Error("it waited until the keyring was given up")
	default:
		must(t, conn.Close())
		<-slow
	}
}
