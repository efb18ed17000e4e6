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
