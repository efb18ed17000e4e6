package command_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"

	"holdfast/backup/postgres"
	"holdfast/backup/testkit"
)

// halfKeyring is a Secret Service that is there and keeps nothing: it refuses all items, or takes each and
// has forgotten it.
type halfKeyring struct{ forgets bool }

const secretService = "org.freedesktop.secrets"

// start puts the service on a bus of its own, whose address it gives.
func (k halfKeyring) start(t *testing.T) (address string) {
	t.Helper()
	address = testkit.Bus(t)
	bus, err := dbus.Connect(address)
	if err == nil {
		t.Cleanup(func() { _ = bus.Close() }) // the bus ends with the test
		_, err = bus.RequestName(secretService, dbus.NameFlagDoNotQueue)
	}
	for path, iface := range map[dbus.ObjectPath]string{
		"/org/freedesktop/secrets":                 "org.freedesktop.Secret.Service",
		"/org/freedesktop/secrets/aliases/default": "org.freedesktop.Secret.Collection",
		"/session": "org.freedesktop.Secret.Session",
	} {
		if err == nil {
			err = bus.Export(k, path, iface)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return address
}

// OpenSession is of the Secret Service's interface, as are the others.
func (k halfKeyring) OpenSession(string, dbus.Variant) (dbus.Variant, dbus.ObjectPath, *dbus.Error) {
	return dbus.MakeVariant(""), "/session", nil
}

// Close ends a session.
func (k halfKeyring) Close() *dbus.Error { return nil }

// Unlock finds everything open.
func (k halfKeyring) Unlock(all []dbus.ObjectPath) ([]dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	return all, "/", nil
}

// ReadAlias names the collection.
func (k halfKeyring) ReadAlias(string) (dbus.ObjectPath, *dbus.Error) {
	return "/org/freedesktop/secrets/aliases/default", nil
}

// CreateItem takes an item, or does not.
func (k halfKeyring) CreateItem(map[string]dbus.Variant, struct {
	Session           dbus.ObjectPath
	Parameters, Value []byte
	ContentType       string
}, bool,
) (dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	return "/item", "/", k.trouble()
}

// SearchItems finds nothing.
func (k halfKeyring) SearchItems(map[string]string) ([]dbus.ObjectPath, *dbus.Error) {
	return nil, k.trouble()
}

func (k halfKeyring) trouble() *dbus.Error {
	if k.forgets {
		return nil
	}
	return dbus.NewError("org.freedesktop.DBus.Error.Failed", []any{"the collection is gone"})
}

// TestKeyringThatKeepsNothing: with a key file the keyring is not needed for anything, and without one nobody is
// told that the keyring has the key.
func TestKeyringThatKeepsNothing(t *testing.T) {
	t.Parallel()
	server, closed := startServer(t), startServer(t, postgres.WithTCP("the server's own"))
	for name, keyring := range map[string]halfKeyring{"refuses": {}, "forgets": {forgets: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLive(t, server, name, "CREATE TABLE t AS SELECT 1 AS x")
			l.env = append(l.env, "DBUS_SESSION_BUS_ADDRESS="+keyring.start(t))
			l.run(0, "backup", "create", "shop")
			l.run(0, "backup", "verify", "latest", "--drill")
			password := filepath.Join(l.dir, "password")
			l.must(os.WriteFile(password, []byte("the server's own\n"), 0o600))
			c := closed.Connection("postgres")
			l.run(0, "sandbox", "add", "paid", "--dsn", "host="+c.Host+" sslmode=disable port="+strconv.Itoa(int(c.Port))+" user="+c.User+" dbname="+c.Database, "--password-file", password)
			l.run(0, "backup", "create", "paid")
			l.run(0, "sandbox", "list")

			l.env = append(l.env, "HOLDFAST_HOME="+filepath.Join(l.dir, "second"), "HOLDFAST_KEY_FILE="+filepath.Join(l.dir, "second.key"))
			l.run(0, "vault", "init")
			c = server.Connection(name)
			l.run(0, "sandbox", "add", "shop", "--dsn", "host="+c.Host+" port="+strconv.Itoa(int(c.Port))+" user="+c.User+" dbname="+name)
			l.run(0, "backup", "create", "shop")

			l.env = append(l.env, "HOLDFAST_HOME="+filepath.Join(l.dir, "third"), "HOLDFAST_KEY_FILE=")
			said, warned := l.run(0, "vault", "init", "--key-out", filepath.Join(l.dir, "third.key"))
			if !strings.Contains(said, "There is no keyring here") {
				t.Errorf("the vault without a key file: %s%s", said, warned)
			}
		})
	}
}
