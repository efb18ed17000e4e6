package pgcompare

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// rights paints access lists of the system's own objects, where they are not what initdb made.
// The objects themselves come with the server.
func (p *painter) rights(ctx context.Context) error {
	for catalog, columns := range p.columns {
		for _, c := range columns {
			how, known := described()[catalog]
			if c.kind != "aclitem[]" || !known || ownerColumn(catalog) == "" || catalog == "pg_database" || catalog == "pg_largeobject_metadata" {
				continue
			}
			if err := p.systemRights(ctx, catalog, c.name, &how); err != nil {
				return fmt.Errorf("%s: %w", catalog, err)
			}
		}
	}
	return nil
}

func (p *painter) systemRights(ctx context.Context, catalog, column string, how *catalog) error {
	oid, part, name := "c.oid", "0", "(pg_identify_object('pg_catalog."+catalog+"'::regclass, c.oid, 0)).identity"
	if catalog == "pg_attribute" {
		oid, part, name = "c.attrelid", "c.attnum", how.key
	}
	system := oid + " < " + userOID
	if catalog == "pg_namespace" {
		system += " AND c.nspname <> 'public'" // which counts as the user's
	}
	return p.query(ctx, "rights of the system's "+catalog, fmt.Sprintf(`SELECT %s, ARRAY['rights', %s]::text[] FROM pg_catalog.%s c
		LEFT JOIN pg_init_privs i ON i.objoid = %s AND i.classoid = 'pg_catalog.%s'::regclass AND i.objsubid = %s
		WHERE %s AND c.%s IS DISTINCT FROM i.initprivs`,
		name, rightsText(catalog, column), catalog, oid, catalog, part, system, column))
}

// sequences paints where sequences stand.
func (p *painter) sequences(ctx context.Context) error {
	names, err := p.names(ctx, `SELECT c.oid::regclass::text FROM pg_class c WHERE c.relkind = 'S' AND c.relpersistence <> 't'`)
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := p.query(ctx, "state of sequence", "SELECT "+literal(name)+", ARRAY['last_value', last_value, 'is_called', is_called]::text[] FROM "+name); err != nil {
			return err
		}
	}
	return nil
}

// largeObjects paints the contents of large objects, which keep their OIDs.
func (p *painter) largeObjects(ctx context.Context) error {
	return p.query(ctx, "contents of large object", `SELECT oid::text, ARRAY['md5', md5(lo_get(oid))] FROM pg_largeobject_metadata`)
}

// relationsSQL lists what has rows of its own. Rows of hash partitions on an enum count for the
// root: where they belong depends on the OIDs of the enum's labels.
const relationsSQL = `
WITH moving AS (
	SELECT p.partrelid FROM pg_partitioned_table p WHERE p.partstrat = 'h' AND EXISTS (
		SELECT FROM pg_opclass o WHERE o.oid = ANY (p.partclass::oid[]) AND o.opcname = 'enum_ops')
), relation AS (
	SELECT DISTINCT CASE WHEN c.relispartition AND EXISTS (SELECT FROM pg_partition_ancestors(c.oid) a(o) JOIN moving m ON m.partrelid = a.o)
		THEN pg_partition_root(c.oid)::oid ELSE c.oid END AS oid
	FROM pg_class c
	WHERE c.oid >= ` + userOID + ` AND (c.relkind = 'r' OR c.relkind = 'm' AND c.relispopulated) AND c.relpersistence <> 't'
)
SELECT r.oid::regclass::text, c.relkind = 'p',
	coalesce((SELECT array_agg(quote_ident(a.attname) ORDER BY a.attname) FROM pg_attribute a WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped), '{}')
FROM relation r JOIN pg_class c ON c.oid = r.oid`

// relation is what rows are read from.
type relation struct {
	name    string
	isRoot  bool
	columns []string
}

// rows paints a hash of the rows of each relation: their number, and the sum of two hashes of
// each, whatever their order and that of the columns.
func (p *painter) rows(ctx context.Context) error {
	rows, err := p.tx.Query(ctx, relationsSQL)
	if err != nil {
		return err
	}
	var relations []relation
	var r relation
	if _, err := pgx.ForEachRow(rows, []any{&r.name, &r.isRoot, &r.columns}, func() error {
		relations = append(relations, relation{r.name, r.isRoot, append([]string(nil), r.columns...)})
		return nil
	}); err != nil {
		return err
	}
	for _, r := range relations {
		if err := p.query(ctx, "rows of", r.sql()); err != nil {
			return fmt.Errorf("rows of %s: %w", r.name, err)
		}
	}
	return nil
}

func (r *relation) sql() string {
	from, row := "ONLY "+r.name, "ROW("
	if r.isRoot {
		from = r.name
	}
	for i, column := range r.columns {
		if i > 0 {
			row += ", "
		}
		row += "t." + column
	}
	row += `)::text COLLATE "C"`
	return fmt.Sprintf(`SELECT %s, ARRAY['rows', count(*), 'hash', concat_ws(' ', sum(hashtextextended(%s, 0)::numeric), sum(hashtextextended(%[2]s, 1)::numeric))]::text[] FROM %s t`,
		literal(r.name), row, from)
}

func (p *painter) names(ctx context.Context, sql string) ([]string, error) {
	rows, err := p.tx.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// literal quotes a text.
func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
