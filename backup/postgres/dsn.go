package postgres

import (
	"net/url"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"

	"holdfast/backup"
)

// ParseDSN reads where a database is from a connection string, as libpq, frameworks and object
// mappers write them: postgres://…, postgresql+asyncpg://…, or host=… dbname=…. What it leaves out
// comes from the PG* environment and pg_service.conf. Keys that are no business of the server
// (schema, pgbouncer, connection_limit, …) are dropped.
//
// A password comes back apart, with a warning when it was in the string itself. Errors never
// repeat the string.
func ParseDSN(dsn string) (c backup.Connection, password, warning string, err error) {
	pairs, err := dsnPairs(strings.TrimSpace(dsn))
	if err != nil {
		return c, "", "", err
	}
	if pairs["password"] != "" {
		password = pairs["password"]
		warning = "the connection string carries a password; give it with --password-file or pgpass instead, so that it is not in your shell's history"
	} else {
		password = os.Getenv("PGPASSWORD")
	}
	delete(pairs, "password")
	cfg, err := pgx.ParseConfig(joinPairs(pairs))
	if err != nil {
		return c, "", "", dsnError(configTrouble(err))
	}
	c = resolved(cfg, backup.Connection{})
	for key, value := range pairs {
		if isSSLParam(key) {
			if c.Params == nil {
				c.Params = map[string]string{}
			}
			c.Params[key] = value
		}
	}
	return c, password, warning, nil
}

func dsnError(why string) error {
	return backup.Errorf(backup.Usage, "Write it as postgres://USER@HOST:PORT/DATABASE, or as host=… port=… dbname=… user=…",
		"the connection string cannot be read: %s", why)
}

// dsnPairs gives the keys that say where a database is and how to reach it.
func dsnPairs(dsn string) (map[string]string, error) {
	if dsn == "" {
		return nil, dsnError("it is empty")
	}
	if scheme, rest, isURL := strings.Cut(dsn, "://"); isURL && !strings.ContainsAny(scheme, " =") {
		return urlPairs(scheme, rest)
	}
	return keyValuePairs(dsn)
}

func urlPairs(scheme, rest string) (map[string]string, error) {
	base, _, _ := strings.Cut(strings.ToLower(scheme), "+") // postgresql+asyncpg and the like
	base = strings.TrimPrefix(base, "jdbc:")
	if base != "postgres" && base != "postgresql" {
		return nil, dsnError("it is not for PostgreSQL")
	}
	u, err := url.Parse("postgres://" + rest)
	if err != nil {
		return nil, dsnError("a part of the address is not written as in a URL; percent-encode special characters")
	}
	pairs := map[string]string{"host": u.Hostname(), "port": u.Port(), "dbname": strings.TrimPrefix(u.Path, "/")}
	if u.User != nil {
		pairs["user"] = u.User.Username()
		pairs["password"], _ = u.User.Password()
	}
	for key, values := range u.Query() {
		if isOurs(key) && len(values) > 0 {
			pairs[key] = values[0]
		}
	}
	return withoutEmpty(pairs), nil
}

// keyValuePairs reads libpq's form: words key=value, value perhaps in single quotes, with a
// backslash before a quote or a backslash.
func keyValuePairs(dsn string) (map[string]string, error) {
	pairs := map[string]string{}
	for dsn != "" {
		key, rest, found := strings.Cut(dsn, "=")
		key = strings.TrimSpace(key)
		if !found || key == "" || strings.ContainsAny(key, " \t\n'") {
			return nil, dsnError("it is neither a URL nor a list of key=value")
		}
		value, after, ok := takeValue(strings.TrimLeft(rest, " \t"))
		if !ok {
			return nil, dsnError("a quote is not closed")
		}
		if isOurs(key) {
			pairs[key] = value
		}
		dsn = strings.TrimLeft(after, " \t\n")
	}
	return withoutEmpty(pairs), nil
}

func takeValue(s string) (value, rest string, ok bool) {
	quoted := strings.HasPrefix(s, "'")
	if quoted {
		s = s[1:]
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch ch := s[i]; {
		case ch == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case quoted && ch == '\'':
			return b.String(), s[i+1:], true
		case !quoted && strings.IndexByte(" \t\n", ch) >= 0:
			return b.String(), s[i:], true
		default:
			b.WriteByte(ch)
		}
	}
	return b.String(), "", !quoted
}

// isOurs says which keys of a connection string are read.
func isOurs(key string) bool {
	switch key {
	case "host", "port", "dbname", "user", "password", "service":
		return true
	}
	return isSSLParam(key)
}

func withoutEmpty(pairs map[string]string) map[string]string {
	for key, value := range pairs {
		if value == "" {
			delete(pairs, key)
		}
	}
	return pairs
}
