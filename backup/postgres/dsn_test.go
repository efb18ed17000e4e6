package postgres

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/backup"

	"github.com/google/go-cmp/cmp"
)

// quietEnv takes every PG* variable away for a test.
func quietEnv(t *testing.T) {
	t.Helper()
	for _, pair := range os.Environ() {
		if name, _, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "PG") {
			t.Setenv(name, "")
		}
	}
	t.Setenv("HOME", t.TempDir())
}

func TestParseDSN(t *testing.T) {
	quietEnv(t)
	local := backup.Connection{Host: "db.local", Port: 5433, Database: "shop", User: "app"}
	with := func(key, value string) backup.Connection {
		c := local
		c.Params = map[string]string{key: value}
		return c
	}
	for _, c := range []struct {
		name, dsn string
		want      backup.Connection
		password  string
	}{
		{"url", "postgres://app:pw@db.local:5433/shop", local, "pw"},
		{"driver", "postgresql+asyncpg://app:pw@db.local:5433/shop", local, "pw"},
		{"jdbc", "jdbc:postgresql://db.local:5433/shop?user=app&password=p%26w", local, "p&w"},
		{"orm keys", "postgresql://app@db.local:5433/shop?schema=public&pgbouncer=true&connection_limit=1&connect_timeout=x&sslmode=require", with("sslmode", "require"), ""},
		{"keys of others", "postgresql://app@db.local:5433/shop?sslaccept=strict&sslidentity=x&socket_timeout=3&charset=utf8&driver=pgx&currentSchema=x&application_name=y", local, ""},
		{"address", "hostaddr=127.0.0.7 port=5433 dbname=shop user=app keepalives_idle=3 gssencmode=disable", backup.Connection{Host: "127.0.0.7", Port: 5433, Database: "shop", User: "app"}, ""},
		{"ssl", "postgres://app@db.local:5433/shop?ssl=true", with("sslmode", "require"), ""},
		{"no-verify", "postgres://app@db.local:5433/shop?sslmode=no-verify", with("sslmode", "require"), ""},
		{"escapes", "postgres://app:p%40%2F%3A%25w@db.local:5433/shop", local, "p@/:%w"},
		{"at in password", "postgres://app:p@w@db.local:5433/shop", local, "p@w"},
		{"two hosts", "postgres://app@db.local:5433,other:1/shop", local, ""},
		{"socket", "postgresql:///shop?host=/run/pg&port=6000&user=app", backup.Connection{Host: "/run/pg", Port: 6000, Database: "shop", User: "app"}, ""},
		{"socket as host", "postgresql://app@%2Frun%2Fpg:6000/shop", backup.Connection{Host: "/run/pg", Port: 6000, Database: "shop", User: "app"}, ""},
		{"ipv6", "postgres://app@[::1]:5433/shop", backup.Connection{Host: "::1", Port: 5433, Database: "shop", User: "app"}, ""},
		{"database is the user", "postgres://app@db.local:5433", backup.Connection{Host: "db.local", Port: 5433, Database: "app", User: "app"}, ""},
		{"default port", "postgres://app@db.local/shop", backup.Connection{Host: "db.local", Port: 5432, Database: "shop", User: "app"}, ""},
		{"keywords", `host=db.local port = 5433 user=app dbname=shop password='it\'s \\ "p"' options=-cx=y`, local, `it's \ "p"`},
		{"keyword quotes", `host='db.local' port=5433 user=app dbname='shop two'`, backup.Connection{Host: "db.local", Port: 5433, Database: "shop two", User: "app"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, password, warning, err := ParseDSN(c.dsn)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" || password != c.password {
				t.Errorf("password %q, want %q; %s", password, c.password, diff)
			}
			if (c.password != "") != strings.Contains(warning, "password") || c.password != "" && strings.Contains(warning, c.password) {
				t.Errorf("warning %q", warning)
			}
		})
	}
}

func TestParseDSNFromEnvironment(t *testing.T) {
	quietEnv(t)
	services := filepath.Join(t.TempDir(), "services.conf")
	if err := os.WriteFile(services, []byte("[mine]\nhost=from.service\nport=7000\ndbname=served\nuser=server\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PGSERVICEFILE", services)
	t.Setenv("PGHOST", "from.env")
	t.Setenv("PGSSLMODE", "verify-full")
	t.Setenv("PGPASSWORD", "not for the connection")
	got, password, _, err := ParseDSN("postgres:///shop?service=mine")
	want := backup.Connection{Host: "from.service", Port: 7000, Database: "shop", User: "server", Params: map[string]string{"sslmode": "verify-full"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil || password != "" {
		t.Errorf("%v, password %q: %s", err, password, diff)
	}
	if got, _, _, err = ParseDSN(""); err != nil || got.Host != "from.env" {
		t.Errorf("%+v %v", got, err)
	}
}

func TestParseDSNErrorsShowNothing(t *testing.T) {
	quietEnv(t)
	for _, dsn := range []string{
		"postgres://app:SECRET@db.local:notaport/shop", "postgres://app:SEC%RET@db/shop", "mysql://app:SECRET@db/shop",
		"postgres://app:SEC/SECRET@db/shop", "postgres://app:SECRET@db:1/shop?sslmode=SECRET", "password=SECRET host", "password='SECRET",
		"postgres://app@SECRET:SECRET@h:99999/x", "host=h port=SECRET", "postgres://db/shop?service=gone&password=SECRET", "SECRET",
	} {
		_, _, _, err := ParseDSN(dsn)
		wantKind(t, err, backup.Usage)
		if fault := backup.AsError(err); strings.Contains(fault.Error()+fault.Hint, "SEC") || fault.Err != nil {
			t.Errorf("%s: %v (%s) %v", dsn, err, fault.Hint, fault.Err)
		}
	}
}

// A key that is left out must not be one that says where the database is.
func TestParseDSNRefusesMisspeltKeys(t *testing.T) {
	quietEnv(t)
	for dsn, near := range map[string]string{
		"host=db dbnmae=shop": "near to dbname", "hots=db dbname=shop": "near to host", "host=db foo=bar": "libpq does not know",
		"postgres://app@db/shop?sslmod=require": "near to sslmode", "postgres://app@db/shop?pass=SECRET": "near to password",
	} {
		_, _, _, err := ParseDSN(dsn)
		wantKind(t, err, backup.Usage)
		if text := backup.AsError(err).Text; !strings.Contains(text, near) || strings.Contains(text, "SECRET") {
			t.Errorf("%s: %s", dsn, text)
		}
	}
}

func FuzzParseDSN(f *testing.F) {
	for _, seed := range []string{
		"postgres://u:p@h:1/d?sslmode=disable", "host=a user='b c' password=\\'", "postgresql+x://[::1]:5/d", "=", "jdbc:postgresql://a/b?password=%zz", "a='",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, dsn string) {
		c, password, warning, err := ParseDSN(dsn)
		if len(password) > 7 && strings.Contains(warning, password) {
			t.Errorf("the warning shows the password: %s", warning)
		}
		if err == nil && c.Port == 0 {
			t.Errorf("no port: %+v", c)
		}
	})
}
