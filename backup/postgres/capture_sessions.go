package postgres

import (
	"context"
	"sync"
	"time"

	"holdfast/backup"

	"github.com/jackc/pgx/v5"
)

// ourSessions are the sessions of one capture on the server.
type ourSessions struct {
	mu    sync.Mutex
	conns []*pgx.Conn
	pids  []uint32
	names []string // application_name of client tools
}

func (o *ourSessions) add(conn *pgx.Conn) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.conns = append(o.conns, conn)
	o.pids = append(o.pids, conn.PgConn().PID())
}

// tool remembers the session of a client tool, which is known by its name.
func (o *ourSessions) tool(name string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.names = append(o.names, name)
}

// close ends all sessions.
func (o *ourSessions) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, conn := range o.conns {
		closeConn(conn)
	}
	o.conns = nil
}

const (
	chaseTime  = 10 * time.Second      // for all of chase
	chasePause = 20 * time.Millisecond // between two looks
	chaseForce = 100                   // looks before a session is ended by force
)

// chase waits until the server has let go of the sessions, and ends those by force that it
// has not. A server that does not answer any more has none.
func (o *ourSessions) chase(s *Server, sb backup.Sandbox) {
	if len(o.pids) == 0 {
		return // nobody let us in
	}
	ctx, cancel := context.WithTimeout(context.Background(), chaseTime) // the run's context is over
	defer cancel()
	conn, err := s.connect(ctx, sb, sb.Connection.Database)
	if err != nil {
		return
	}
	defer closeConn(conn)
	for look := 0; ctx.Err() == nil; look++ {
		var left int
		err := conn.QueryRow(ctx, `SELECT count(*) FILTER (WHERE $3 = false OR pg_terminate_backend(pid)) FROM pg_stat_activity
			WHERE pid = ANY ($1) AND application_name = '`+applicationName+`' OR application_name = ANY ($2)`,
			o.pids, o.names, look >= chaseForce).Scan(&left)
		if err != nil || left == 0 {
			return
		}
		pause(ctx, chasePause)
	}
}
