package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"holdfast/backup"

	"github.com/jackc/pgx/v5/pgconn"
)

// everyText is all that could be shown or logged of err.
func everyText(err error) string {
	fault := backup.AsError(err)
	return fmt.Sprintf("%v %s %+v", err, fault.Hint, fault.Err)
}

func TestConnectErrors(t *testing.T) {
	quietEnv(t)
	server := sharedServer(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free := uint16(listener.Addr().(*net.TCPAddr).Port)
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	tcp := server.Connection("postgres")
	for _, c := range []struct {
		name     string
		change   func(*backup.Connection)
		password string
		want     []string
	}{
		{"wrong password", func(*backup.Connection) {}, "SECRET-wrong", []string{"does not accept the password", `"postgres"`, "--password-file", "pgpass"}},
		{"no password", func(*backup.Connection) {}, "", []string{"password", "--password-file"}},
		{"no such role", func(c *backup.Connection) { c.User = "nobody-here" }, "SECRET-wrong", []string{"nobody-here"}},
		{"no such database", func(c *backup.Connection) { c.Database = "not there" }, thePassword, []string{`no database "not there"`}},
		{"server down", func(c *backup.Connection) { c.Port = free }, thePassword, []string{fmt.Sprintf("cannot reach PostgreSQL at 127.0.0.1:%d", free), "Start PostgreSQL"}},
		{"no socket", func(c *backup.Connection) { c.Host = "/nowhere" }, thePassword, []string{"cannot reach PostgreSQL at /nowhere", "Start PostgreSQL"}},
		{"no such host", func(c *backup.Connection) { c.Host = "no-such-host.invalid" }, thePassword, []string{"no-such-host.invalid", "host name"}},
		{"no TLS there", func(c *backup.Connection) { c.Params = map[string]string{"sslmode": "require"} }, thePassword, []string{"cannot reach", "sslmode"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			sb := backup.Sandbox{Connection: tcp}
			c.change(&sb.Connection)
			s := testServer()
			s.Password = func(backup.Sandbox) (string, error) { return c.password, nil }
			_, err := s.Preflight(t.Context(), sb)
			wantKind(t, err, backup.Unreachable, c.want...)
			_, err = s.Capture(t.Context(), sb, newShelf(), nil)
			wantKind(t, err, backup.Unreachable, c.want...)
			if text := everyText(err); c.password != "" && strings.Contains(text, c.password) || strings.Contains(text, "SECRET") {
				t.Errorf("the password is shown: %s", text)
			}
		})
	}
}

func TestPasswordOverTCP(t *testing.T) {
	quietEnv(t)
	socket := testDatabase(t, "tcp", "CREATE TABLE t(x int)", "INSERT INTO t VALUES (1)")
	sb := backup.Sandbox{Connection: sharedServer(t).Connection(socket.Connection.Database)}
	s := testServer()
	s.Password = func(backup.Sandbox) (string, error) { return thePassword, nil }
	m, _ := mustCapture(t, s, sb)
	if m.Rows() != 1 {
		t.Errorf("%d rows", m.Rows())
	}
	t.Setenv("PGPASSWORD", thePassword)
	mustCapture(t, testServer(), sb)
	s.Password = func(backup.Sandbox) (string, error) {
		return "", backup.Errorf(backup.Unreachable, "unlock it", "the keyring is locked")
	}
	mustCapture(t, s, sb) // the environment's is enough
	t.Setenv("PGPASSWORD", "")
	_, err := s.Preflight(t.Context(), sb)
	wantKind(t, err, backup.Unreachable, "keyring")
}

func TestExplainTable(t *testing.T) {
	c := backup.Connection{Host: "h", Port: 1, User: "u", Database: "d"}
	for _, test := range []struct {
		err  error
		kind backup.Kind
		want string
	}{
		{&pgconn.PgError{Code: "53200", Message: "…", Hint: "… max_locks_per_transaction …"}, backup.Failed, "Raise max_locks_per_transaction"},
		{&pgconn.PgError{Code: "53200", Message: "out of memory"}, backup.Failed, "out of memory"},
		{&pgconn.PgError{Code: "53300", Message: "sorry"}, backup.Unreachable, "max_connections"},
		{&pgconn.PgError{Code: "42501", Message: "permission denied for table x"}, backup.Failed, "table x"},
		{&pgconn.PgError{Code: "53100", Message: "no space"}, backup.Failed, "disk is full"},
		{&pgconn.PgError{Code: "57P03", Message: "starting up"}, backup.Unreachable, "h:1"},
		{&pgconn.PgError{Code: "40001", Message: "conflict with recovery"}, backup.Failed, "standby"},
		{&pgconn.PgError{Code: "08P01", Message: "unsupported startup parameter"}, backup.Unreachable, "pooler"},
		{&pgconn.PgError{Code: "XX000", Message: "boom"}, backup.Failed, "boom"},
		{fmt.Errorf("deep: %w", context.Canceled), backup.Cancelled, "cancelled"},
		{fmt.Errorf("deep: %w", context.DeadlineExceeded), backup.Unreachable, "no answer in time"},
		{fmt.Errorf("deep: %w", net.ErrClosed), backup.Unreachable, "lost the connection"},
		{backup.Errorf(backup.Busy, "hint", "known"), backup.Busy, "known"},
		{errors.New("else"), backup.Failed, "else"},
	} {
		wantKind(t, explain(c, test.err), test.kind, test.want)
	}
	if explain(c, nil) != nil {
		t.Error("nil became an error")
	}
}

// TestRoleLimits gives a role settings that would end or twist a capture.
func TestRoleLimits(t *testing.T) {
	t.Parallel()
	sb := testDatabase(t, "limits", "CREATE TABLE t AS SELECT now() AS d, 1::float8 / 3 AS f, '1 day'::interval AS i, '\\xff'::bytea AS b, 7::money AS m, NULL::int AS n FROM generate_series(1, 3000)")
	want, wantParts := mustCapture(t, testServer(), sb)
	runSQL(t, sb, "CREATE ROLE limited LOGIN SUPERUSER")
	t.Cleanup(func() { runSQL(t, socketSandbox(t, "postgres"), "DROP ROLE limited") })
	for name, value := range map[string]string{
		"statement_timeout": "1", "lock_timeout": "1", "idle_in_transaction_session_timeout": "1", "idle_session_timeout": "100",
		"default_transaction_read_only": "on", "datestyle": "SQL, DMY", "intervalstyle": "iso_8601", "extra_float_digits": "-10",
		"bytea_output": "escape", "timezone": "Asia/Tokyo", "lc_monetary": "C", "search_path": "nowhere", "client_encoding": "LATIN1",
		"default_transaction_isolation": "serializable", "row_security": "on", "quote_all_identifiers": "on",
	} {
		if name != "idle_session_timeout" || sharedMajor(t) >= 14 {
			runSQL(t, sb, fmt.Sprintf("ALTER ROLE limited SET %s = '%s'", name, value))
		}
	}
	sb.Connection.User = "limited"
	slow := newHookSink(func(int, string) error { time.Sleep(150 * time.Millisecond); return nil })
	got, err := testServer().Capture(t.Context(), sb, slow, nil)
	if err != nil {
		t.Fatal(err)
	}
	if string(slow.parts["data/1.copy"]) != string(wantParts.parts["data/1.copy"]) || got.Tables[0].Hash != want.Tables[0].Hash {
		t.Errorf("the role's settings show in the rows: %.100q", slow.parts["data/1.copy"])
	}
}
