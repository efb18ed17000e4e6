package postgres

import (
	"context"
	"slices"

	"holdfast/backup"

	"github.com/jackc/pgx/v5"
)

// selection is what a sandbox leaves out of a backup.
type selection struct {
	schemas        []string // patterns: only these schemas, when not empty
	excluded       []string // patterns: tables whose rows are left out
	standby        bool     // unlogged tables cannot be read there
	excludeSchemas []string // names of the schemas that are left out, found by resolve
}

func newSelection(sb backup.Sandbox, standby bool) *selection {
	return &selection{schemas: sb.Schemas, excluded: sb.ExcludeTables, standby: standby}
}

// schemasSQL lists the schemas of users and whether an extension lives in them.
const schemasSQL = `
SELECT n.nspname::text, EXISTS (SELECT FROM pg_extension e WHERE e.extnamespace = n.oid) AND n.nspname <> 'public'
FROM pg_namespace n WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1`

// resolve finds the schemas that are left out. One in which an extension lives stays: without
// it the extension, and every column of its types, could not be restored.
func (s *selection) resolve(ctx context.Context, conn *pgx.Conn) error {
	if len(s.schemas) == 0 {
		return nil
	}
	rows, err := conn.Query(ctx, schemasSQL)
	if err != nil {
		return err
	}
	var name string
	var needed bool
	_, err = pgx.ForEachRow(rows, []any{&name, &needed}, func() error {
		if !needed && !matchAny(s.schemas, name) {
			s.excludeSchemas = append(s.excludeSchemas, name)
		}
		return nil
	})
	return err
}

// manifest gives it for the manifest; nil when all is kept.
func (s *selection) manifest() *backup.Selection {
	m := &backup.Selection{Schemas: s.schemas, LeftOut: s.excludeSchemas, ExcludeTables: s.excluded}
	if m.Whole() {
		return nil
	}
	return m
}

// keep drops the tables of schemas that are left out.
func (s *selection) keep(tables []*table) []*table {
	return slices.DeleteFunc(tables, func(t *table) bool { return slices.Contains(s.excludeSchemas, t.Schema) })
}

// leavesOutRows says whether only the definition of t is kept.
func (s *selection) leavesOutRows(t *table) bool {
	return s.standby && t.Unlogged || matchAny(s.excluded, t.Name) || matchAny(s.excluded, t.Schema+"."+t.Name)
}

func matchAny(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool { return matchPattern([]rune(pattern), []rune(name)) })
}

// matchPattern compares with * for any characters and ? for one. It steps back to the last *
// only, so that no pattern makes it slow.
func matchPattern(pattern, name []rune) bool {
	p, n := 0, 0
	star, mark := -1, 0
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, n
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == name[n]):
			p++
			n++
		case star >= 0:
			mark++
			p, n = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
