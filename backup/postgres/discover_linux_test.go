package postgres

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"holdfast/backup"
	"holdfast/backup/testkit"
)

// listening starts a server without TCP, whose port is 5432 as that of its likes, with a database shop.
// It listens in its own folder and in others.
func listening(t *testing.T, others ...string) *Private {
	t.Helper()
	cfg := &privateConfig{unsafe: true, programs: os.Getenv("HOLDFAST_TEST_SERVER")}
	p, err := newPrivate(ownDir(t), cfg)
	if err != nil {
		t.Fatal(err)
	}
	folders := `"` + strings.Join(append(others, p.sockets), `", "`) + `"`
	cfg.settings = []string{"-c", "unix_socket_directories=" + folders}
	if err := p.prepare(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	if err := p.launch(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Crash() })
	runSQL(t, socketTo(p, "postgres"), "CREATE DATABASE shop")
	return p
}

// lockOut lets nobody in any more without a password.
func lockOut(t *testing.T, p *Private) {
	t.Helper()
	rules := "local all all scram-sha-256\nhost all all all scram-sha-256\n"
	if err := os.WriteFile(filepath.Join(p.data(), "pg_hba.conf"), []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
	runSQL(t, socketTo(p, "postgres"), "SELECT pg_reload_conf()")
	for {
		conn, err := testServer().connect(t.Context(), socketTo(p, "postgres"), "postgres")
		if err != nil {
			return
		}
		closeConn(conn)
	}
}

func socketTo(p *Private, database string) backup.Sandbox {
	return backup.Sandbox{Name: "test", Connection: p.Socket(database)}
}

// socketFolder makes a folder in which a server may listen, with a space in its name.
func socketFolder(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(ownDir(t), "my project")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := giveToServer(folder); err != nil {
		t.Fatal(err)
	}
	return folder
}

// discovered gives what was found in folders of sockets, and on a port of the loopback address.
func discovered(t *testing.T, all []Candidate, port uint16, folders ...string) (texts []string) {
	t.Helper()
	for _, c := range all {
		if slices.Contains(folders, c.Connection.Host) || port != 0 && c.Connection.Host == "127.0.0.1" && c.Connection.Port == port {
			texts = append(texts, fmt.Sprintf("%s %v %v", c.Connection.At(c.Connection.Database), WantsPassword(c.Problem), c.Source))
		}
	}
	return texts
}

func wantDiscovered(t *testing.T, got []string, want ...string) {
	t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("found\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// TestDiscoverSockets: servers that listen at sockets in folders of their own alone are found, told apart
// though their port is one, and each is given once, however many sockets it has.
func TestDiscoverSockets(t *testing.T) {
	second, third := socketFolder(t), socketFolder(t)
	one, other, locked := listening(t), listening(t, second), listening(t, third)
	lockOut(t, locked)
	alone := listening(t)
	lockOut(t, alone)

	all := testServer().Discover(t.Context(), nil)
	wantDiscovered(t, discovered(t, all, 0, one.sockets), "shop at "+one.sockets+":5432 false socket in "+one.sockets)
	wantDiscovered(t, discovered(t, all, 0, alone.sockets), "postgres at "+alone.sockets+":5432 true socket in "+alone.sockets)
	if got := discovered(t, all, 0, other.sockets, second); len(got) != 1 || !strings.HasPrefix(got[0], "shop at ") {
		t.Errorf("a server with two sockets is given as %q", got)
	}
	if got := discovered(t, all, 0, locked.sockets, third); len(got) != 1 || !strings.HasPrefix(got[0], "postgres at ") {
		t.Errorf("a server with two sockets that lets nobody in is given as %q", got)
	}

	at := func(folder, database string) backup.Connection {
		return backup.Connection{Host: folder, Port: 5432, User: "postgres", Database: database}
	}
	for name, c := range map[string]backup.Connection{
		one.sockets: at(one.sockets, "shop"), other.sockets: at(other.sockets, "shop"), second: at(second, "shop"),
		other.sockets + "/.": at(other.sockets+"/.", "shop"),
	} {
		i := Find(all, c)
		if i < 0 {
			t.Errorf("%s is not among what was found", name)
		} else if (all[i].Connection.Host == one.sockets) != (c.Host == one.sockets) {
			t.Errorf("%s is taken for %s", name, all[i].Connection.Host)
		}
	}
	alike := filtered(all, func(c Candidate) bool { return c.Connection.Host == one.sockets })
	for name, c := range map[string]backup.Connection{
		"no such folder": at("/nowhere", "shop"), "no such database": at(one.sockets, "blog"), "another server": at(alone.sockets, "shop"),
		"the loopback address, where it does not listen": {Host: "127.0.0.1", Port: 5432, User: "postgres", Database: "shop"},
	} {
		if Find(alike, c) >= 0 {
			t.Errorf("%s is taken for %s", name, one.sockets)
		}
	}
	for _, same := range []struct {
		a, b string
		want bool
	}{{one.sockets, other.sockets, false}, {other.sockets, second, true}, {one.sockets, "127.0.0.1", true}, {"/nowhere", "/elsewhere", false}} {
		if got := SameDatabase(at(same.a, "shop"), at(same.b, "shop")); got != same.want {
			t.Errorf("%s and %s: %v", same.a, same.b, got)
		}
	}
}

// TestDiscoverOnce: a server that is reached by a socket and by TCP is given once, also where it lets
// nobody in, and under one of its ways a sandbox with the other one is found.
func TestDiscoverOnce(t *testing.T) {
	open, locked := ownServer(t, ownDir(t), WithTCP("pw")), ownServer(t, ownDir(t), WithTCP("pw"))
	runSQL(t, socketTo(open, "postgres"), "CREATE DATABASE shop")
	lockOut(t, locked)
	project := t.TempDir()
	text := ""
	for i, p := range []*Private{open, locked} {
		text += fmt.Sprintf("DB%d_URL=postgres://postgres:%s@localhost:%d/postgres\n", i, []string{"pw", "wrong"}[i], p.port)
	}
	if err := os.WriteFile(filepath.Join(project, ".env"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	all := testServer().Discover(t.Context(), []string{project})
	for _, p := range []*Private{open, locked} {
		var got []string
		for _, c := range all {
			if c.Connection.Port == p.port {
				got = append(got, c.Connection.At(c.Connection.Database))
			}
		}
		want := []string{fmt.Sprintf("postgres at localhost:%d", p.port)}
		if p == open { // one of its databases is named in the file, the other one found by the socket
			want = append(want, fmt.Sprintf("shop at %s:%d", p.sockets, p.port))
		}
		wantDiscovered(t, got, want...)
	}
	for _, c := range []backup.Connection{open.Socket("shop"), open.Connection("shop")} {
		if i := Find(all, c); i < 0 || all[i].Connection.Host != open.sockets || all[i].Connection.Database != "shop" {
			t.Errorf("%s is candidate %d", c.At(c.Database), i)
		}
	}
	bySocket := testServer().Discover(t.Context(), nil) // its port is not one of those that are tried
	if i := Find(bySocket, open.Connection("shop")); i < 0 || bySocket[i].Connection.Host != open.sockets {
		t.Errorf("by TCP it is candidate %d", i)
	}
}

// TestDiscoverStale: what the kernel lists and nobody can connect to is passed over, and so is a socket of
// Holdfast's own, though a server answers there.
func TestDiscoverStale(t *testing.T) {
	server := listening(t)
	folder := t.TempDir()
	listen := func(network, at string) net.Listener {
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		l, err := net.Listen("unix", network+at)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		return l
	}
	listen("", filepath.Join(folder, "gone", ".s.PGSQL.5432"))
	listen("@", filepath.Join(folder, "abstract", ".s.PGSQL.5432"))
	listen("", filepath.Join(folder, "no number", ".s.PGSQL.x"))
	go testkit.Carry(listen("", filepath.Join(folder, "own", ".s.PGSQL.5432")), filepath.Join(server.sockets, ".s.PGSQL.5432"))
	if err := os.Remove(filepath.Join(folder, "gone", ".s.PGSQL.5432")); err != nil {
		t.Fatal(err)
	}
	if conn, err := testServer().connect(t.Context(), backup.Sandbox{Connection: backup.Connection{Host: filepath.Join(folder, "own"), Port: 5432, User: "postgres"}}, "shop"); err != nil {
		t.Fatal(err)
	} else {
		closeConn(conn)
	}
	all := testServer().Discover(t.Context(), nil)
	for _, c := range all {
		if strings.Contains(c.Connection.Host, folder) {
			t.Errorf("found %s: %v", c.Connection.At(c.Connection.Database), c.Problem)
		}
	}
	wantDiscovered(t, discovered(t, all, 0, server.sockets), "shop at "+server.sockets+":5432 false socket in "+server.sockets)
}
