package postgres

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"holdfast/backup"

	"github.com/jackc/pgx/v5"
)

// stamp sums up the definitions that a snapshot sees. pg_dump asks the server for many of them by
// functions that answer for the present: these must still be the same when it has ended.
type stamp struct {
	next      int64    // the first transaction after the snapshot
	running   []string // transactions before that which were not over
	relations []uint32 // OIDs of what has a name in pg_class
	sums      []stampSum
}

// stampSum is one kind of definitions.
type stampSum struct {
	Kind string // "a function"
	Sum  string
}

// readStamp sums up what conn's snapshot sees.
func readStamp(ctx context.Context, conn *pgx.Conn) (*stamp, error) {
	var snapshot string
	s := &stamp{}
	err := conn.QueryRow(ctx, `SELECT pg_current_snapshot()::text, (SELECT array_agg(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relpersistence <> 't' AND `+userSchemaSQL+`)`).Scan(&snapshot, &s.relations)
	if err != nil {
		return nil, err
	}
	parts := strings.Split(snapshot, ":") // the oldest one running, the next one, those running
	if len(parts) != 3 {
		return nil, backup.Errorf(backup.Failed, "", "the server says that its snapshot is %q", snapshot)
	}
	if s.next, err = shortID(parts[1]); err != nil {
		return nil, err
	}
	s.running = []string{}
	for _, id := range strings.FieldsFunc(parts[2], func(r rune) bool { return r == ',' }) {
		short, err := shortID(id)
		if err != nil {
			return nil, err
		}
		s.running = append(s.running, strconv.FormatInt(short, 10))
	}
	s.sums, err = s.read(ctx, conn)
	return s, err
}

// shortID gives the part of a transaction's number that rows have.
func shortID(text string) (int64, error) {
	id, err := strconv.ParseUint(text, 10, 64)
	return int64(id % (1 << 32)), err
}

// changed names a kind of definitions that conn, in the present, does not see as s does, among
// those that matter; "" when there is none. What is new does not count.
func (s *stamp) changed(ctx context.Context, conn *pgx.Conn, matters func(kind string) bool) (string, error) {
	now, err := s.read(ctx, conn)
	if err != nil {
		return "", err
	}
	for i, sum := range s.sums {
		if matters(sum.Kind) && (i >= len(now) || now[i] != sum) {
			return sum.Kind, nil
		}
	}
	return "", nil
}

// anyKind is for definitions.
func anyKind(string) bool { return true }

// kindsInRows gives the kinds that matter to how COPY writes the rows of tables: labels of enums,
// parts of composite types; and when there are names of objects among the values, all.
func kindsInRows(tables []*table) func(kind string) bool {
	for _, t := range tables {
		if slices.ContainsFunc(t.Types, func(name string) bool { return strings.HasPrefix(name, "reg") }) {
			return anyKind
		}
	}
	return func(kind string) bool { return kind == kindEnum || kind == kindType || kind == kindColumn }
}

const (
	kindEnum   = "an enum"
	kindType   = "a type"
	kindColumn = "a column"
)

func (s *stamp) read(ctx context.Context, conn *pgx.Conn) ([]stampSum, error) {
	rows, err := conn.Query(ctx, stampSQL(), s.next, s.running, s.relations)
	if err != nil {
		return nil, err
	}
	sums, err := pgx.CollectRows(rows, pgx.RowToStructByPos[stampSum])
	slices.SortFunc(sums, func(a, b stampSum) int { return strings.Compare(a.Kind, b.Kind) })
	return sums, err
}

// stampSQL is about what definitions are written from. Storage is not in it: TRUNCATE, REINDEX
// and VACUUM FULL make new rows in pg_class, of which therefore only the names count. Temporary
// objects and those of the server itself are not in it either.
func stampSQL() string {
	of := func(kind, id, from string) string {
		return rowsSQL(kind, id, from+" WHERE "+userSchemaSQL)
	}
	in := func(kind, id, catalog, relation string) string {
		return of(kind, id, catalog+" x JOIN pg_class c ON c.oid = x."+relation+" AND c.relpersistence <> 't' JOIN pg_namespace n ON n.oid = c.relnamespace")
	}
	return strings.Join([]string{
		`SELECT 'a name', coalesce(sum(hashtextextended(concat_ws(' ', x.relnamespace, x.relispartition, x.relname) COLLATE "C", x.oid::bigint)), 0)::text
			FROM pg_class x JOIN unnest($3::oid[]) known(oid) ON known.oid = x.oid`,
		in("a view or rule", "x.oid", "pg_rewrite", "ev_class"),
		in("an index", "x.indexrelid", "pg_index", "indrelid") + " AND x.indisvalid",
		in("a sequence", "x.seqrelid", "pg_sequence", "seqrelid"),
		in("a trigger", "x.oid", "pg_trigger", "tgrelid"),
		in("a partition", "x.inhrelid", "pg_inherits", "inhrelid"),
		in(kindColumn, "x.attrelid::bigint * 2000 + x.attnum", "pg_attribute", "attrelid") + " AND c.relkind IN ('v', 'm', 'c', 'f', 'p') AND x.attnum > 0",
		of("a constraint", "x.oid", "pg_constraint x JOIN pg_namespace n ON n.oid = x.connamespace"),
		of("a function", "x.oid", "pg_proc x JOIN pg_namespace n ON n.oid = x.pronamespace"),
		of(kindType, "x.oid", "pg_type x JOIN pg_namespace n ON n.oid = x.typnamespace") + " AND x.typrelid = 0 AND x.typcategory <> 'A'",
		of("an operator", "x.oid", "pg_operator x JOIN pg_namespace n ON n.oid = x.oprnamespace"),
		of("a collation", "x.oid", "pg_collation x JOIN pg_namespace n ON n.oid = x.collnamespace"),
		of("statistics", "x.oid", "pg_statistic_ext x JOIN pg_namespace n ON n.oid = x.stxnamespace"),
		of("a schema", "x.oid", "pg_namespace x JOIN pg_namespace n ON n.oid = x.oid"),
		rowsSQL(kindEnum, "x.oid", "pg_enum x WHERE true"),
	}, " UNION ALL ")
}

// rowsSQL sums up rows x of a catalog that no transaction after the snapshot wrote: what is new
// does not count then, and what was changed or dropped is missing. The numbers of transactions
// run in a circle.
func rowsSQL(kind, id, from string) string {
	return fmt.Sprintf(`SELECT %s, coalesce(sum(hashtextextended(x.xmin::text, (%s)::bigint)), 0)::text FROM %s
		AND (x.xmin::text::bigint - $1 + 4294967296) %% 4294967296 >= 2147483648 AND x.xmin::text <> ALL ($2::text[])`, quoteLiteral(kind), id, from)
}
