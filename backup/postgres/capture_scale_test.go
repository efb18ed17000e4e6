package postgres

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"holdfast/backup"
)

func TestThreeHundredTables(t *testing.T) {
	t.Parallel()
	var sql strings.Builder
	for i := range 300 {
		name := fmt.Sprintf("table_%d", i)
		if i%3 == 0 {
			name = fmt.Sprintf("Mixed Case %d with a long name to make arguments long", i)
		}
		fmt.Fprintf(&sql, "CREATE TABLE %s(id serial, x int); INSERT INTO %s(x) VALUES (%d);", quoteIdent(name), quoteIdent(name), i)
	}
	sb := testDatabase(t, "three_hundred", sql.String())
	var last backup.Progress
	s := testServer()
	m, err := s.Capture(t.Context(), sb, newShelf(), func(p backup.Progress) {
		if p.Bytes < last.Bytes || p.TablesDone < last.TablesDone {
			t.Errorf("progress goes back: %+v after %+v", p, last)
		}
		last = p
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Tables) != 300 || m.Rows() != 300 || len(m.Sequences) != 300 || last.TablesDone != 300 || last.TablesTotal != 300 {
		t.Errorf("%d tables, %d rows, %d sequences, %+v", len(m.Tables), m.Rows(), len(m.Sequences), last)
	}
	noneLeft(t)
}

// TestEncodings captures bytes that are no UTF-8, from databases that allow them.
func TestEncodings(t *testing.T) {
	t.Parallel()
	admin := socketSandbox(t, "postgres")
	for _, c := range []struct {
		encoding, insert, want, table string
	}{
		{"LATIN1", `INSERT INTO "täble" VALUES (E'gr\u00fcn')`, "gr\xfcn\n", "täble"},
		{"EUC_JP", `INSERT INTO "表" VALUES ('日本')`, "\xc6\xfc\xcb\xdc\n", "表"},
		{"SQL_ASCII", `INSERT INTO plain VALUES (convert_from('\xfffe41', 'SQL_ASCII'))`, "\xff\xfeA\n", "plain"},
		{"UTF8", `INSERT INTO "🦊" VALUES (U&'\+01F98A')`, "🦊\n", "🦊"},
	} {
		t.Run(c.encoding, func(t *testing.T) {
			name := "encoded"
			runSQL(t, admin, "CREATE DATABASE "+name+" TEMPLATE template0 ENCODING "+c.encoding+" LOCALE 'C'")
			defer runSQL(t, admin, "DROP DATABASE "+name+" WITH (FORCE)")
			sb := socketSandbox(t, name)
			runSQL(t, sb, "CREATE TABLE "+quoteIdent(c.table)+`(c text, id serial)`, "ALTER TABLE "+quoteIdent(c.table)+" DROP COLUMN id", c.insert,
				"CREATE SEQUENCE "+quoteIdent("s"+c.table))
			m, parts := mustCapture(t, testServer(), sb)
			if got := string(parts.parts["data/1.copy"]); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
			if m.Database.Encoding != c.encoding || m.Tables[0].Name != c.table || m.Sequences[0].Name != "s"+c.table {
				t.Errorf("%+v", m)
			}
		})
	}
}

// TestNamesMustBeText has a name that a manifest cannot hold.
func TestNamesMustBeText(t *testing.T) {
	t.Parallel()
	runSQL(t, socketSandbox(t, "postgres"), "CREATE DATABASE raw TEMPLATE template0 ENCODING SQL_ASCII LOCALE 'C'")
	defer runSQL(t, socketSandbox(t, "postgres"), "DROP DATABASE raw WITH (FORCE)")
	sb := socketSandbox(t, "raw")
	runSQL(t, sb, "CREATE TABLE \"caf\xe9\"()")
	_, err := testServer().Capture(t.Context(), sb, newShelf(), nil)
	wantKind(t, err, backup.Failed, "caf?", "not valid UTF-8")
	_, err = testServer().Preflight(t.Context(), sb)
	wantKind(t, err, backup.Failed, "not valid UTF-8")
}

// TestWorkersAreLimited counts sessions while a capture runs.
func TestWorkersAreLimited(t *testing.T) {
	t.Parallel()
	sql := []string{}
	for i := range 12 {
		sql = append(sql, fmt.Sprintf("CREATE TABLE t%d AS SELECT generate_series(1, 100)", i))
	}
	sb := testDatabase(t, "workers", sql...)
	s := testServer()
	s.Workers = 2
	sink := newHookSink(func(_ int, name string) error {
		if !strings.HasPrefix(name, backup.DirTables) {
			return nil
		}
		conn, err := testServer().connect(context.WithoutCancel(t.Context()), sb, "postgres")
		if err != nil {
			return err
		}
		defer closeConn(conn)
		var n int
		err = conn.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE datname = 'workers' AND application_name = 'holdfast'").Scan(&n)
		if n > 2+s.Workers+1 { // leader, watch, workers, and one that looks before pg_dump
			t.Errorf("%d sessions", n)
		}
		return err
	})
	if _, err := s.Capture(t.Context(), sb, sink, nil); err != nil {
		t.Fatal(err)
	}
}
