package export

import (
	"bytes"
	"encoding/json"
)

// plainDepth is how deeply a json value may nest to be written as what it is.
const plainDepth = 500

// The keys that begin an object which stands for something else.
const (
	keyJSON  = "$json"
	keyBytes = "$bytes"
	keyParts = "$parts"
)

// plainJSON says whether any program that reads and writes JSON gives the same value back for
// text, and no reader of ours takes it for something else. unique says that no key comes twice.
func plainJSON(text []byte, unique bool) bool {
	if len(text) == 0 || isSpace(text[0]) || isSpace(text[len(text)-1]) || string(text) == "null" || !json.Valid(text) {
		return false
	}
	for _, taken := range []string{`"` + keyJSON + `"`, `"` + keyBytes + `"`, `"` + keyParts + `"`, `\u0024`, `\ud`, `\uD`} {
		if bytes.Contains(text, []byte(taken)) {
			return false
		}
	}
	s := &plainScan{text: text, unique: unique}
	return s.run()
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// plainScan walks through a text that is valid JSON.
type plainScan struct {
	text    []byte
	unique  bool              // no key comes twice: do not look
	numbers bool              // any number will do
	keys    []map[string]bool // of the objects and lists around; nil in lists
	depth   int
}

func (s *plainScan) run() bool {
	for i := 0; i < len(s.text); {
		switch c := s.text[i]; {
		case c == '"':
			end := stringEnd(s.text, i)
			if !s.unique && !s.key(s.text[i:end], s.text[end:]) {
				return false
			}
			i = end
		case c == '-' || c >= '0' && c <= '9':
			end := i + 1
			for end < len(s.text) && bytes.IndexByte([]byte("+-.eE0123456789"), s.text[end]) >= 0 {
				end++
			}
			if !s.numbers && !plainNumber(s.text[i:end], true) {
				return false
			}
			i = end
		default:
			if !s.nest(c) {
				return false
			}
			i++
		}
	}
	return true
}

// nest keeps count of what is open.
func (s *plainScan) nest(c byte) bool {
	switch c {
	case '{', '[':
		s.depth++
		if !s.unique {
			var keys map[string]bool
			if c == '{' {
				keys = map[string]bool{}
			}
			s.keys = append(s.keys, keys)
		}
	case '}', ']':
		s.depth--
		if !s.unique {
			s.keys = s.keys[:len(s.keys)-1]
		}
	}
	return s.depth <= plainDepth
}

// key notes a string that is a key; false means that it was there already.
func (s *plainScan) key(quoted, rest []byte) bool {
	rest = bytes.TrimLeft(rest, " \t\r\n")
	if len(rest) == 0 || rest[0] != ':' || len(s.keys) == 0 {
		return true
	}
	var name string
	if err := json.Unmarshal(quoted, &name); err != nil {
		return false
	}
	keys := s.keys[len(s.keys)-1]
	if keys[name] {
		return false
	}
	keys[name] = true
	return true
}

// stringEnd gives where the string ends that begins at from.
func stringEnd(text []byte, from int) int {
	for i := from + 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}
