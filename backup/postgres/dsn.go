package postgres

import (
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"

	"holdfast/backup"
)

// ParseDSN reads a connection string as developers have it in a .env file: a URL, with the
// prefixes of drivers and the keys of ORMs, which are left out; or libpq's key=value form. What
// is not said comes from the PG* variables and pg_service.conf, as with libpq.
//
// docker://USER@NAME/DATABASE and podman://… are for a server in a container of that name; see
// Found.Connection.
//
// A password is given back apart, with a warning for people. Errors never show the string.
func ParseDSN(dsn string) (c backup.Connection, password string, warning string, err error) {
	if found, rest, ok := containerURL(strings.TrimSpace(dsn)); ok {
		return found.Connection(rest)
	}
	pairs, err := dsnPairs(strings.TrimSpace(dsn))
	if err != nil {
		return backup.Connection{}, "", "", notDSN(err)
	}
	password, warnings := firstHost(pairs)
	if mode, changed := sslMode(pairs); changed {
		warnings = append(warnings, "sslmode is taken as "+mode)
	}
	c, err = connectionOf(pairs)
	return c, password, strings.Join(warnings, "; "), err
}

func notDSN(err error) error {
	return &backup.Error{
		Kind: backup.Usage,
		Text: "this is no connection string: " + err.Error(),
		Hint: "Write postgresql://USER@HOST:PORT/DATABASE; special characters in URLs as %XX.",
	}
}

// firstHost takes the password out of pairs and leaves one host; the warnings are for people.
func firstHost(pairs map[string]string) (password string, warnings []string) {
	if password = pairs["password"]; password != "" {
		delete(pairs, "password")
		warnings = append(warnings, "the connection string holds a password; it is not kept with the connection")
	}
	if strings.Contains(pairs["host"], ",") {
		warnings = append(warnings, "of several hosts the first is used")
		pairs["host"], _, _ = strings.Cut(pairs["host"], ",")
		pairs["port"], _, _ = strings.Cut(pairs["port"], ",")
	}
	return password, warnings
}

// connectionOf lets pgx fill in the defaults. pairs hold no password.
func connectionOf(pairs map[string]string) (backup.Connection, error) {
	cfg, err := parseConfig(pairs)
	if err != nil {
		return backup.Connection{}, &backup.Error{
			Kind: backup.Usage, Text: "the connection string is not usable: " + configTrouble(err),
			Hint: "Check host, port, sslmode, and the files and the service that it names.",
		}
	}
	c := resolved(cfg, backup.Connection{Params: map[string]string{}})
	for key, variable := range map[string]string{
		"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY", "sslsni": "PGSSLSNI",
	} {
		if value := pairs[key]; value != "" {
			c.Params[key] = value
		} else if value := os.Getenv(variable); value != "" {
			c.Params[key] = value
		}
	}
	if len(c.Params) == 0 {
		c.Params = nil
	}
	return c, nil
}

// dsnKeys are the keys that matter, beside those of isSSLParam; libpqKeys are others that mean something
// to libpq and nothing to a backup.
var (
	dsnKeys   = []string{"host", "port", "user", "password", "dbname", "service", "servicefile", "ssl", "sslmode"}
	libpqKeys = []string{
		"hostaddr", "passfile", "require_auth", "channel_binding", "connect_timeout", "client_encoding", "options",
		"application_name", "fallback_application_name", "tcp_user_timeout", "replication", "gssencmode", "requiressl", "requirepeer",
		"sslcompression", "sslnegotiation", "sslpassword", "sslcertmode", "sslcrl", "sslcrldir", "sslkeylogfile", "ssl_min_protocol_version", "ssl_max_protocol_version",
		"min_protocol_version", "max_protocol_version", "krbsrvname", "target_session_attrs", "load_balance_hosts", "database", "username",
	}
	libpqFamilies = []string{"keepalives", "gss", "krb", "scram_", "oauth_", "pool_"}
)

// dsnPairs reads either form into the keys that matter.
func dsnPairs(dsn string) (map[string]string, error) {
	read, isURL := keywordPairs, false
	if scheme, _, found := strings.Cut(dsn, "://"); found && !strings.ContainsAny(scheme, "= '") {
		read, isURL = urlPairs, true
	}
	all, err := read(dsn)
	if err != nil {
		return nil, err
	}
	pairs := map[string]string{}
	for key, value := range all {
		switch {
		case key == "database":
			key = "dbname"
		case key == "username":
			key = "user"
		case key == "hostaddr" && all["host"] == "":
			key = "host"
		}
		if slices.Contains(dsnKeys, key) || isSSLParam(key) {
			pairs[key] = value
		} else if err := leaveOut(key, isURL); err != nil {
			return nil, err
		}
	}
	return pairs, nil
}

