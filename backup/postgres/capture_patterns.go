package postgres

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"github.com/jackc/pgx/v5"
)

const excludeFlag = "--exclude-table-data="

// Limits of what is handed over: the system takes about two MiB of arguments in all, and
// 128 KiB in one.
const (
	argumentsBytes = 1 << 20
	argumentBytes  = 64 << 10
)

// patterns names what pg_dump leaves out: schemas, and the rows of all ordinary tables, but never
// a sequence or a materialized view: the state of the one and the refresh of the other would be
// left out too.
func (c *capture) patterns(ctx context.Context) ([]string, error) {
	var args []string
	for _, schema := range c.chosen.excludeSchemas {
		args = append(args, "--exclude-schema="+quoteIdent(schema))
	}
	keep, err := keptNames(ctx, c.leader)
	if err != nil {
		return nil, err
	}
	args = append(args, tablePatterns(c.tables, keep)...)
	for i := range args {
		if args[i], err = c.encode(ctx, args[i]); err != nil {
			return nil, err
		}
	}
	return args, nil
}

// keptSQL lists what a pattern must not match. It is whatever is not known to have nothing in an
// archive but its definition and, for an ordinary table, its rows.
const keptSQL = `
SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind NOT IN ('r', 'p', 'v', 'f', 'c', 'i', 'I', 't') AND ` + userSchemaSQL

// keptNames gives what patterns must not match, by schema.
func keptNames(ctx context.Context, conn *pgx.Conn) (map[string][]string, error) {
	rows, err := conn.Query(ctx, keptSQL)
	if err != nil {
		return nil, err
	}
	keep := map[string][]string{}
	var schema, name string
	_, err = pgx.ForEachRow(rows, []any{&schema, &name}, func() error {
		keep[schema] = append(keep[schema], name)
		return nil
	})
	return keep, err
}

// tablePatterns names tables, which are sorted by schema, and nothing in keep. pg_dump asks the
// server once per pattern, so a few that say how names end, or begin, are faster than one for
// each table. What has no such mark is named whole, as far as the arguments have room; the
// rest is joined to patterns that the server must try on every table, which is slow.
//
// Quoted, a text stands for itself, whatever is in it; should a version of pg_dump think
// otherwise, the archive has rows that Split refuses.
func tablePatterns(tables []*table, keep map[string][]string) []string {
	var args []string
	var whole []*table
	for len(tables) > 0 {
		schema := tables[0].Schema
		n := slices.IndexFunc(tables, func(t *table) bool { return t.Schema != schema })
		if n < 0 {
			n = len(tables)
		}
		m := distinguish(tables[:n], keep[schema])
		args = append(args, m.patterns(schema)...)
		whole = append(whole, m.whole...)
		tables = tables[n:]
	}
	total := 0
	for _, arg := range args {
		total += len(arg) + pointerBytes
	}
	for i, t := range whole {
		arg := excludeFlag + t.quoted()
		if total += len(arg) + pointerBytes; total > argumentsBytes {
			return append(args, joinedPatterns(whole[i:])...)
		}
		args = append(args, arg)
	}
	return args
}

// pointerBytes is what an argument takes besides its text: its end and the pointer to it.
const pointerBytes = 9

// joinedPatterns names tables, which are sorted by schema, by patterns like "s".("a"|"b").
func joinedPatterns(tables []*table) []string {
	var args []string
	for len(tables) > 0 {
		schema := tables[0].Schema
		var names []string
		for len(tables) > 0 && tables[0].Schema == schema {
			names = append(names, tables[0].Name)
			tables = tables[1:]
		}
		args = append(args, alternatives(quoteIdent(schema)+".(", names, ")")...)
	}
	return args
}

// alternatives gives arguments that hold each of texts once, between before and after.
func alternatives(before string, texts []string, after string) []string {
	var args, quoted []string
	size := 0
	for i, text := range texts {
		quoted = append(quoted, quoteIdent(text))
		size += len(quoted[len(quoted)-1]) + 1
		if size >= argumentBytes || i == len(texts)-1 {
			args = append(args, excludeFlag+before+strings.Join(quoted, "|")+after)
			quoted, size = nil, 0
		}
	}
	return args
}

// marks tells tables of one schema from the other relations in it.
type marks struct {
	atEnd bool     // texts are how names end, not how they begin
	texts []string // of ASCII characters only, for these are the same in every encoding
	whole []*table // that no text stands for
}

// distinguish finds the cheapest marks of tables, which no name in keep has.
func distinguish(tables []*table, keep []string) *marks {
	ends, starts := &marks{atEnd: true}, &marks{}
	ends.find(tables, keep, 0)
	starts.find(tables, keep, 0)
	best := &marks{whole: tables}
	for _, m := range []*marks{starts, ends} {
		if relations := len(tables) + len(keep); m.cost(relations) < best.cost(relations) {
			best = m
		}
	}
	return best
}

// find adds marks for tables, which like keep have the first n characters in common.
func (m *marks) find(tables []*table, keep []string, n int) {
	if len(tables) == 0 {
		return
	}
	if len(keep) == 0 {
		m.texts = append(m.texts, m.common(tables[0].Name, n))
		return
	}
	tablesBy, keepBy := map[byte][]*table{}, map[byte][]string{}
	var order []byte
	for _, t := range tables {
		next, ok := m.char(t.Name, n)
		if !ok {
			m.whole = append(m.whole, t)
			continue
		}
		if tablesBy[next] == nil {
			order = append(order, next)
		}
		tablesBy[next] = append(tablesBy[next], t)
	}
	for _, name := range keep {
		if next, ok := m.char(name, n); ok {
			keepBy[next] = append(keepBy[next], name)
		}
	}
	for _, next := range order {
		m.find(tablesBy[next], keepBy[next], n+1)
	}
}

// char gives the character n of a name, counted from where the marks are; not ok when there is
// none, or none in ASCII.
func (m *marks) char(name string, n int) (char byte, ok bool) {
	if n >= len(name) {
		return 0, false
	}
	if m.atEnd {
		n = len(name) - 1 - n
	}
	return name[n], name[n] <= unicode.MaxASCII
}

// common gives the n characters that the names around name have in common.
func (m *marks) common(name string, n int) string {
	if m.atEnd {
		return name[len(name)-n:]
	}
	return name[:n]
}

// cost is roughly what the server spends, in units of one whole name: that is found by an index,
// while every text is tried on every relation.
func (m *marks) cost(relations int) int { return len(m.texts)*relations/textsPerName + len(m.whole) }

// textsPerName is how many texts, each tried on one relation, take as long as a whole name
// (measured with PostgreSQL 15 and 18).
const textsPerName = 1500

// patterns are like "s".*("end"|"other end") or "s".("start"|"other start")*.
func (m *marks) patterns(schema string) []string {
	switch {
	case len(m.texts) == 1 && m.texts[0] == "":
		return []string{excludeFlag + quoteIdent(schema) + ".*"}
	case m.atEnd:
		return alternatives(quoteIdent(schema)+".*(", m.texts, ")")
	default:
		return alternatives(quoteIdent(schema)+".(", m.texts, ")*")
	}
}
