package postgres

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"holdfast/backup"
	"holdfast/backup/rowsum"
)

// testDatabase makes a database that is dropped with the test, and runs statements in it.
func testDatabase(t *testing.T, name string, statements ...string) backup.Sandbox {
	t.Helper()
	admin := socketSandbox(t, "postgres")
	runSQL(t, admin, "CREATE DATABASE "+quoteIdent(name)+" TEMPLATE template0")
	t.Cleanup(func() { runSQL(t, admin, "DROP DATABASE IF EXISTS "+quoteIdent(name)+" WITH (FORCE)") })
	sb := socketSandbox(t, name)
	runSQL(t, sb, statements...)
	return sb
}

// runSQL runs statements, each for itself, in the sandbox's database. It outlives t's context.
func runSQL(t *testing.T, sb backup.Sandbox, statements ...string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	conn, err := testServer().connect(ctx, sb, sb.Connection.Database)
	if err != nil {
		t.Fatal(err)
	}
	defer closeConn(conn)
	for _, sql := range append([]string{"SET search_path = public"}, statements...) {
		if err := execute(ctx, conn, sql); err != nil {
			t.Fatalf("%.200s: %v", sql, err)
		}
	}
}

// mustCapture captures into memory.
func mustCapture(t *testing.T, s *Server, sb backup.Sandbox) (*backup.Manifest, *shelf) {
	t.Helper()
	parts := newShelf()
	m, err := s.Capture(t.Context(), sb, parts, nil)
	if err != nil {
		t.Fatalf("%v (%s)", err, backup.AsError(err).Hint)
	}
	return m, parts
}

// ask gives the one value of a query as text, "NULL" for NULL.
func ask(t *testing.T, sb backup.Sandbox, query string, args ...any) string {
	t.Helper()
	conn, err := testServer().connect(t.Context(), sb, sb.Connection.Database)
	if err != nil {
		t.Fatal(err)
	}
	defer closeConn(conn)
	var text *string
	if err := conn.QueryRow(t.Context(), "SELECT ("+query+")::text", args...).Scan(&text); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	if text == nil {
		return "NULL"
	}
	return *text
}

// tableOf finds a table in a manifest.
func tableOf(t *testing.T, m *backup.Manifest, schema, name string) backup.Table {
	t.Helper()
	for _, table := range m.Tables {
		if table.Schema == schema && table.Name == name {
			return table
		}
	}
	t.Fatalf("no table %q.%q in the manifest", schema, name)
	return backup.Table{}
}

// rowsOf gives a table's captured rows, sorted, and checks them against its manifest entry.
func rowsOf(t *testing.T, m *backup.Manifest, parts *shelf, schema, name string) []string {
	t.Helper()
	table := tableOf(t, m, schema, name)
	text, ok := parts.parts[table.Part]
	if !ok {
		t.Fatalf("part %q of %s.%s is not there", table.Part, schema, name)
	}
	var sum rowsum.Rows
	if _, err := sum.Write(text); err != nil {
		t.Fatal(err)
	}
	if sum.Rows() != table.Rows || sum.Bytes() != table.Bytes || sum.Hex() != table.Hash {
		t.Errorf("%s.%s: the manifest says %d rows, %d bytes, %s; the part has %d, %d, %s", schema, name,
			table.Rows, table.Bytes, table.Hash, sum.Rows(), sum.Bytes(), sum.Hex())
	}
	return slices.Sorted(strings.Lines(string(text)))
}

// sessionsLeft counts our sessions on the shared server, the asking one aside.
func sessionsLeft(t *testing.T) string {
	t.Helper()
	return ask(t, socketSandbox(t, "postgres"), `SELECT coalesce(string_agg(concat_ws(' ', pid, datname, application_name, state), '; '), 'none')
		FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`)
}

// noneLeft waits for sessions to be gone: a backend needs a moment to notice.
func noneLeft(t *testing.T) {
	t.Helper()
	for range 250 {
		if sessionsLeft(t) == "none" {
			return
		}
		pause(t.Context(), 20*time.Millisecond)
	}
	t.Errorf("sessions left: %s", sessionsLeft(t))
}
