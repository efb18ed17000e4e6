package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"holdfast/backup"
)

const plainTablesSQL = `SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND NOT c.relispartition AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1, 2`

// Operational names the tables of a database that go by a name which programs give to what they write
// for themselves; see backup.Operational. Partitions are left out. The password is "" where libpq's own
// ways have it.
func (s *Server) Operational(ctx context.Context, c backup.Connection, password string) ([]backup.Name, error) {
	asking := *s
	asking.Password = func(backup.Sandbox) (string, error) { return password, nil }
	conn, err := asking.connect(ctx, backup.Sandbox{Connection: c}, c.Database)
	if err != nil {
		return nil, err
	}
	defer closeConn(conn)
	rows, err := conn.Query(ctx, plainTablesSQL)
	if err != nil {
		return nil, err
	}
	var found []backup.Name
	var name backup.Name
	_, err = pgx.ForEachRow(rows, []any{&name.Schema, &name.Name}, func() error {
		if backup.Operational(name) {
			found = append(found, name)
		}
		return nil
	})
	return found, err
}
