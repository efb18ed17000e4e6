package export

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"

	"holdfast/backup"
)

// JSONFormat and JSONVersion are what the manifest of a JSON snapshot calls its format.
const (
	JSONFormat  = "holdfast-json-snapshot"
	JSONVersion = 1
)

// jsonManifest is the manifest of a JSON snapshot.
type jsonManifest struct {
	Format        string            `json:"format"`
	FormatVersion int               `json:"format_version"`
	Backup        backup.ID         `json:"backup"`
	Sandbox       string            `json:"sandbox"`
	Database      string            `json:"database"`
	Encoding      string            `json:"encoding"` // of the database; the file is in UTF-8
	ServerVersion string            `json:"server_version"`
	Captured      string            `json:"captured"` // RFC 3339, UTC
	Schemas       []string          `json:"schemas"`
	TotalRows     int64             `json:"total_rows"`
	Tables        []jsonTable       `json:"tables"` // in the order of their rows
	Sequences     []backup.Sequence `json:"sequences"`
	LeftOut       jsonLeftOut       `json:"left_out"`
	Values        map[string]string `json:"values"` // how values are written, for people
}

// jsonTable is one table of a JSON snapshot. The hash is that of the manifest of a backup, over
// the COPY text that the rows stand for.
type jsonTable struct {
	Key       string          `json:"key"` // of its rows in data
	Schema    string          `json:"schema"`
	Name      string          `json:"name"`
	Rows      int64           `json:"rows"`
	Hash      string          `json:"hash,omitempty"`
	Columns   []backup.Column `json:"columns"`
	Extension string          `json:"extension,omitempty"`
	Root      *backup.Name    `json:"root,omitempty"`
}

type jsonLeftOut struct {
	Tables       []jsonLeft `json:"tables"`
	LargeObjects int64      `json:"large_objects"`
}

type jsonLeft struct {
	Schema string `json:"schema"`
	Name   string `json:"name"`
	Why    string `json:"why"`
}

// valuesText says how values are written, in the file itself.
func valuesText() map[string]string {
	return map[string]string{
		"null":    "SQL NULL",
		"boolean": "true or false",
		"number":  "smallint, integer, bigint, oid, numeric: a number up to 15 significant digits, more as a string; real, double precision: a number; NaN and Infinity are strings",
		"json":    "json and jsonb are what they are, except where another program could not give the same value back: the value null, more than 15 digits, the same key twice, deep nesting, keys like those below. Then {\"$json\": TEXT}",
		"other":   "a string: the text that PostgreSQL gives, in ISO style, UTC, bytea in hex",
		"$bytes":  "{\"$bytes\": BASE64} is text that is not valid in the database's encoding, byte by byte",
		"$parts":  "{\"$parts\": [STRING or {\"$bytes\": …}, …]} is a text of more than 16 MiB, to be put together",
	}
}

// Why a table is left out of a JSON snapshot.
const (
	whyNoisy    = "operational: holds what a running program writes for itself"
	whyExcluded = "its rows are left out of the backup"
)

// JSON writes the rows of the backup m, whose parts are given, as one JSON document: {"manifest": …,
// "data": {TABLE: [{COLUMN: VALUE, …}, …], …}}. Definitions and large objects are not in it. Rows
// of operational tables (see backup.Operational) are left out unless all is set, which the
// manifest says. Every row is compared with the manifest of the backup on the way. report gets
// bytes of contents written and bytes in all; it may be nil.
func JSON(ctx context.Context, m *backup.Manifest, parts backup.Parts, to io.Writer, all bool, report func(done, total int64)) error {
	if report == nil {
		report = func(_, _ int64) {}
	}
	e := &exporting{ctx: ctx, m: m, parts: parts, report: report}
	w := bufio.NewWriterSize(to, 1<<18) // remembers its first error
	kept, manifest := jsonTables(m, all)
	text, err := json.MarshalIndent(manifest, "", " ")
	if err != nil {
		return err
	}
	_, _ = w.WriteString(`{"manifest": ` + string(text) + ",\n\"data\": {")
	for i, t := range kept {
		if i > 0 {
			_, _ = w.WriteString(",")
		}
		_, _ = w.WriteString("\n" + quoteJSON(manifest.Tables[i].Key) + ": [")
		rows := newJSONRows(w, t, m.Database.Encoding)
		if err := e.rows(t, rows); err != nil {
			return err
		}
		_, _ = w.WriteString("]")
	}
	_, _ = w.WriteString("}}\n")
	return w.Flush()
}

