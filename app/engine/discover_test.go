package engine

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5"

	"holdfast/backup"
	"holdfast/backup/postgres"
	"holdfast/backup/testkit"
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
}

// TestGapsOfTwoServers: a database is not taken to be protected because one of the same name is, on a server
// with the same port that listens at a socket alone.
func TestGapsOfTwoServers(t *testing.T) {
	e := open(t)
	start := func(options ...postgres.PrivateOption) *postgres.Private {
		server, err := postgres.StartPrivate(t.Context(), reachable(t), append(options, postgres.WithPrograms(os.Getenv("HOLDFAST_TEST_SERVER")), postgres.WithoutFsync())...)
		must(t, err)
		t.Cleanup(func() { _ = server.Crash() })
		return server
	}
	tcp, socket := start(), start(postgres.WithTCP("pw"), postgres.WithSetting("listen_addresses", "")) // the latter's port is a free one
	by := socket.Socket("blog")
	at := backup.Connection{Host: "127.0.0.1", Port: by.Port, User: by.User, Database: "shop", Params: map[string]string{"sslmode": "disable"}}
	listener, err := net.Listen("tcp", net.JoinHostPort(at.Host, strconv.Itoa(int(at.Port))))
	must(t, err)
	defer listener.Close()
	go testkit.Carry(listener, filepath.Join(tcp.Socket("").Host, ".s.PGSQL."+strconv.Itoa(int(tcp.Socket("").Port))))
	for _, name := range []string{"shop", "blog"} {
		run(t, tcp, "CREATE DATABASE "+name, "postgres")
	}
	c, err := pgx.ParseConfig("sslmode=disable")
	must(t, err)
	c.Host, c.Port, c.User, c.Database = by.Host, by.Port, by.User, "postgres"
	conn, err := pgx.ConnectConfig(t.Context(), c)
	must(t, err)
	_, err = conn.Exec(t.Context(), "CREATE DATABASE blog")
	must(t, err)
	must(t, conn.Close(t.Context()))

	_, err = e.InitVault(t.Context(), InitVault{Path: filepath.Join(t.TempDir(), "vault"), Passphrase: "correct horse"})
	must(t, err)
	for name, c := range map[string]backup.Connection{"byport": at, "bysocket": by} {
		_, err = e.AddSandbox(t.Context(), backup.Sandbox{Name: name, Connection: c}, PutSandbox{})
		must(t, err)
		must(t, e.LookAround(t.Context(), name))
	}
	gaps, err := e.Gaps(t.Context(), "byport")
	must(t, err)
	if !slices.ContainsFunc(gaps, func(g backup.Gap) bool { return g.Kind == backup.GapDatabases && slices.Contains(g.Names, "blog") }) {
		t.Errorf("the database blog is taken for the other server's: %+v", gaps)
	}
}
