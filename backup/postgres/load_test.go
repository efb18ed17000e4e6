package postgres

import (
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

func TestStoredRowsGivesEverythingAndHashesIt(t *testing.T) {
	text := strings.Repeat("one\trow\n", 70_000)
	passed := 0
	r := &storedRows{ctx: t.Context(), from: io.NopCloser(iotest.HalfReader(strings.NewReader(text))), passed: func(n int) { passed += n }}
	got, err := io.ReadAll(r)
	if err != nil || string(got) != text {
		t.Fatalf("%d of %d bytes, %v", len(got), len(text), err)
	}
	if r.sum.Rows() != 70_000 || passed != len(text) {
		t.Errorf("%d rows, %d bytes passed", r.sum.Rows(), passed)
	}
}

func TestStoredRowsPassesErrorsOn(t *testing.T) {
	broken := errors.New("broken")
	r := &storedRows{ctx: t.Context(), from: io.NopCloser(io.MultiReader(strings.NewReader("a\n"), iotest.ErrReader(broken)))}
	if _, err := io.ReadAll(r); !errors.Is(err, broken) {
		t.Error("got", err)
	}
	if r.sum.Rows() != 1 {
		t.Errorf("%d rows before the error", r.sum.Rows())
	}
}

func TestStoredRowsEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r := &storedRows{ctx: ctx, from: io.NopCloser(strings.NewReader("a\n"))}
	cancel()
	if _, err := r.Read(make([]byte, 1)); !errors.Is(err, context.Canceled) {
		t.Error("got", err)
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
