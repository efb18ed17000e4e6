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
	Label     string // its name, quoted where it must be
	Rows      int64  // the server's own estimate
	Forced    bool   // row security, also for its owner
	Columns   []liveColumn
	Triggers  []liveTrigger
	Referrers []liveKey
	Domains   []liveKey // the same of the domains of its columns
	Unchecked []liveKey // constraints of its own that rows which are there may violate: NOT VALID
	Matviews  []string  // quoted names, what others are made from first
	Sequences []backup.Name
	Roots     []backup.Name // the partitioned tables that it is a part of
	Extension string        // that it is a member of; "" for most
	Config    *string       // which of its rows are not the extension's own; nil when all are, or there is none
}

type liveColumn struct {
	Name, Type          string
	Generated, Required bool // Required: it takes no NULL and has no default
}

type liveTrigger struct{ Name, Enable string }

// liveKey is a foreign key that refers to the table, or a constraint of its own.
type liveKey struct{ Table, Name, Definition, Comment string }

const liveTableSQL = `SELECT c.oid, c.relkind::text, format('%I.%I', n.nspname, c.relname), greatest(c.reltuples, pg_stat_get_live_tuples(c.oid), 0)::bigint, c.relforcerowsecurity
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2`

const liveColumnsSQL = `SELECT attname::text, format_type(atttypid, atttypmod), attgenerated <> '',
	attnotnull AND NOT atthasdef AND attidentity = ''
FROM pg_attribute WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped ORDER BY attnum`

// userTriggerSQL holds for triggers of users. Before PostgreSQL 15 those that a partition has from
// its partitioned table count as the system's own.
const userTriggerSQL = `(NOT tgisinternal OR tgparentid <> 0 AND tgconstraint = 0)`

const liveTriggersSQL = `SELECT tgname::text, CASE tgenabled WHEN 'A' THEN 'ENABLE ALWAYS' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE' END
FROM pg_trigger WHERE tgrelid = $1 AND ` + userTriggerSQL + ` AND tgenabled <> 'D' ORDER BY 1`

const rootTriggersSQL = `SELECT tgname::text, CASE tgenabled WHEN 'A' THEN 'ENABLE ALWAYS' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE' END
FROM pg_trigger WHERE tgrelid = $1::text::regclass AND ` + userTriggerSQL + ` AND tgenabled <> 'D' ORDER BY 1`

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

// liveUncheckedSQL finds the constraints that are not valid; those that come from elsewhere cannot
// be dropped here.
const liveUncheckedSQL = `
SELECT format('%I.%I', n.nspname, c.relname), x.conname::text, pg_get_constraintdef(x.oid), coalesce(obj_description(x.oid, 'pg_constraint'), '')
FROM pg_constraint x JOIN pg_class c ON c.oid = x.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE x.conrelid = $1 AND NOT x.convalidated AND x.contype IN ('c', 'f') AND x.conparentid = 0 AND x.coninhcount = 0 ORDER BY 2`

const liveDomainsSQL = `
SELECT DISTINCT format('%I.%I', n.nspname, d.typname), x.conname::text, pg_get_constraintdef(x.oid), coalesce(obj_description(x.oid, 'pg_constraint'), '')
FROM pg_attribute a JOIN pg_type d ON d.oid = a.atttypid JOIN pg_namespace n ON n.oid = d.typnamespace
JOIN pg_constraint x ON x.contypid = d.oid AND x.contype = 'c' AND NOT x.convalidated
WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, 2`

// liveMatviewsSQL finds the populated materialized views made from some tables, directly or through
// other views, the nearest first.
const liveMatviewsSQL = `
WITH RECURSIVE used AS (
	SELECT unnest($1::oid[]) AS rel, 0 AS depth
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

const liveRootsSQL = `SELECT n.nspname::text, c.relname::text FROM pg_partition_ancestors($1::oid) a (o)
JOIN pg_class c ON c.oid = a.o JOIN pg_namespace n ON n.oid = c.relnamespace WHERE a.o <> $1::oid`

const liveExtensionSQL = `SELECT coalesce(max(e.extname::text), ''), max((
	SELECT e.extcondition[i] FROM generate_subscripts(e.extconfig, 1) i WHERE e.extconfig[i] = $1::oid))
FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
WHERE d.classid = 'pg_class'::regclass AND d.objid = $1::oid AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'`

// lookAtTable gives what is there under a name; nil when nothing is.
func lookAtTable(ctx context.Context, conn *pgx.Conn, schema, name string) (*liveTable, error) {
	t := &liveTable{}
	err := conn.QueryRow(ctx, liveTableSQL, schema, name).Scan(&t.OID, &t.Kind, &t.Label, &t.Rows, &t.Forced)
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
	if t.Unchecked, err = collect[liveKey](ctx, conn, liveUncheckedSQL, t.OID); err != nil {
		return nil, err
	}
	if t.Domains, err = collect[liveKey](ctx, conn, liveDomainsSQL, t.OID); err != nil {
		return nil, err
	}
	if t.Roots, err = collect[backup.Name](ctx, conn, liveRootsSQL, t.OID); err != nil {
		return nil, err
	}
	if err := conn.QueryRow(ctx, liveExtensionSQL, t.OID).Scan(&t.Extension, &t.Config); err != nil {
		return nil, err
	}
	rows, err := conn.Query(ctx, liveMatviewsSQL, []uint32{t.OID})
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
