package export

import (
	"bytes"
	"context"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"filippo.io/age"

	"holdfast/backup"
	"holdfast/backup/pgarchive"

	"github.com/google/go-cmp/cmp"
)

// small is a database that can be damaged in every way.
func small(t *testing.T) (*backup.Manifest, shelf) {
	t.Helper()
	fresh(t, "small", "", `CREATE TABLE words (id int PRIMARY KEY, w text)`, `INSERT INTO words SELECT i, 'word' || i FROM generate_series(1, 5000) i`,
		`SELECT lo_from_bytea(77, 'contents')`, `CREATE TABLE bills (id int, owed money)`, `INSERT INTO bills VALUES (1, 12.5)`)
	m, parts := capture(t, "small")
	return m, parts
}

// both are the two kinds of downloads.
func both() []Format { return []Format{FormatDump, FormatSQL} }

func TestDamageIsNoticed(t *testing.T) {
	m, parts := small(t)
	words := slices.IndexFunc(m.Tables, func(t backup.Table) bool { return t.Name == "words" })
	part, blob := m.Tables[words].Part, m.LargeObjects.Parts[0]
	changed := func(change func(m *backup.Manifest)) *backup.Manifest {
		other := *m
		other.Tables = slices.Clone(m.Tables)
		change(&other)
		return &other
	}
	without := shelf{}
	for name, text := range parts {
		if name != part {
			without[name] = text
		}
	}
	for _, c := range []struct {
		name  string
		m     *backup.Manifest
		parts shelf
		word  string
	}{
		{"a letter in a row", m, parts.edited(part, func(p []byte) []byte { p[3] = '#'; return p }), "words"},
		{"two rows with ends exchanged", m, parts.edited(part, func(p []byte) []byte {
			return bytes.Replace(bytes.Replace(p, []byte("word1\n"), []byte("wordX\n"), 1), []byte("word2\n"), []byte("word1\n"), 1)
		}), "words"},
		{"a row less", m, parts.edited(part, func(p []byte) []byte { return p[bytes.IndexByte(p, '\n')+1:] }), "4999 rows"},
		{"a row more", m, parts.edited(part, func(p []byte) []byte { return append(p, "0\tmore\n"...) }), "5001 rows"},
		{"no end", m, parts.edited(part, func(p []byte) []byte { return p[:len(p)-1] }), "words"},
		{"no part", m, without, "not there"},
		{"a letter in a large object", m, parts.edited(blob, func(p []byte) []byte { return bytes.Replace(p, []byte("contents"), []byte("c0ntents"), 1) }), "large objects"},
		{"a cut large object", m, parts.edited(blob, func(p []byte) []byte { return p[:len(p)-2] }), "too early"},
		{"no large object", m, parts.edited(blob, func([]byte) []byte { return nil }), "large objects"},
		{"cut definitions", m, parts.edited(backup.PartTOC, func(p []byte) []byte { return p[:len(p)/2] }), "too early"},
		{"other definitions", m, parts.edited(backup.PartTOC, func(p []byte) []byte { return bytes.ReplaceAll(p, []byte("words"), []byte("wards")) }), "not its definition"},
		{"another table", changed(func(m *backup.Manifest) { m.Tables[words].Name = "wards" }), parts, "not its definition"},
		{"another hash", changed(func(m *backup.Manifest) { m.Tables[words].Hash = strings.Repeat("0", 32) }), parts, "not those"},
		{"another number of large objects", changed(func(m *backup.Manifest) { m.LargeObjects.Count++ }), parts, "large objects"},
		{"a part of large objects too many", changed(func(m *backup.Manifest) { m.LargeObjects.Parts = []string{blob, blob} }), parts, "archive"},
	} {
		for _, format := range both() {
			err := format.Write(t.Context(), c.m, c.parts, io.Discard, nil)
			if backup.KindOf(err) != backup.Damaged || !strings.Contains(err.Error(), c.word) {
				t.Errorf("%s, %s: %q: %v", c.name, format, backup.KindOf(err), err)
			}
		}
	}
}

