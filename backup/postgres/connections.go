package postgres

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// codeNoRoom is too_many_connections: of the server, the database or the role.
const codeNoRoom = "53300"

// noRoom says that the server let us in no further because it, the database or the role has as many
// sessions as it may.
func noRoom(err error) bool { return hasCode(err, codeNoRoom) }

// alone gives s with as few sessions at a time as can be.
func (s *Server) alone() *Server {
	one := *s
	one.Workers = 1
	return &one
}

// refusedRoom gives what a client tool says when it is not let in for want of room; nil when it says
// no such thing. It tells no code, only the server's words: those of a server in another language are
// not known.
func refusedRoom(said string) *pgconn.PgError {
	for line := range strings.Lines(said) {
		for _, words := range []string{"too many clients already", "remaining connection slots are reserved", "too many connections for"} {
			if strings.Contains(line, words) {
				_, message, _ := strings.Cut(line, "FATAL: ")
				return &pgconn.PgError{Severity: "FATAL", Code: codeNoRoom, Message: strings.TrimSpace(message)}
			}
		}
	}
	return nil
}

// roomSQL counts how many more sessions of ours the server, the database and the role take.
const roomSQL = `SELECT least(
	current_setting('max_connections')::int - CASE WHEN r.rolsuper THEN 0 ELSE
		current_setting('superuser_reserved_connections')::int + coalesce(current_setting('reserved_connections', true)::int, 0) END
		- (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),
	CASE WHEN r.rolsuper OR r.rolconnlimit < 0 THEN NULL ELSE r.rolconnlimit - (SELECT count(*) FROM pg_stat_activity WHERE usesysid = r.oid) END,
	CASE WHEN r.rolsuper OR d.datconnlimit < 0 THEN NULL ELSE d.datconnlimit - (SELECT count(*) FROM pg_stat_activity WHERE datid = d.oid) END)::bigint
FROM pg_roles r, pg_database d WHERE r.rolname = session_user AND d.datname = $1`

// jobs says how many sessions pg_restore may work with: it fails when one of them is refused.
func (f *filling) jobs(ctx context.Context) (int, error) {
	var room int64
	if err := f.a.conn.QueryRow(ctx, roomSQL, f.job.Shadow).Scan(&room); err != nil {
		return 0, f.a.explain(err)
	}
	return max(1, min(f.s.sessions(), int(room))), nil
}
