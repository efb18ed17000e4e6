package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"holdfast/backup"

	"github.com/jackc/pgx/v5"
)

// table is one ordinary table as the snapshot of a capture sees it.
type table struct {
	OID         uint32
	Schema      string
	Name        string
	Filenode    uint32
	Fingerprint int64 // of its columns
	Unlogged    bool
	Extension   string // that owns it; "" for most
	Condition   string // which of its rows are not the extension's own
	RootSchema  string // where its rows must be routed again; "" for most
	RootName    string
	Columns     []string // that COPY takes
	Types       []string
}

// fingerprintSQL sums up the columns of the table c: whatever changes how a stored row reads.
// The hash is computed by the server: a database may have a hundred thousand columns.
const fingerprintSQL = `(SELECT hashtextextended(coalesce(string_agg(concat_ws(',',
	a.attnum, quote_ident(a.attname), a.atttypid, a.atttypmod, a.attisdropped, a.attgenerated,
	a.attidentity, a.attcollation, a.atthasmissing, a.attmissingval::text), ';' ORDER BY a.attnum), '') COLLATE "C", 0)
	FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0)`

// userTableSQL holds for ordinary tables of users in pg_class c and pg_namespace n.
const userTableSQL = `c.relkind = 'r' AND c.relpersistence <> 't' AND ` + userSchemaSQL

// userSchemaSQL holds for schemas of users in pg_namespace n.
const userSchemaSQL = `n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`

// tablesSQL lists the tables. A table of an extension counts when the extension names it as
// one that holds rows of its users. Rows of a hash partition on an enum must be routed again
// on the way back: the hash of an enum value is that of its OID, which is another one then.
// It takes the expressions for the fingerprint and for a column's type.
const tablesSQL = `
WITH config AS (
	SELECT u.rel, e.extname, u.condition
	FROM pg_extension e, LATERAL unnest(e.extconfig, e.extcondition) AS u(rel, condition)
), member AS (
	SELECT d.objid FROM pg_depend d
	WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
), enumhash AS (
	SELECT p.partrelid FROM pg_partitioned_table p
	WHERE p.partstrat = 'h' AND EXISTS (
		SELECT FROM pg_opclass o JOIN pg_am m ON m.oid = o.opcmethod
		WHERE o.oid = ANY (p.partclass::oid[]) AND m.amname = 'hash' AND o.opcname = 'enum_ops')
)
SELECT c.oid, n.nspname::text, c.relname::text, c.relfilenode, %s,
	c.relpersistence = 'u', coalesce(g.extname::text, ''), coalesce(g.condition, ''),
	coalesce(rn.nspname::text, ''), coalesce(r.relname::text, ''),
	coalesce(k.names, '{}'), coalesce(k.types, '{}')
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN config g ON g.rel = c.oid
LEFT JOIN pg_class r ON c.relispartition AND r.oid = pg_partition_root(c.oid)
	AND EXISTS (SELECT FROM pg_partition_ancestors(c.oid) a(rel) JOIN enumhash h ON h.partrelid = a.rel)
LEFT JOIN pg_namespace rn ON rn.oid = r.relnamespace
LEFT JOIN LATERAL (
	SELECT array_agg(a.attname::text ORDER BY a.attnum) AS names,
		array_agg(%s ORDER BY a.attnum) AS types
	FROM pg_attribute a
	WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
) k ON true
WHERE ` + userTableSQL + ` AND (g.rel IS NOT NULL OR c.oid NOT IN (SELECT objid FROM member))
ORDER BY n.nspname, c.relname`

// listTables reads the tables as conn's transaction sees them.
func listTables(ctx context.Context, conn *pgx.Conn) ([]*table, error) {
	return readTables(ctx, conn, fingerprintSQL, "format_type(a.atttypid, a.atttypmod)")
}

// glanceTables is listTables without fingerprints and types, which take the longest.
func glanceTables(ctx context.Context, conn *pgx.Conn) ([]*table, error) {
	return readTables(ctx, conn, "0::bigint", "''::text")
}

func readTables(ctx context.Context, conn *pgx.Conn, fingerprint, columnType string) ([]*table, error) {
	rows, err := conn.Query(ctx, fmt.Sprintf(tablesSQL, fingerprint, columnType))
	if err != nil {
		return nil, err
	}
	tables, err := pgx.CollectRows(rows, pgx.RowToAddrOfStructByPos[table])
	if err != nil {
		return nil, err
	}
	for _, t := range tables {
		if bad := t.unreadableName(); bad {
			return nil, backup.Errorf(backup.Failed, "Rename it: a backup keeps names in UTF-8.",
				"the name of table %s, or of one of its columns, is not valid UTF-8", strings.ToValidUTF8(quoteName(t.Schema, t.Name), "?"))
		}
	}
	return tables, orderExtensions(ctx, conn, tables)
}

