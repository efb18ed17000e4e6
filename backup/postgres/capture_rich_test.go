package postgres

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"holdfast/backup"
	"holdfast/backup/pgarchive"

	"github.com/google/go-cmp/cmp"
)

// hostileNames are names that break what is not quoted with care.
func hostileNames() []string {
	return []string{
		`quo"te`, "new\nline", "emoji🦊", "-dash", "../../etc/passwd", `back\slash`, "per%cent",
		"semi;colon", "a.b", "a|b", "(par)", "star*", "que?", "$dollar$1", "[ab]", "Über", "tab\there",
		"', 7, false); DROP TABLE x; --", strings.Repeat("n", 63), strings.Repeat("ö", 31) + "x", "select", "Upper",
	}
}

func richSQL() []string {
	sql := []string{
		`CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')`,
		`CREATE TABLE plain(id serial PRIMARY KEY, t text, b bytea, j jsonb, u uuid, n numeric, f float8, d timestamptz, i interval, m money, a text[], k mood, x xml)`,
		`INSERT INTO plain(t, b, j, u, n, f, d, i, m, a, k, x) SELECT CASE WHEN g % 7 = 0 THEN NULL ELSE E'line\n\ttab\\ ' || g END,
			decode(md5(g::text), 'hex'), jsonb_build_object('n', g, 'z', null), md5(g::text)::uuid, g / 7.0, g / 3.0::float8,
			'2026-01-01 12:00+03'::timestamptz + g * '1 day'::interval, g * '1 month 2 days 3 hours'::interval, g::int::money, ARRAY['a', NULL, 'c' || g], 'ok', '<a/>'
			FROM generate_series(1, 500) g`,
		`INSERT INTO plain(f) VALUES ('NaN'), ('Infinity'), ('-Infinity')`,
		`CREATE TABLE gone(a int, b int, c int)`, `INSERT INTO gone VALUES (1, 2, 3)`,
		`ALTER TABLE gone DROP COLUMN b`, `ALTER TABLE gone ADD COLUMN d text DEFAULT 'late'`,
		`CREATE TABLE made(a int, twice int GENERATED ALWAYS AS (a * 2) STORED, id bigint GENERATED ALWAYS AS IDENTITY)`, `INSERT INTO made(a) SELECT generate_series(1, 9)`,
		`CREATE TABLE onlymade(twice int GENERATED ALWAYS AS (2) STORED)`, `INSERT INTO onlymade DEFAULT VALUES`,
		`CREATE TABLE nothing()`, `INSERT INTO nothing DEFAULT VALUES`, `INSERT INTO nothing DEFAULT VALUES`,
		`CREATE TABLE parted(id int, at date) PARTITION BY RANGE (at)`,
		`CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')`,
		`CREATE TABLE parted_2 PARTITION OF parted DEFAULT PARTITION BY LIST (id)`, `CREATE TABLE parted_2x PARTITION OF parted_2 DEFAULT`,
		`INSERT INTO parted SELECT g, '2026-01-20'::date + g FROM generate_series(1, 40) g`,
		`CREATE TABLE hashed(k mood, n int) PARTITION BY HASH (k)`,
		`CREATE TABLE hashed_0 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0)`, `CREATE TABLE hashed_1 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 1)`,
		`INSERT INTO hashed SELECT k, n FROM unnest(enum_range(NULL::mood)) k, generate_series(1, 5) n`,
		`CREATE TABLE parent(a int)`, `CREATE TABLE kid(b int) INHERITS (parent)`, `INSERT INTO parent VALUES (1)`, `INSERT INTO kid VALUES (2, 3)`,
		`CREATE UNLOGGED TABLE quick(a int)`, `INSERT INTO quick VALUES (1)`,
		`CREATE SEQUENCE called`, `SELECT setval('called', 41, true)`, `CREATE SEQUENCE uncalled MINVALUE -9223372036854775808 START -5`, `SELECT setval('uncalled', -9223372036854775808, false)`,
		`CREATE MATERIALIZED VIEW seen AS SELECT count(*) AS n FROM plain`,
		`CREATE VIEW looked AS SELECT id FROM plain`,
		`SELECT lo_from_bytea(4000000001, 'above two to the thirty-first'), lo_from_bytea(77777, ''), lo_from_bytea(77778, decode(repeat('00ff0a5c', 20000), 'hex'))`,
		`COMMENT ON LARGE OBJECT 77778 IS 'big'`, `CREATE TABLE holder(o oid)`, `INSERT INTO holder VALUES (77778)`,
		`CREATE EXTENSION citext`, `CREATE TABLE ours(a citext, builtin bool)`, `INSERT INTO ours VALUES ('kept', false), ('not kept', true)`,
		`ALTER EXTENSION citext ADD TABLE ours`,
		`CREATE TABLE inner_(a int)`, `INSERT INTO inner_ VALUES (1)`, `ALTER EXTENSION citext ADD TABLE inner_`,
		`UPDATE pg_extension SET extconfig = ARRAY['ours'::regclass::oid], extcondition = ARRAY['WHERE NOT builtin'] WHERE extname = 'citext'`,
		`COMMENT ON DATABASE rich IS 'a ''rich'' one'`, `ALTER DATABASE rich SET work_mem = '8MB'`,
		`GRANT CONNECT ON DATABASE rich TO PUBLIC`, `ALTER ROLE postgres IN DATABASE rich SET search_path = 'a, b', "c"`,
		`CREATE SCHEMA "we""ird."`,
	}
	for i, name := range hostileNames() {
		sql = append(sql, fmt.Sprintf("CREATE TABLE %s(id serial, %s int)", quoteIdent(name), quoteIdent("c"+name)),
			fmt.Sprintf("INSERT INTO %s(%s) VALUES (%d)", quoteIdent(name), quoteIdent("c"+name), i),
			fmt.Sprintf("CREATE TABLE %s(a int)", quoteName(`we"ird.`, name)))
	}
	return sql
}

