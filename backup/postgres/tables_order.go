package postgres

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"
)

// referencesSQL lists the foreign keys between tables of extensions.
const referencesSQL = `
SELECT DISTINCT k.conrelid, k.confrelid FROM pg_constraint k
WHERE k.contype = 'f' AND k.conrelid <> k.confrelid
	AND k.conrelid IN (SELECT unnest(extconfig) FROM pg_extension) AND k.confrelid IN (SELECT unnest(extconfig) FROM pg_extension)`

// orderExtensions changes the order of extensions' tables among themselves so that those come
// first to which others refer: their foreign keys exist before the rows do, and whoever loads
// them one after the other needs that order. Tables that refer to each other in a circle have none.
func orderExtensions(ctx context.Context, conn *pgx.Conn, tables []*table) error {
	rows, err := conn.Query(ctx, referencesSQL)
	if err != nil {
		return err
	}
	needs := map[uint32][]uint32{}
	var from, to uint32
	if _, err := pgx.ForEachRow(rows, []any{&from, &to}, func() error {
		needs[from] = append(needs[from], to)
		return nil
	}); err != nil || len(needs) == 0 {
		return err
	}
	var places []int
	var waiting []*table
	for i, t := range tables {
		if t.Extension != "" {
			places, waiting = append(places, i), append(waiting, t)
		}
	}
	for i, t := range referredFirst(waiting, needs) {
		tables[places[i]] = t
	}
	return nil
}

// referredFirst orders tables by what they need, and keeps their order otherwise.
func referredFirst(tables []*table, needs map[uint32][]uint32) []*table {
	ordered := make([]*table, 0, len(tables))
	waiting := slices.Clone(tables)
	for len(waiting) > 0 {
		next := slices.IndexFunc(waiting, func(t *table) bool {
			return !slices.ContainsFunc(waiting, func(other *table) bool { return slices.Contains(needs[t.OID], other.OID) })
		})
		next = max(next, 0) // a circle: as they come
		ordered = append(ordered, waiting[next])
		waiting = slices.Delete(waiting, next, next+1)
	}
	return ordered
}
