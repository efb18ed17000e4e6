package postgres

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"

	"holdfast/backup"
)

// script takes a script of pg_dump apart, as psql would: into statements, and the rows that
// follow COPY. It runs nothing. psql's own commands are refused, because nobody but psql could
// run them and some of them start programs; those two that pg_dump writes to guard psql against
// just that are passed over.
type script struct {
	r       *bufio.Reader
	line    int               // of the next byte, from 1
	comment func(text string) // gets every comment of one line; may be nil

	text  []byte
	start int // line on which the statement begins
	words tokens
	depth int // of parentheses
	body  int // of BEGIN … END in a function's body that is no string
	tail  *rows
}

// statement is one statement; its text is valid until the next one is read.
type statement struct {
	text []byte // without comments and without the semicolon
	line int
	tokens
}

// maxStatement bounds one statement, in bytes. A message to the server holds 1 GiB.
const maxStatement = 256 << 20

func newScript(r io.Reader) *script {
	return &script{r: bufio.NewReaderSize(r, 1<<18), line: 1}
}

// next gives the next statement; io.EOF when there is none. Rows that nobody read are passed over.
func (s *script) next() (statement, error) {
	if s.tail != nil {
		if _, err := io.Copy(io.Discard, s.tail); err != nil {
			return statement{}, err
		}
	}
	s.text, s.words, s.depth, s.body, s.tail = s.text[:0], tokens{}, 0, 0, nil
	for {
		done, err := s.token()
		if err != nil {
			return statement{}, err
		}
		if done {
			st := statement{text: s.text, line: s.start, tokens: s.words}
			return st, s.follow(&st)
		}
	}
}

// rows gives the rows that follow the statement last given, which is a COPY … FROM STDIN.
func (s *script) rows() io.Reader { return s.tail }

// follow opens the rows that come after st.
func (s *script) follow(st *statement) error {
	if !st.copiesIn() {
		return nil
	}
	for {
		switch c, err := s.read(); {
		case err != nil:
			return s.torn(err, "the rows of the COPY in line %d are missing", st.line)
		case c == '\n':
			s.tail = &rows{s: s, begun: st.line, fresh: true}
			return nil
		case c != ' ' && c != '\t' && c != '\r':
			return s.refuse("something stands behind the COPY in line %d", st.line)
		}
	}
}

// read gives the next byte; a NUL is in no script.
func (s *script) read() (byte, error) {
	c, err := s.r.ReadByte()
	if err != nil {
		return 0, err
	}
	switch c {
	case '\n':
		s.line++
	case 0:
		return 0, s.refuse("it holds a byte that is in no text")
	}
	return c, nil
}

// take reads the next byte into the statement.
func (s *script) take() (byte, error) {
	c, err := s.read()
	if err != nil {
		return 0, s.torn(err, "the statement that begins in line %d has no end", s.start)
	}
	return c, s.add(c)
}

func (s *script) add(c byte) error {
	if len(s.text) >= maxStatement {
		return s.refuse("the statement that begins in line %d is longer than %d MiB", s.start, maxStatement>>20)
	}
	s.text = append(s.text, c)
	return nil
}

// peek gives the byte after n others; 0 when there is none.
func (s *script) peek(n int) byte {
	ahead, _ := s.r.Peek(n + 1) // fewer bytes are no error here: read will say so
	if len(ahead) <= n {
		return 0
	}
	return ahead[n]
}

// token reads the next token of a statement; done says that the statement has ended.
func (s *script) token() (done bool, err error) {
	c, err := s.read()
	if errors.Is(err, io.EOF) && len(s.text) > 0 {
		return false, s.torn(err, "the statement that begins in line %d has no end", s.start)
	}
	if err != nil {
		return false, err
	}
	switch {
	case isSpace(c):
		return false, s.space(c)
	case c == '-' && s.peek(0) == '-':
		return false, s.lineComment()
	case c == '/' && s.peek(0) == '*':
		return false, s.blockComment()
	case c == '\\':
		return false, s.command()
	case c == ';' && s.depth == 0 && s.body == 0:
		return len(s.text) > 0, nil
	}
	if len(s.text) == 0 {
		s.start = s.line
	}
	if err := s.add(c); err != nil {
		return false, err
	}
	switch {
	case c == '\'':
		return false, s.literal(false)
	case c == '"':
		return false, s.quotedName()
	case c == '$':
		return false, s.dollar()
	case isNameStart(c):
		return false, s.name()
	case isDigit(c):
		return false, s.number()
	}
	s.mark(c)
	return false, nil
}

// space keeps one blank between tokens.
func (s *script) space(c byte) error {
	if n := len(s.text); n == 0 || isSpace(s.text[n-1]) && c != '\n' {
		return nil
	}
	return s.add(c)
}

// mark notes a character that stands for itself.
func (s *script) mark(c byte) {
	switch c {
	case '(':
		s.depth++
	case ')':
		s.depth = max(0, s.depth-1)
	}
	s.words.add(word{kind: sign, text: string(c)})
}

// lineComment reads from -- to the end of the line; in the statement a blank stands for it.
func (s *script) lineComment() error {
	var text []byte
	for {
		c, err := s.read()
		if errors.Is(err, io.EOF) || err == nil && c == '\n' {
			break
		}
		if err != nil {
			return err
		}
		if len(text) < maxComment {
			text = append(text, c)
		}
	}
	if s.comment != nil && len(s.text) == 0 {
		s.comment("-" + strings.TrimSuffix(string(text), "\r"))
	}
	return s.space('\n')
}

// maxComment is how much of a comment is kept.
const maxComment = 1 << 10

// blockComment reads a comment in /* */, with those inside it.
func (s *script) blockComment() error {
	begun, depth, before := s.line, 0, byte('/')
	for {
		c, err := s.read()
		if err != nil {
			return s.torn(err, "the comment that begins in line %d has no end", begun)
		}
		switch {
		case before == '/' && c == '*':
			depth, c = depth+1, 0
		case before == '*' && c == '/':
			depth, c = depth-1, 0
		}
		if depth == 0 {
			return s.space(' ')
		}
		before = c
	}
}

// command passes over the two commands of psql that pg_dump writes, and refuses any other.
func (s *script) command() error {
	line := s.line
	rest, err := s.r.Peek(maxCommand)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	rest, _, _ = bytes.Cut(rest, []byte("\n"))
	name, key, _ := strings.Cut(strings.TrimRight(string(rest), "\r"), " ")
	switch {
	case len(s.text) == 0 && (name == "restrict" || name == "unrestrict") && isKey(key):
		_, err := s.r.Discard(len(rest))
		return err
	case name == "connect" || name == "c":
		return fileError(backup.Usage, "Make it anew with pg_dump, without --create; of pg_dumpall's scripts only the part of one database can be used.",
			"line %d changes to another database: the script is of pg_dumpall, or of pg_dump --create", line)
	}
	return fileError(backup.Usage, "Look at that line. If the script is yours and you trust it, run it with psql in a database of its own.",
		"line %d has a command of psql's own, which is never run: \\%s", line, firstRunes(name, 20))
}

// maxCommand is how long the line of a command that is passed over may be.
const maxCommand = 256

// isKey says whether text is the key of \restrict: letters and digits.
func isKey(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return r > 127 || !isNameStart(byte(r)) && !isDigit(byte(r)) })
}

// firstRunes gives the first n letters of a text in whatever encoding.
func firstRunes(text string, n int) string {
	runes := []rune(strings.ToValidUTF8(text[:min(len(text), 4*n)], "?"))
	return string(runes[:min(n, len(runes))])
}

// torn tells a script that ends too early from one that cannot be read.
func (s *script) torn(err error, format string, args ...any) error {
	if !errors.Is(err, io.EOF) {
		return err
	}
	return fileError(backup.Damaged, "Make or copy the file again.", "the script is cut off: "+format, args...)
}

func (s *script) refuse(format string, args ...any) error {
	return fileError(backup.Usage, "Make the file anew with pg_dump.", "the script cannot be read: "+format, args...)
}
