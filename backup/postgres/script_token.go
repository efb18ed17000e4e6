package postgres

import (
	"bytes"
	"errors"
	"io"
	"strings"
)

func isSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// isNameStart says whether a name without quotes may begin with c; bytes of other alphabets count.
func isNameStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}

func isNamePart(c byte) bool { return isNameStart(c) || isDigit(c) || c == '$' }

// literal reads a string behind its first quote. A doubled quote ends one string and begins the
// next, which comes to the same. With escapes a backslash takes what follows it along.
func (s *script) literal(escapes bool) error {
	from := len(s.text)
	for {
		c, err := s.take()
		if err != nil {
			return err
		}
		switch {
		case c == '\'':
			value := s.text[from : len(s.text)-1]
			s.words.add(word{kind: literal, text: string(value[:min(len(value), maxWord)])})
			return nil
		case c == '\\' && escapes:
			if _, err := s.take(); err != nil {
				return err
			}
		}
	}
}

// quotedName reads a name behind its first quote.
func (s *script) quotedName() error {
	from := len(s.text)
	for {
		c, err := s.take()
		if err != nil {
			return err
		}
		if c != '"' {
			continue
		}
		if s.peek(0) != '"' {
			break
		}
		if _, err := s.take(); err != nil {
			return err
		}
	}
	name := s.text[from : len(s.text)-1]
	s.words.add(word{kind: quoted, text: strings.ReplaceAll(string(name[:min(len(name), 2*maxWord)]), `""`, `"`)})
	return nil
}

// maxTag is how long the tag of a dollar quote may be, both dollars included.
const maxTag = 128

// dollar reads a string in dollar quotes, or takes the sign for itself.
func (s *script) dollar() error {
	ahead, _ := s.r.Peek(maxTag) // less than that is enough at the end
	end := bytes.IndexByte(ahead, '$')
	if end < 0 || end > 0 && isDigit(ahead[0]) || bytes.ContainsFunc(ahead[:end], func(r rune) bool { return r < 0x80 && (r == '$' || !isNamePart(byte(r))) }) {
		s.words.add(word{kind: sign, text: "$"})
		return nil
	}
	tag := append([]byte("$"), ahead[:end+1]...)
	for range end + 1 {
		if _, err := s.take(); err != nil {
			return err
		}
	}
	for from := len(s.text); ; {
		c, err := s.take()
		if err != nil {
			return err
		}
		if c == '$' && bytes.HasSuffix(s.text[from:], tag) {
			s.words.add(word{kind: literal})
			return nil
		}
	}
}

// name reads a name without quotes behind its first letter, or a string that the letter E begins.
func (s *script) name() error {
	from := len(s.text) - 1
	for isNamePart(s.peek(0)) {
		if _, err := s.take(); err != nil {
			return err
		}
	}
	text := s.text[from:]
	if len(text) == 1 && (text[0] == 'e' || text[0] == 'E') && s.peek(0) == '\'' {
		if _, err := s.take(); err != nil {
			return err
		}
		return s.literal(true)
	}
	name := strings.ToLower(string(text[:min(len(text), maxWord)]))
	s.words.add(word{kind: plain, text: name})
	s.nest(name)
	return nil
}

// number reads on behind a digit, so that what follows is no name.
func (s *script) number() error {
	for c := s.peek(0); isDigit(c) || isNameStart(c); c = s.peek(0) {
		if _, err := s.take(); err != nil {
			return err
		}
	}
	s.words.add(word{kind: literal})
	return nil
}

// nest follows BEGIN … END in the body of a function that is written in SQL and not quoted:
// semicolons in it do not end the statement.
func (s *script) nest(name string) {
	if s.depth > 0 || !s.words.makesRoutine() {
		return
	}
	last := s.words.last
	switch {
	case name == "atomic" && len(last) > 1 && last[len(last)-2].is("begin"):
		s.body = 1
	case name == "case" && s.body > 0:
		s.body++
	case name == "end":
		s.body = max(0, s.body-1)
	}
}

// rows reads the rows behind a COPY, up to the line that ends them.
type rows struct {
	s     *script
	begun int  // line of the COPY
	fresh bool // the next byte begins a line
	ended bool
	count int64 // rows so far
}

// Read gives as much as is at hand, so that a row is not a message of its own.
func (r *rows) Read(p []byte) (n int, err error) {
	for n < len(p) && !r.ended {
		if r.fresh && r.s.peek(0) == '\\' && r.s.peek(1) == '.' {
			r.ended = true
			if err := r.end(); err != nil {
				return n, err
			}
			continue
		}
		if n > 0 && r.s.r.Buffered() == 0 {
			return n, nil
		}
		piece, err := r.piece(len(p) - n)
		if err != nil {
			return n, err
		}
		n += copy(p[n:], piece)
	}
	if r.ended && n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// piece takes at most limit bytes, and at most one row.
func (r *rows) piece(limit int) ([]byte, error) {
	if _, err := r.s.r.Peek(1); err != nil {
		return nil, r.s.torn(err, "the rows of the COPY in line %d have no end", r.begun)
	}
	ahead, err := r.s.r.Peek(min(r.s.r.Buffered(), limit))
	if err != nil {
		return nil, err
	}
	if newline := bytes.IndexByte(ahead, '\n'); newline >= 0 {
		ahead = ahead[:newline+1]
		r.s.line++
		r.count++
	}
	r.fresh = ahead[len(ahead)-1] == '\n'
	_, err = r.s.r.Discard(len(ahead)) // the bytes stay where they are until the next read
	return ahead, err
}

// end reads the line that ends the rows.
func (r *rows) end() error {
	line, err := r.s.r.ReadSlice('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return r.s.refuse("line %d begins with the end of rows, but is longer", r.s.line)
	}
	if strings.TrimRight(string(line), "\r\n") != `\.` {
		return r.s.refuse("line %d begins with the end of rows, but is longer", r.s.line)
	}
	r.s.line++
	return nil
}
