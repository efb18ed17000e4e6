package export

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Limits on what a JSON snapshot may hold; what JSON writes keeps far below.
const (
	maxString = 4 * pieceSize // of one string or one json value, in bytes
	maxDepth  = 1000          // of a json value
	maxKey    = 4 << 10       // of a column's name
)

// errSyntax is what is no JSON, or not as a snapshot has it.
var errSyntax = errors.New("")

func syntax(format string, args ...any) error {
	return fmt.Errorf("%w"+format, append([]any{errSyntax}, args...)...)
}

// lexer takes JSON apart, in memory that one value bounds.
type lexer struct {
	r   *bufio.Reader
	at  int64  // bytes taken
	buf []byte // the present value
}

func newLexer(from io.Reader) *lexer { return &lexer{r: bufio.NewReaderSize(from, 1<<18)} }

// take gives the next byte.
func (x *lexer) take() (byte, error) {
	c, err := x.r.ReadByte()
	if err != nil {
		return 0, ended(err)
	}
	x.at++
	return c, nil
}

func ended(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// peek gives the next byte that is no white space, and leaves it.
func (x *lexer) peek() (byte, error) {
	for {
		c, err := x.take()
		if err != nil {
			return 0, err
		}
		if !isSpace(c) {
			x.at--
			return c, x.r.UnreadByte()
		}
	}
}

// next takes the next byte that is no white space.
func (x *lexer) next() (byte, error) {
	c, err := x.peek()
	if err == nil {
		c, err = x.take()
	}
	return c, err
}

// expect takes the next byte, which must be c.
func (x *lexer) expect(c byte) error {
	got, err := x.next()
	if err == nil && got != c {
		err = syntax("there is %q where %q should be", got, c)
	}
	return err
}

// word takes a text such as null.
func (x *lexer) word(text string) error {
	for i := range len(text) {
		c, err := x.take()
		if err != nil {
			return err
		}
		if c != text[i] {
			return syntax("what begins like %q goes on with %q", text[:i], c)
		}
	}
	return nil
}

// more says whether another element follows in what closes with end; first is set before the first.
func (x *lexer) more(end byte, first *bool) (bool, error) {
	c, err := x.peek()
	if err != nil {
		return false, err
	}
	was := *first
	*first = false
	switch {
	case c == end:
		_, err = x.next()
		return false, err
	case was:
		return true, nil
	case c == ',':
		_, err = x.next()
		return true, err
	}
	return false, syntax("there is %q where ',' or %q should be", c, end)
}

// fields takes an object; each is called for every key of it, and must take the value.
func (x *lexer) fields(each func(key []byte) error) error {
	if err := x.expect('{'); err != nil {
		return err
	}
	for first := true; ; {
		more, err := x.more('}', &first)
		if err != nil || !more {
			return err
		}
		key, err := x.key()
		if err != nil {
			return err
		}
		if err := each(key); err != nil {
			return err
		}
	}
}

// key takes a name and the colon behind it. The result is valid until the next call.
func (x *lexer) key() ([]byte, error) {
	if err := x.expect('"'); err != nil {
		return nil, err
	}
	name, err := x.rest(maxKey)
	if err == nil {
		err = x.expect(':')
	}
	return name, err
}

// text takes a string. The result is valid until the next call.
func (x *lexer) text() ([]byte, error) {
	if err := x.expect('"'); err != nil {
		return nil, err
	}
	return x.rest(maxString)
}

// rest takes a string behind its first quote.
func (x *lexer) rest(limit int) ([]byte, error) {
	x.buf = x.buf[:0]
	for {
		run, err := x.run()
		if err != nil {
			return nil, err
		}
		x.buf = append(x.buf, run...)
		if len(x.buf) > limit {
			return nil, syntax("a string is longer than %d bytes; a longer one is written in parts: {%q: [STRING, …]}", limit, keyParts)
		}
		if x.r.Buffered() == 0 {
			continue // the run may go on
		}
		c, err := x.take()
		if err != nil {
			return nil, err
		}
		switch {
		case c == '"':
			if !utf8.Valid(x.buf) {
				return nil, syntax("a string is not valid UTF-8")
			}
			return x.buf, nil
		case c == '\\':
			err = x.escape()
		default:
			err = syntax("a string has the control character %q, which must be escaped", c)
		}
		if err != nil {
			return nil, err
		}
	}
}

// run takes what is read already, up to the next byte that does not stand for itself; it may be nothing.
func (x *lexer) run() ([]byte, error) {
	if _, err := x.r.Peek(1); err != nil {
		return nil, ended(err)
	}
	ready, err := x.r.Peek(x.r.Buffered())
	if err != nil {
		return nil, ended(err)
	}
	n := 0
	for n < len(ready) && ready[n] >= ' ' && ready[n] != '"' && ready[n] != '\\' {
		n++
	}
	x.at += int64(n)
	_, err = x.r.Discard(n)
	return ready[:n], err
}

// escape takes what follows a backslash.
func (x *lexer) escape() error {
	c, err := x.take()
	if err != nil {
		return err
	}
	switch c {
	case '"', '\\', '/':
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
	case 'u':
		return x.unicode()
	default:
		return syntax("a string has the escape \\%c, which there is not", c)
	}
	x.buf = append(x.buf, c)
	return nil
}

// unicode takes four hexadecimal digits, and the other half of a pair.
func (x *lexer) unicode() error {
	r, err := x.hex()
	if err != nil {
		return err
	}
	if utf16.IsSurrogate(r) {
		if err := x.word(`\u`); err != nil {
			return err
		}
		low, err := x.hex()
		if err != nil {
			return err
		}
		if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
			return syntax("a string has half of a pair of surrogates")
		}
	}
	x.buf = utf8.AppendRune(x.buf, r)
	return nil
}

