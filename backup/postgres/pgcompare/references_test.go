package pgcompare

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"holdfast/backup/postgres"

	"github.com/jackc/pgx/v5"
)

// The list for PostgreSQL 13 is written by hand: where the server can tell, it must agree with
// every entry whose column is still there, and know no reference among the columns of 13 that
// the list lacks.
func TestReferences13(t *testing.T) {
	conn := privateServer(t)
	p := &painter{picture: Picture{}}
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p.tx = tx
	if err := p.learn(t.Context()); err != nil {
		t.Fatal(err)
	}
	listed := references13()
	since := " pg_range.rngmultitypid pg_publication_namespace.pnpubid pg_publication_namespace.pnnspid " // newer
	for table, columns := range p.columns {
		if _, compared := described()[table]; !compared {
			continue
		}
		for _, c := range columns {
			name := table + "." + c.name
			if c.kind == "regproc" || strings.Contains(since, " "+name+" ") || c.refers == listed[name] || hidden(table, c.name) {
				continue
			}
			t.Errorf("%s refers to %q, listed is %q", name, c.refers, listed[name])
		}
	}
}

// hidden says whether a column's text does not come from what it refers to.
func hidden(table, column string) bool {
	how := described()[table]
	for _, name := range how.skip {
		if name == column {
			return true
		}
	}
	return how.show[column] != ""
}

func privateServer(t *testing.T) *pgx.Conn {
	t.Helper()
	dir, err := os.MkdirTemp("", "hfpg-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	server, err := postgres.StartPrivate(t.Context(), dir, postgres.WithoutFsync(), postgres.WithPrograms(os.Getenv("HOLDFAST_TEST_SERVER")))
	if err != nil {
		t.Fatal(err)
	}
	where := server.Socket("postgres")
	cfg, err := pgx.ParseConfig("host=" + where.Host + " user=" + where.User + " dbname=" + where.Database)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Port = where.Port
	conn, err := pgx.ConnectConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := conn.Close(ctx); err != nil {
			t.Error(err)
		}
		if err := server.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return conn
}
