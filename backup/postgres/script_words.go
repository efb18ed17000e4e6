package postgres

import (
	"fmt"
	"slices"

	"holdfast/backup"
)

// The kinds of words.
const (
	plain   = iota // a name or keyword without quotes, in lower case
	quoted         // a name in quotes, without them
	literal        // a string or a number; only the beginning of a string in single quotes is kept
	sign           // any other character
)

// word is a token of a statement.
type word struct {
	kind int
	text string
}

const (
	maxWord    = 256 // bytes of a word that are kept
	firstWords = 32  // words of a statement that are kept, from its beginning
	lastWords  = 12  // and from its end
)

// tokens are the first and the last tokens of a statement: enough to tell what it is about.
type tokens struct {
	first, last []word
}

func (w *tokens) add(next word) {
	if len(w.first) < firstWords {
		w.first = append(w.first, next)
	}
	if len(w.last) == lastWords {
		copy(w.last, w.last[1:])
		w.last = w.last[:lastWords-1]
	}
	w.last = append(w.last, next)
}

// begins says whether the first words are these keywords.
func (w *tokens) begins(keywords ...string) bool {
	if len(w.first) < len(keywords) {
		return false
	}
	for i, k := range keywords {
		if !w.first[i].is(k) {
			return false
		}
	}
	return true
}

func (w word) is(keyword string) bool { return w.kind == plain && w.text == keyword }

// name gives a name, whether quoted or not.
func (w word) name() (string, bool) { return w.text, w.kind == plain || w.kind == quoted }

// makesRoutine says whether the statement makes a function or a procedure.
func (w *tokens) makesRoutine() bool {
	return w.begins("create", "function") || w.begins("create", "procedure") ||
		w.begins("create", "or", "replace", "function") || w.begins("create", "or", "replace", "procedure")
}

// copiesIn says whether rows follow the statement.
func (w *tokens) copiesIn() bool {
	return w.begins("copy") && (followed(w.last, "from", "stdin") || followed(w.first, "from", "stdin"))
}

// followed says whether one keyword stands right behind another.
func followed(list []word, one, other string) bool {
	for i := 1; i < len(list); i++ {
		if list[i-1].is(one) && list[i].is(other) {
			return true
		}
	}
	return false
}

// after gives the name behind the last of a keyword; false when there is none.
func after(list []word, keyword string) (string, bool) {
	for i := len(list) - 2; i >= 0; i-- {
		if list[i].is(keyword) {
			return list[i+1].name()
		}
	}
	return "", false
}

// owner gives the role that becomes an owner by the statement.
func (w *tokens) owner() (string, bool) {
	if n := len(w.last); w.begins("alter") && n >= 3 && w.last[n-3].is("owner") && w.last[n-2].is("to") {
		return w.last[n-1].name()
	}
	if w.begins("set", "session", "authorization") && len(w.first) == 4 && !w.first[3].is("default") {
		role := w.first[3]
		return role.text, role.kind != sign
	}
	return "", false
}

// isRights says whether the statement is about rights.
func (w *tokens) isRights() bool {
	return w.begins("grant") || w.begins("revoke") || w.begins("alter", "default", "privileges")
}

// grantees gives the roles that a statement about rights names.
func (w *tokens) grantees() []string {
	var roles []string
	if !w.isRights() {
		return nil
	}
	if followed(w.first, "for", "role") && w.begins("alter") {
		if i := slices.IndexFunc(w.first, func(x word) bool { return x.is("role") }); i+1 < len(w.first) {
			roles = append(roles, w.first[i+1].text)
		}
	}
	for _, keyword := range []string{"to", "from"} {
		if role, ok := after(w.last, keyword); ok && role != "public" {
			roles = append(roles, role)
		}
	}
	return roles
}

// eventTrigger says whether the statement is about an event trigger.
func (w *tokens) eventTrigger() bool {
	return w.begins("create", "event", "trigger") || w.begins("alter", "event", "trigger") ||
		w.begins("comment", "on", "event", "trigger") ||
		w.begins("security", "label") && followed(w.first, "event", "trigger")
}

// makesPublic says whether the statement makes the schema public, which a new database has.
func (w *tokens) makesPublic() bool {
	return w.begins("create", "schema") && len(w.first) == 3 && w.first[2].text == "public"
}

// opensObject says whether the statement opens a large object to be written, as pg_restore does
// once for each.
func (w *tokens) opensObject() bool {
	return w.begins("select", "pg_catalog") && len(w.first) > 3 && w.first[3].is("lo_open")
}

// setsTimeout says whether the statement sets what servers before 17 do not know.
func (w *tokens) setsTimeout() bool { return w.begins("set", "transaction_timeout") }

// judge refuses what reaches beyond one database, or what would make the script be read wrongly.
func (st *statement) judge() error {
	switch {
	case st.begins("copy") && !st.copiesIn():
		return fileError(backup.Usage, "Look at that line: no pg_dump wrote it.", "line %d copies from or to something else than the script", st.line)
	case st.reachesOut():
		return fileError(backup.Usage, "Make it anew with pg_dump, without --create; what pg_dumpall writes is for a whole server.",
			"line %d changes the server and not one database: %s", st.line, firstRunes(string(st.text[:min(len(st.text), 60)]), 40))
	case st.begins("set", "standard_conforming_strings") && st.last[len(st.last)-1].text != "on":
		return fileError(backup.Usage, "Make it anew from a server where standard_conforming_strings is on.", "line %d changes how strings are written", st.line)
	case st.begins("set", "client_encoding"):
		return st.judgeEncoding()
	}
	return nil
}

// reachesOut says whether the statement is about the server as a whole.
func (st *statement) reachesOut() bool {
	if !st.begins("create") && !st.begins("alter") && !st.begins("drop") || len(st.first) < 2 || st.first[1].kind != plain {
		return false
	}
	switch st.first[1].text {
	case "database", "role", "group", "tablespace", "system":
		return true
	case "user":
		return len(st.first) < 3 || !st.first[2].is("mapping")
	}
	return false
}

// encoding gives what SET client_encoding sets; "" for any other statement.
func (st *statement) encoding() string {
	if !st.begins("set", "client_encoding") || len(st.first) < 4 {
		return ""
	}
	return st.first[len(st.first)-1].text
}

// judgeEncoding refuses encodings in which a byte of a letter may look like a quote.
func (st *statement) judgeEncoding() error {
	switch name := normalEncoding(st.encoding()); name {
	case "big5", "gbk", "uhc", "gb18030", "sjis", "shiftjis", "johab", "shiftjis2004", "mskanji", "win932", "win936", "win949", "win950":
		return fileError(backup.Usage, "Make it anew with pg_dump --encoding=UTF8.", "line %d: scripts in %s are not read", st.line, name)
	}
	return nil
}

// normalEncoding is the name as the server compares it: letters and digits in lower case.
func normalEncoding(name string) string {
	var kept []byte
	for i := range len(name) {
		switch c := name[i]; {
		case c >= 'A' && c <= 'Z':
			kept = append(kept, c+'a'-'A')
		case c >= 'a' && c <= 'z' || isDigit(c):
			kept = append(kept, c)
		}
	}
	return string(kept)
}

// fileError is an error about the file that should be restored.
func fileError(kind backup.Kind, hint, format string, args ...any) error {
	return &backup.Error{Kind: kind, Hint: hint, Text: fmt.Sprintf(format, args...)}
}
