package postgres

import (
	"context"
	"fmt"
	"slices"

	"holdfast/backup"

	"github.com/jackc/pgx/v5"
)

// admin is a session on a maintenance database, for what is done to databases from outside.
type admin struct {
	conn  *pgx.Conn
	where backup.Connection
	num   int // version of the server, like 150018
}

// admin opens a session on postgres or template1, whichever lets us in; never on one of avoid,
// because a database with our own session in it can be neither renamed nor dropped.
func (s *Server) admin(ctx context.Context, sb backup.Sandbox, avoid ...string) (*admin, error) {
	var last error
	for _, name := range []string{"postgres", "template1"} {
		if slices.Contains(avoid, name) {
			continue
		}
		conn, err := s.connect(ctx, sb, name)
		if err == nil {
			_, num := serverVersion(conn)
			return &admin{conn: conn, where: resolved(conn.Config(), sb.Connection), num: num}, nil
		}
		last = err
		if !hasCode(err, "3D000", "42501", "55000") {
			break
		}
	}
	if last == nil {
		last = backup.Errorf(backup.Usage, "Restore into another database.", "no maintenance database is left to connect to")
	}
	return nil, last
}

func (a *admin) close() { closeConn(a.conn) }

func (a *admin) explain(err error) error { return explain(a.where, err) }

func (a *admin) execute(ctx context.Context, sql string) error {
	return a.explain(execute(ctx, a.conn, sql))
}

// texts gives the one text column of a query.
func (a *admin) texts(ctx context.Context, query string, args ...any) ([]string, error) {
	rows, err := a.conn.Query(ctx, query, args...)
	if err != nil {
		return nil, a.explain(err)
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return list, a.explain(err)
}

// Inspect looks at the database c.Database, which need not exist. What is in it is estimated
// by the server; a database that refuses connections is described from outside only.
func (s *Server) Inspect(ctx context.Context, c backup.Connection, sb backup.Sandbox) (backup.Target, error) {
	sb.Connection = c
	a, err := s.admin(ctx, sb)
	if err != nil {
		return backup.Target{}, err
	}
	defer a.close()
	d, err := a.find(ctx, c.Database)
	if err != nil || d == nil {
		return backup.Target{}, err
	}
	t := backup.Target{Exists: true, OID: d.OID}
	if t.Blockers, err = a.blockers(ctx, d); err != nil {
		return t, err
	}
	err = a.conn.QueryRow(ctx, `SELECT (SELECT count(*) FROM pg_stat_activity WHERE datid = $1 AND pid <> pg_backend_pid() AND coalesce(backend_type, 'client backend') = 'client backend'),
		CASE WHEN has_database_privilege($1::oid, 'CONNECT') THEN pg_database_size($1::oid) ELSE 0 END`, d.OID).Scan(&t.Sessions, &t.Bytes)
	if err != nil || !d.Allow {
		return t, a.explain(err)
	}
	return t, s.estimate(ctx, sb, &t)
}

// estimate counts tables and rows as the server's statistics know them.
func (s *Server) estimate(ctx context.Context, sb backup.Sandbox, t *backup.Target) error {
	conn, err := s.connect(ctx, sb, sb.Connection.Database)
	if err != nil {
		return err
	}
	defer closeConn(conn)
	err = conn.QueryRow(ctx, `SELECT count(*), coalesce(sum(CASE WHEN c.reltuples > 0 THEN c.reltuples::bigint ELSE pg_stat_get_live_tuples(c.oid) END), 0)::bigint
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'`).Scan(&t.Tables, &t.Rows)
	return explain(sb.Connection, err)
}

// blockers names what stops a database from being renamed or dropped, each with its remedy.
func (a *admin) blockers(ctx context.Context, d *found) ([]string, error) {
	kinds := []struct{ query, text, remedy string }{
		{"SELECT gid FROM pg_prepared_xacts WHERE database = $1 ORDER BY gid", "the prepared transaction", "COMMIT PREPARED or ROLLBACK PREPARED it"},
		{"SELECT slot_name FROM pg_replication_slots WHERE database = $1 ORDER BY slot_name", "the replication slot", "end it with pg_drop_replication_slot"},
		// A subscription that is not enabled does not stand in the way; a drop removes it.
		{"SELECT subname FROM pg_subscription WHERE subenabled AND subdbid = (SELECT oid FROM pg_database WHERE datname = $1) ORDER BY subname", "the enabled subscription", "ALTER SUBSCRIPTION it DISABLE, or DROP SUBSCRIPTION it"},
	}
	var all []string
	for _, kind := range kinds {
		names, err := a.texts(ctx, kind.query, d.Name)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			all = append(all, fmt.Sprintf("%s %q of the database %q stands in the way; %s", kind.text, name, d.Name, kind.remedy))
		}
	}
	return all, nil
}
