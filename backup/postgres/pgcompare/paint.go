package pgcompare

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// painter fills a picture.
type painter struct {
	tx      pgx.Tx
	picture Picture
	columns map[string][]column // of each catalog
}

// column is a column of a catalog.
type column struct {
	name, kind string
	refers     string // the catalog that its OIDs are of
	isArray    bool
}

// learn reads what catalogs the server has. What refers to what is known to servers from 14 on.
func (p *painter) learn(ctx context.Context) error {
	rows, err := p.tx.Query(ctx, `SELECT c.relname::text, a.attname::text, a.atttypid::regtype::text
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
		WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND c.oid < `+userOID+` ORDER BY 1, 2`)
	if err != nil {
		return err
	}
	p.columns = map[string][]column{}
	var table string
	var c column
	if _, err = pgx.ForEachRow(rows, []any{&table, &c.name, &c.kind}, func() error {
		p.columns[table] = append(p.columns[table], c)
		return nil
	}); err != nil {
		return err
	}
	known, other := described(), ignored()
	for table := range p.columns {
		if _, ok := known[table]; !ok && other[table] == "" {
			return fmt.Errorf("the catalog %s is not known here: say how it is compared", table)
		}
	}
	return p.references(ctx)
}

// references learns which columns hold OIDs of which catalog.
func (p *painter) references(ctx context.Context) error {
	var functions bool
	if err := p.tx.QueryRow(ctx, "SELECT current_setting('server_version_num')::int >= 140000").Scan(&functions); err != nil {
		return err
	}
	if !functions {
		p.note(references13())
		return nil
	}
	rows, err := p.tx.Query(ctx, `SELECT fktable::text || '.' || fkcols[1], pktable::text
		FROM pg_get_catalog_foreign_keys() WHERE cardinality(fkcols) = 1`)
	if err != nil {
		return err
	}
	refers := map[string]string{}
	var from, to string
	if _, err := pgx.ForEachRow(rows, []any{&from, &to}, func() error {
		refers[from] = to
		return nil
	}); err != nil {
		return err
	}
	p.note(refers)
	return nil
}

// note marks the columns that refer to other catalogs.
func (p *painter) note(refers map[string]string) {
	for table, columns := range p.columns {
		for i := range columns {
			c := &columns[i]
			c.refers = refers[table+"."+c.name]
			c.isArray = c.kind == "oidvector" || strings.HasSuffix(c.kind, "[]")
		}
	}
}

// catalogs paints every catalog.
func (p *painter) catalogs(ctx context.Context) error {
	for name, how := range described() {
		if len(p.columns[name]) == 0 {
			continue // of a newer server
		}
		sql, err := how.sql(name, p.columns[name])
		if err == nil {
			err = p.query(ctx, name, sql)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// sql writes the query for a catalog: the name of each object, and pairs of column and text.
func (how *catalog) sql(name string, columns []column) (string, error) {
	var pairs []string
	add := func(column, expression string) {
		pairs = append(pairs, "'"+column+"', ("+expression+")::text")
	}
	for _, c := range columns {
		switch expression := how.show[c.name]; {
		case c.name == "oid" || slices.Contains(how.skip, c.name):
		case expression != "":
			add(c.name, expression)
		case c.kind == "pg_node_tree":
			return "", fmt.Errorf("the column %s holds an expression: say how it is written", c.name)
		default:
			add(c.name, c.expression(name))
		}
	}
	for _, extra := range slices.Sorted(maps.Keys(how.more)) {
		add(extra, how.more[extra])
	}
	key, where := how.key, how.where
	if key == "" {
		key = "(pg_identify_object('pg_catalog." + name + "'::regclass, c.oid, 0)).identity"
	}
	if where == "" {
		where = "c.oid >= " + userOID
	}
	return "SELECT " + key + ", ARRAY[" + strings.Join(pairs, ", ") + "]::text[] FROM pg_catalog." + name + " c WHERE " + where, nil
}

// expression gives a column's text.
func (c *column) expression(catalog string) string {
	switch {
	case c.kind == "aclitem[]":
		return rightsText(catalog, c.name)
	case c.refers != "":
		return reference(c.name, c.refers, c.isArray)
	case c.kind == "regproc":
		return "c." + c.name + "::oid::regprocedure"
	default:
		return "c." + c.name
	}
}

// query adds what a query finds to the picture.
func (p *painter) query(ctx context.Context, kind, sql string) error {
	rows, err := p.tx.Query(ctx, sql)
	if err != nil {
		return err
	}
	var name *string
	var pairs []*string
	_, err = pgx.ForEachRow(rows, []any{&name, &pairs}, func() error {
		if name == nil {
			return fmt.Errorf("an object without a name: %s", texts(pairs))
		}
		return p.put(kind+" "+*name, pairs)
	})
	return err
}

// put adds one object.
func (p *painter) put(name string, pairs []*string) error {
	if _, there := p.picture[name]; there {
		return fmt.Errorf("two objects go by the name %s", name)
	}
	object := Object{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != nil {
			object[*pairs[i]] = *pairs[i+1]
		}
	}
	p.picture[name] = object
	return nil
}

func texts(pairs []*string) string {
	var all []string
	for _, text := range pairs {
		if text != nil {
			all = append(all, *text)
		}
	}
	return strings.Join(all, " ")
}