// leaveOut refuses to leave out a key that was meant to say where the database is: another database
// would be backed up, and one day replaced. In a URL all else is left out, for ORMs have keys of their own.
func leaveOut(key string, isURL bool) error {
	of := func(family string) bool { return strings.HasPrefix(key, family) }
	if slices.Contains(libpqKeys, key) || slices.ContainsFunc(libpqFamilies, of) {
		return nil
	}
	near := backup.Nearest(key, dsnKeys)
	switch {
	case near != "":
		return fmt.Errorf("it has a key that nothing knows, near to %s", near)
	case !isURL:
		return fmt.Errorf("it has a key that libpq does not know")
	}
	return nil
}

// sslMode makes what drivers write for sslmode into libpq's words.
func sslMode(pairs map[string]string) (mode string, changed bool) {
	given := pairs["sslmode"]
	if given == "" {
		given = pairs["ssl"]
	}
	delete(pairs, "ssl")
	switch mode = strings.ToLower(given); mode {
	case "":
		return "", false
	case "true", "1", "on", "no-verify":
		mode = "require"
	case "false", "0", "off":
		mode = "disable"
	}
	pairs["sslmode"] = mode
	return mode, mode != given
}

// urlPairs reads scheme://user:password@host:port/database?key=value.
func urlPairs(dsn string) (map[string]string, error) {
	scheme, rest, _ := strings.Cut(strings.TrimPrefix(dsn, "jdbc:"), "://")
	family, _, _ := strings.Cut(strings.ToLower(scheme), "+") // postgres+asyncpg, postgresql+psycopg
	if !slices.Contains([]string{"postgres", "postgresql", "pgsql", "postgis"}, family) {
		return nil, fmt.Errorf("its beginning is not postgresql://")
	}
	rest, query, _ := strings.Cut(rest, "?")
	authority, database, _ := strings.Cut(rest, "/")
	pairs := map[string]string{}
	if at := strings.LastIndex(authority, "@"); at >= 0 {
		user, password, _ := strings.Cut(authority[:at], ":")
		pairs["user"], pairs["password"] = user, password
		authority = authority[at+1:]
	}
	pairs["host"], pairs["port"] = hostPort(authority)
	pairs["dbname"] = database
	for _, pair := range strings.Split(query, "&") {
		if key, value, found := strings.Cut(pair, "="); found && value != "" {
			pairs[key] = value
		}
	}
	for key, value := range pairs {
		plain, err := url.PathUnescape(value)
		if err != nil || strings.ContainsRune(plain, 0) {
			return nil, fmt.Errorf("its %s has a %% that is not followed by two hexadecimal digits", nameOfKey(key))
		}
		pairs[key] = plain
	}
	if strings.ContainsAny(database, "@") || strings.Contains(pairs["host"], "@") {
		return nil, fmt.Errorf("there is an @ where none can be; in a user name or password write %%40, and / as %%2F")
	}
	return pairs, nil
}

// nameOfKey is key if it is one of ours: what stands in a wrong place may be a secret.
func nameOfKey(key string) string {
	if slices.Contains([]string{"host", "port", "user", "password", "dbname"}, key) || isSSLParam(key) {
		return key
	}
	return "query"
}

// hostPort splits the hosts of a URL: "h", "h:1", "[::1]:1", "a:1,b:2".
func hostPort(authority string) (hosts, ports string) {
	var host, port []string
	for _, one := range strings.Split(authority, ",") {
		h, p := one, ""
		if end := strings.LastIndex(one, "]"); strings.HasPrefix(one, "[") && end > 0 {
			h, p = one[1:end], strings.TrimPrefix(one[end+1:], ":")
		} else if at := strings.LastIndex(one, ":"); at >= 0 {
			h, p = one[:at], one[at+1:]
		}
		host, port = append(host, h), append(port, p)
	}
	return strings.Join(host, ","), strings.Join(port, ",")
}

// keywordPairs reads libpq's key=value form: values may be quoted with ', \ escapes.
func keywordPairs(dsn string) (map[string]string, error) {
	pairs := map[string]string{}
	const space = " \t\n\r\v\f"
	for rest := strings.TrimLeft(dsn, space); rest != ""; rest = strings.TrimLeft(rest, space) {
		key, after, found := strings.Cut(rest, "=")
		key = strings.TrimRight(key, space)
		if !found || key == "" || strings.ContainsAny(key, space) {
			return nil, fmt.Errorf("a key without = in it")
		}
		value, left, ok := keywordValue(strings.TrimLeft(after, space))
		if !ok || strings.ContainsRune(value, 0) {
			return nil, fmt.Errorf("a quoted value does not end")
		}
		pairs[key], rest = value, left
	}
	return pairs, nil
}

// keywordValue reads one value and gives what comes after it.
func keywordValue(s string) (value, rest string, ok bool) {
	quoted := strings.HasPrefix(s, "'")
	s = strings.TrimPrefix(s, "'")
	var text strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			if i++; i < len(s) {
				text.WriteByte(s[i])
			}
		case quoted && c == '\'':
			return text.String(), s[i+1:], true
		case !quoted && strings.IndexByte(" \t\n\r\v\f", c) >= 0:
			return text.String(), s[i:], true
		default:
			text.WriteByte(c)
		}
	}
	return text.String(), "", !quoted
}
