package postgres

import (
	"context"

	"holdfast/backup"
)

// Ping connects to the sandbox's database and leaves again. The error says cause and remedy.
func (s *Server) Ping(ctx context.Context, sb backup.Sandbox) error {
	conn, err := s.connect(ctx, sb, sb.Connection.Database)
	if err != nil {
		return err
	}
	closeConn(conn)
	return nil
}

// WantsPassword says whether err means that the server wants a password, or another one.
func WantsPassword(err error) bool { return hasCode(err, wrongPassword, "28000") }

// wrongPassword is the server's code for a password that is wrong or missing.
const wrongPassword = "28P01"

// NoDatabase says whether err means that the server lets in who asks, and lacks the database.
func NoDatabase(err error) bool { return hasCode(err, "3D000") }
