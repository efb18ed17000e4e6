package postgres

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"holdfast/backup"
)

func TestCopyInSQL(t *testing.T) {
	cols := []backup.Column{{Name: "id"}, {Name: `a"b`}}
	cases := []struct {
		table          backup.Table
		prologue, copy string
	}{
		{
			backup.Table{Schema: "s", Name: "t", Columns: cols},
			`BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; TRUNCATE ONLY "s"."t"`,
			`COPY "s"."t" ("id", "a""b") FROM STDIN (FREEZE, ENCODING 'UTF8')`,
		},
		{
			backup.Table{Schema: "s", Name: "none"},
			`BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; TRUNCATE ONLY "s"."none"`,
			`COPY "s"."none" FROM STDIN (FREEZE, ENCODING 'UTF8')`,
		},
		{
			backup.Table{Schema: "s", Name: "t", Columns: cols, Extension: "x", Condition: "WHERE true"},
			`BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE`,
			`COPY "s"."t" ("id", "a""b") FROM STDIN (ENCODING 'UTF8')`,
		},
		{
			backup.Table{Schema: "s", Name: "leaf", Columns: cols, Root: &backup.Name{Schema: "s", Name: "root"}},
			`BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE`,
			`COPY "s"."root" ("id", "a""b") FROM STDIN (ENCODING 'UTF8')`,
		},
	}
	for _, c := range cases {
		prologue, statement := copyInSQL(&c.table, "UTF8")
		if prologue != c.prologue || statement != c.copy {
			t.Errorf("got %s / %s", prologue, statement)
		}
	}
}

// closing tells whether it was closed.
type closing struct {
	io.Reader

	closed bool
}

func (c *closing) Close() error { c.closed = true; return nil }

func TestAheadGivesEverythingAndHashesIt(t *testing.T) {
	text := strings.Repeat("one\trow\n", 700_000) // more than all chunks together
	from := &closing{Reader: iotest.HalfReader(strings.NewReader(text))}
	passed := 0
	r := readAhead(context.Background(), from, func(n int) { passed += n })
	got, err := io.ReadAll(r)
	if err != nil || string(got) != text {
		t.Fatalf("%d of %d bytes, %v", len(got), len(text), err)
	}
	if r.sum.Rows() != 700_000 || passed != len(text) {
		t.Errorf("%d rows, %d bytes passed", r.sum.Rows(), passed)
	}
	if err := r.Close(); err != nil || !from.closed {
		t.Error("the part stayed open", err)
	}
}

func TestAheadStopsEarly(t *testing.T) {
	from := &closing{Reader: bytes.NewReader(make([]byte, 64<<20))}
	r := readAhead(context.Background(), from, nil)
	if _, err := io.CopyN(io.Discard, r, 10); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil || !from.closed {
		t.Error("the part stayed open", err)
	}
}

func TestAheadPassesErrorsOn(t *testing.T) {
	broken := errors.New("broken")
	r := readAhead(context.Background(), io.NopCloser(io.MultiReader(strings.NewReader("a\n"), iotest.ErrReader(broken))), nil)
	if _, err := io.ReadAll(r); !errors.Is(err, broken) {
		t.Error("got", err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

// A part that does not answer must not hold up a cancel.
func TestAheadEndsWithItsContext(t *testing.T) {
	pipe, writer := io.Pipe()
	ctx, cancel := context.WithCancel(context.Background())
	r := readAhead(ctx, pipe, nil)
	cancel()
	if _, err := r.Read(make([]byte, 1)); !errors.Is(err, context.Canceled) {
		t.Error("got", err)
	}
	if err := writer.Close(); err != nil {
		t.Error(err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

// Foreign keys of an extension's tables are there before the rows.
func TestLoadExtensionsInTheOrderOfTheirForeignKeys(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.fresh("live", `CREATE TABLE a (id int PRIMARY KEY)`, `CREATE TABLE b (id int PRIMARY KEY REFERENCES a)`, `CREATE TABLE c (id int REFERENCES b)`,
		`INSERT INTO a VALUES (1), (2)`, `INSERT INTO b VALUES (2)`, `INSERT INTO c VALUES (2)`)
	m, parts := b.capture("live")
	b.run("live", "TRUNCATE a, b, c", "INSERT INTO a VALUES (7)")
	tables := make([]*backup.Table, 0, 3)
	for i := range m.Tables {
		m.Tables[i].Extension = "x"
		tables = append([]*backup.Table{&m.Tables[i]}, tables...) // c, b, a
	}
	a := b.mustAdmin()
	defer a.close()
	f := &filling{s: b.Server, job: b.job("live"), m: m, parts: parts, a: a, track: newTracker(nil, m)}
	if err := f.loadExtensions(t.Context(), tables); err != nil {
		t.Fatal(err)
	}
	if got := b.text("live", "SELECT count(*) FROM a NATURAL JOIN b NATURAL JOIN c"); got != "1" {
		t.Errorf("%s rows", got)
	}
	if got := b.text("live", "SELECT string_agg(id::text, ',' ORDER BY id) FROM a"); got != "1,2,7" {
		t.Errorf("the extension's own rows: %s", got)
	}
	b.run("live", "TRUNCATE a, b, c")
	wantKind(t, f.loadExtensions(t.Context(), tables[:2]), backup.Failed, "cannot be filled")
}
