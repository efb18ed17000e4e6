package postgres

import (
	"context"
	"errors"

	"holdfast/backup"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// analyze makes the planner's statistics, for partitioned tables through their root.
func (f *filling) analyze(ctx context.Context) error {
	tables, err := f.analyzable(ctx)
	if err != nil {
		return err
	}
	return f.s.onSessions(ctx, f.job.Sandbox, f.job.Shadow, len(tables), func(ctx context.Context, conn *pgx.Conn, i int) error {
		err := execute(ctx, conn, "ANALYZE "+quoteName(tables[i].Schema, tables[i].Name))
		if _, answered := errors.AsType[*pgconn.PgError](err); answered && !conn.IsClosed() {
			// Statistics are no part of the backup, and autovacuum makes them later if it can:
			// an index expression that fails on some row must not cost the whole restore.
			return ctx.Err()
		}
		return explain(f.a.where, err)
	})
}

// analyzable lists the tables, the largest first.
func (f *filling) analyzable(ctx context.Context) ([]backup.Name, error) {
	conn, err := f.s.connect(ctx, f.job.Sandbox, f.job.Shadow)
	if err != nil {
		return nil, err
	}
	defer closeConn(conn)
	rows, err := conn.Query(ctx, `SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'm', 'p') AND NOT c.relispartition AND c.relpersistence <> 't'
		AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' ORDER BY c.relpages DESC, c.oid`)
	if err != nil {
		return nil, explain(f.a.where, err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowToStructByPos[backup.Name])
	return tables, explain(f.a.where, err)
}