func TestErrorsOfOthersPass(t *testing.T) {
	m, parts := small(t)
	full := errors.New("full")
	for _, format := range both() {
		for _, room := range []int64{0, 100, 20000, 60000} {
			if err := format.Write(t.Context(), m, parts, &limited{room, full}, nil); !errors.Is(err, full) {
				t.Errorf("%s, room for %d: %v", format, room, err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		err := format.Write(ctx, m, parts, io.Discard, func(done, _ int64) {
			if done > 1000 {
				cancel()
			}
		})
		if backup.KindOf(err) != backup.Cancelled {
			t.Errorf("%s cancelled: %v", format, err)
		}
		if err := format.Write(t.Context(), m, failingParts{parts, full}, io.Discard, nil); !errors.Is(err, full) || backup.KindOf(err) == backup.Damaged {
			t.Errorf("%s: %v", format, err)
		}
	}
}

// limited is a disk that becomes full.
type limited struct {
	room int64
	err  error
}

func (l *limited) Write(p []byte) (int, error) {
	if l.room -= int64(len(p)); l.room < 0 {
		return 0, l.err
	}
	return len(p), nil
}

// failingParts breaks off in the middle of tables.
type failingParts struct {
	shelf

	err error
}

func (f failingParts) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	r, err := f.shelf.Open(ctx, name)
	if err != nil || name == backup.PartTOC {
		return r, err
	}
	return io.NopCloser(io.MultiReader(io.LimitReader(r, 5), iotest.ErrReader(f.err))), nil
}

func TestProgress(t *testing.T) {
	m, parts := small(t)
	for _, format := range both() {
		last := int64(-1)
		var size counted
		err := format.Write(t.Context(), m, parts, &size, func(done, total int64) {
			if done < last || total != m.Bytes() {
				t.Errorf("%s: %d after %d, of %d", format, done, last, total)
			}
			last = done
		})
		if err != nil || last != m.Bytes() {
			t.Errorf("%s: %d of %d: %v", format, last, m.Bytes(), err)
		}
		if int64(size) > format.Room(m) {
			t.Errorf("%s took %d bytes, foretold were %d", format, size, format.Room(m))
		}
	}
}

type counted int64

func (c *counted) Write(p []byte) (int, error) {
	*c += counted(len(p))
	return len(p), nil
}

// TestScriptHasNoCommandsForPsql looks at every line that psql would read as a statement.
func TestScriptHasNoCommandsForPsql(t *testing.T) {
	m, parts := small(t)
	var script bytes.Buffer
	if err := SQL(t.Context(), m, parts, &script, nil); err != nil {
		t.Fatal(err)
	}
	inRows, ends := false, 0
	for line := range strings.Lines(script.String()) {
		switch {
		case inRows && line == "\\.\n":
			inRows = false
			ends++
		case inRows:
		case strings.HasPrefix(line, "COPY "):
			inRows = true
		case strings.Contains(line, `\`):
			t.Errorf("a command: %s", line)
		}
	}
	if ends != 2 || inRows {
		t.Errorf("the rows of %d tables end", ends)
	}
	for _, want := range []string{`(?m)^SET lc_monetary = 'C';\n\nCOPY public.bills`, `(?m)^1\t\$12.50\n\\\.\n\n\nRESET lc_monetary;$`, `(?m)^SET row_security = off;$`} {
		if !regexp.MustCompile(want).Match(script.Bytes()) {
			t.Errorf("missing: %s", want)
		}
	}
}

// TestStatementsThatLoad has the statements that are not just a COPY into the table itself.
func TestStatementsThatLoad(t *testing.T) {
	fresh(t, "small", "", `CREATE TYPE "mo\od" AS ENUM ('sad')`, "CREATE TABLE \"ro\not\" (k \"mo\\od\") PARTITION BY HASH (k)",
		"CREATE TABLE leaf PARTITION OF \"ro\not\" FOR VALUES WITH (MODULUS 1, REMAINDER 0)", "CREATE TABLE bills (owed money)", "CREATE TABLE none ()")
	m, parts := capture(t, "small")
	var dump bytes.Buffer
	if err := Dump(t.Context(), m, parts, &dump, nil); err != nil {
		t.Fatal(err)
	}
	a, err := pgarchive.Read(&dump)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][2]string{}
	for _, e := range a.Entries {
		if e.Desc.S == pgarchive.DescTableData {
			got[e.Tag.S] = [2]string{e.Defn.S, e.Copy.S}
		}
	}
	want := map[string][2]string{
		"leaf":  {`-- load via partition root public."ro ot"`, "COPY public.\"ro\not\" (\"k\") FROM stdin;\n"},
		"bills": {"", "SET LOCAL lc_monetary = 'C'; COPY public.bills (\"owed\") FROM stdin;\n"},
		"none":  {"", "COPY public.\"none\"  FROM stdin;\n"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestOtherEncodings has names and rows that are not in UTF-8.
func TestOtherEncodings(t *testing.T) {
	for _, c := range []struct{ encoding, name string }{{"LATIN1", "köln"}, {"WIN1251", "слово"}, {"EUC_JP", "表"}, {"EUC_KR", "표"}, {"EUC_CN", "表"}, {"SQL_ASCII", "köln"}} {
		t.Run(c.encoding, func(t *testing.T) {
			with := "ENCODING " + c.encoding + " LC_COLLATE 'C' LC_CTYPE 'C'"
			fresh(t, "coded", with, "SET client_encoding = 'UTF8'", "CREATE TABLE "+c.name+" (id serial, "+c.name+" text)",
				"INSERT INTO "+c.name+" ("+c.name+") SELECT '"+c.name+"' || i FROM generate_series(1, 9) i")
			m, parts := capture(t, "coded")
			want := contents(t, "coded")
			for _, format := range both() {
				var file bytes.Buffer
				if err := format.Write(t.Context(), m, parts, &file, nil); err != nil {
					t.Fatal(err)
				}
				t.Run(string(format), func(t *testing.T) {
					fresh(t, "back", with)
					cmd := command(t, "back", "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1")
					if format == FormatDump {
						cmd = command(t, "back", "pg_restore", "-d", "back")
					}
					cmd.Stdin = &file
					restored(t, cmd)
					same(t, want, contents(t, "back"))
				})
			}
		})
	}
	if _, err := encoder("EUC_TW")("表"); backup.KindOf(err) != backup.Failed {
		t.Error(err)
	}
	if _, err := encoder("LATIN1")("表"); backup.KindOf(err) != backup.Failed {
		t.Error(err)
	}
	if got, err := encoder("EUC_TW")("plain"); got != "plain" || err != nil {
		t.Error(got, err)
	}
}

func TestSeal(t *testing.T) {
	var file bytes.Buffer
	w, err := Seal(&file, "kept from others")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, strings.Repeat("secret", 50000)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(file.Bytes(), []byte("secret")) {
		t.Error("it can be read")
	}
	identity, err := age.NewScryptIdentity("kept from others")
	if err != nil {
		t.Fatal(err)
	}
	opened, err := age.Decrypt(&file, identity)
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(opened); err != nil || string(text) != strings.Repeat("secret", 50000) {
		t.Errorf("%d bytes: %v", len(text), err)
	}
	if _, err := Seal(&file, ""); backup.KindOf(err) != backup.Usage {
		t.Error(err)
	}
}
