package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"holdfast/backup"
)

// Others names the databases on the server of a sandbox besides its own, which a backup of it does not
// hold. The maintenance database postgres, templates and databases of Holdfast's are left out. It gives
// the server's own identifier too, which only copies of its data share; "" for a server that does not tell.
func (s *Server) Others(ctx context.Context, sb backup.Sandbox) (names []string, server string, err error) {
	conn, err := s.connect(ctx, sb, sb.Connection.Database)
	if err != nil {
		return nil, "", err
	}
	defer closeConn(conn)
	if conn.QueryRow(ctx, "SELECT system_identifier::text FROM pg_control_system()").Scan(&server) != nil {
		server = ""
	}
	rows, err := conn.Query(ctx, `SELECT datname::text, shobj_description(oid, 'pg_database') FROM pg_database
		WHERE NOT datistemplate AND datallowconn AND datname NOT IN (current_database(), 'postgres') ORDER BY 1`)
	if err != nil {
		return nil, "", err
	}
	var name string
	var comment *string
	_, err = pgx.ForEachRow(rows, []any{&name, &comment}, func() error {
		if _, ours := parseMark(comment); !ours {
			names = append(names, name)
		}
		return nil
	})
	return names, server, err
}