// jsonTables chooses the tables, and says so in the manifest.
func jsonTables(m *backup.Manifest, all bool) ([]*backup.Table, *jsonManifest) {
	out := &jsonManifest{
		Format: JSONFormat, FormatVersion: JSONVersion, Backup: m.ID, Sandbox: m.Sandbox, Database: m.Database.Name,
		Encoding: m.Database.Encoding, ServerVersion: m.ServerVersion, Captured: m.Captured.UTC().Format("2006-01-02T15:04:05.999999Z07:00"),
		Schemas: []string{}, Tables: []jsonTable{}, Sequences: append([]backup.Sequence{}, m.Sequences...), Values: valuesText(),
		LeftOut: jsonLeftOut{Tables: []jsonLeft{}, LargeObjects: m.LargeObjects.Count},
	}
	var kept []*backup.Table
	for i := range m.Tables {
		t := &m.Tables[i]
		if why := leftOut(t, all); why != "" {
			out.LeftOut.Tables = append(out.LeftOut.Tables, jsonLeft{t.Schema, t.Name, why})
			continue
		}
		kept = append(kept, t)
		out.TotalRows += t.Rows
		out.Tables = append(out.Tables, jsonTable{
			Key: tableKey(t.Schema, t.Name), Schema: t.Schema, Name: t.Name, Rows: t.Rows, Hash: t.Hash,
			Columns: append([]backup.Column{}, t.Columns...), Extension: t.Extension, Root: t.Root,
		})
		if !slices.Contains(out.Schemas, t.Schema) {
			out.Schemas = append(out.Schemas, t.Schema)
		}
	}
	slices.Sort(out.Schemas)
	return kept, out
}

func leftOut(t *backup.Table, all bool) string {
	switch {
	case t.Excluded || t.Part == "":
		return whyExcluded
	case !all && backup.Operational(backup.Name{Schema: t.Schema, Name: t.Name}):
		return whyNoisy
	}
	return ""
}

// OperationalTables gives the tables with rows that a JSON snapshot of m leaves out unless all is
// asked for.
func OperationalTables(m *backup.Manifest) []backup.Name {
	var names []backup.Name
	for i := range m.Tables {
		if t := &m.Tables[i]; leftOut(t, false) == whyNoisy {
			names = append(names, backup.Name{Schema: t.Schema, Name: t.Name})
		}
	}
	return names
}

// tableKey names a table in data: public.orders. Names that the dot would make unclear are quoted.
func tableKey(schema, name string) string { return keyWord(schema) + "." + keyWord(name) }

func keyWord(name string) string {
	if strings.ContainsAny(name, `."`) {
		return quoteIdent(name)
	}
	return name
}

// quoteJSON quotes a text in UTF-8.
func quoteJSON(text string) string { return string(appendString(nil, []byte(text))) }

// significantDigits is how many digits of a number every double keeps.
const significantDigits = 15

// plainNumber says whether text is a number as JSON has it. One that is exact must also be a
// double, so that no program loses any of it.
func plainNumber(text []byte, exact bool) bool {
	if !isNumber(text) {
		return false
	}
	if !exact {
		return true
	}
	digits, exponent := 0, false
	for _, c := range text {
		switch {
		case c == 'e' || c == 'E':
			exponent = true
		case exponent || c < '0' || c > '9':
		case c != '0' || digits > 0:
			digits++
		}
	}
	if digits > significantDigits {
		return false
	}
	_, err := strconv.ParseFloat(string(text), 64)
	return err == nil
}

// isNumber says whether text is a number by JSON's grammar.
func isNumber(text []byte) bool {
	rest := text
	if len(rest) > 0 && rest[0] == '-' {
		rest = rest[1:]
	}
	whole := countDigits(rest)
	if whole == 0 || whole > 1 && rest[0] == '0' {
		return false
	}
	rest = rest[whole:]
	if len(rest) > 0 && rest[0] == '.' {
		n := countDigits(rest[1:])
		if n == 0 {
			return false
		}
		rest = rest[1+n:]
	}
	if len(rest) > 0 && (rest[0] == 'e' || rest[0] == 'E') {
		rest = rest[1:]
		if len(rest) > 0 && (rest[0] == '+' || rest[0] == '-') {
			rest = rest[1:]
		}
		n := countDigits(rest)
		if n == 0 {
			return false
		}
		rest = rest[n:]
	}
	return len(rest) == 0
}

func countDigits(text []byte) int {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	return n
}
