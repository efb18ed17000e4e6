package postgres

import (
	"strings"
	"testing"
)

// twisted are settings that change how values read, how long things may take, or where they go.
func twisted(major int) []string {
	all := []string{
		"default_transaction_read_only = on", "default_transaction_isolation = serializable", "default_transaction_deferrable = on",
		"statement_timeout = 1", "lock_timeout = 1", "idle_in_transaction_session_timeout = 1",
		"search_path = nowhere, pg_temp", "DateStyle = 'SQL, DMY'", "IntervalStyle = sql_standard", "row_security = on", "TimeZone = 'Asia/Kathmandu'",
		"bytea_output = escape", "extra_float_digits = -15", "lc_monetary = 'C.UTF-8'", "client_encoding = LATIN1", "client_min_messages = debug1",
		"session_replication_role = replica", "default_tablespace = elsewhere", "check_function_bodies = on", "array_nulls = off",
		"standard_conforming_strings = off", "escape_string_warning = on", "backslash_quote = off", "quote_all_identifiers = on", "transform_null_equals = on",
		"xmloption = document", "xmlbinary = hex", "synchronize_seqscans = on", "exit_on_error = on", "application_name = other",
		"enable_seqscan = off", "jit_above_cost = 0", "default_table_access_method = nothing", "temp_tablespaces = elsewhere",
	}
	if major >= 14 {
		all = append(all, "idle_session_timeout = '20s'", "default_toast_compression = pglz")
	}
	if major >= 17 {
		all = append(all, "transaction_timeout = '20s'", "event_triggers = off")
	}
	return all
}

// textsSQL is a database whose definitions and values have texts that settings change.
func textsSQL() []string {
	return []string{
		`CREATE TABLE "größe🦊" (id int PRIMARY KEY, b bytea DEFAULT '\x00ff5c', m money DEFAULT 1234.5::money, f float8 DEFAULT 0.1234567890123456789,
			d timestamptz DEFAULT '2026-02-03 04:05:06+07', i interval DEFAULT '-1 year 2 days -3 hours', a text[] DEFAULT '{NULL,x}', t text DEFAULT E'back\\slash', x xml)`,
		`INSERT INTO "größe🦊" (id, f, x) SELECT g, 1.0 / g, 'no <b>document</b>' FROM generate_series(1, 500) g`,
		`CREATE TABLE parted (d timestamptz) PARTITION BY RANGE (d)`, `CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2026-01-02') TO ('2027-01-02')`,
		`INSERT INTO parted VALUES ('2026-05-05 05:05:05.123456+05')`,
		`CREATE VIEW v AS SELECT id, b = '\x5c' AS same, a IS NULL AS empty FROM "größe🦊" WHERE d > '2026-01-01' AND t <> E'\\'`,
		`CREATE FUNCTION later() RETURNS int LANGUAGE sql AS 'SELECT x FROM never_there'`,
		`CREATE TABLE refers (id int REFERENCES "größe🦊")`, `INSERT INTO refers SELECT 7`, `CREATE MATERIALIZED VIEW mv AS SELECT * FROM v`,
	}
}

// TestSettingsDoNotLeak sets everything at once on the role and on the database.
func TestSettingsDoNotLeak(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.fresh("live", append([]string{"SET check_function_bodies = off"}, textsSQL()...)...)
	plain, parts := b.capture("live")
	b.restore(plain, parts)
	want := b.dump("live")
	b.run("template1", "DROP DATABASE restored")

	b.run("template1", "CREATE ROLE twisted SUPERUSER LOGIN")
	for _, setting := range twisted(b.major()) {
		b.run("template1", "ALTER ROLE twisted SET "+setting, "ALTER DATABASE live SET "+setting, "ALTER ROLE twisted IN DATABASE live SET "+setting)
	}
	odd := *b
	odd.sb.Connection.User = "twisted"
	p, err := odd.Preflight(t.Context(), odd.sb)
	if err != nil || len(besideTools(p.Warnings)) > 0 {
		t.Errorf("%q %v", p.Warnings, err)
	}
	odd.ownTimeouts()
	m, parts := odd.capture("live")
	sameRows(t, plain, m)
	if len(m.Database.Settings) != 2*len(twisted(b.major())) {
		t.Errorf("%d settings are recorded", len(m.Database.Settings))
	}
	odd.failsAndGoesOn()
	odd.restore(m, parts)
	b.run("template1", "ALTER DATABASE restored RESET ALL", "ALTER ROLE twisted IN DATABASE restored RESET ALL", "ALTER DATABASE live RESET ALL")
	got := b.dump("restored")
	same(t, want, got)
	if !strings.Contains(strings.Join(got, ""), "never_there") {
		t.Error("the function is not there")
	}
}

// ownTimeouts looks at what the server cannot be told with the connection, and so is not so
// short in the test that it would show by itself.
func (b *bench) ownTimeouts() {
	b.t.Helper()
	conn, err := b.connect(b.ctx(), b.sb, "live")
	if err != nil {
		b.t.Fatal(err)
	}
	defer closeConn(conn)
	tool, err := b.child(b.ctx(), b.sb, "live", "pg_dump", nil).probe()
	if err != nil {
		b.t.Fatal(err)
	}
	for name := range laterSettings(b.major() * 10000) {
		var value string
		if err := conn.QueryRow(b.ctx(), "SELECT current_setting($1)", name).Scan(&value); err != nil || value != "0" {
			b.t.Errorf("%s is %s (%v)", name, value, err)
		}
		if !strings.Contains(strings.Join(tool, " "), "-c "+name+"=0") {
			b.t.Errorf("the client tools have no %s: %q", name, tool)
		}
	}
}

// failsAndGoesOn has a statement fail that may: the session must outlive it.
func (b *bench) failsAndGoesOn() {
	b.t.Helper()
	a := b.mustAdmin()
	defer a.close()
	if err := a.execute(b.ctx(), "BEGIN"); err != nil {
		b.t.Fatal(err)
	}
	if reason, err := a.try(b.ctx(), []string{"SELECT 1 / 0"}); err != nil || reason == "" {
		b.t.Errorf("%q %v", reason, err)
	}
}
