//go:build linux && !headless

package desktop_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/assets"
	"holdfast/platform"
)

// TestKeyringEmptied: the window asks for the key that the keyring lost, puts it back, and carries on.
func TestKeyringEmptied(t *testing.T) {
	s := newSession(t)
	s.sql("postgres", "CREATE DATABASE shop")
	s.sql("shop", assets.SampleSQL)
	s.must(s.command("holdfast", "vault", "init", "--key-out", filepath.Join(s.dir, "k")).Run())
	c := s.server.Connection("shop")
	s.must(s.command("holdfast", "sandbox", "add", "shop", "--dsn", "host="+c.Host+" user="+c.User+" dbname=shop").Run())
	s.must(s.command("holdfast", "backup", "create", "shop").Run())
	key, err := os.ReadFile(filepath.Join(s.dir, "k"))
	s.must(err)
	id, err := os.ReadFile(filepath.Join(s.dir, "home", "home.id"))
	s.must(err)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", s.value("DBUS_SESSION_BUS_ADDRESS"))
	s.must(platform.Keyring{}.Delete(context.Background(), "Holdfast", "vault-key:"+strings.TrimSpace(string(id))))
	s.background("holdfast")
	s.until("a notification", func() bool { return s.tray.noted("Backups wait for the vault key") })
	s.sees("Vault key missing")
	s.tap("Give the key…")
	s.sees("nothing is lost")
	s.shoot("key-missing")
	s.fill("from the recovery kit", strings.TrimSpace(string(key)))
	s.tap("Use this key")
	s.until("the key is back in the keyring", func() bool {
		got, err := platform.Keyring{}.Get(context.Background(), "Holdfast", "vault-key:"+strings.TrimSpace(string(id)))
		return err == nil && got == strings.TrimSpace(string(key))
	})
	s.must(s.command("holdfast", "backup", "create", "shop").Run())
	if s.completed() < 2 {
		t.Error("no second backup")
	}
}
