package postgres

import (
	"slices"
	"strings"
)

// roleGrammar says where a kind of statement, as pg_dump writes it, names roles: behind these
// key words, which pg_dump writes in capitals and never as a name without quotes.
type roleGrammar struct {
	markers []string
	once    bool // only behind the first one, there a list
}

func rightsRoles() roleGrammar {
	return roleGrammar{markers: []string{"TO", "FROM", "AUTHORIZATION", "ROLE"}}
}
func policyRoles() roleGrammar      { return roleGrammar{markers: []string{"TO"}, once: true} }
func userMappingRoles() roleGrammar { return roleGrammar{markers: []string{"FOR"}, once: true} }

// replaceRoles replaces roles in statements of pg_dump and says how many. Nothing else is
// touched: not a name of another kind, not a text.
func replaceRoles(sql string, names map[string]string, grammar roleGrammar) (replaced string, n int) {
	var out strings.Builder
	expected, listed, over := false, false, false
	for rest := sql; rest != ""; {
		word := nextWord(rest)
		rest = rest[len(word):]
		switch {
		case isBlank(word[0]):
		case expected:
			expected, listed = false, true
			if to, ok := names[unquoteIdent(word)]; ok && word != "PUBLIC" {
				word = quoteIdent(to)
				n++
			}
		case grammar.once && listed:
			expected = word == "," && !over
			over = over || !expected
		default:
			expected = slices.Contains(grammar.markers, word)
		}
		out.WriteString(word)
	}
	return out.String(), n
}

// nextWord cuts off the first piece of SQL: blanks, a name, a quoted name, a text, or one sign.
func nextWord(sql string) string {
	switch c := sql[0]; {
	case c == '"' || c == '\'':
		return quotedWord(sql, c, false)
	case c == 'E' && strings.HasPrefix(sql, "E'"):
		return "E" + quotedWord(sql[1:], '\'', true)
	case isBlank(c):
		return sql[:spanOf(sql, isBlank)]
	case isNameByte(c):
		return sql[:spanOf(sql, isNameByte)]
	}
	return sql[:1]
}

// quotedWord cuts off what is in quotes; doubled ones belong to it, and what a backslash escapes.
func quotedWord(sql string, quote byte, backslash bool) string {
	for i := 1; i < len(sql); i++ {
		switch {
		case backslash && sql[i] == '\\':
			i++
		case sql[i] == quote && i+1 < len(sql) && sql[i+1] == quote:
			i++
		case sql[i] == quote:
			return sql[:i+1]
		}
	}
	return sql
}

func spanOf(sql string, belongs func(byte) bool) int {
	for i := range len(sql) {
		if !belongs(sql[i]) {
			return i
		}
	}
	return len(sql)
}

func isBlank(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// isNameByte holds for bytes of names; those of other scripts all have the high bit.
func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '$' || c >= 0x80
}

// unquoteIdent gives the name that a word of SQL stands for.
func unquoteIdent(word string) string {
	if len(word) < 2 || word[0] != '"' {
		return word
	}
	return strings.ReplaceAll(word[1:len(word)-1], `""`, `"`)
}
