package export

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/backup"
	"holdfast/backup/rowsum"
)

// look reads a snapshot that is in memory.
func look(t testing.TB, text []byte) (*Snapshot, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	s := &Snapshot{Path: path}
	return s, s.Look(t.Context(), nil)
}

// TestJSONComesBackExactly writes a database that has one of everything as a JSON snapshot: each
// row is read back as the very COPY text that was captured.
func TestJSONComesBackExactly(t *testing.T) {
	run(t, "template1", roles()...)
	t.Cleanup(func() { run(t, "template1", dropRoles()...) })
	fresh(t, "rich", "", rich()...)
	run(t, "rich", `CREATE TABLE j (a json, b jsonb, n numeric, f float8, r real, i bigint, c bool, x numeric(10,2), y bytea, z int4range, o oid)`,
		`INSERT INTO j VALUES ('null', 'null', 'NaN', 'NaN', '-Infinity', 9223372036854775807, true, 1.50, '\x00ff', '[1,5)', 4000000000)`,
		`INSERT INTO j VALUES (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`,
		`INSERT INTO j VALUES ('{"a":1,"a":2}', '{"$json":"x"}', 1e300, 1e300, 1e30, -9007199254740993, false, -0.10, '', 'empty', 0)`,
		`INSERT INTO j VALUES (E' {"a" :\n 12345678901234567890} ', '{"n":12345678901234567890.123}', 0.000000000000000000001, '-0', '0.1', 7, true, 3, '\x5c6e', '(,)', 1)`,
		`INSERT INTO j VALUES ('"\ud800"', '"text"', 100, 0.1, 1, 1, true, 1, '\x0a', '[1,)', 2)`,
		`INSERT INTO j VALUES ('{"\u0024parts":[]}', '[{"$parts":[]}]', 100, 0.1, 1, 1, true, 1, '\x0a', '[1,)', 2)`,
		`INSERT INTO j SELECT ('['||repeat('[', 3000)||repeat(']', 3000)||']')::json, NULL FROM generate_series(1,1)`)
	m, parts := capture(t, "rich", "audit_*")
	var out bytes.Buffer
	if err := JSON(t.Context(), m, parts, &out, true, nil); err != nil {
		t.Fatal(err)
	}
	if !json.Valid(out.Bytes()) {
		t.Error("it is no JSON")
	}
	s, err := look(t, out.Bytes())
	if err != nil {
		t.Fatal(err, backup.AsError(err).Hint)
	}
	if s.Facts().Rows != m.Rows() || len(s.Manifest().Tables) < 30 {
		t.Errorf("%d rows in %d tables, the backup has %d", s.Facts().Rows, len(s.Manifest().Tables), m.Rows())
	}
	err = s.Each(t.Context(), func(table *backup.Table, rows io.ReadCloser) error {
		got, err := io.ReadAll(rows)
		for i := range m.Tables {
			if w := &m.Tables[i]; w.Schema == table.Schema && w.Name == table.Name && !bytes.Equal(got, parts[w.Part]) {
				t.Errorf("the rows of %s are not what they were", w.Name)
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestJSONIsTyped looks at the document as another program would.
func TestJSONIsTyped(t *testing.T) {
	t.Parallel()
	columns := []backup.Column{{Name: "i", Type: "integer"}, {Name: "b", Type: "boolean"}, {Name: "n", Type: "numeric(9,2)"}, {Name: "j", Type: "jsonb"}, {Name: "s", Type: "text"}, {Name: "a", Type: "integer[]"}}
	m, parts := one(columns, "1\tt\t1.50\t{\"a\": null}\ta\\tb\"\\\\\t{1,2}\n2\tf\t12345678901234567.5\tnull\t\\N\t\\N\n")
	m.Tables = append(m.Tables, backup.Table{Schema: "public", Name: "sessions", Part: "data/1.copy"}, backup.Table{Schema: "s.x", Name: "gone", Excluded: true})
	var out bytes.Buffer
	if err := JSON(t.Context(), m, parts, &out, false, nil); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Manifest map[string]any              `json:"manifest"`
		Data     map[string][]map[string]any `json:"data"`
	}
	if err := json.Unmarshal(out.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	want := `[map[a:{1,2} b:true i:1 j:map[a:<nil>] n:1.5 s:a	b"\] map[a:<nil> b:false i:2 j:map[$json:null] n:12345678901234567.5 s:<nil>]]`
	if got := fmt.Sprint(doc.Data["public.t"]); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := fmt.Sprint(doc.Manifest["left_out"]); !strings.Contains(got, "sessions") || !strings.Contains(got, "gone") {
		t.Errorf("left out: %s", got)
	}
	if doc.Manifest["total_rows"] != 2.0 || doc.Manifest["format_version"] != 1.0 || fmt.Sprint(doc.Manifest["schemas"]) != "[public]" {
		t.Errorf("manifest: %v", doc.Manifest)
	}
}

// one makes a backup of one table.
func one(columns []backup.Column, rows string) (*backup.Manifest, shelf) {
	var sum rowsum.Rows
	_, _ = sum.Write([]byte(rows)) // never fails
	return &backup.Manifest{ID: "0123456789abcdef", Database: backup.Database{Name: "d", Encoding: "UTF8"}, Tables: []backup.Table{{
		Schema: "public", Name: "t", Part: "data/1.copy", Columns: columns, Rows: sum.Rows(), Bytes: sum.Bytes(), Hash: sum.Hex(),
	}}}, shelf{"data/1.copy": []byte(rows)}
}

// TestJSONOfOtherEncodings writes text that is no UTF-8, and a value longer than a piece.
func TestJSONOfOtherEncodings(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789ä", 2*pieceSize/12+100)
	for encoding, rows := range map[string]string{
		"LATIN1":    "caf\xe9\n\\\\x00\n",
		"SQL_ASCII": "caf\xe9\ncafé\n",
		"MULE":      "a\x81\xe9b\nplain\n",
		"EUC_JP":    "\xa4\xa2\n\xff\xfe\n",
		"UTF8":      long + "\\n" + "\n" + "bad\xe9\n",
	} {
		m, parts := one([]backup.Column{{Name: "s", Type: "text"}}, rows)
		m.Database.Encoding = encoding
		var out bytes.Buffer
		if err := JSON(t.Context(), m, parts, &out, false, nil); err != nil {
			t.Fatal(err)
		}
		s, err := look(t, out.Bytes())
		if err != nil {
			t.Errorf("%s: %v", encoding, err)
			continue
		}
		err = s.Each(t.Context(), func(_ *backup.Table, r io.ReadCloser) error {
			got, err := io.ReadAll(r)
			if string(got) != rows {
				t.Errorf("%s: %d bytes came back as %d", encoding, len(rows), len(got))
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
		if encoding == "UTF8" && (!strings.Contains(out.String(), `{"$parts":["`) || !strings.Contains(out.String(), `{"$bytes":"`)) {
			t.Error("the long value is not in parts, or the bad one not in bytes")
		}
		if encoding == "LATIN1" && !strings.Contains(out.String(), `"café"`) {
			t.Error("text in LATIN1 is not in UTF-8 in the file")
		}
	}
}

// TestJSONRewrittenByOthers reads what another program made of a snapshot: other white space, other
// order of keys, the manifest after the data.
func TestJSONRewrittenByOthers(t *testing.T) {
	t.Parallel()
	m, parts := one([]backup.Column{{Name: "s", Type: "text"}, {Name: "a", Type: "integer"}, {Name: "j", Type: "jsonb"}}, "ä\\n\t1\tnull\n\\N\t12345678901234567\t{}\n")
	var out bytes.Buffer
	if err := JSON(t.Context(), m, parts, &out, false, nil); err != nil {
		t.Fatal(err)
	}
	m.Database.Name = "x"
	var doc map[string]any
	if err := json.Unmarshal(out.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	text, err := json.MarshalIndent(doc, "", "\t") // keys in the order of the alphabet: data first
	if err != nil {
		t.Fatal(err)
	}
	if _, err := look(t, append([]byte(byteOrderMark), text...)); err != nil {
		t.Error(err)
	}
}

// hostileSnapshots are documents that must be refused, each with a word of the reason.
func hostileSnapshots() map[string]string {
	manifest := func(columns, rest string) string {
		return `"manifest": {"format": "holdfast-json-snapshot", "format_version": 1, "encoding": "UTF8", "total_rows": 1, "tables": [{"key": "public.t", "schema": "public", "name": "t", "rows": 1, "columns": [` + columns + `]}]` + rest + `}`
	}
	column := `{"name": "a", "type": "integer"}`
	doc := func(rows string) string { return `{` + manifest(column, "") + `, "data": {"public.t": ` + rows + `}}` }
	text := func(row string) string {
		return `{` + manifest(`{"name": "a", "type": "text"}`, "") + `, "data": {"public.t": [` + row + `]}}`
	}
	return map[string]string{
		"":                               "cut off",
		`{`:                              "cut off",
		`{}`:                             `"manifest" is missing`,
		`{"data": {}}`:                   `"manifest" is missing`,
		`{` + manifest(column, "") + `}`: `"data" is missing`,
		`{"manifest": {"format": "x"}}`:  "does not say",
		`{"manifest": 7}`:                "not readable",
		`{"manifest": {"format": "holdfast-json-snapshot", "format_version": 2}}`:         "version 2",
		`{` + manifest(column, "") + `, ` + manifest(column, "") + `}`:                    `"manifest" comes twice`,
		`{` + manifest(column, `, "tables": []`) + `}`:                                    "same key twice",
		`{` + manifest(column+","+column, "") + `}`:                                       "names it twice",
		`{` + manifest(column, "") + `, "more": 1}`:                                       `"more" beside`,
		`{` + manifest(column, "") + `, "data": {}}`:                                      "are missing",
		`{` + manifest(column, "") + `, "data": {"x": []}}`:                               "does not name",
		`{` + manifest(column, "") + `, "data": {"public.t": [{"a":1}], "public.t": []}}`: "twice",
		doc(`[]`):                             "0 rows, the manifest says 1",
		doc(`[{"a": 1}, {"a": 2}]`):           "2 rows, the manifest says 1",
		doc(`[{"a": 1}`):                      "there is '}' where ','",
		doc(`[{}]`):                           `column "a" is missing`,
		doc(`[{"b": 1}]`):                     "no such column",
		doc(`[{"a": 1, "a": 2}]`):             "comes twice",
		doc(`[{"a": true}]`):                  "of type integer",
		doc(`[{"a": [1]}]`):                   "of type integer",
		doc(`[{"a": {"x": 1}}]`):              "of type integer",
		doc(`[{"a": 01}]`):                    "is no",
		doc(`[{"a": 1} {"a": 2}]`):            "where ','",
		doc(`[{"a": 1}]`) + "x":               "follows after its end",
		doc(`[7]`):                            "where '{'",
		doc(`{}`):                             "where '['",
		text(`{"a": 1}`):                      "of type text",
		text(`{"a": "\x"}`):                   "escape",
		text(`{"a": "\ud800"}`):               "goes on",
		text(`{"a": "\ud800\u0041"}`):         "surrogates",
		text("{\"a\": \"\n\"}"):               "control character",
		text("{\"a\": \"\xff\"}"):             "UTF-8",
		text(`{"a": "\u0000"}`):               "zero byte",
		text(`{"a": {"$bytes": "%"}}`):        "Base64",
		text(`{"a": {"$bytes": "AA=="}}`):     "zero byte",
		text(`{"a": {"$parts": ["x", 1]}}`):   "where '\"'",
		text(`{"a": {"$json": "x", "b": 1}}`): "nothing else",
		text(`{"a": "` + strings.Repeat("x", maxString+1) + `"}`):                                                                      "longer than",
		`{` + manifest(`{"name": "a", "type": "jsonb"}`, "") + `, "data": {"public.t": [{"a": ` + strings.Repeat("[", 100000) + `}]}}`: "nested more than",
		`{"data": ` + strings.Repeat("[", 100000):                                                                                      "nested more than",
		`{` + manifest(`{"name": "a", "type": "jsonb"}`, "") + `, "data": {"public.t": [{"a": nul}]}}`:                                 "goes on with",
		`{` + manifest(`{"name": "a", "type": "jsonb"}`, "") + `, "data": {"public.t": [{"a": {"x":}}]}}`:                              "no JSON",
	}
}

func TestJSONHostile(t *testing.T) {
	t.Parallel()
	for text, want := range hostileSnapshots() {
		_, err := look(t, []byte(text))
		fault := backup.AsError(err)
		if err == nil || fault.Kind != backup.Damaged || fault.Hint == "" || !strings.Contains(fault.Text, want) {
			t.Errorf("%.120q: %v; want %q", text, err, want)
		}
	}
}

// TestJSONEveryCutIsNoticed cuts a snapshot at each place, and flips each byte: what is taken is what it was.
func TestJSONEveryCutIsNoticed(t *testing.T) {
	t.Parallel()
	m, parts := one([]backup.Column{{Name: "s", Type: "text"}, {Name: "a", Type: "integer"}}, "ä\\n\t1\nx\t2\n")
	var out bytes.Buffer
	if err := JSON(t.Context(), m, parts, &out, false, nil); err != nil {
		t.Fatal(err)
	}
	text := out.Bytes()
	whole := bytes.TrimRight(text, "\n")
	for i := range whole {
		w := &jsonWalk{x: newLexer(bytes.NewReader(whole[:i])), each: (&Snapshot{}).check}
		if err := w.run(); err == nil {
			t.Errorf("cut after %d of %d bytes: not noticed", i, len(whole))
		}
	}
	for i := bytes.Index(text, []byte(`"data"`)); i < len(whole); i++ {
		flipped := bytes.Clone(text)
		flipped[i] ^= 1
		w := &jsonWalk{x: newLexer(bytes.NewReader(flipped)), each: (&Snapshot{}).check}
		if err := w.run(); err == nil && !isSpace(text[i]) {
			t.Errorf("byte %d, %q: that it became %q was not noticed", i, text[i], flipped[i])
		}
	}
}

// FuzzJSONSnapshot reads anything; what is taken must be written and read as the same rows.
func FuzzJSONSnapshot(f *testing.F) {
	for text := range hostileSnapshots() {
		if len(text) < 1<<12 {
			f.Add([]byte(text))
		}
	}
	m, parts := one([]backup.Column{{Name: "s", Type: "text"}, {Name: "a", Type: "jsonb"}}, "ä\\n\t1\nx\tnull\n")
	var out bytes.Buffer
	if err := JSON(f.Context(), m, parts, &out, false, nil); err != nil {
		f.Fatal(err)
	}
	f.Add(out.Bytes())
	f.Fuzz(func(_ *testing.T, text []byte) {
		w := &jsonWalk{x: newLexer(bytes.NewReader(text)), each: (&Snapshot{}).check}
		_ = w.run() // it ends
	})
}