// unreadableName is only possible in a database in SQL_ASCII.
func (t *table) unreadableName() bool {
	invalid := func(s string) bool { return !utf8.ValidString(s) }
	return invalid(t.Schema) || invalid(t.Name) || slices.ContainsFunc(t.Columns, invalid)
}

// quoted is the table's name for a statement.
func (t *table) quoted() string { return quoteName(t.Schema, t.Name) }

// copySQL gives the statement that writes the table's rows, and only its own, in encoding.
func (t *table) copySQL(encoding string) string {
	columns := make([]string, len(t.Columns))
	for i, name := range t.Columns {
		columns[i] = quoteIdent(name)
	}
	list := strings.Join(columns, ", ")
	with := " TO STDOUT WITH (ENCODING " + quoteLiteral(encoding) + ")"
	switch {
	case t.Condition != "":
		return "COPY (SELECT " + list + " FROM ONLY " + t.quoted() + " " + t.Condition + ")" + with
	case list == "":
		return "COPY " + t.quoted() + with
	default:
		return "COPY " + t.quoted() + " (" + list + ")" + with
	}
}

// manifest gives the table's entry, rows not counted yet.
func (t *table) manifest() backup.Table {
	m := backup.Table{Schema: t.Schema, Name: t.Name, Extension: t.Extension, Condition: t.Condition}
	for i := range t.Columns {
		m.Columns = append(m.Columns, backup.Column{Name: t.Columns[i], Type: t.Types[i]})
	}
	if t.RootName != "" {
		m.Root = &backup.Name{Schema: t.RootSchema, Name: t.RootName}
	}
	return m
}

// tableSize is about how large a table is.
type tableSize struct {
	bytes int64 // on disk
	rows  int64 // as the server counted when it last looked; 0 if it never did
}

// work says how long reading a table takes, in bytes on disk: each row takes time besides, and jsonb, which
// is written as text, as long again. By size alone one worker had a fifth more to do than the other.
func (t *table) work(size tableSize) int64 {
	own := size.bytes + rowBytes*size.rows
	if slices.Contains(t.Types, "jsonb") {
		own *= 2
	}
	return own
}

// sizesSQL gives bytes of rows on disk, and how many rows. A table that a migration has locked would make
// the question wait: there the last known number of pages must do.
const sizesSQL = `
SELECT c.oid, CASE WHEN EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock'
		AND l.relation = c.oid AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))
	THEN NULL ELSE pg_relation_size(c.oid) + coalesce(pg_relation_size(nullif(c.reltoastrelid, 0)), 0) END,
	greatest(c.reltuples, 0)::bigint
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ` + userTableSQL

// pagesSQL asks for nothing that can be locked.
const pagesSQL = `
SELECT c.oid, (c.relpages + coalesce((SELECT t.relpages FROM pg_class t WHERE t.oid = c.reltoastrelid), 0))::bigint
	* current_setting('block_size')::bigint, greatest(c.reltuples, 0)::bigint
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ` + userTableSQL

// tableSizes gives sizes by OID: for the order of work and the progress only.
func tableSizes(ctx context.Context, conn *pgx.Conn) (map[uint32]tableSize, error) {
	if err := execute(ctx, conn, "SET lock_timeout = '500ms'"); err != nil {
		return nil, err
	}
	sizes, err := readSizes(ctx, conn, sizesSQL)
	if hasCode(err, codeLockTimeout) {
		sizes, err = readSizes(ctx, conn, pagesSQL)
	}
	if err != nil {
		return nil, err
	}
	return sizes, execute(ctx, conn, "SET lock_timeout = 0")
}

func readSizes(ctx context.Context, conn *pgx.Conn, sql string) (map[uint32]tableSize, error) {
	rows, err := conn.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	sizes := map[uint32]tableSize{}
	var oid uint32
	var size *int64
	var count int64
	_, err = pgx.ForEachRow(rows, []any{&oid, &size, &count}, func() error {
		if size != nil {
			sizes[oid] = tableSize{*size, count}
		}
		return nil
	})
	return sizes, err
}
