package postgres

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"holdfast/backup"
	"holdfast/backup/postgres/pgcompare"
)

// picture paints a database.
func (b *bench) picture(database string) pgcompare.Picture {
	b.t.Helper()
	conn := b.open(database)
	defer closeConn(conn)
	picture, err := pgcompare.Fingerprint(b.ctx(), conn)
	if err != nil {
		b.t.Fatal(err)
	}
	return picture
}

// exception is a difference that a restore cannot help, because pg_dump does not carry it.
type exception struct {
	pattern string // of the line that Diff gives
	reason  string
}

func exceptions() []exception {
	return []exception{
		{`^pg_attribute kinds\.adopted\.\w+: attnum:`, "CREATE TABLE … INHERITS puts the columns of the parents first, ALTER TABLE … INHERIT had not"},
		{`^missing: pg_description (function|cast|type) .*(span|many_spans)`, "pg_dump comments on what a statement of its own makes; these come with a range type"},
		{`^missing: pg_description (table column|view column|index|table constraint) .*public\.ext_`, "the parts of an extension's member are the extension's"},
		{`^missing: pg_description table constraint deferred on kinds\.self$`, "a constraint trigger is dumped as a trigger, its constraint comes with it"},
		{`^missing: pg_description table constraint parent_a_check on kinds\.(grand)?kid$`, "an inherited constraint comes with the parent's"},
		{`^missing: pg_description table constraint refers_id_at_fkey`, "the constraints of partitions come with the partitioned table's"},
		{`^rights of the system's pg_(class|namespace) information_schema`, "pg_dump carries rights of pg_catalog, but not of information_schema"},
	}
}

// equal fails the test for each difference between two pictures that is no exception.
func equal(t *testing.T, want, got pgcompare.Picture, known ...exception) {
	t.Helper()
	lines := pgcompare.Diff(want, got)
	for _, exception := range known {
		pattern, all := regexp.MustCompile(exception.pattern), len(lines)
		lines = slices.DeleteFunc(lines, pattern.MatchString)
		if len(lines) == all {
			t.Errorf("there is no such difference any more: %s", exception.pattern)
		}
	}
	for _, line := range lines[:min(len(lines), 60)] {
		t.Error(line)
	}
	if len(lines) > 60 {
		t.Errorf("and %d more", len(lines)-60)
	}
}

// databaseProps is what the database of all kinds has from outside.
func databaseProps(name string, labels bool) []string {
	sql := append(props(name), `GRANT CREATE, TEMPORARY ON DATABASE `+name+` TO staff WITH GRANT OPTION`,
		`ALTER ROLE "ro""le näme" IN DATABASE `+name+` SET search_path = 'a, b', "c""d", 'e''f'`)
	if labels {
		sql = append(sql, `SECURITY LABEL FOR "holdfast test" ON DATABASE `+name+` IS 'a database'`)
	}
	for i := range sql {
		sql[i] = strings.ReplaceAll(sql[i], "other", "staff")
	}
	return sql
}

// notCarried names the files of objects that these client tools cannot bring into this server.
func notCarried(t *testing.T, s *Server) []string {
	t.Helper()
	tools, err := s.tools(sharedMajor(t))
	if err != nil {
		t.Fatal(err)
	}
	if tools.Major >= 16 && sharedMajor(t) < 16 {
		return []string{"subscriptions"} // pg_dump names options of subscriptions that came with 16
	}
	return nil
}

// TestObjects restores a database with an object of every kind that pg_dump carries, and looks
// for differences in all catalogs and all rows.
func TestObjects(t *testing.T) {
	s := startObjectServer(t)
	s.build("live", notCarried(t, s.Server)...)
	s.run("template1", databaseProps("live", s.labels)...)
	want := s.picture("live")
	t.Logf("%d objects on PostgreSQL %d, security labels: %v", len(want), sharedMajor(t), s.labels)

	m, parts := s.capture("live")
	equal(t, want, s.picture("live"))
	if err := s.Prepare(t.Context(), s.sb, m); err != nil {
		t.Fatal(err)
	}
	job := s.job("shadow")
	s.fill(job, m, parts)
	if err := s.Reread(t.Context(), job, m, nil); err != nil {
		t.Error(err)
	}
	swap := backup.SwapJob{Sandbox: s.sb, Run: job.Run, Live: "restored", Shadow: "shadow", Props: &m.Database}
	if err := s.Swap(t.Context(), swap, func(backup.Stage) error { return nil }); err != nil {
		t.Fatal(err)
	}
	equal(t, want, s.picture("restored"), exceptions()...)
	for rest, leaf := range []string{"hashed_0", "hashed_1", "hashed_2_d"} {
		if got := s.text("restored", fmt.Sprintf("SELECT count(*) FROM kinds.%s WHERE NOT satisfies_hash_partition('kinds.hashed'::regclass, 3, %d, m)", leaf, rest)); got != "0" {
			t.Errorf("%s has %s rows that belong elsewhere", leaf, got)
		}
	}
}

// The server drops no database that has subscriptions, and people keep event triggers that
// refuse things: a shadow with both must not stay for ever.
func TestObjectsAreDroppedWithTheirDatabase(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	if len(notCarried(t, b.Server)) > 0 {
		t.Skip("these client tools do not bring subscriptions into this server")
	}
	b.fresh("live", words()...)
	b.run("live", `CREATE SUBSCRIPTION sub CONNECTION 'host=127.0.0.1 port=1 dbname=nowhere' PUBLICATION p WITH (connect = false, slot_name = 'theirs')`,
		`CREATE FUNCTION veto() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION $$no$$; END'`, `CREATE EVENT TRIGGER veto ON ddl_command_start EXECUTE FUNCTION veto()`)
	defer b.run("live", `DROP EVENT TRIGGER veto`, `ALTER SUBSCRIPTION sub SET (slot_name = NONE)`, `DROP SUBSCRIPTION sub`)
	m, parts := b.capture("live")
	job := b.job("shadow")
	b.fill(job, m, parts)
	if got := b.text("template1", `SELECT count(*) FROM pg_subscription`); got != "2" {
		t.Fatalf("%s subscriptions", got)
	}
	if err := b.DropOurs(t.Context(), b.sb, "shadow"); err != nil {
		t.Fatal(err)
	}
	b.onlyLive(t)
	hurt := cloneManifest(m)
	hurt.Sequences[0].Last++ // found after everything was restored
	wantKind(t, b.Fill(t.Context(), b.job("shadow"), hurt, parts, nil), backup.Damaged)
	b.onlyLive(t)
}
