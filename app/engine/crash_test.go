package engine

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"holdfast/backup"
	"holdfast/backup/postgres"
	"holdfast/backup/tally"
	"holdfast/platform"
)

// dying is a server that crashes when a swap is about to cut the sessions.
type dying struct {
	backup.Server
	crash func()
}

func (d dying) Swap(ctx context.Context, job backup.SwapJob, note func(backup.Stage) error) error {
	return d.Server.Swap(ctx, job, func(s backup.Stage) error {
		err := note(s)
		if s == backup.StageSwapping {
			d.crash()
		}
		return err
	})
}

// TestServerDiesDuringTheSwap: the restore's end is not known then, so its record stays open, and
// the next start finds out and leaves a database that takes sessions, under its own name.
func TestServerDiesDuringTheSwap(t *testing.T) {
	tally.Of(t, "the server crashes during the swap").Try("the moments in the test")
	folder := reachable(t)
	server := start(t, folder)
	e := open(t)
	run(t, server, "CREATE DATABASE shop", "postgres")
	run(t, server, "CREATE TABLE t AS SELECT generate_series(1, 1000) AS x", "shop")
	must(t, e.SetPassphrase(t.Context(), nil, func() (string, error) { return "correct horse", nil }))
	_, err := e.InitVault(t.Context(), InitVault{})
	must(t, err)
	_, err = e.AddSandbox(t.Context(), backup.Sandbox{Name: "shop", Connection: server.Connection("shop")}, PutSandbox{})
	must(t, err)
	b, err := e.CreateBackup(t.Context(), "shop", "", 0)
	must(t, err)
	run(t, server, "DELETE FROM t WHERE x > 5", "shop")

	e.runner.Server = dying{e.server, func() { must(t, server.Crash()) }}
	rec, err := e.Restore(t.Context(), RestoreRequest{Ref: string(b.ID)})
	if backup.KindOf(err) == "" || rec == nil || !rec.Unsettled {
		t.Fatalf("the restore says %v, %+v", err, rec)
	}

	server = start(t, folder)
	rec.Connection = server.Connection("shop") // it listens somewhere else now
	must(t, e.catalog.PutRestore(t.Context(), rec))
	s, err := e.Sandbox("shop")
	must(t, err)
	s.Connection = rec.Connection
	_, err = e.EditSandbox(t.Context(), s, PutSandbox{})
	must(t, err)
	e.runner.Server = e.server
	found, err := e.Recover(t.Context())
	must(t, err)
	if len(found.Pending) > 0 || len(found.Interrupted) != 1 {
		t.Errorf("recovery: %+v", found)
	}
	if left := run(t, server, "SELECT string_agg(datname || ' ' || datallowconn, ', ') FROM pg_database WHERE datname LIKE 'shop%'", "postgres"); left != "shop true" {
		t.Errorf("databases: %s", left)
	}
	if rows := run(t, server, "SELECT count(*)::text FROM t", "shop"); rows != "5" {
		t.Errorf("%s rows are live", rows)
	}
	_, err = e.Restore(t.Context(), RestoreRequest{Ref: string(b.ID)})
	must(t, err)
	if rows := run(t, server, "SELECT count(*)::text FROM t", "shop"); rows != "1000" {
		t.Errorf("%s rows came back", rows)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// reachable is a folder that the server's own user can pass through, also when we are root.
func reachable(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Dir(dir)} {
		must(t, os.Chmod(path, 0o711))
	}
	return filepath.Join(dir, "server")
}

func start(t *testing.T, folder string) *postgres.Private {
	t.Helper()
	server, err := postgres.StartPrivate(t.Context(), folder, postgres.WithPrograms(os.Getenv("HOLDFAST_TEST_SERVER"))) // durable: it is crashed
	must(t, err)
	t.Cleanup(func() { _ = server.Stop(context.Background()) }) // a crashed one has ended already
	return server
}

func open(t *testing.T) *Engine {
	t.Helper()
	paths := platform.PathsIn(filepath.Join(t.TempDir(), "home"))
	e, err := Open(t.Context(), Options{
		Version: "test", Now: time.Now, Paths: &paths, KeyFile: filepath.Join(paths.Home, "key"),
		Approve: func(context.Context, backup.Prompt) (string, error) { return "correct horse", nil },
	})
	must(t, err)
	t.Cleanup(func() { must(t, e.Close(context.Background())) })
	return e
}

// run executes a statement and gives the first value of its rows.
func run(t *testing.T, server *postgres.Private, sql, database string) (value string) {
	t.Helper()
	c := server.Connection(database)
	cfg, err := pgx.ParseConfig("sslmode=disable")
	must(t, err)
	cfg.Host, cfg.Port, cfg.Database, cfg.User = c.Host, c.Port, c.Database, c.User
	conn, err := pgx.ConnectConfig(t.Context(), cfg)
	must(t, err)
	defer conn.Close(context.Background())
	if !strings.HasPrefix(sql, "SELECT") {
		_, err = conn.Exec(t.Context(), sql)
	} else {
		err = conn.QueryRow(t.Context(), sql).Scan(&value)
	}
	must(t, err)
	return value
}
