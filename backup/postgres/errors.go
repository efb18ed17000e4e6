package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"

	"holdfast/backup"

	"github.com/jackc/pgx/v5/pgconn"
)

// explain turns what pgx gives into an error for people. c says where; it holds no password,
// and the texts of pgx's errors hold none either. A nil err stays nil.
func explain(c backup.Connection, err error) error {
	if err == nil {
		return nil
	}
	if known, ok := errors.AsType[*backup.Error](err); ok {
		return known
	}
	if errors.Is(err, context.Canceled) {
		return &backup.Error{Kind: backup.Cancelled, Text: "cancelled", Err: err}
	}
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok {
		return explainServer(c, pgErr, err)
	}
	return explainNetwork(c, err)
}

// explainNetwork is for what happened before the server could say anything, or instead of it.
func explainNetwork(c backup.Connection, err error) error {
	fault := &backup.Error{Kind: backup.Unreachable, Text: "cannot reach PostgreSQL " + place(c), Err: err}
	_, connecting := errors.AsType[*pgconn.ConnectError](err)
	_, stalled := errors.AsType[*stalledError](err)
	switch {
	case stalled:
		fault.Text = "PostgreSQL " + place(c) + " does nothing for us, and the connection to it is open: something between has stopped"
		fault.Hint = "Check the network, and proxies, tunnels and poolers between here and the server."
	case errors.Is(err, context.DeadlineExceeded) || pgconn.Timeout(err):
		fault.Text += ": no answer in time"
		fault.Hint = "Check host and port, and whether a firewall is in between."
	case errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ENOENT):
		fault.Text += ": nothing listens there"
		fault.Hint = "Start PostgreSQL, or correct host and port."
	case isDNS(err):
		fault.Text += ": the host name is not known"
		fault.Hint = "Correct the host name."
	case connecting:
		fault.Text += ": " + innermost(err)
		fault.Hint = "Check host, port and sslmode, and that PostgreSQL runs."
	case isLost(err):
		fault.Text = "lost the connection to PostgreSQL " + place(c)
		fault.Hint = "Check that the server still runs, then try again."
	default:
		fault.Kind, fault.Text, fault.Hint = backup.Failed, innermost(err), ""
	}
	if inContainer(c) && fault.Kind == backup.Unreachable {
		fault.Hint = execHint(c.Container)
	}
	return fault
}

// explainServer is for what the server itself answered.
func explainServer(c backup.Connection, pgErr *pgconn.PgError, err error) error {
	fault := &backup.Error{Kind: backup.Failed, Err: err}
	if explainAccess(fault, c, pgErr) || explainLimits(fault, c, pgErr) {
		return fault
	}
	switch pgErr.Code {
	case "57P01", "57P02", "57P03", "57P05":
		fault.Kind = backup.Unreachable
		fault.Text = "PostgreSQL " + place(c) + " is starting, stopping, or ended our session: " + pgErr.Message
		fault.Hint = "Try again when the server is up."
	case "40001":
		fault.Text = "the server took the snapshot away: " + pgErr.Message
		fault.Hint = standbyHint
	case "55000":
		fault.Text = "PostgreSQL says: " + pgErr.Message
		fault.Hint = pgErr.Hint
		if strings.Contains(pgErr.Message, "accepting connections") { // of a database, such as template0
			fault.Hint = "Name another database, or let this one be connected to: ALTER DATABASE … ALLOW_CONNECTIONS true"
		}
	case "55P03":
		fault.Kind = backup.Busy
		fault.Text = "a lock was not to be had: " + pgErr.Message
		fault.Hint = "Try again when the other session is done."
	default:
		fault.Text = "PostgreSQL says: " + pgErr.Message
		fault.Hint = pgErr.Hint
	}
	return fault
}

