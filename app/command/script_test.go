package command_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/rogpeppe/go-internal/testscript"

	"holdfast/backup/postgres"
	"holdfast/backup/testkit"
	"holdfast/backup/vault/mirror/mirrortest"
)

// TestMain lets the test binary stand in for the program: scripts run `holdfast …` for real, as
// processes of their own.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"holdfast": func() { os.Exit(runChecked(os.Args[1:])) },
		"client":   runClient,
		"ownersql": runOwner,
	})
}

// runClient is `client STATEMENTS`: a program that changes the script's database, for others to run.
func runClient() {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, os.Getenv("DSN"))
	if err == nil {
		_, err = conn.PgConn().Exec(ctx, os.Args[1]).ReadAll()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// runOwner is `ownersql < FILE`: statements of the role that OWNER_DSN names.
func runOwner() {
	text, err := io.ReadAll(os.Stdin)
	if err == nil {
		var conn *pgx.Conn
		if conn, err = pgx.Connect(context.Background(), os.Getenv("OWNER_DSN")); err == nil {
			_, err = conn.PgConn().Exec(context.Background(), string(text)).ReadAll()
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// TestScripts runs the commands as a shell would. Each script has a home, a key file and a
// database of its own on one private server.
func TestScripts(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	places := mirrortest.All(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			if err := setUpPlaces(env, places); err != nil {
				return err
			}
			return setUp(env, server)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"sql":     func(ts *testscript.TestScript, neg bool, args []string) { runSQL(ts, server, neg, args) },
			"exits":   exits,
			"mode":    checkMode,
			"allseen": allSeen,
		},
	})
}

func startServer(t *testing.T, options ...postgres.PrivateOption) *postgres.Private {
	t.Helper()
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(path, 0o711); err != nil { // as root, the server's own user passes through
			t.Fatal(err)
		}
	}
	server, err := postgres.StartPrivate(context.Background(), filepath.Join(dir, "server"), append(options, postgres.WithPrograms(os.Getenv("HOLDFAST_TEST_SERVER")), postgres.WithoutFsync())...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return server
}

// setUp gives a script its database, named after it, and an environment without a keyring.
func setUp(env *testscript.Env, server *postgres.Private) error {
	database := strings.ReplaceAll(filepath.Base(env.WorkDir), "-", "_")
	if err := execSQL(server, "postgres", "CREATE DATABASE "+pgx.Identifier{database}.Sanitize()); err != nil {
		return err
	}
	c := server.Connection(database)
	env.Setenv("TZ", testkit.Noon(time.Now()))
	env.Setenv("GORACE", os.Getenv("GORACE")) // a race in the program is heard of too
	env.Setenv("HOLDFAST_HOME", filepath.Join(env.WorkDir, "home"))
	env.Setenv("HOLDFAST_KEY_FILE", filepath.Join(env.WorkDir, "key"))
	env.Setenv("DB", database)
	env.Setenv("PGHOST", c.Host)
	env.Setenv("PGPORT", strconv.Itoa(int(c.Port)))
	env.Setenv("DSN", fmt.Sprintf("host=%s port=%d user=%s dbname=%s", c.Host, c.Port, c.User, c.Database))
	env.Setenv("OWNER_DSN", fmt.Sprintf("host=%s port=%d user=inplace_owner dbname=%s", c.Host, c.Port, c.Database))
	env.Setenv("URL", fmt.Sprintf("postgres://%s@/%s?host=%s&port=%d", c.User, c.Database, c.Host, c.Port))
	env.Setenv("SOCKET", c.Host)
	env.Setenv("SOCKETPORT", strconv.Itoa(int(c.Port)))
	env.Setenv("LONG", strings.Repeat("x", 64))
	env.Setenv("DSN_BASE", fmt.Sprintf("host=%s port=%d user=%s", c.Host, c.Port, c.User))
	return os.WriteFile(filepath.Join(env.WorkDir, "approval"), []byte("a good passphrase\n"), 0o600)
}

// setUpPlaces tells a script where the servers for off-site copies are, and gives it their secrets.
func setUpPlaces(env *testscript.Env, places map[string]mirrortest.Place) error {
	name := filepath.Base(env.WorkDir)
	s3, ssh, dav := places["s3"], places["sftp"], places["webdav"]
	env.Setenv("S3_ENDPOINT", s3.Endpoint)
	env.Setenv("S3_PREFIX", name)
	env.Setenv("SFTP_PORT", strconv.Itoa(ssh.Port))
	env.Setenv("SFTP_IDENTITY", ssh.Identity)
	env.Setenv("SFTP_FINGERPRINT", ssh.Fingerprint)
	env.Setenv("WEBDAV_URL", strings.TrimSuffix(dav.URL, "/copy")+"/"+name)
	for file, secret := range map[string]string{"s3-secret": s3.Secret, "webdav-password": dav.Secret} {
		if err := os.WriteFile(filepath.Join(env.WorkDir, file), []byte(secret+"\n"), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func execSQL(server *postgres.Private, database, sql string) error {
	_, err := querySQL(server, database, sql)
	return err
}

func connect(server *postgres.Private, database string) (*pgx.Conn, error) {
	c := server.Socket(database)
	cfg, err := pgx.ParseConfig("sslmode=disable")
	if err != nil {
		return nil, err
	}
	cfg.Host, cfg.Port, cfg.Database, cfg.User = c.Host, c.Port, c.Database, c.User
	return pgx.ConnectConfig(context.Background(), cfg)
}

// querySQL runs statements and gives the last one's rows as text, one line each.
func querySQL(server *postgres.Private, database, sql string) (string, error) {
	ctx := context.Background()
	conn, err := connect(server, database)
	if err != nil {
		return "", err
	}
	defer conn.Close(ctx)
	results, err := conn.PgConn().Exec(ctx, sql).ReadAll()
	if err != nil || len(results) == 0 {
		return "", err
	}
	var lines []string
	for _, row := range results[len(results)-1].Rows {
		var cells []string
		for _, cell := range row {
			cells = append(cells, string(cell))
		}
		lines = append(lines, strings.Join(cells, "|"))
	}
	return strings.Join(lines, "\n"), nil
}

// runSQL is `sql DATABASE STATEMENTS [WANT]`: with WANT the last rows must be just that.
func runSQL(ts *testscript.TestScript, server *postgres.Private, neg bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: sql DATABASE STATEMENTS [WANT]")
	}
	got, err := querySQL(server, args[0], args[1])
	switch {
	case neg && err == nil:
		ts.Fatalf("the statements worked")
	case !neg && err != nil:
		ts.Fatalf("%v", err)
	case len(args) == 3 && got != args[2]:
		ts.Fatalf("got  %s\nwant %s", got, args[2])
	}
}

// exits is `exits CODE holdfast …`: the exit code must be just that.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	if neg || err != nil || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND…")
	}
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// checkMode is `mode OCTAL FILE…`.
func checkMode(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.ParseUint(args[0], 8, 32)
	ts.Check(err)
	for _, name := range args[1:] {
		info, err := os.Stat(ts.MkAbs(name))
		ts.Check(err)
		if got := uint64(info.Mode().Perm()); (got == want) == neg {
			ts.Fatalf("%s has mode %04o", name, got)
		}
	}
}
