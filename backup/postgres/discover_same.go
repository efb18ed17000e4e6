package postgres

import (
	"context"
	"net"
	"slices"
	"strings"

	"holdfast/backup"

	"github.com/jackc/pgx/v5"
)

// reached is a server as far as it is known: by which ways it is reached, and what it said of itself.
type reached struct {
	ways     []backup.Connection
	process  int    // that listens at its socket; 0 when not known
	self     string // tells it from every other; "" when it could not be asked
	loopback bool   // as it says: it listens on this machine's loopback address, at the port of its ways
}

// reachedBy gives what is known of a server before it is asked.
func reachedBy(c backup.Connection) reached {
	r := reached{ways: []backup.Connection{c}}
	if onSocket(c) {
		r.process, _ = listener(c)
	}
	return r
}

// selfSQL is what every role may ask. The moment of the start tells a server from a copy of its data.
const selfSQL = `SELECT system_identifier::text || ' ' || extract(epoch FROM pg_postmaster_start_time())::text,
current_setting('listen_addresses'), coalesce(host(inet_server_addr()), ''), coalesce(inet_server_port(), 0) FROM pg_control_system()`

// ask lets the server at the end of the one way say which it is. What is no whole PostgreSQL stays unknown.
func (r *reached) ask(ctx context.Context, conn *pgx.Conn) {
	var self, listens, address string
	var port int
	if err := conn.QueryRow(ctx, selfSQL).Scan(&self, &listens, &address, &port); err != nil {
		return
	}
	r.self = self
	if way := r.ways[0]; onSocket(way) {
		r.loopback = slices.ContainsFunc(strings.Split(listens, ","), onLoopback)
	} else {
		r.loopback = onLoopback(address) && port == int(way.Port)
	}
}

// onLoopback says whether a server that listens at an address is reached by the loopback address.
func onLoopback(address string) bool {
	address = strings.TrimSpace(address)
	ip := net.ParseIP(address)
	return address == "*" || address == "localhost" || ip != nil && (ip.IsLoopback() || ip.IsUnspecified())
}

// sameWay says whether two connections lead to one server by their words alone.
func sameWay(a, b backup.Connection) bool {
	switch {
	case a.Container.Name != "" || b.Container.Name != "":
		return a.Container == b.Container && a.Port == b.Port
	case onSocket(a) && onSocket(b):
		return sameSocket(a, b)
	}
	return a.Port == b.Port && onSocket(a) == onSocket(b) && (a.Host == b.Host || isHere(a) && isHere(b))
}

// has says whether a connection is one of the ways.
func (r *reached) has(c backup.Connection) bool {
	return slices.ContainsFunc(r.ways, func(way backup.Connection) bool { return sameWay(way, c) })
}

// is says whether two are one server for certain.
func (r *reached) is(other *reached) bool {
	if r.self != "" && other.self != "" {
		return r.self == other.self
	}
	return r.process != 0 && r.process == other.process ||
		slices.ContainsFunc(r.ways, other.has)
}

// join adds what is known of the same server.
func (r *reached) join(other *reached) {
	r.ways = append(r.ways, other.ways...)
	r.process, r.loopback = max(r.process, other.process), r.loopback || other.loopback
	r.self = max(r.self, other.self)
}

// mayBe says whether r, known by the loopback address alone, and other, known by sockets alone, may be
// one server: their port is the same, and neither says anything against it.
func (r *reached) mayBe(other *reached) bool {
	denies := func(s *reached) bool { return s.self != "" && !s.loopback }
	if r.self != "" && other.self != "" || slices.ContainsFunc(r.ways, onSocket) || denies(r) || denies(other) {
		return false
	}
	return slices.ContainsFunc(r.ways, func(a backup.Connection) bool {
		return isHere(a) && slices.ContainsFunc(other.ways, func(b backup.Connection) bool { return onSocket(b) && a.Port == b.Port }) && !other.has(a)
	})
}

// theOne finds which of the servers r most likely is, as mayBe says: the one that says so itself,
// else the only one. It is nil when there is none, or no telling.
func (r *reached) theOne(all []*reached) *reached {
	all = slices.DeleteFunc(slices.Clone(all), func(s *reached) bool { return s == r || !r.mayBe(s) && !s.mayBe(r) })
	for _, s := range all {
		if s.self != "" {
			return s
		}
	}
	if len(all) != 1 {
		return nil
	}
	return all[0]
}

// servers tells which candidates are of one server, and gives the servers; each candidate has its own
// from then on.
func servers(all []Candidate) []*reached {
	var list []*reached
	for _, c := range all {
		next := c.server
		next.ways = slices.Clone(next.ways)
		list = slices.DeleteFunc(list, func(s *reached) bool {
			same := s.is(&next)
			if same {
				next.join(s)
			}
			return same
		})
		list = append(list, &next)
	}
	for _, s := range slices.Clone(list) {
		if one := s.theOne(list); one != nil && !slices.ContainsFunc(s.ways, onSocket) {
			one.join(s)
			list = slices.DeleteFunc(list, func(other *reached) bool { return other == s })
		}
	}
	return list
}

// unique keeps of several ways to one database the first that works, by server and name. A
// server that lets nobody in is only named when no other way into it was found.
func unique(all []Candidate) []Candidate {
	works := func(c Candidate) bool { return c.Problem == nil }
	all = slices.Concat(filtered(all, works), filtered(all, func(c Candidate) bool { return !works(c) }))
	type place struct {
		server   *reached
		database string
	}
	list := servers(all)
	seen, entered := map[place]bool{}, map[*reached]bool{}
	var kept []Candidate
	for _, c := range all {
		server := list[slices.IndexFunc(list, func(s *reached) bool { return s.is(&c.server) })]
		at := place{server, c.Connection.Database}
		if seen[at] || c.Problem != nil && entered[server] {
			continue
		}
		seen[at] = true
		if c.Problem == nil {
			entered[server] = true
		}
		c.server = *server
		kept = append(kept, c)
	}
	return kept
}

func filtered(all []Candidate, keep func(Candidate) bool) []Candidate {
	return slices.DeleteFunc(slices.Clone(all), func(c Candidate) bool { return !keep(c) })
}

// Find gives which of the candidates is the database that a connection leads to; -1 for none. It may
// be another way to the server than the candidate's: by a socket or by TCP.
func Find(all []Candidate, c backup.Connection) int {
	asked := &reached{ways: []backup.Connection{c}}
	server := func(candidate Candidate) bool { return candidate.server.has(c) }
	if !slices.ContainsFunc(all, server) {
		one := asked.theOne(servers(all))
		if one == nil {
			return -1
		}
		server = func(candidate Candidate) bool { return one.is(&candidate.server) }
	}
	return slices.IndexFunc(all, func(candidate Candidate) bool {
		return candidate.Connection.Database == c.Database && server(candidate)
	})
}

// SameDatabase says whether two connections lead to one database, as far as can be told without the
// server: a socket and the loopback address with one port are one server, sockets in two folders are
// when one process listens at both.
func SameDatabase(a, b backup.Connection) bool {
	if a.Database != b.Database || a.Port != b.Port {
		return false
	}
	if sameWay(a, b) {
		return true
	}
	one, other := reachedBy(a), reachedBy(b)
	return one.is(&other) || one.mayBe(&other) || other.mayBe(&one)
}
