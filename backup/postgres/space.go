package postgres

import (
	"context"
	"net"
	"strings"

	"holdfast/backup"
)

// DataFolder gives the folder of the server's data on this machine, for a look at the space that
// is left there. It is "" when the server is elsewhere, or keeps the folder from this role.
func (s *Server) DataFolder(ctx context.Context, sb backup.Sandbox) (string, error) {
	if !isHere(sb.Connection) {
		return "", nil
	}
	a, err := s.admin(ctx, sb)
	if err != nil {
		return "", err
	}
	defer a.close()
	var folder string
	err = a.conn.QueryRow(ctx, "SELECT current_setting('data_directory')").Scan(&folder)
	if hasCode(err, "42501") { // no member of pg_read_all_settings
		return "", nil
	}
	if strings.HasPrefix(folder, "/proc/") { // as the server has it, not we: see Private.seen
		return "", nil
	}
	return folder, a.explain(err)
}

// isHere says whether a server is on this machine and sees the same disks.
func isHere(c backup.Connection) bool {
	if c.Container.Name != "" {
		return false
	}
	ip := net.ParseIP(c.Host)
	return strings.HasPrefix(c.Host, "/") || c.Host == "localhost" || ip != nil && ip.IsLoopback()
}
