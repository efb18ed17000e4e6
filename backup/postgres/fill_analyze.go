package postgres

import (
	"context"
	"errors"
	"slices"

	"holdfast/backup"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// analyze makes the planner's statistics that were not made while tables were filled, for
// partitioned tables through their root.
func (f *filling) analyze(ctx context.Context) error {
	tables, err := f.analyzable(ctx)
	if err != nil {
		return err
	}
	tables = slices.DeleteFunc(tables, func(t analyzable) bool { return !t.Mixed && slices.Contains(f.analyzed, t.Name) })
	return f.s.onSessions(ctx, f.job.Sandbox, f.job.Shadow, len(tables), func(ctx context.Context, conn *pgx.Conn, i int) error {
		_, err := f.analyzeTable(ctx, conn, tables[i].Name)
		return err
	})
}

// analyzeTable makes the statistics of one table. That the server cannot is no error: statistics are
// no part of the backup, and autovacuum makes them later if it can. An index expression that fails on
// some row must not cost the whole restore.
func (f *filling) analyzeTable(ctx context.Context, conn *pgx.Conn, name backup.Name) (made bool, err error) {
	err = execute(ctx, conn, "ANALYZE "+quoteName(name.Schema, name.Name))
	if _, answered := errors.AsType[*pgconn.PgError](err); answered && !conn.IsClosed() {
		return false, ctx.Err()
	}
	return err == nil, explain(f.a.where, err)
}

// analyzable is a table that statistics are made of.
type analyzable struct {
	backup.Name
	Mixed bool // they are of other tables too, or of what is made after the rows
}

// plainTables lists the tables whose statistics can be made as soon as their indexes are there.
func (f *filling) plainTables(ctx context.Context) ([]backup.Name, error) {
	tables, err := f.analyzable(ctx)
	var plain []backup.Name
	for _, t := range tables {
		if !t.Mixed {
			plain = append(plain, t.Name)
		}
	}
	return plain, err
}

// analyzable lists the tables, the largest first.
func (f *filling) analyzable(ctx context.Context) ([]analyzable, error) {
	conn, err := f.s.connect(ctx, f.job.Sandbox, f.job.Shadow)
	if err != nil {
		return nil, err
	}
	defer closeConn(conn)
	rows, err := conn.Query(ctx, `SELECT n.nspname, c.relname,
			EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = c.oid) OR EXISTS (SELECT FROM pg_statistic_ext x WHERE x.stxrelid = c.oid)
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'm', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
		AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' ORDER BY c.relpages DESC, c.oid`)
	if err != nil {
		return nil, explain(f.a.where, err)
	}
	tables, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (t analyzable, err error) {
		err = row.Scan(&t.Schema, &t.Name.Name, &t.Mixed)
		return t, err
	})
	return tables, explain(f.a.where, err)
}
