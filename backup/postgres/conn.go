package postgres

import (
	"cmp"
	"context"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"holdfast/backup"

	"github.com/jackc/pgx/v5"
)

const connectTimeout = 10 * time.Second

// connect opens a session on one database of sb's server, with all settings of settings.go.
// Errors are *backup.Error. ctx bounds the attempt, not the session.
func (s *Server) connect(ctx context.Context, sb backup.Sandbox, database string) (*pgx.Conn, error) {
	if s.Ready != nil {
		if err := s.Ready(ctx, sb); err != nil {
			return nil, err
		}
	}
	cfg, err := s.config(sb, database)
	if err != nil {
		return nil, err
	}
	where := resolved(cfg, sb.Connection)
	known := s.vigil.watch(cfg)
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		if _, trouble := s.password(sb); trouble != nil && hasCode(err, wrongPassword) {
			return nil, trouble
		}
		return nil, explain(where, err)
	}
	known(conn)
	if err := settle(ctx, conn); err != nil {
		closeConn(conn)
		return nil, explain(where, err)
	}
	return conn, nil
}

// config resolves a connection, libpq's defaults and the password included.
//
// The password never goes through the connection string, so that no error of the parser can
// show it. Where it cannot be had, connect says so if the server wants one: most local ones want none.
func (s *Server) config(sb backup.Sandbox, database string) (*pgx.ConnConfig, error) {
	cfg, err := parseConfig(conninfo(sb.Connection, database))
	if err != nil {
		return nil, &backup.Error{
			Kind: backup.Usage,
			Text: "the connection of the sandbox is not usable: " + configTrouble(err),
			Hint: "Check host, port, sslmode and the certificate files.",
		}
	}
	if password, err := s.password(sb); err == nil && password != "" {
		cfg.Password = password
	}
	cfg.ConnectTimeout = s.connectTime()
	cfg.DialFunc = dialer().DialContext
	cfg.RuntimeParams = startupSettings()
	if s.noEvents {
		cfg.RuntimeParams["event_triggers"] = "off"
	}
	cfg.ValidateConnect = nil // PGTARGETSESSIONATTRS is not ours to follow
	if inContainer(sb.Connection) {
		return cfg, throughContainer(cfg, sb.Connection)
	}
	return cfg, nil
}

// connectTime bounds one attempt to connect.
func (s *Server) connectTime() time.Duration { return cmp.Or(s.dialTime, connectTimeout) }

// password asks for the sandbox's password; "" when there is none of ours.
func (s *Server) password(sb backup.Sandbox) (string, error) {
	if s.Password == nil {
		return "", nil
	}
	return s.Password(sb)
}

// conninfo gives c as libpq's keys and values, without a password. A container stands for its
// host, so that an entry in pgpass for some host of that name inside is not taken.
func conninfo(c backup.Connection, database string) map[string]string {
	if inContainer(c) {
		c = inside(c)
		c.Host, c.Params = c.Container.Name, map[string]string{"sslmode": "disable"}
	}
	pairs := map[string]string{"host": c.Host, "user": c.User, "dbname": database}
	if c.Port != 0 {
		pairs["port"] = strconv.Itoa(int(c.Port))
	}
	for key, value := range c.Params {
		if isSSLParam(key) {
			pairs[key] = value
		}
	}
	return pairs
}

// joinPairs writes key='value' pairs, sorted; empty values are left to libpq's defaults.
func joinPairs(pairs map[string]string) string {
	var words []string
	escape := strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	for _, key := range slices.Sorted(maps.Keys(pairs)) {
		if pairs[key] != "" {
			words = append(words, key+"='"+escape.Replace(pairs[key])+"'")
		}
	}
	return strings.Join(words, " ")
}

// isSSLParam says which keys a backup.Connection may carry in Params.
func isSSLParam(key string) bool {
	switch key {
	case "sslmode", "sslrootcert", "sslcert", "sslkey", "sslsni":
		return true
	}
	return false
}

// resolved is c with libpq's defaults filled in.
func resolved(cfg *pgx.ConnConfig, c backup.Connection) backup.Connection {
	host := cfg.Host
	if inContainer(c) {
		host = inside(c).Host
	}
	c.Host, c.Port, c.User, c.Database = host, cfg.Port, cfg.User, cfg.Database
	if c.Database == "" {
		c.Database = c.User
	}
	return c
}

// dialer notices a peer that is gone without a word: on a silent connection by keepalives, on a
// sending one by the unacknowledged bytes.
func dialer() *net.Dialer {
	return &net.Dialer{
		Timeout: connectTimeout,
		KeepAliveConfig: net.KeepAliveConfig{
			Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 6,
		},
		Control: limitUnacknowledged,
	}
}

// unacknowledged is how long sent bytes may stay without an answer of the peer's kernel.
const unacknowledged = 60 * time.Second

// closeConn ends a session and waits until its socket is closed, also when a cancel left the
// closing to a goroutine of pgx.
func closeConn(conn *pgx.Conn) {
	if conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = conn.Close(ctx) // a session that cannot be told to end ends with its socket
	select {
	case <-conn.PgConn().CleanupDone():
	case <-ctx.Done():
	}
}
