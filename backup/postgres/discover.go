package postgres

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"os"
	"os/user"
	"slices"
	"strconv"
	"sync"
	"time"

	"holdfast/backup"
)

// Candidate is a database on this machine that could become a sandbox.
type Candidate struct {
	Connection backup.Connection
	Source     string // where it was found, for people
	Version    string // of the server; "" when it could not be asked
	Bytes      int64  // size of the database on disk
	Problem    error  // why it cannot be connected to as it is; nil when it can
	Password   string // that came with it, never to be shown

	server reached
}

// discoverTime bounds the whole search, askTime one server.
const (
	discoverTime = 15 * time.Second
	askTime      = 3 * time.Second
)

// Discover looks for databases on this machine: Unix sockets (on Linux wherever they are), ports of
// the loopback address, PG* variables, pg_service.conf, the password file, .env and compose files in
// folders, containers. Connections elsewhere are left out, a server that is reached in several ways is
// given once. What cannot be read is passed over; a server that answers but lets nobody in is given
// with its Problem.
func (s *Server) Discover(ctx context.Context, folders []string) []Candidate {
	ctx, stop := context.WithTimeout(ctx, discoverTime)
	defer stop()
	return s.askAll(ctx, slices.Concat(fromFiles(folders), fromServices(), fromEnviron(), fromSockets(), fromContainers(ctx), fromPorts(ctx)))
}

// DiscoverIn is Discover for what .env and compose files in folders name, and nothing else.
func (s *Server) DiscoverIn(ctx context.Context, folders []string) []Candidate {
	ctx, stop := context.WithTimeout(ctx, discoverTime)
	defer stop()
	return s.askAll(ctx, fromFiles(folders))
}

func (s *Server) askAll(ctx context.Context, places []spot) []Candidate {
	var wait sync.WaitGroup
	found := make([][]Candidate, len(places))
	for i, p := range places {
		wait.Go(func() { found[i] = s.ask(ctx, p) })
	}
	wait.Wait()
	return unique(slices.Concat(found...))
}

// spot is where a server, or a database, may be.
type spot struct {
	c        backup.Connection // Database "" asks for all of the server's
	password string
	source   string
}

// local says whether a connection is to this machine.
func local(c backup.Connection) bool { return c.Container.Name != "" || isHere(c) }

// ask tries to connect and lists what is there.
func (s *Server) ask(ctx context.Context, p spot) []Candidate {
	if !local(p.c) {
		return nil
	}
	ctx, stop := context.WithTimeout(ctx, askTime)
	defer stop()
	var last error
	for _, role := range rolesToTry(p.c.User) {
		c := p.c
		c.User = role
		list, err := s.askAs(ctx, spot{c: c, password: p.password, source: p.source})
		if err == nil {
			return list
		}
		last = err
		if !WantsPassword(err) {
			break
		}
	}
	if !WantsPassword(last) && p.c.Database == "" {
		return nil // nobody is there
	}
	c := p.c
	c.User = cmp.Or(c.User, "postgres")
	c.Database = cmp.Or(c.Database, "postgres")
	return []Candidate{{Connection: c, Source: p.source, Problem: last, Password: p.password, server: reachedBy(c)}}
}

// rolesToTry gives the role that is known, else those that usually have access.
func rolesToTry(known string) []string {
	if known != "" {
		return []string{known}
	}
	roles := []string{os.Getenv("PGUSER")}
	if me, err := user.Current(); err == nil {
		roles = append(roles, me.Username)
	}
	roles = append(roles, "postgres")
	roles = slices.DeleteFunc(roles, func(r string) bool { return r == "" })
	slices.Sort(roles[1:])
	return slices.Compact(roles)
}

const databasesSQL = `SELECT datname::text, CASE WHEN has_database_privilege(oid, 'CONNECT') THEN pg_database_size(oid) ELSE 0 END
FROM pg_database WHERE NOT datistemplate AND datallowconn AND has_database_privilege(oid, 'CONNECT') AND ($1 = '' OR datname = $1) ORDER BY 1`

// askAs lists the databases that a role may connect to. The maintenance database is left out
// where there are others.
func (s *Server) askAs(ctx context.Context, p spot) ([]Candidate, error) {
	asking := *s
	asking.Password = func(backup.Sandbox) (string, error) { return p.password, nil }
	conn, err := asking.connect(ctx, backup.Sandbox{Connection: p.c}, cmp.Or(p.c.Database, "postgres"))
	if err != nil {
		return nil, err
	}
	defer closeConn(conn)
	version, _ := serverVersion(conn)
	server := reachedBy(p.c)
	server.ask(ctx, conn)
	rows, err := conn.Query(ctx, databasesSQL, p.c.Database)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Candidate
	for rows.Next() {
		c := Candidate{Connection: p.c, Source: p.source, Version: version, Password: p.password, server: server}
		if err := rows.Scan(&c.Connection.Database, &c.Bytes); err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	if len(list) > 1 {
		list = slices.DeleteFunc(list, func(c Candidate) bool { return c.Connection.Database == "postgres" && p.c.Database == "" })
	}
	return list, rows.Err()
}

// The ports that are tried on the loopback address.
const (
	firstPort = 5432
	lastPort  = 5440
)

// fromPorts finds ports of the loopback address that take connections.
func fromPorts(ctx context.Context) []spot {
	var places []spot
	dialer := net.Dialer{Timeout: 300 * time.Millisecond}
	for port := uint16(firstPort); port <= lastPort; port++ {
		conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(int(port))))
		if err != nil {
			continue
		}
		_ = conn.Close() // only whether somebody listens was asked
		places = append(places, spot{c: backup.Connection{Host: "127.0.0.1", Port: port}, source: fmt.Sprintf("port %d", port)})
	}
	return places
}

// fromEnviron finds what the PG* variables name.
func fromEnviron() []spot {
	if os.Getenv("PGHOST") == "" && os.Getenv("PGDATABASE") == "" && os.Getenv("PGSERVICE") == "" {
		return nil
	}
	return parsed("", "the PG* variables")
}

// parsed reads a connection string, with the password that it carries.
func parsed(dsn, source string) []spot {
	c, password, _, err := ParseDSN(dsn)
	if err != nil {
		return nil
	}
	return []spot{{c: c, password: password, source: source}}
}

// fromContainers finds servers in containers. One with a published port is reached by that.
func fromContainers(ctx context.Context) []spot {
	found, err := Containers(ctx)
	if err != nil {
		return nil
	}
	var places []spot
	for _, f := range found {
		if f.Published > 0 {
			places = append(places, spot{c: backup.Connection{Host: "127.0.0.1", Port: f.Published, User: f.User}, source: f.Container.String()})
			continue
		}
		if c, _, _, err := f.Connection(""); err == nil {
			places = append(places, spot{c: c, source: f.Container.String()})
		}
	}
	return places
}
