package engine

import (
	"os"
	"path/filepath"
	"testing"

	"holdfast/backup"
	"holdfast/backup/postgres"
)

// TestDiscoverTwoServers: of two servers with one port number, at sockets in different folders, the database
// of one is a sandbox. The other's, of the same name, is none, and is not taken to be protected.
func TestDiscoverTwoServers(t *testing.T) {
	if _, err := os.Stat("/proc/net/unix"); err != nil {
		t.Skip("this system does not list sockets")
	}
	e := open(t)
	var servers []*postgres.Private
	for range 2 {
		server, err := postgres.StartPrivate(t.Context(), reachable(t), postgres.WithPrograms(os.Getenv("HOLDFAST_TEST_SERVER")), postgres.WithoutFsync())
		must(t, err)
		t.Cleanup(func() { _ = server.Crash() })
		run(t, server, "CREATE DATABASE shop", "postgres")
		servers = append(servers, server)
	}
	_, err := e.InitVault(t.Context(), InitVault{Path: filepath.Join(t.TempDir(), "vault"), KeyOut: filepath.Join(t.TempDir(), "key"), Passphrase: "correct horse"})
	must(t, err)
	_, err = e.AddSandbox(t.Context(), backup.Sandbox{Name: "first", Connection: servers[0].Socket("shop")}, PutSandbox{})
	must(t, err)

	found := e.Discover(t.Context(), []string{t.TempDir()})
	for i, server := range servers {
		var got []Discovered
		for _, d := range found {
			if d.Connection.Host == server.Socket("").Host {
				got = append(got, d)
			}
		}
		if len(got) != 1 || got[0].Connection.Database != "shop" || (got[0].Sandbox == "first") != (i == 0) || (got[0].Name == "") != (i == 0) {
			t.Errorf("of server %d were found %+v", i, got)
		}
	}
	if e.sandboxOf(servers[1].Socket("shop")) != "" || e.sandboxOf(servers[0].Socket("shop")) != "first" {
		t.Errorf("their databases are taken for one")
	}
}
