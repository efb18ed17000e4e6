package export

import (
	"encoding/json"
	"errors"
	"io"

	"holdfast/backup"
)

// maxPending bounds what a row holds back of columns that come before their turn, in bytes.
const maxPending = 4 * pieceSize

// maxManifest bounds the manifest of a JSON snapshot, in bytes.
const maxManifest = 32 << 20

// jsonWalk is one way through a JSON snapshot.
type jsonWalk struct {
	x      *lexer
	m      *backup.Manifest             // nil until it was read
	tables map[string]*backup.Table     // by their keys
	each   func(t *jsonTableRead) error // nil: rows are only skipped
	late   bool                         // the rows came before the manifest, and were skipped
	where  string                       // for errors: the table
}

// run goes through the whole document. When m is nil, the manifest is read.
func (w *jsonWalk) run() error {
	known := w.m != nil
	seen := map[string]bool{}
	err := w.x.fields(func(key []byte) error {
		name := string(key)
		if seen[name] {
			return syntax("%q comes twice", name)
		}
		seen[name] = true
		return w.field(name, known)
	})
	if err != nil {
		return err
	}
	for _, name := range []string{"manifest", "data"} {
		if !seen[name] {
			return syntax("%q is missing", name)
		}
	}
	if c, err := w.x.peek(); !errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.Join(err, syntax("%q follows after its end", c))
	}
	return nil
}

// field takes the value of a key of the document; a manifest that is known is skipped.
func (w *jsonWalk) field(name string, known bool) error {
	switch {
	case name == "manifest" && known:
		return w.x.skip()
	case name == "manifest":
		return w.manifest()
	case name == "data" && w.m == nil:
		w.late = true
		return w.x.skip()
	case name == "data":
		return w.data()
	}
	return syntax("it has %.60q beside \"manifest\" and \"data\"", name)
}

// manifest reads the manifest.
func (w *jsonWalk) manifest() error {
	raw, err := w.x.raw(maxManifest)
	if err != nil {
		return err
	}
	if !keysOnce(raw) {
		return syntax("the manifest has the same key twice")
	}
	var m jsonManifest
	if err := json.Unmarshal(raw, &m); err != nil {
		return syntax("the manifest is not readable: %v", err)
	}
	w.m, w.tables, err = m.read()
	return err
}

// keysOnce says whether no object in text, which is valid JSON, has a key twice.
func keysOnce(text []byte) bool {
	s := &plainScan{text: text, numbers: true}
	return s.run()
}

// read checks the manifest, and gives what a restore needs of it.
func (m *jsonManifest) read() (*backup.Manifest, map[string]*backup.Table, error) {
	switch {
	case m.Format != JSONFormat:
		return nil, nil, syntax("its manifest does not say that it is a JSON snapshot: \"format\" is %.60q", m.Format)
	case m.FormatVersion < 1 || m.FormatVersion > JSONVersion:
		return nil, nil, syntax("its format has the version %d; this program reads up to %d", m.FormatVersion, JSONVersion)
	case m.Encoding == "":
		return nil, nil, syntax("its manifest does not name the encoding of the database")
	}
	out := &backup.Manifest{
		ID: m.Backup, Sandbox: m.Sandbox, ServerVersion: m.ServerVersion, Sequences: m.Sequences,
		Database: backup.Database{Name: m.Database, Encoding: m.Encoding},
	}
	names := map[backup.Name]bool{}
	for _, t := range m.Tables {
		name := backup.Name{Schema: t.Schema, Name: t.Name}
		if t.Schema == "" || t.Name == "" || t.Key != tableKey(t.Schema, t.Name) || names[name] || t.Rows < 0 {
			return nil, nil, syntax("its manifest has no proper name for the table %.200q, or names it twice", t.Key)
		}
		names[name] = true
		columns := map[string]bool{}
		for _, c := range t.Columns {
			if c.Name == "" || columns[c.Name] {
				return nil, nil, syntax("its manifest has no proper name for a column of the table %.200q, or names it twice", t.Key)
			}
			columns[c.Name] = true
		}
		out.Tables = append(out.Tables, backup.Table{
			Schema: t.Schema, Name: t.Name, Part: t.Key, Columns: t.Columns, Extension: t.Extension,
			Root: t.Root, Rows: t.Rows, Hash: t.Hash,
		})
	}
	if out.Rows() != m.TotalRows {
		return nil, nil, syntax("its manifest has %d rows in all, and %d by its tables", m.TotalRows, out.Rows())
	}
	tables := map[string]*backup.Table{}
	for i := range out.Tables {
		tables[out.Tables[i].Part] = &out.Tables[i]
	}
	return out, tables, nil
}

// data reads the rows of all tables.
func (w *jsonWalk) data() error {
	seen := map[*backup.Table]bool{}
	err := w.x.fields(func(key []byte) error {
		t := w.tables[string(key)]
		switch {
		case t == nil:
			return syntax("it has rows of %.200q, which its manifest does not name", key)
		case seen[t]:
			return syntax("it has the rows of the table %.200q twice", t.Part)
		}
		seen[t] = true
		w.where = t.Part
		if err := w.each(&jsonTableRead{x: w.x, t: t, encode: encodeBytes(w.m.Database.Encoding)}); err != nil {
			return err
		}
		w.where = ""
		return nil
	})
	if err != nil {
		return err
	}
	for i := range w.m.Tables {
		if t := &w.m.Tables[i]; !seen[t] {
			return syntax("the rows of the table %.200q are missing", t.Part)
		}
	}
	return nil
}
