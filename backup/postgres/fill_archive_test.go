package postgres

import (
	"strings"
	"testing"
)

const timeoutSaid = `pg_restore: while INITIALIZING:
pg_restore: error: could not execute query: ERROR:  unrecognized configuration parameter "transaction_timeout"
Command was: SET transaction_timeout = 0;


`

// mixedSaid was seen on a busy machine.
const mixedSaid = `pg_restore:pg_restore: pg_restore:error:   could not execute query: ERROR:  unrecognized configuration parameter "transaction_timeout"
Command was: SET transaction_timeout = 0;
error: error: could not execute query: ERROR:  unrecognized configuration parameter "transaction_timeout"
Command was: SET transaction_timeout = 0;
could not execute query: ERROR:  unrecognized configuration parameter "transaction_timeout"
Command was: SET transaction_timeout = 0;
`

func TestOnlyTheOneKnownErrorIsForgiven(t *testing.T) {
	warning := func(n string) string { return "pg_restore: warning: errors ignored on restore: " + n + "\n" }
	cases := []struct {
		name, said string
		forgiven   bool
	}{
		{"once", timeoutSaid + warning("1"), true},
		{"for each worker", strings.Repeat(timeoutSaid, 3) + warning("3"), true},
		{"in German", strings.Replace(timeoutSaid, `ERROR:  unrecognized configuration parameter "transaction_timeout"`, `FEHLER:  unbekannter Konfigurationsparameter »transaction_timeout«`, 1) + warning("1"), true},
		{"nothing", "", false},
		{"with the words of three sessions mixed", mixedSaid + warning("2"), true},
		{"with another error mixed in", strings.Replace(mixedSaid, "error: error:", "error: could not execute query: ERROR:  oh\nerror:", 1) + warning("2"), false},
		{"with a warning", "WARNING:  wal_level is insufficient to publish logical changes\nHINT:  Set wal_level to \"logical\" before creating subscriptions.\n" + timeoutSaid + warning("1"), true},
		{"with an error after a warning", "WARNING:  oh\npg_restore: error: could not execute query: ERROR:  oh\n" + timeoutSaid + warning("1"), false},
		{"another command", strings.Replace(timeoutSaid, "Command was: SET", "Command was: CREATE TABLE t (); SET", 1) + warning("1"), false},
		{"a type of that name", "pg_restore: error: could not execute query: ERROR:  type \"transaction_timeout\" does not exist\nCommand was: CREATE TABLE t (a transaction_timeout);\n" + warning("1"), false},
		{"another error", timeoutSaid + "pg_restore: error: could not execute query: ERROR:  type \"x\" does not exist\nCommand was: CREATE TABLE t (a x);\n" + warning("2"), false},
		{"a forged error", "pg_restore: error: could not execute query: ERROR:  oh\nCommand was: COMMENT ON TABLE t IS '\n" + timeoutSaid + "';\n" + warning("1"), false},
		{"cut", timeoutSaid + "\n… 12 bytes left out …\n" + warning("1"), false},
		{"lost connection", timeoutSaid + "pg_restore: error: could not execute query: server closed the connection unexpectedly\n" + warning("1"), false},
	}
	for _, c := range cases {
		if got := onlyTimeoutError(c.said); got != c.forgiven {
			t.Errorf("%s: forgiven is %v", c.name, got)
		}
	}
}

func TestChooseEventTriggers(t *testing.T) {
	list := `;
; Archive created at 2026-01-01
3123; 2606 16399 CONSTRAINT public t t_pkey owner
3124; 3466 16400 EVENT TRIGGER - on ddl owner
4000; 0 0 COMMENT - EVENT TRIGGER "on ddl" owner
4001; 0 0 COMMENT public TABLE "EVENT TRIGGER " owner
3125; 0 16390 MATERIALIZED VIEW DATA public mv owner
`
	events, others := choose(list, true), choose(list, false)
	if events != "3124; 3466 16400 EVENT TRIGGER - on ddl owner\n4000; 0 0 COMMENT - EVENT TRIGGER \"on ddl\" owner\n" {
		t.Errorf("event triggers: %s", events)
	}
	if strings.Count(others, "\n") != 3 || strings.Contains(others, "- EVENT") {
		t.Errorf("others: %s", others)
	}
}

func TestAvailableMemory(t *testing.T) {
	if got := availableMemory("MemTotal: 9 kB\nMemAvailable:    2048 kB\n"); got != 2<<20 {
		t.Error(got)
	}
	if got := availableMemory("what"); got != indexMemory {
		t.Error(got)
	}
	if got := buildMemory(1 << 30); got != indexMemoryMin>>10 {
		t.Error(got)
	}
}

func TestServersOwnTroubleIsNotBlamedOnTheDatabase(t *testing.T) {
	cases := []struct{ name, said, hint string }{
		{"a full disk", `pg_restore: error: could not execute query: ERROR:  could not write to file "base/pgsql_tmp/pgsql_tmp1.0": No space left on device` + "\nCommand was: ALTER TABLE ONLY public.t ADD CONSTRAINT t_pkey PRIMARY KEY (id);\n", serverRemedy},
		{"a full disk, in German, and after what is forgiven", timeoutSaid + "pg_restore: error: could not execute query: FEHLER:  konnte Datei »base/5/1« nicht erweitern\nCommand was: CREATE INDEX i ON t (x);\n", serverRemedy},
		{"a restart", "pg_restore: error: could not execute query: server closed the connection unexpectedly\nCommand was: CREATE INDEX i ON t (x);\n", serverRemedy},
		{"rows that stand twice", "pg_restore: error: could not execute query: ERROR:  could not create unique index \"i\"\nDETAIL:  Key (v)=(1) is duplicated.\nCommand was: CREATE UNIQUE INDEX i ON t (v) WHERE v <> 'base/1';\n", uniqueness},
	}
	for _, c := range cases {
		if got := toolHint(c.said); got != c.hint {
			t.Errorf("%s: %q", c.name, got)
		}
	}
}