// TestCaptureHoldsEverything captures one of each kind and restores it with stock tools only.
func TestCaptureHoldsEverything(t *testing.T) {
	t.Parallel()
	sb := testDatabase(t, "rich", richSQL()...)
	m, parts := mustCapture(t, testServer(), sb)
	noneLeft(t)
	t.Run("rows", func(t *testing.T) { checkRichRows(t, m, parts) })
	t.Run("sequences", func(t *testing.T) { checkRichSequences(t, sb, m) })
	t.Run("database", func(t *testing.T) { checkRichDatabase(t, m) })
	t.Run("stock restore", func(t *testing.T) { checkStockRestore(t, sb, m, parts) })
}

func checkRichRows(t *testing.T, m *backup.Manifest, parts *shelf) {
	for _, c := range []struct {
		name string
		want []string
	}{
		{"gone", []string{"1\t3\tlate\n"}},
		{"nothing", []string{"\n", "\n"}},
		{"onlymade", []string{"\n"}},
		{"parent", []string{"1\n"}},
		{"kid", []string{"2\t3\n"}},
		{"quick", []string{"1\n"}},
		{"ours", []string{"kept\tf\n"}},
	} {
		if diff := cmp.Diff(c.want, rowsOf(t, m, parts, "public", c.name)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
	for i, name := range hostileNames() {
		if diff := cmp.Diff([]string{fmt.Sprintf("1\t%d\n", i)}, rowsOf(t, m, parts, "public", name)); diff != "" {
			t.Errorf("%q: %s", name, diff)
		}
		tableOf(t, m, `we"ird.`, name)
	}
	for _, table := range m.Tables {
		if table.Name == "inner_" || strings.HasPrefix(table.Schema, "pg_") || table.Name == "parted" {
			t.Errorf("%s has no rows of its own to keep", table.Name)
		}
		wantRoot := table.Name == "hashed_0" || table.Name == "hashed_1"
		if (table.Root != nil) != wantRoot || wantRoot && *table.Root != (backup.Name{Schema: "public", Name: "hashed"}) {
			t.Errorf("%s has the root %v", table.Name, table.Root)
		}
	}
	if ours := tableOf(t, m, "public", "ours"); ours.Extension != "citext" || ours.Condition != "WHERE NOT builtin" {
		t.Errorf("extension table: %+v", ours)
	}
	if n := tableOf(t, m, "public", "plain").Rows; n != 503 {
		t.Errorf("plain has %d rows", n)
	}
}

func checkRichSequences(t *testing.T, sb backup.Sandbox, m *backup.Manifest) {
	want := map[string]backup.Sequence{
		"called":       {Schema: "public", Name: "called", Last: 41, IsCalled: true},
		"uncalled":     {Schema: "public", Name: "uncalled", Last: -9223372036854775808, IsCalled: false},
		"plain_id_seq": {Schema: "public", Name: "plain_id_seq", Last: 503, IsCalled: true},
		"made_id_seq":  {Schema: "public", Name: "made_id_seq", Last: 9, IsCalled: true},
	}
	found := 0
	for _, s := range m.Sequences {
		if w, ok := want[s.Name]; ok {
			found++
			if s != w {
				t.Errorf("%+v, want %+v", s, w)
			}
		}
	}
	if found != len(want) {
		t.Errorf("%d of %d sequences found", found, len(want))
	}
	if n := ask(t, sb, "SELECT count(*) FROM pg_class WHERE relkind = 'S'"); n != fmt.Sprint(len(m.Sequences)) {
		t.Errorf("%d sequences in the manifest, %s in the database", len(m.Sequences), n)
	}
	if m.LargeObjects.Count != 3 || m.LargeObjects.Bytes != 80029 || len(m.LargeObjects.Parts) == 0 {
		t.Errorf("large objects: %+v", m.LargeObjects)
	}
}

func checkRichDatabase(t *testing.T, m *backup.Manifest) {
	comment := "a 'rich' one"
	want := backup.Database{
		Name: "rich", Owner: "postgres", Encoding: "UTF8", Collate: "C", Ctype: "C", Provider: "c", Tablespace: "pg_default", ConnectionLimit: -1,
		Comment: &comment, Grants: m.Database.Grants,
		Settings: []backup.Setting{{Name: "work_mem", Value: "8MB"}, {Role: "postgres", Name: "search_path", Value: `"a, b", c`}},
		Labels:   []backup.Label{},
	}
	if diff := cmp.Diff(want, m.Database); diff != "" {
		t.Error(diff)
	}
	if !slices.Contains(m.Database.Grants, backup.Grants{Privilege: "CONNECT", Grantor: "postgres"}) || len(m.Database.Grants) != 5 {
		t.Errorf("grants: %+v", m.Database.Grants)
	}
	if diff := cmp.Diff([]string{"citext", "plpgsql"}, m.Extensions); diff != "" {
		t.Error(diff)
	}
	if m.Captured.IsZero() || m.Captured.Location().String() != "UTC" {
		t.Errorf("captured %v", m.Captured)
	}
}

// checkStockRestore uses pg_restore and COPY only, as RESTORE.txt tells people to.
func checkStockRestore(t *testing.T, sb backup.Sandbox, m *backup.Manifest, parts *shelf) {
	archive := filepath.Join(t.TempDir(), "whole.dump")
	if err := os.WriteFile(archive, joined(m, parts), 0o600); err != nil {
		t.Fatal(err)
	}
	back := testDatabase(t, "rich_back")
	stockRestore(t, back, "--section=pre-data", archive)
	s := testServer()
	conn, err := s.connect(t.Context(), back, "rich_back")
	if err != nil {
		t.Fatal(err)
	}
	defer closeConn(conn)
	for _, table := range m.Tables {
		if table.Extension != "" || table.Part == "" {
			continue
		}
		_, statement := copyInSQL(&table, m.Database.Encoding)
		statement = strings.Replace(statement, "FREEZE, ", "", 1)
		if _, err := conn.PgConn().CopyFrom(t.Context(), bytes.NewReader(parts.parts[table.Part]), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	stockRestore(t, back, "--section=data", archive)
	stockRestore(t, back, "--section=post-data", archive)
	for _, query := range []string{
		"SELECT md5(string_agg(p::text, '|' ORDER BY id, f)) FROM public.plain p",
		"SELECT md5(string_agg(loid || ' ' || encode(data, 'hex'), '|' ORDER BY loid, pageno)) FROM pg_largeobject",
		"SELECT string_agg(obj_description(oid, 'pg_largeobject'), ',') FROM pg_largeobject_metadata",
		"SELECT last_value || ' ' || is_called FROM public.called", "SELECT last_value || ' ' || is_called FROM public.uncalled",
		"SELECT n FROM public.seen", "SELECT sum(twice) FROM public.made",
		"SELECT string_agg(h::text, '|' ORDER BY k, n) FROM public.hashed h",
		"SELECT string_agg(p::text, '|' ORDER BY id) FROM public.parted p",
	} {
		if want, got := ask(t, sb, query), ask(t, back, query); want != got {
			t.Errorf("%s: %s became %s", query, want, got)
		}
	}
}

// joined puts the archive together again.
func joined(m *backup.Manifest, parts *shelf) []byte {
	whole := slices.Clone(parts.parts[backup.PartTOC])
	for _, part := range m.LargeObjects.Parts {
		whole = append(whole, parts.parts[part]...)
	}
	return whole
}

// stockRestore runs pg_restore, which must not complain, except about the one setting that an
// older server does not know.
func stockRestore(t *testing.T, sb backup.Sandbox, args ...string) {
	t.Helper()
	s := testServer()
	tools, err := s.tools(sharedMajor(t))
	if err != nil {
		t.Fatal(err)
	}
	kid := s.child(t.Context(), sb, sb.Connection.Database, tools.Restore, append([]string{"--dbname=" + sb.Connection.Database}, args...))
	err = kid.run()
	known := strings.Contains(kid.stderr(), `"transaction_timeout"`) && strings.Contains(kid.stderr(), "errors ignored on restore: 1")
	if err != nil && !known {
		t.Fatal(kid.stderr())
	}
}

// TestSplitGivesBackTheInput compares what pg_dump wrote with what Split made of it.
func TestSplitGivesBackTheInput(t *testing.T) {
	t.Parallel()
	sb := testDatabase(t, "split", "SELECT lo_from_bytea(0, decode(repeat('0a5c00', g * 9000), 'hex')) FROM generate_series(1, 12) g", "CREATE TABLE t()")
	s := testServer()
	tools, err := s.tools(sharedMajor(t))
	if err != nil {
		t.Fatal(err)
	}
	var whole bytes.Buffer
	kid := s.child(t.Context(), sb, "split", tools.Dump, []string{"-Fc", "-Z0", "--exclude-table-data=public.t"})
	kid.stdout = &whole
	if err := kid.run(); err != nil {
		t.Fatal(err)
	}
	var again bytes.Buffer
	blocks := &joiner{to: &again}
	if _, err := pgarchive.Split(bytes.NewReader(whole.Bytes()), &again, blocks); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(whole.Bytes(), again.Bytes()) {
		t.Errorf("%d bytes became %d", whole.Len(), again.Len())
	}
	if blocks.sum.Count() != 12 || blocks.sum.Bytes() != 27000*78 {
		t.Errorf("%d objects with %d bytes", blocks.sum.Count(), blocks.sum.Bytes())
	}
}
