package postgres

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// A database may work and its dump not be restorable: functions that find things only with the
// search_path of their callers, and rows that break a rule which came after them. Nothing but
// a restore finds that, which is what drills are for; here is what to do about it.

// Remedies, in the original database: a backup that was taken holds what it holds.
const (
	rowsRemedy = "The rows break it in the original database, too. Correct them there, or make the constraint NOT VALID or drop it, then back up again."
	uniqueness = "The rows stand twice in the original database, too: its index is damaged, or it sorts otherwise than this server. Correct the rows there and REINDEX, then back up again."
)

// pathRemedy tells what to do about a function; name is "" when it is not known.
func pathRemedy(name string) string {
	if name == "" {
		return "A function there names things without their schemas and finds them only with a certain search_path. In the original database: ALTER FUNCTION it SET search_path = the schemas it needs; then back up again."
	}
	return fmt.Sprintf("The function names things without their schemas and finds them only with a certain search_path. In the original database: ALTER FUNCTION %s SET search_path = the schemas it needs; then back up again.", name)
}

// rowsHint says what to do when the server refused rows; "" when that is not known.
func rowsHint(err error) string {
	said, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return ""
	}
	switch said.Code {
	case "42P01", "42883", "42704", "42703", "3F000":
		return pathRemedy(functionIn(said.Where))
	case "23514", foreignKeyViolation:
		return rowsRemedy
	case "23505", "23P01":
		return uniqueness
	}
	return ""
}

// toolHint says what to do when pg_restore said that a command failed. It repeats the server,
// without its codes and in its language; the command is what can be relied on.
func toolHint(said string) string {
	command := failedCommand(said)
	switch {
	case ofServer(said):
		return serverRemedy
	case strings.Contains(command, " FOREIGN KEY "):
		return rowsRemedy
	case strings.HasPrefix(command, "CREATE UNIQUE INDEX "), strings.Contains(command, " PRIMARY KEY "), strings.Contains(command, " UNIQUE "), strings.Contains(command, " EXCLUDE "):
		return uniqueness
	case strings.HasPrefix(command, "REFRESH MATERIALIZED VIEW "), strings.HasPrefix(command, "CREATE INDEX "):
		return pathRemedy(functionIn(said))
	}
	return ""
}

// serverRemedy is for what no row and no function is to blame for.
const serverRemedy = "The server had trouble of its own, such as a full disk or a restart. Mend that, and free space where it keeps its data; then restore again."

// ofServer says whether a command failed because the server could not use one of its files, which it
// names in any language, or because it went away.
func ofServer(said string) bool {
	message := strings.TrimSuffix(said, failedCommand(said)) // and what was forgiven before
	return regexp.MustCompile(`["»«]?(base|global|pg_tblspc|pg_wal|pg_xact)/[0-9A-Za-z]`).MatchString(message) ||
		strings.Contains(message, "server closed the connection") || strings.Contains(message, "no connection to the server")
}

// failedCommand gives the first command that failed, but for the one that is forgiven.
func failedCommand(said string) string {
	for {
		_, command, found := strings.Cut(said, "Command was: ")
		if !found || !strings.HasPrefix(command, "SET transaction_timeout") {
			return command
		}
		said = command
	}
}

// functionIn finds the function in what the server says about the context of an error.
func functionIn(context string) string {
	found := regexp.MustCompile(`PL/pgSQL function (\S.*?\)) line `).FindStringSubmatch(context)
	if found == nil {
		return ""
	}
	return found[1]
}
