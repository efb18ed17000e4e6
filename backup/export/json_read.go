package export

import (
	"bufio"
	"bytes"
	"encoding/base64"
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
	if err := w.x.expect('{'); err != nil {
		return err
	}
	seen := map[string]bool{}
	for first := true; ; {
		more, err := w.x.more('}', &first)
		if err != nil {
			return err
		}
		if !more {
			break
		}
		key, err := w.x.key()
		if err != nil {
			return err
		}
		name := string(key)
		if seen[name] {
			return syntax("%q comes twice", name)
		}
		seen[name] = true
		switch {
		case name == "manifest" && known:
			err = w.x.skip()
		case name == "manifest":
			err = w.manifest()
		case name == "data" && w.m == nil:
			w.late = true
			err = w.x.skip()
		case name == "data":
			err = w.data()
		default:
			err = syntax("it has %.60q beside \"manifest\" and \"data\"", name)
		}
		if err != nil {
			return err
		}
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
	if err := w.x.expect('{'); err != nil {
		return err
	}
	seen := map[*backup.Table]bool{}
	for first := true; ; {
		more, err := w.x.more('}', &first)
		if err != nil {
			return err
		}
		if !more {
			break
		}
		key, err := w.x.key()
		if err != nil {
			return err
		}
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
	}
	for i := range w.m.Tables {
		if t := &w.m.Tables[i]; !seen[t] {
			return syntax("the rows of the table %.200q are missing", t.Part)
		}
	}
	return nil
}

// jsonTableRead reads the rows of one table.
type jsonTableRead struct {
	x      *lexer
	t      *backup.Table
	encode func([]byte) ([]byte, error)
	row    int64

	index   map[string]int
	pending [][]byte // values that came before their turn, as COPY text
	held    int      // bytes of them
	seen    []bool
	wait    bytes.Buffer
}

// copyTo writes the rows as COPY text, as PostgreSQL would have written it.
func (r *jsonTableRead) copyTo(to io.Writer) error {
	w := bufio.NewWriterSize(to, 1<<16)
	r.index = map[string]int{}
	for i, c := range r.t.Columns {
		r.index[c.Name] = i
	}
	r.pending, r.seen = make([][]byte, len(r.t.Columns)), make([]bool, len(r.t.Columns))
	if err := r.x.expect('['); err != nil {
		return err
	}
	for first := true; ; {
		more, err := r.x.more(']', &first)
		if err != nil {
			return r.located(err)
		}
		if !more {
			return w.Flush()
		}
		r.row++
		if err := r.object(w); err != nil {
			return r.located(err)
		}
	}
}

// located says in which row something is wrong.
func (r *jsonTableRead) located(err error) error {
	if errors.Is(err, errSyntax) {
		return syntax("row %d: %w", r.row, err)
	}
	return err
}

// object reads one row.
func (r *jsonTableRead) object(w *bufio.Writer) error {
	if err := r.x.expect('{'); err != nil {
		return err
	}
	clear(r.seen)
	turn := 0 // the column that is to be written next
	for first := true; ; {
		more, err := r.x.more('}', &first)
		if err != nil {
			return err
		}
		if !more {
			break
		}
		i, err := r.column(turn)
		if err != nil {
			return err
		}
		if i != turn {
			err = r.hold(i)
		} else if err = r.cell(w, i); err == nil {
			turn, err = r.release(w, turn+1)
		}
		if err != nil {
			return err
		}
	}
	if turn < len(r.t.Columns) {
		return syntax("the column %q is missing", r.t.Columns[turn].Name)
	}
	return w.WriteByte('\n')
}

// column reads a key, and gives the number of its column, which most often is the one expected.
func (r *jsonTableRead) column(expected int) (int, error) {
	key, err := r.x.key()
	if err != nil {
		return 0, err
	}
	i, known := expected, expected < len(r.t.Columns) && string(key) == r.t.Columns[expected].Name
	if !known {
		i, known = r.index[string(key)]
	}
	switch {
	case !known:
		return 0, syntax("it has %.100q, and the manifest no such column", key)
	case r.seen[i]:
		return 0, syntax("the column %q comes twice", key)
	}
	r.seen[i] = true
	return i, nil
}

// cell writes the value of column i, and what separates it from the one before.
func (r *jsonTableRead) cell(w *bufio.Writer, i int) error {
	if i > 0 {
		if err := w.WriteByte('\t'); err != nil {
			return err
		}
	}
	return r.value(w, i)
}

// hold keeps a value whose turn has not come.
func (r *jsonTableRead) hold(i int) error {
	r.wait.Reset()
	w := bufio.NewWriter(&r.wait)
	if err := errors.Join(r.cell(w, i), w.Flush()); err != nil {
		return err
	}
	r.pending[i] = append(r.pending[i][:0], r.wait.Bytes()...)
	if r.held += r.wait.Len(); r.held > maxPending {
		return syntax("its columns are in another order than in the manifest, and hold more than %d bytes", maxPending)
	}
	return nil
}

// release writes what was held back and now is next.
func (r *jsonTableRead) release(w *bufio.Writer, turn int) (int, error) {
	for turn < len(r.seen) && r.seen[turn] {
		if _, err := w.Write(r.pending[turn]); err != nil {
			return turn, err
		}
		r.held -= len(r.pending[turn])
		turn++
	}
	return turn, nil
}

// value writes the value of column i as COPY text.
func (r *jsonTableRead) value(w *bufio.Writer, i int) error {
	c, err := r.x.peek()
	if err != nil {
		return err
	}
	kind := kindOf(r.t.Columns[i].Type)
	switch {
	case c == 'n':
		if err := r.x.word("null"); err != nil {
			return err
		}
		_, err = w.WriteString(`\N`)
		return err
	case c == '{' && kind != kindBool:
		if key := r.x.begins(); key != "" {
			return r.special(w, key)
		}
	case (c == 't' || c == 'f') && kind == kindBool:
		return r.boolean(w, c)
	}
	var text []byte
	switch {
	case kind == kindJSON || kind == kindJSONB:
		text, err = r.x.raw(maxString)
	case c == '"' && kind != kindBool:
		text, err = r.x.text()
	case (c == '-' || c >= '0' && c <= '9') && (kind == kindExact || kind == kindFloat):
		text, err = r.x.number()
	default:
		return syntax("the value of the column %q begins with %q; it is of type %s", r.t.Columns[i].Name, c, r.t.Columns[i].Type)
	}
	if err != nil {
		return err
	}
	return r.write(w, text)
}

func (r *jsonTableRead) boolean(w *bufio.Writer, c byte) error {
	word := "true"
	if c == 'f' {
		word = "false"
	}
	if err := r.x.word(word); err != nil {
		return err
	}
	return w.WriteByte(c)
}

// special reads an object that stands for something else.
func (r *jsonTableRead) special(w *bufio.Writer, key string) error {
	if err := r.x.expect('{'); err != nil {
		return err
	}
	if _, err := r.x.key(); err != nil {
		return err
	}
	var err error
	switch key {
	case keyJSON:
		err = r.piece(w)
	case keyBytes:
		err = r.bytes(w)
	default:
		err = r.parts(w)
	}
	if err != nil {
		return err
	}
	if err := r.x.expect('}'); err != nil {
		return syntax("nothing else may be beside %q: %w", key, err)
	}
	return nil
}

// parts reads a list of pieces of one text.
func (r *jsonTableRead) parts(w *bufio.Writer) error {
	if err := r.x.expect('['); err != nil {
		return err
	}
	for first := true; ; {
		more, err := r.x.more(']', &first)
		if err != nil || !more {
			return err
		}
		if err := r.piece(w); err != nil {
			return err
		}
	}
}

// piece reads a string, or bytes that are none.
func (r *jsonTableRead) piece(w *bufio.Writer) error {
	c, err := r.x.peek()
	if err != nil {
		return err
	}
	if c == '{' && r.x.begins() == keyBytes {
		return r.special(w, keyBytes)
	}
	text, err := r.x.text()
	if err != nil {
		return err
	}
	return r.write(w, text)
}

func (r *jsonTableRead) bytes(w *bufio.Writer) error {
	text, err := r.x.text()
	if err != nil {
		return err
	}
	raw, err := base64.StdEncoding.AppendDecode(nil, text)
	if err != nil {
		return syntax("what %q has is no Base64", keyBytes)
	}
	return escapeCopy(w, raw)
}

// write writes text, which is in UTF-8, in the encoding of the database.
func (r *jsonTableRead) write(w *bufio.Writer, text []byte) error {
	encoded, err := r.encode(text)
	if err != nil {
		return syntax("%.40q cannot be written in the database's encoding", text)
	}
	return escapeCopy(w, encoded)
}

// escapeCopy writes a value as PostgreSQL writes it in COPY text.
func escapeCopy(w *bufio.Writer, v []byte) error {
	if bytes.IndexByte(v, 0) >= 0 {
		return syntax("a value has a zero byte, which PostgreSQL cannot hold")
	}
	from := 0
	for i, c := range v {
		var letter byte
		switch c {
		case '\\':
			letter = '\\'
		case '\b':
			letter = 'b'
		case '\f':
			letter = 'f'
		case '\n':
			letter = 'n'
		case '\r':
			letter = 'r'
		case '\t':
			letter = 't'
		case '\v':
			letter = 'v'
		default:
			continue
		}
		_, _ = w.Write(v[from:i]) // the writer remembers its first error
		_, _ = w.Write([]byte{'\\', letter})
		from = i + 1
	}
	_, err := w.Write(v[from:])
	return err
}
