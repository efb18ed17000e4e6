package postgres

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"holdfast/backup"

	"github.com/jackc/pgx/v5"
)

// bench is a private server with the means to look into it.
type bench struct {
	*Server

	t  *testing.T
	sb backup.Sandbox
}

// startBench gives the test's server without any database or role of an earlier test.
func startBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{Server: testServer(), t: t, sb: socketSandbox(t, "live")}
	t.Cleanup(func() { b.clean(); b.dropRoles() })
	return b
}

// on gives the sandbox with another database.
func (b *bench) on(database string) backup.Sandbox {
	sb := b.sb
	sb.Connection.Database = database
	return sb
}

// with is the bench for a subtest.
func (b *bench) with(t *testing.T) *bench {
	t.Helper()
	c := *b
	c.t = t
	return &c
}

// ctx outlives the test, for what is done after it.
func (b *bench) ctx() context.Context { return context.WithoutCancel(b.t.Context()) }

// open gives a session as people have it.
func (b *bench) open(database string) *pgx.Conn {
	b.t.Helper()
	conn, err := b.connect(b.ctx(), b.sb, database)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := execute(b.ctx(), conn, "SET search_path = public; SET synchronous_commit = off"); err != nil {
		b.t.Fatal(err)
	}
	return conn
}

// run executes statements in a database, each separately.
func (b *bench) run(database string, statements ...string) {
	b.t.Helper()
	conn := b.open(database)
	defer closeConn(conn)
	for _, sql := range statements {
		if err := execute(b.ctx(), conn, sql); err != nil {
			b.t.Fatalf("%s: %v", sql, err)
		}
	}
}

// text gives the one value of a query as text.
func (b *bench) text(database, query string, args ...any) string {
	b.t.Helper()
	conn := b.open(database)
	defer closeConn(conn)
	var text *string
	if err := conn.QueryRow(b.ctx(), "SELECT ("+query+")::text", args...).Scan(&text); err != nil {
		b.t.Fatalf("%s: %v", query, err)
	}
	if text == nil {
		return "NULL"
	}
	return *text
}

// databases lists the databases that are not the server's own.
func (b *bench) databases() []string {
	b.t.Helper()
	list := b.text("template1", `SELECT coalesce(string_agg(datname, E'\x01' ORDER BY datname), '') FROM pg_database WHERE datname NOT IN ('postgres', 'template0', 'template1')`)
	return slices.DeleteFunc(strings.Split(list, "\x01"), func(s string) bool { return s == "" })
}

// clean drops all databases that a test left.
func (b *bench) clean() {
	b.t.Helper()
	for _, name := range b.databases() {
		b.run("template1", "DROP DATABASE "+quoteIdent(name)+" WITH (FORCE)")
	}
}

func (b *bench) dropRoles() {
	b.t.Helper()
	for _, role := range strings.FieldsFunc(b.text("template1", `SELECT coalesce(string_agg(quote_ident(rolname), E'\x01'), '') FROM pg_roles WHERE oid >= 16384`), func(r rune) bool { return r == 1 }) {
		b.run("template1", "DROP ROLE "+role)
	}
}

// fresh makes an empty database.
func (b *bench) fresh(name string, statements ...string) {
	b.t.Helper()
	b.run("template1", "CREATE DATABASE "+quoteIdent(name)+" TEMPLATE template0")
	b.run(name, statements...)
}

// capture takes a backup of a database into memory.
func (b *bench) capture(database string) (*backup.Manifest, *shelf) {
	b.t.Helper()
	parts := newShelf()
	m, err := b.Capture(b.ctx(), b.on(database), parts, func(backup.Progress) {})
	if err != nil {
		b.t.Fatal(err)
	}
	return m, parts
}

// job is a restore job with a fresh run.
func (b *bench) job(shadow string) backup.ShadowJob {
	return backup.ShadowJob{Sandbox: b.sb, Shadow: shadow, Run: backup.NewID(), Purpose: "restore"}
}

// fill fills a shadow and fails the test when that does not work.
func (b *bench) fill(job backup.ShadowJob, m *backup.Manifest, parts backup.Parts) {
	b.t.Helper()
	if err := b.Fill(b.ctx(), job, m, parts, nil); err != nil {
		b.t.Fatalf("%v; hint: %s", err, backup.AsError(err).Hint)
	}
}

// dump is pg_dump's text of a database, its lines sorted: rows have no order. What some servers note
// for themselves, which a pg_dump that does not know them tells too, is left out.
func (b *bench) dump(database string) []string {
	b.t.Helper()
	tools, err := b.tools(0)
	if err != nil {
		b.t.Fatal(err)
	}
	c := b.child(b.ctx(), b.sb, database, tools.Dump, []string{"--no-password"})
	var text bytes.Buffer
	c.stdout = &text
	if err := c.run(); err != nil {
		b.t.Fatal(err)
	}
	lines := slices.Sorted(strings.Lines(text.String()))
	return slices.DeleteFunc(lines, func(line string) bool {
		random := strings.HasPrefix(line, `\restrict`) || strings.HasPrefix(line, `\unrestrict`)
		return random || strings.Contains(line, " SET (pg_attver=")
	})
}

// strangers counts sessions of ours that are in any database but the asking one.
func (b *bench) strangers() string {
	b.t.Helper()
	return b.text("template1", `SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND application_name LIKE 'holdfast%'`)
}

// wantKind fails the test unless err is of that kind and its text and hint hold all words.
func wantKind(t *testing.T, err error, kind backup.Kind, words ...string) {
	t.Helper()
	if backup.KindOf(err) != kind {
		t.Fatalf("error of kind %q wanted, got %q: %v", kind, backup.KindOf(err), err)
	}
	fault := backup.AsError(err)
	for _, word := range words {
		if !strings.Contains(fault.Text+" "+fault.Hint, word) {
			t.Errorf("%q wanted in: %s (%s)", word, fault.Text, fault.Hint)
		}
	}
}

// same compares two lists line by line.
func same(t *testing.T, want, got []string) {
	t.Helper()
	if slices.Equal(want, got) {
		return
	}
	for _, line := range want {
		if !slices.Contains(got, line) {
			t.Errorf("missing: %s", line)
		}
	}
	for _, line := range got {
		if !slices.Contains(want, line) {
			t.Errorf("too much: %s", line)
		}
	}
	if !t.Failed() {
		t.Errorf("lines differ in number: %d and %d", len(want), len(got))
	}
}

// eventually waits until something is so, however long that takes within reason.
func (b *bench) eventually(what string, is func() bool) {
	b.t.Helper()
	for range 600 {
		if is() {
			return
		}
		pause(b.ctx(), 50*time.Millisecond)
	}
	b.t.Fatalf("never: %s", what)
}
