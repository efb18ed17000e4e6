package command_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/jackc/pgx/v5"
)

// hostile would clear the screen, forge a line and turn the rest of it round.
const hostile = "-x\x1b[2J\x07\nFORGED all is well\u202egnp'\"`$(id)"

// TestHostileNamesInEveryOutput gives hostile names to a table, a schema, a column, a large object's
// comment and a note, and looks at what every command that could show them prints: no control character
// but the line's end, no mark that turns text round, no line that a name has forged. The data comes back.
func TestHostileNamesInEveryOutput(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	name := pgx.Identifier{hostile}.Sanitize()
	emoji := pgx.Identifier{strings.Repeat("🐘", 15) + "../"}.Sanitize()
	l := newLive(t, server, "hostile\x1b[31m\u202e", `
		CREATE SCHEMA `+name+`; CREATE SCHEMA "../../etc";
		CREATE TABLE `+name+"."+name+" ("+name+` text);
		INSERT INTO `+name+"."+name+` SELECT repeat('x', n) FROM generate_series(1, 2000) AS n;
		CREATE TABLE "../../etc".`+emoji+` AS SELECT generate_series(1, 2000) AS n;
		COMMENT ON TABLE `+name+"."+name+` IS 'a`+"\x1b"+`[0m';`)
	table := hostile + "." + hostile
	approve := []string{"--approve-file", l.approval()}
	var list []backupDoc
	l.looks(0, "backup", "create", "shop", "--note", hostile)
	l.decode(&list, "backup", "list")
	sum := "SELECT count(*), max(" + name + ") FROM " + name + "." + name
	good := l.query(sum)
	for _, args := range [][]string{
		{"backup", "list"}, {"backup", "show", "latest"}, {"backup", "verify", "latest"}, {"backup", "verify", "latest", "--drill"}, {"backup", "compare", "latest"},
		{"sandbox", "list"}, {"sandbox", "show", "shop"}, {"schedule", "list"}, {"retention", "preview", "shop"}, {"remind"}, {"config", "check"}, {"vault", "status"}, {"vault", "verify", "--full"},
	} {
		l.looks(0, args...)
	}
	for _, format := range []string{"dump", "sql", "json"} {
		out := filepath.Join(l.dir, "x."+format)
		l.looks(0, append([]string{"backup", "download", "latest", "--format", format, "--out", out}, approve...)...)
		if format != "sql" { // a script is no archive of ours: it is refused, or runs as it is
			l.looks(0, append([]string{"restore", "--from", out, "--target", "shop", "--yes"}, approve...)...)
		}
	}
	l.must(execSQL(server, l.database, "DELETE FROM "+name+"."+name+`; DROP TABLE "../../etc".`+emoji))
	l.looks(0, "backup", "create", "shop")
	l.looks(0, "sentinel", "list")
	l.looks(0, append([]string{"restore", string(list[0].ID), "--table", table}, approve...)...)
	if got := l.query(sum); got != good {
		t.Errorf("the table has %.40s, it had %.40s", got, good)
	}
	l.looks(0, append([]string{"restore", string(list[0].ID)}, approve...)...)
	l.looks(0, "undo")
	l.looks(0, "audit")
	l.looks(2, "backup", "create", hostile)
	l.looks(2, hostile)
	l.looks(2, "restore", "latest", "--table", "nosuch."+hostile)
}

// looks runs a command and looks at its output as a terminal gets it.
func (l *live) looks(code int, args ...string) {
	l.t.Helper()
	stdout, stderr := l.run(code, args...)
	for where, text := range map[string]string{"output": stdout, "progress": stderr} {
		bad := strings.IndexFunc(text, func(r rune) bool {
			return unicode.IsControl(r) && r != '\n' || unicode.Is(unicode.Bidi_Control, r) || r == unicode.ReplacementChar
		})
		if bad >= 0 {
			l.t.Errorf("holdfast %.60q: %s has %q", strings.Join(args, " "), where, text[max(0, bad-40):min(len(text), bad+20)])
		}
		for line := range strings.Lines(text) {
			if bytes.HasPrefix(bytes.TrimLeft([]byte(line), " "), []byte("FORGED")) {
				l.t.Errorf("holdfast %.60q: a name has forged a line of its %s: %q", strings.Join(args, " "), where, line)
			}
		}
	}
}
