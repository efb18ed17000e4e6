package export

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"unicode/utf8"

	"holdfast/backup"
)

// pieceSize is how many bytes of a value are written as one string. A longer value is cut into
// parts, so that nobody must hold it in memory.
const pieceSize = 16 << 20

// jsonKind says which kinds of JSON values a column takes.
type jsonKind int

const (
	kindText  jsonKind = iota // strings
	kindBool                  // true and false
	kindExact                 // numbers, or strings where a double would not do
	kindFloat                 // numbers; NaN and Infinity are strings
	kindJSON                  // anything; the text is kept, the same key may come twice
	kindJSONB                 // anything
)

// kindOf gives the kind for a type as format_type names it.
func kindOf(typ string) jsonKind {
	switch typ {
	case "boolean":
		return kindBool
	case "smallint", "integer", "bigint", "oid", "numeric":
		return kindExact
	case "real", "double precision":
		return kindFloat
	case "json":
		return kindJSON
	case "jsonb":
		return kindJSONB
	}
	if len(typ) > 8 && typ[:8] == "numeric(" && typ[len(typ)-1] == ')' {
		return kindExact
	}
	return kindText
}

// jsonRows turns COPY text, cut anywhere, into JSON objects, one for each row.
type jsonRows struct {
	w      *bufio.Writer // remembers its first error
	kinds  []jsonKind
	keys   [][]byte // `"name":`, ready to be written
	decode func([]byte) ([]byte, bool)
	utf8   bool

	value   []byte // of the present field so far, without COPY's escapes
	out     []byte // scratch
	column  int
	escaped bool // the last byte was a backslash
	null    bool
	parts   bool // the present value is being written in parts
	begun   bool // the present row is
	rows    int64
}

func newJSONRows(w *bufio.Writer, t *backup.Table, encoding string) *jsonRows {
	r := &jsonRows{w: w, decode: decoder(encoding), utf8: encoding == "UTF8" || encoding == "SQL_ASCII"}
	for _, c := range t.Columns {
		r.kinds = append(r.kinds, kindOf(c.Type))
		r.keys = append(r.keys, append(appendString(nil, []byte(c.Name)), ':'))
	}
	return r
}

// Write takes COPY text.
func (r *jsonRows) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		if r.escaped {
			r.escape(p[0])
			p = p[1:]
			continue
		}
		end := bytes.IndexAny(p, "\t\n\\")
		if end < 0 {
			end = len(p)
		}
		r.value = append(r.value, p[:end]...)
		r.spill()
		if end == len(p) {
			break
		}
		if err := r.special(p[end]); err != nil {
			return 0, err
		}
		p = p[end+1:]
	}
	return n, nil
}

// special is for what separates values, and for the backslash.
func (r *jsonRows) special(c byte) error {
	switch {
	case c == '\\':
		r.escaped = true
		return nil
	case c == '\n' && len(r.keys) == 0:
		r.open()
	default:
		if r.column >= len(r.keys) || c == '\n' && r.column != len(r.keys)-1 {
			return backup.Errorf(backup.Damaged, hintDamaged, "a row of the backup has not as many values as its table has columns")
		}
		r.open()
		r.field()
		r.column++
	}
	if c == '\n' {
		_ = r.w.WriteByte('}')
		r.column, r.begun = 0, false
		return nil
	}
	return nil
}

// escape takes the byte after a backslash.
func (r *jsonRows) escape(c byte) {
	r.escaped = false
	switch c {
	case 'N':
		r.null = true
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'v':
		c = '\v'
	}
	r.value = append(r.value, c)
}

// open begins a row, unless it is begun.
func (r *jsonRows) open() {
	if r.begun {
		return
	}
	if r.rows > 0 {
		_ = r.w.WriteByte(',')
	}
	_, _ = r.w.WriteString("\n{")
	r.rows++
	r.begun = true
}

// name writes the name of the present column.
func (r *jsonRows) name() {
	if r.column > 0 {
		_ = r.w.WriteByte(',')
	}
	_, _ = r.w.Write(r.keys[r.column])
}

// spill writes a part of a value that gets too long.
func (r *jsonRows) spill() {
	for len(r.value) > pieceSize {
		if !r.parts {
			if r.column >= len(r.keys) {
				return // damaged, which its end will tell
			}
			r.open()
			r.name()
			_, _ = r.w.WriteString(`{"$parts":[`)
		} else {
			_ = r.w.WriteByte(',')
		}
		r.parts = true
		cut := r.cut()
		r.text(r.value[:cut])
		r.value = append(r.value[:0], r.value[cut:]...)
	}
}

// cut gives where a value may be cut: before a character of UTF-8.
func (r *jsonRows) cut() int {
	at := pieceSize
	for i := 0; r.utf8 && i < utf8.UTFMax && !utf8.RuneStart(r.value[at]); i++ {
		at--
	}
	return at
}

// field writes the present value, which is complete.
func (r *jsonRows) field() {
	switch {
	case r.parts:
		_ = r.w.WriteByte(',')
		r.text(r.value)
		_, _ = r.w.WriteString("]}")
	case r.null:
		r.name()
		_, _ = r.w.WriteString("null")
	default:
		r.name()
		r.whole()
	}
	r.value, r.parts, r.null = r.value[:0], false, false
}

// whole writes a value that is no NULL and not cut.
func (r *jsonRows) whole() {
	v := r.value
	switch kind := r.kinds[r.column]; kind {
	case kindBool:
		if len(v) == 1 && (v[0] == 't' || v[0] == 'f') {
			_, _ = r.w.WriteString(map[byte]string{'t': "true", 'f': "false"}[v[0]])
			return
		}
	case kindExact, kindFloat:
		if plainNumber(v, kind == kindExact) {
			_, _ = r.w.Write(v)
			return
		}
	case kindJSON, kindJSONB:
		if text, ok := r.decode(v); ok {
			if plainJSON(text, kind == kindJSONB) {
				_, _ = r.w.Write(text)
				return
			}
			_, _ = r.w.WriteString(`{"$json":`)
			r.text(v)
			_ = r.w.WriteByte('}')
			return
		}
	case kindText:
	}
	r.text(v)
}

// text writes a string, or bytes that are none.
func (r *jsonRows) text(v []byte) {
	text, ok := r.decode(v)
	if ok {
		r.out = appendString(r.out[:0], text)
	} else {
		r.out = append(r.out[:0], `{"$bytes":"`...)
		r.out = base64.StdEncoding.AppendEncode(r.out, v)
		r.out = append(r.out, `"}`...)
	}
	_, _ = r.w.Write(r.out)
	if cap(r.out) > 2*pieceSize {
		r.out = nil
	}
}

const hexDigits = "0123456789abcdef"

// appendString appends text, which is UTF-8, as a JSON string.
func appendString(to, text []byte) []byte {
	to = append(to, '"')
	from := 0
	for i, c := range text {
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		to = append(to, text[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			to = append(to, '\\', c)
		case '\n':
			to = append(to, `\n`...)
		case '\r':
			to = append(to, `\r`...)
		case '\t':
			to = append(to, `\t`...)
		default:
			to = append(to, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return append(append(to, text[from:]...), '"')
}