func (x *lexer) hex() (rune, error) {
	var r rune
	for range 4 {
		c, err := x.take()
		if err != nil {
			return 0, err
		}
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, syntax("a string has \\u without four hexadecimal digits")
		}
	}
	return r, nil
}

// number takes a number. The result is valid until the next call.
func (x *lexer) number() ([]byte, error) {
	raw, err := x.raw(maxString)
	if err == nil && !isNumber(raw) {
		err = syntax("%.40q is no number", raw)
	}
	return raw, err
}

// raw takes one value as it is written, and makes sure that it is one. The result is valid until the
// next call.
func (x *lexer) raw(limit int) ([]byte, error) {
	x.buf = x.buf[:0]
	err := x.scan(func(c byte) error {
		if len(x.buf) >= limit {
			return syntax("a value is longer than %d bytes", limit)
		}
		x.buf = append(x.buf, c)
		return nil
	})
	if err == nil && (!utf8.Valid(x.buf) || !json.Valid(x.buf)) {
		err = syntax("%.40q is no JSON", x.buf)
	}
	return x.buf, err
}

// skip passes over one value.
func (x *lexer) skip() error { return x.scan(func(byte) error { return nil }) }

// scan finds where a value ends: of numbers and words, before what separates them.
func (x *lexer) scan(keep func(byte) error) error {
	first, err := x.peek()
	if err != nil {
		return err
	}
	if strings.IndexByte(",:]}", first) >= 0 {
		return syntax("there is %q where a value should be", first)
	}
	depth, quoted := 0, false
	for n := 0; ; n++ {
		c, err := x.take()
		if err != nil {
			return err
		}
		if !quoted && depth == 0 && n > 0 && (isSpace(c) || c == ',' || c == ']' || c == '}') {
			x.at--
			return x.r.UnreadByte()
		}
		if err := keep(c); err != nil {
			return err
		}
		switch {
		case quoted && c == '\\':
			if c, err = x.take(); err == nil {
				err = keep(c)
			}
			if err != nil {
				return err
			}
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		}
		if depth > maxDepth {
			return syntax("a value is nested more than %d deep", maxDepth)
		}
		if !quoted && depth == 0 && (c == '"' || c == '}' || c == ']') {
			return nil
		}
	}
}

// begins gives the first key of the object that follows, if it is one of those that stand for
// something else, and takes nothing.
func (x *lexer) begins() string {
	for size := 64; size <= 4096; size *= 8 {
		ready, err := x.r.Peek(size)
		text := trimLeft(trimBrace(trimLeft(ready)))
		if len(text) < len(keyBytes)+2 && err == nil {
			continue // there is much white space before it
		}
		for _, key := range []string{keyJSON, keyBytes, keyParts} {
			if len(text) > len(key)+1 && text[0] == '"' && string(text[1:1+len(key)]) == key && text[1+len(key)] == '"' {
				return key
			}
		}
		return ""
	}
	return ""
}

func trimLeft(text []byte) []byte {
	for len(text) > 0 && isSpace(text[0]) {
		text = text[1:]
	}
	return text
}

func trimBrace(text []byte) []byte {
	if len(text) > 0 && text[0] == '{' {
		return text[1:]
	}
	return nil
}