// explainAccess is for who may come in and what for.
func explainAccess(fault *backup.Error, c backup.Connection, pgErr *pgconn.PgError) bool {
	fault.Kind = backup.Unreachable
	switch pgErr.Code {
	case "28P01":
		fault.Text = fmt.Sprintf("PostgreSQL %s does not accept the password of role %q", place(c), c.User)
		fault.Hint = "Give the right one with --password-file, or put it into ~/.pgpass (mode 0600)."
	case "28000":
		fault.Text = fmt.Sprintf("PostgreSQL %s does not let role %q in: %s", place(c), c.User, pgErr.Message)
		fault.Hint = "Check the role's name, its password (--password-file or ~/.pgpass) and the server's pg_hba.conf."
	case "3D000":
		fault.Text = fmt.Sprintf("there is no database %q on PostgreSQL %s", c.Database, place(c))
		fault.Hint = "Correct the database name of the sandbox, or create the database."
	case "08P01":
		fault.Text = "PostgreSQL " + place(c) + " does not take our session settings: " + pgErr.Message
		fault.Hint = "Connect to PostgreSQL itself, not through a connection pooler."
	case "42501":
		fault.Kind = backup.Failed
		fault.Text = fmt.Sprintf("role %q lacks a right: %s", c.User, pgErr.Message)
		fault.Hint = "Connect as the owner or a superuser, or grant the right (GRANT pg_read_all_data TO … on PostgreSQL 14 and later)."
	default:
		fault.Kind = backup.Failed
		return false
	}
	return true
}

// explainLimits is for what ran out.
func explainLimits(fault *backup.Error, c backup.Connection, pgErr *pgconn.PgError) bool {
	switch {
	case pgErr.Code == "53300":
		fault.Kind = backup.Unreachable
		fault.Text = "PostgreSQL " + place(c) + " has no connection left: " + pgErr.Message
		fault.Hint = "Close sessions, raise max_connections or the connection limit of role and database, or use fewer workers."
	case pgErr.Code == "53200" && strings.Contains(pgErr.Hint+pgErr.Message, lockSetting):
		fault.Text = "the server is out of memory for locks"
		fault.Hint = lockHint
	case pgErr.Code == "53100":
		fault.Text = "the server's disk is full: " + pgErr.Message
		fault.Hint = "Free space where the server keeps its data."
	case pgErr.Code == "53200":
		fault.Text = "the server is out of memory: " + pgErr.Message
	default:
		return false
	}
	return true
}

// lockSetting is in the server's message whatever its language.
const (
	lockSetting = "max_locks_per_transaction"
	lockHint    = "Raise max_locks_per_transaction (to the number of tables divided by max_connections, with room to spare) and restart PostgreSQL."
)

// place says where a server is: "at localhost:5432", "in container pg (docker)".
func place(c backup.Connection) string {
	if inContainer(c) {
		return "in " + c.Container.String()
	}
	return "at " + address(c)
}

// address names a server for people.
func address(c backup.Connection) string {
	network, _ := pgconn.NetworkAddress(c.Host, c.Port)
	if network == "unix" {
		return fmt.Sprintf("%s (socket, port %d)", c.Host, c.Port)
	}
	return net.JoinHostPort(c.Host, fmt.Sprint(c.Port))
}

// isLost says whether the connection broke.
func isLost(err error) bool {
	_, isNet := errors.AsType[net.Error](err)
	return isNet || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) ||
		errors.Is(err, pgconn.ErrConnClosed) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)
}

func isDNS(err error) bool {
	_, ok := errors.AsType[*net.DNSError](err)
	return ok
}

// innermost is the text at the bottom of err, without what was wrapped around it.
func innermost(err error) string {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err.Error()
		}
		err = next
	}
}

// configTrouble tells what is wrong with a connection without the connection string that pgx
// puts in front.
func configTrouble(err error) string {
	if inner := errors.Unwrap(err); inner != nil {
		return inner.Error()
	}
	_, after, found := strings.Cut(err.Error(), "`: ")
	if !found {
		return "it cannot be read"
	}
	return after
}

// hasCode says whether the server answered with one of these SQLSTATEs.
func hasCode(err error, codes ...string) bool {
	pgErr, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return false
	}
	for _, code := range codes {
		if pgErr.Code == code {
			return true
		}
	}
	return false
}
