package postgres

import (
	"context"
	"errors"
	"maps"
	"slices"

	"holdfast/backup"

	"github.com/jackc/pgx/v5"
)

// liveTable is what a restore of a single table must know of the one that is there.
type liveTable struct {
	OID       uint32
	Kind      string
	Rows      int64 // the server's own estimate
	Forced    bool  // row security, also for its owner
	Columns   []liveColumn
	Triggers  []liveTrigger
	Referrers []liveKey
	Matviews  []string // quoted names, what others are made from first
	Sequences []backup.Name
}

type liveColumn struct {
	Name, Type          string
	Generated, Required bool // Required: it takes no NULL and has no default
}

type liveTrigger struct{ Name, Enable string }

// liveKey is a foreign key that refers to the table.
type liveKey struct{ Table, Name, Definition, Comment string }

const liveTableSQL = `SELECT c.oid, c.relkind::text, greatest(c.reltuples, pg_stat_get_live_tuples(c.oid), 0)::bigint, c.relforcerowsecurity
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2`

const liveColumnsSQL = `SELECT attname::text, format_type(atttypid, atttypmod), attgenerated <> '',
	attnotnull AND NOT atthasdef AND attidentity = ''
FROM pg_attribute WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped ORDER BY attnum`

const liveTriggersSQL = `SELECT tgname::text, CASE tgenabled WHEN 'A' THEN 'ENABLE ALWAYS' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE' END
FROM pg_trigger WHERE tgrelid = $1 AND NOT tgisinternal AND tgenabled <> 'D' ORDER BY 1`

// liveKeysSQL finds the foreign keys that refer to a table, also those to the partitioned table
// that it is a part of: what can be dropped is the topmost one.
const liveKeysSQL = `
WITH RECURSIVE k AS (
	SELECT oid, conparentid FROM pg_constraint WHERE contype = 'f' AND confrelid = $1
	UNION SELECT p.oid, p.conparentid FROM k JOIN pg_constraint p ON p.oid = k.conparentid
)
SELECT DISTINCT format('%I.%I', n.nspname, c.relname), x.conname::text, pg_get_constraintdef(x.oid), coalesce(obj_description(x.oid, 'pg_constraint'), '')
FROM k JOIN pg_constraint x ON x.oid = k.oid AND x.conparentid = 0
JOIN pg_class c ON c.oid = x.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace ORDER BY 1, 2`

// liveMatviewsSQL finds the populated materialized views made from a table, directly or through
// other views, the nearest first.
const liveMatviewsSQL = `
WITH RECURSIVE used AS (
	SELECT $1::oid AS rel, 0 AS depth
	UNION SELECT r.ev_class, u.depth + 1 FROM used u
	JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = u.rel AND d.classid = 'pg_rewrite'::regclass
	JOIN pg_rewrite r ON r.oid = d.objid AND r.ev_class <> u.rel
	WHERE u.depth < 100
)
SELECT format('%I.%I', n.nspname, c.relname) FROM used u JOIN pg_class c ON c.oid = u.rel JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'm' AND c.relispopulated GROUP BY 1 ORDER BY max(u.depth), 1`

const liveSequencesSQL = `SELECT n.nspname::text, c.relname::text FROM pg_depend d
JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S' JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $1 AND d.deptype IN ('a', 'i') ORDER BY 1, 2`

// lookAtTable gives what is there under a name; nil when nothing is.
func lookAtTable(ctx context.Context, conn *pgx.Conn, schema, name string) (*liveTable, error) {
	t := &liveTable{}
	err := conn.QueryRow(ctx, liveTableSQL, schema, name).Scan(&t.OID, &t.Kind, &t.Rows, &t.Forced)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil //nolint:nilnil // a table that is not there is no error
	}
	if err != nil {
		return nil, err
	}
	if t.Columns, err = collect[liveColumn](ctx, conn, liveColumnsSQL, t.OID); err != nil {
		return nil, err
	}
	if t.Triggers, err = collect[liveTrigger](ctx, conn, liveTriggersSQL, t.OID); err != nil {
		return nil, err
	}
	if t.Referrers, err = collect[liveKey](ctx, conn, liveKeysSQL, t.OID); err != nil {
		return nil, err
	}
	if t.Sequences, err = collect[backup.Name](ctx, conn, liveSequencesSQL, t.OID); err != nil {
		return nil, err
	}
	rows, err := conn.Query(ctx, liveMatviewsSQL, t.OID)
	if err != nil {
		return nil, err
	}
	t.Matviews, err = pgx.CollectRows(rows, pgx.RowTo[string])
	return t, err
}

// collect reads rows into structs, column by column.
func collect[T any](ctx context.Context, conn *pgx.Conn, sql string, args ...any) ([]T, error) {
	rows, err := conn.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[T])
}

func sortedKeys(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }
