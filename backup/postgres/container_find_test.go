//go:build !windows

package postgres

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"holdfast/backup"
)

func TestContainers(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if found, err := Containers(t.Context()); len(found) > 0 || err != nil {
		t.Errorf("without an engine: %v %v", found, err)
	}
	_, err := FindContainer(t.Context(), backup.Container{Name: "db"})
	wantKind(t, err, backup.Unreachable, "neither docker nor podman")

	t.Setenv("PATH", os.Getenv("PATH")+":/usr/bin:/bin")
	e := startEngine(t)
	e.add("db", &testContainer{image: "docker.io/library/postgres:17", env: []string{
		"PATH=/usr/bin", "POSTGRES_PASSWORD=" + thePassword, "POSTGRES_USER=app=1", "POSTGRES_DB=shop", "PGDATA=/data",
	}})
	e.add("maps", &testContainer{image: "registry.example:5000/tools/postgis", env: []string{"PG_MAJOR=16", "POSTGRES_USER=geo"}})
	e.add("metrics", &testContainer{image: "quay.io/x/postgres_exporter"})
	e.add("asleep", &testContainer{image: "postgres", stopped: true})

	found, err := Containers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(found, func(a, b Found) int { return strings.Compare(a.Container.Name, b.Container.Name) })
	docker := func(name string) backup.Container { return backup.Container{Engine: "docker", Name: name} }
	want := []Found{
		{Container: docker("db"), Image: "docker.io/library/postgres:17", User: "app=1", Database: "shop"},
		{Container: docker("maps"), Image: "registry.example:5000/tools/postgis", User: "geo", Database: "geo"},
	}
	if !slices.Equal(found, want) {
		t.Errorf("found %+v", found)
	}
	if strings.Contains(lookFormat, "PASS") {
		t.Error("a password is asked for")
	}

	one, err := FindContainer(t.Context(), backup.Container{Name: "asleep"})
	if err != nil || one.Container != docker("asleep") {
		t.Errorf("%+v %v", one, err)
	}
	_, err = FindContainer(t.Context(), backup.Container{Name: "none"})
	wantKind(t, err, backup.Unreachable, "docker knows no container none")
	_, err = FindContainer(t.Context(), backup.Container{Engine: "podman", Name: "db"})
	wantKind(t, err, backup.Unreachable, "podman is not installed")
	_, err = FindContainer(t.Context(), backup.Container{Engine: "chroot", Name: "db"})
	wantKind(t, err, backup.Usage, "docker or podman")

	dir, _, _ := strings.Cut(os.Getenv("PATH"), ":")
	if err := os.Symlink(filepath.Join(dir, "docker"), filepath.Join(dir, "podman")); err != nil {
		t.Fatal(err)
	}
	if again, err := Containers(t.Context()); err != nil || len(again) != len(want) {
		t.Errorf("one engine under two names: %v %v", again, err)
	}
	_, err = FindContainer(t.Context(), backup.Container{Name: "db"})
	wantKind(t, err, backup.Usage, "--container-engine")

	t.Setenv("DOCKER_HOST", "unix:///nowhere")
	if _, err := Containers(t.Context()); err == nil || !strings.Contains(err.Error(), "does not run") {
		t.Errorf("got %v", err)
	}
}

// A published port is found wherever it is, with the role that the image was told.
func TestPublishedPorts(t *testing.T) {
	e := startEngine(t)
	env := []string{"POSTGRES_USER=app"}
	at := net.JoinHostPort("127.0.0.1", strconv.Itoa(int(sharedServer(t).port)))
	port := stallingProxy(t, at, endless) // with no socket of that number: it is reached by TCP alone
	at = strconv.Itoa(int(port))
	e.add("open", &testContainer{image: "postgres", env: env, ports: []published{{"::", at}, {"0.0.0.0", at}}})
	e.add("outward", &testContainer{image: "postgres", env: env, ports: []published{{"192.0.2.1", at}}})

	found, err := Containers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if want := map[string]uint16{"open": port}[f.Container.Name]; f.Published != want {
			t.Errorf("%s: port %d", f.Container, f.Published)
		}
	}
	all := testServer().Discover(t.Context(), nil)
	i := slices.IndexFunc(all, func(c Candidate) bool { return c.Connection.Port == port })
	if i < 0 {
		t.Fatalf("not among %+v", all)
	}
	if c := all[i]; c.Connection.Host != "127.0.0.1" || c.Connection.User != "app" || c.Source != "container open (docker)" || !WantsPassword(c.Problem) {
		t.Errorf("%+v", c)
	}
}

func TestContainerDSN(t *testing.T) {
	t.Setenv("PGHOST", "elsewhere")
	t.Setenv("PGPORT", "1")
	t.Setenv("PGUSER", "somebody")
	t.Setenv("PGDATABASE", "somewhere")
	t.Setenv("PGSSLMODE", "verify-full")
	pg := backup.Container{Engine: "docker", Name: "pg"}
	for dsn, want := range map[string]backup.Connection{
		"docker://pg":                        {Container: pg, Host: "127.0.0.1", Port: 5432, User: "postgres", Database: "postgres"},
		"docker://pg/shop":                   {Container: pg, Host: "127.0.0.1", Port: 5432, User: "postgres", Database: "shop"},
		"docker://pg/shop?user=app":          {Container: pg, Host: "127.0.0.1", Port: 5432, User: "app", Database: "shop"},
		"docker://a%40b@pg:5433/my%20shop":   {Container: pg, Host: "127.0.0.1", Port: 5433, User: "a@b", Database: "my shop"},
		"docker://pg?host=/run/pg&user=app":  {Container: pg, Host: "/run/pg", Port: 5432, User: "app", Database: "app"},
		"podman://app@pg_1/x?sslmode=prefer": {Container: backup.Container{Engine: "podman", Name: "pg_1"}, Host: "127.0.0.1", Port: 5432, User: "app", Database: "x"},
	} {
		c, password, warning, err := ParseDSN(dsn)
		if err != nil || password != "" || warning != "" || c.Params != nil {
			t.Errorf("%s: %q %q %v", dsn, password, warning, err)
		}
		c.Params, want.Params = nil, nil
		if c.Container != want.Container || c.Host != want.Host || c.Port != want.Port || c.User != want.User || c.Database != want.Database {
			t.Errorf("%s: %+v", dsn, c)
		}
	}
	_, password, warning, err := ParseDSN("docker://app:s3cret%21@pg/shop")
	if err != nil || password != "s3cret!" || !strings.Contains(warning, "holds a password") || strings.Contains(warning, "s3cret") {
		t.Errorf("%q %q %v", password, warning, err)
	}
	for _, bad := range []string{"docker://", "docker:///shop", "docker://-v/shop", "docker://p g/shop", "docker://pg:99999/shop", "docker://pg/shop?sslmode=require", "docker://pg/shop?service=s", "docker://pg/%zz"} {
		_, _, _, err := ParseDSN(bad)
		wantKind(t, err, backup.Usage)
	}
	f := Found{Container: pg, User: "app", Database: "shop"}
	for dsn, want := range map[string]string{"": "app shop", "user=me": "me me", "dbname=other": "app other", "postgres://me@localhost/other?sslmode=disable": "me other"} {
		c, _, _, err := f.Connection(dsn)
		if got := c.User + " " + c.Database; got != want || err != nil {
			t.Errorf("%q: %s, %v", dsn, got, err)
		}
	}
}
