package export

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"errors"
	"io"

	"holdfast/backup"
)

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
