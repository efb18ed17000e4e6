package postgres

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"unicode"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// copySettings gives the settings on which the text form of values depends. Sessions that copy
// out and sessions that copy in have the same.
func copySettings() map[string]string {
	return map[string]string{
		"row_security":                "off",
		"datestyle":                   "ISO",
		"intervalstyle":               "postgres",
		"extra_float_digits":          "3",
		"search_path":                 "",
		"bytea_output":                "hex",
		"timezone":                    "UTC",
		"xmloption":                   "content",
		"xmlbinary":                   "base64",
		"lc_monetary":                 "C",
		"array_nulls":                 "on",
		"standard_conforming_strings": "on",
		"quote_all_identifiers":       "off",
		"transform_null_equals":       "off",
	}
}

// guardSettings keeps what a role or a database may have set from ending or twisting a run.
func guardSettings() map[string]string {
	return map[string]string{
		"statement_timeout":                   "0",
		"lock_timeout":                        "0",
		"idle_in_transaction_session_timeout": "0",
		"default_transaction_read_only":       "off",
		"default_transaction_deferrable":      "off",
		"default_transaction_isolation":       "read committed",
		"synchronize_seqscans":                "off",
		"default_tablespace":                  "",
		"default_table_access_method":         "heap",
		"exit_on_error":                       "off",
	}
}

// toolSettings gives what the sessions of pg_dump and pg_restore have besides what these set by
// themselves: values in definitions, like the default of a column, are texts too.
func toolSettings() map[string]string {
	all := copySettings()
	delete(all, "search_path") // they set it, each as it needs it
	maps.Copy(all, guardSettings())
	maps.Copy(all, quietSettings())
	return all
}

// startupSettings are sent with the connection, so that they win over role and database.
func startupSettings() map[string]string {
	all := copySettings()
	maps.Copy(all, guardSettings())
	all["application_name"] = applicationName
	all["client_encoding"] = "UTF8"
	maps.Copy(all, quietSettings())
	return all
}

// quietSettings keep the server from saying what nobody reads, and from compiling small queries.
func quietSettings() map[string]string {
	return map[string]string{"client_min_messages": "warning", "jit": "off"}
}

const applicationName = "holdfast"

// laterSettings are those that older servers do not know.
func laterSettings(num int) map[string]string {
	later := map[string]string{}
	if num >= 140000 {
		later["idle_session_timeout"] = "0"
	}
	if num >= 170000 {
		later["transaction_timeout"] = "0"
	}
	return later
}

// settle sets what could not be sent with the connection.
//
// Statements are sent in UTF-8 whatever the database's encoding; COPY names the encoding of its
// data itself. A database in SQL_ASCII converts nothing, there names are sent as they are.
func settle(ctx context.Context, conn *pgx.Conn) error {
	_, num := serverVersion(conn)
	var text strings.Builder
	for name, value := range laterSettings(num) {
		fmt.Fprintf(&text, "SET %s = '%s';", name, value)
	}
	if databaseEncoding(conn) == "SQL_ASCII" {
		text.WriteString("SET client_encoding = 'SQL_ASCII';")
	}
	if text.Len() == 0 {
		return nil
	}
	return execute(ctx, conn, text.String())
}

// watchClient makes the server look every ten seconds whether the client of a long statement is
// still there. Servers before 14, and some platforms, cannot: false.
func watchClient(ctx context.Context, conn *pgx.Conn) (bool, error) {
	if _, num := serverVersion(conn); num < 140000 {
		return false, nil
	}
	err := execute(ctx, conn, "SET client_connection_check_interval = '10s'")
	if _, refused := errors.AsType[*pgconn.PgError](err); refused {
		return false, nil
	}
	return err == nil, err
}

// encodeText gives text in an encoding of the server's.
func encodeText(ctx context.Context, conn *pgx.Conn, text, encoding string) (string, error) {
	isPlain := !strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII })
	if isPlain || encoding == "UTF8" || encoding == "SQL_ASCII" {
		return text, nil
	}
	var encoded []byte
	err := conn.QueryRow(ctx, "SELECT convert_to($1, $2)", text, encoding).Scan(&encoded)
	return string(encoded), err
}

// execute runs one or more statements without arguments in one message.
func execute(ctx context.Context, conn *pgx.Conn, sql string) error {
	_, err := conn.PgConn().Exec(ctx, sql).ReadAll()
	return err
}

// databaseEncoding gives the name of the database's encoding, as COPY's ENCODING option takes it.
func databaseEncoding(conn *pgx.Conn) string {
	return conn.PgConn().ParameterStatus("server_encoding")
}

// serverVersion gives the version as text and as a number: "15.18", 150018.
// The text of a development version is kept: "18beta1", 180000.
func serverVersion(conn *pgx.Conn) (text string, num int) {
	return parseVersion(conn.PgConn().ParameterStatus("server_version"))
}

// parseVersion reads the first word of what servers and tools say of themselves.
func parseVersion(s string) (text string, num int) {
	fields := strings.Fields(s)
	if len(fields) == 0 {
		return "", 0
	}
	text = fields[0]
	major, rest := leadingNumber(text)
	minor := 0
	if after, ok := strings.CutPrefix(rest, "."); ok {
		minor, _ = leadingNumber(after)
	}
	return text, major*10000 + minor
}

// leadingNumber splits s after its leading digits.
func leadingNumber(s string) (n int, rest string) {
	end := 0
	for end < len(s) && s[end] >= '0' && s[end] <= '9' {
		end++
	}
	n, _ = strconv.Atoi(s[:end]) // no digits: 0
	return n, s[end:]
}

// quoteIdent quotes a name for use in a statement, whatever is in it.
func quoteIdent(name string) string {
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// quoteName quotes a schema-qualified name.
func quoteName(schema, name string) string {
	return quoteIdent(schema) + "." + quoteIdent(name)
}

// quoteLiteral quotes a text for use in a statement; standard_conforming_strings is on.
func quoteLiteral(text string) string {
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}
