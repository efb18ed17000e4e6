package postgres

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"holdfast/backup"
)

// rich is a database with what is hard to bring back. Its event triggers raise when they fire
// during a restore.
func rich() []string {
	return []string{
		`CREATE EXTENSION hstore`,
		`CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')`,
		`CREATE DOMAIN positive AS int CHECK (VALUE > 0)`,
		`CREATE TABLE plain (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n positive, twice int GENERATED ALWAYS AS (n * 2) STORED, t text COLLATE "C", h hstore, m mood, b bytea, f float8, ts timestamptz, gone int)`,
		`ALTER TABLE plain DROP COLUMN gone`,
		`INSERT INTO plain (n, t, h, m, b, f, ts) SELECT i, repeat(md5(i::text), 1 + i % 9) || E'\t\\\n', hstore('k', i::text), 'ok', decode(md5(i::text), 'hex'), 1.0 / i, now() FROM generate_series(1, 20000) i`,
		`INSERT INTO plain (n, f) VALUES (1, 'NaN'), (2, 'infinity')`,
		`CREATE INDEX ON plain (t)`, `CREATE INDEX ON plain USING gist (h)`,
		`CREATE TABLE nothing ()`, `INSERT INTO nothing DEFAULT VALUES`, `INSERT INTO nothing DEFAULT VALUES`,
		`CREATE TABLE "we""ird ` + "\n" + ` näme🦀" ("co""l" int, "-x" text)`, `INSERT INTO "we""ird ` + "\n" + ` näme🦀" VALUES (1, 'a'), (2, NULL)`,
		`CREATE TABLE parent (a int)`, `CREATE TABLE kid (b int) INHERITS (parent)`, `INSERT INTO parent VALUES (1)`, `INSERT INTO kid VALUES (2, 3)`,
		`CREATE TABLE ranged (d date, v int) PARTITION BY RANGE (d)`,
		`CREATE TABLE ranged_1 PARTITION OF ranged FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')`,
		`CREATE TABLE ranged_2 PARTITION OF ranged FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')`,
		`INSERT INTO ranged SELECT '2020-01-01'::date + i, i FROM generate_series(0, 700) i`,
		`CREATE TABLE hashed (m mood, v int) PARTITION BY HASH (m)`,
		`CREATE TABLE hashed_0 PARTITION OF hashed FOR VALUES WITH (MODULUS 3, REMAINDER 0)`,
		`CREATE TABLE hashed_1 PARTITION OF hashed FOR VALUES WITH (MODULUS 3, REMAINDER 1)`,
		`CREATE TABLE hashed_2 PARTITION OF hashed FOR VALUES WITH (MODULUS 3, REMAINDER 2)`,
		`INSERT INTO hashed SELECT (ARRAY['sad', 'ok', 'happy']::mood[])[1 + i % 3], i FROM generate_series(1, 900) i`,
		`CREATE TABLE egg (id int PRIMARY KEY, hen int)`, `CREATE TABLE hen (id int PRIMARY KEY, egg int REFERENCES egg DEFERRABLE)`,
		`INSERT INTO egg VALUES (1, 1)`, `INSERT INTO hen VALUES (1, 1)`,
		`ALTER TABLE egg ADD FOREIGN KEY (hen) REFERENCES hen`,
		`CREATE TABLE secret (id int, who text)`, `INSERT INTO secret VALUES (1, 'me')`,
		`ALTER TABLE secret ENABLE ROW LEVEL SECURITY`, `ALTER TABLE secret FORCE ROW LEVEL SECURITY`, `CREATE POLICY none ON secret USING (false)`,
		`CREATE UNLOGGED TABLE fleeting (a int)`, `INSERT INTO fleeting VALUES (7)`,
		`CREATE FUNCTION loud() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION $$a trigger fired$$; END'`,
		`CREATE TRIGGER t BEFORE INSERT ON egg FOR EACH ROW EXECUTE FUNCTION loud()`,
		`CREATE RULE r AS ON INSERT TO hen DO INSTEAD NOTHING`,
		`CREATE SEQUENCE lone START 5 INCREMENT -2 MINVALUE -100 MAXVALUE 10 CYCLE`, `SELECT nextval('lone')`, `SELECT nextval('lone')`,
		`CREATE SEQUENCE untouched START 77`,
		`CREATE MATERIALIZED VIEW mv AS SELECT count(*) c FROM plain`, `CREATE MATERIALIZED VIEW mv2 AS SELECT c + 1 AS d FROM mv`,
		`CREATE VIEW v AS SELECT * FROM mv2`,
		`CREATE STATISTICS st ON n, f FROM plain`,
		`CREATE PUBLICATION pub FOR TABLE plain`,
		`SELECT lo_from_bytea(424242, convert_to(repeat('large', 200000), 'UTF8'))`, `SELECT lo_from_bytea(424243, '')`, `SELECT lo_from_bytea(424244, 'small')`,
		`SELECT lo_put(lo_create(424245), 600000, 'after a hole')`,
		`COMMENT ON LARGE OBJECT 424242 IS 'a "large" one'`, `ALTER LARGE OBJECT 424244 OWNER TO staff`, `GRANT SELECT ON LARGE OBJECT 424244 TO guest`,
		`ALTER TABLE plain OWNER TO staff`, `GRANT SELECT (id) ON plain TO guest`, `GRANT ALL ON SCHEMA public TO guest`,
		`COMMENT ON TABLE plain IS 'it''s plain'`, `ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO guest`,
		`CREATE FUNCTION veto() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION $$an event trigger fired$$; END'`,
		`CREATE EVENT TRIGGER watch ON ddl_command_end WHEN TAG IN ('REFRESH MATERIALIZED VIEW', 'GRANT', 'ALTER TABLE', 'CREATE INDEX', 'COMMENT') EXECUTE FUNCTION veto()`,
	}
}

// props is what a database has from outside.
func props(name string) []string {
	return []string{
		`ALTER DATABASE ` + name + ` OWNER TO staff`,
		`COMMENT ON DATABASE ` + name + ` IS 'it''s the "shop"'`,
		`REVOKE ALL ON DATABASE ` + name + ` FROM PUBLIC`,
		`GRANT CONNECT ON DATABASE ` + name + ` TO guest WITH GRANT OPTION`,
		`SET ROLE guest`, `GRANT CONNECT ON DATABASE ` + name + ` TO other`, `RESET ROLE`,
		`ALTER DATABASE ` + name + ` CONNECTION LIMIT 40`,
		`ALTER DATABASE ` + name + ` SET search_path = "$user", public, "od""d"`,
		`ALTER DATABASE ` + name + ` SET default_transaction_read_only = on`,
		`ALTER DATABASE ` + name + ` SET my.text = 'it''s, "so"'`,
		`ALTER ROLE guest IN DATABASE ` + name + ` SET work_mem = '7MB'`,
	}
}

func (b *bench) roles() {
	b.t.Helper()
	b.run("template1", `CREATE ROLE staff`, `CREATE ROLE guest`, `CREATE ROLE other`)
}

func TestRoundTrip(t *testing.T) {
	b := startBench(t)
	b.roles()
	b.fresh("shop", rich()...)
	b.run("template1", props("shop")...)
	m, parts := b.capture("shop")
	if err := b.Prepare(t.Context(), b.sb, m); err != nil {
		t.Fatal(err)
	}
	job := b.job("copy of shop")
	var stages []string
	err := b.Fill(t.Context(), job, m, parts, func(p backup.Progress) {
		if !slices.Contains(stages, p.Stage) {
			stages = append(stages, p.Stage)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := b.strangers(); n != "0" {
		t.Errorf("%s sessions stayed", n)
	}
	if !slices.Contains(stages, "indexes") || stages[0] != "create" {
		t.Errorf("stages: %q", stages)
	}
	same(t, b.dump("shop"), b.dump("copy of shop"))
	if err := b.Reread(t.Context(), job, m, nil); err != nil {
		t.Error(err)
	}
	if got := b.text("copy of shop", "SELECT reltuples::bigint FROM pg_class WHERE relname = 'plain'"); got != "20002" {
		t.Errorf("statistics know %s rows", got)
	}
	if got := b.text("template1", "SELECT count(*) FROM pg_db_role_setting WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = 'copy of shop')"); got != "0" {
		t.Errorf("%s settings of the filling stayed", got)
	}
}

// breakage is a way in which a stored backup may be wrong.
type breakage struct {
	name  string
	words []string
	hurt  func(m *backup.Manifest, parts *shelf)
}

func breakages(m *backup.Manifest) []breakage {
	part := func(table string) string {
		i := slices.IndexFunc(m.Tables, func(t backup.Table) bool { return t.Name == table })
		return m.Tables[i].Part
	}
	flip := func(name string, at int, with byte) func(*backup.Manifest, *shelf) {
		return func(_ *backup.Manifest, parts *shelf) {
			parts.edit(name, func(text []byte) []byte { text[at] = with; return text })
		}
	}
	return []breakage{
		{"a letter in a row", []string{`"words"`}, flip(part("words"), 3, '#')},
		{"a letter where a number must be", []string{`"words"`}, flip(part("words"), 0, '#')},
		{"a row less", []string{`"words"`, "rows"}, func(_ *backup.Manifest, parts *shelf) {
			parts.edit(part("words"), func(text []byte) []byte { return text[bytes.IndexByte(text, '\n')+1:] })
		}},
		{"a part that is gone", []string{"not there"}, func(_ *backup.Manifest, parts *shelf) { delete(parts.parts, part("words")) }},
		{"another sequence", []string{`"counter"`}, func(m *backup.Manifest, _ *shelf) { m.Sequences[0].Last += 1 }},
		{"another number of large objects", []string{"large objects"}, func(m *backup.Manifest, _ *shelf) { m.LargeObjects.Count++ }},
		{"a large object's part that is gone", []string{"not there"}, func(m *backup.Manifest, parts *shelf) { delete(parts.parts, m.LargeObjects.Parts[0]) }},
	}
}

func words() []string {
	return []string{
		`CREATE TABLE words (id int PRIMARY KEY, w text)`, `INSERT INTO words SELECT i, 'word' || i FROM generate_series(1, 5000) i`,
		`CREATE TABLE more (id int)`, `INSERT INTO more SELECT generate_series(1, 5000)`,
		`CREATE SEQUENCE counter`, `SELECT nextval('counter')`,
		`SELECT lo_from_bytea(77, 'contents')`,
	}
}

// cloneManifest copies m deep enough to be hurt.
func cloneManifest(m *backup.Manifest) *backup.Manifest {
	c := *m
	c.Tables, c.Sequences = slices.Clone(m.Tables), slices.Clone(m.Sequences)
	return &c
}

func TestFill(t *testing.T) {
	b := startBench(t)
	b.fresh("live", words()...)
	m, parts := b.capture("live")
	before := b.dump("live")

	for _, c := range breakages(m) {
		t.Run("refuses "+c.name, func(t *testing.T) {
			b := b.with(t)
			hurt, stored := cloneManifest(m), parts.clone()
			c.hurt(hurt, stored)
			err := b.Fill(t.Context(), b.job("shadow"), hurt, stored, nil)
			wantKind(t, err, backup.Damaged, c.words...)
			b.onlyLive(t)
		})
	}
	t.Run("refuses a torn archive", func(t *testing.T) {
		b := b.with(t)
		stored := parts.clone()
		stored.edit(backup.PartTOC, func(text []byte) []byte { return text[:len(text)/2] })
		wantKind(t, b.Fill(t.Context(), b.job("shadow"), m, stored, nil), backup.Failed, "pg_restore")
		b.onlyLive(t)
	})
	t.Run("does not touch a database that is there", func(t *testing.T) {
		b := b.with(t)
		wantKind(t, b.Fill(t.Context(), b.job("live"), m, parts, nil), backup.Failed, "exists already")
		b.onlyLive(t)
	})
	for _, stage := range []string{"create", "definitions", "tables", "large objects", "indexes", "statistics", "compare", "event triggers", "tidy"} {
		t.Run("cancelled at "+stage, func(t *testing.T) {
			b := b.with(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			err := b.Fill(ctx, b.job("shadow"), m, parts, func(p backup.Progress) {
				if p.Stage == stage {
					cancel()
				}
			})
			wantKind(t, err, backup.Cancelled)
			b.onlyLive(t)
		})
	}
	t.Run("cancelled between two tables", func(t *testing.T) {
		b := b.with(t)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		err := b.Fill(ctx, b.job("shadow"), m, parts, func(p backup.Progress) {
			if p.TablesDone == 1 {
				cancel()
			}
		})
		wantKind(t, err, backup.Cancelled)
		b.onlyLive(t)
	})
	t.Run("sessions that are cut", func(t *testing.T) {
		b := b.with(t)
		err := b.Fill(t.Context(), b.job("shadow"), m, parts, func(p backup.Progress) {
			if p.TablesDone == 1 {
				b.run("template1", `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holdfast' AND pid <> pg_backend_pid()`)
			}
		})
		if err == nil {
			t.Error("no error")
		}
		b.onlyLive(t)
	})
	t.Run("another process with the same run", func(t *testing.T) {
		b := b.with(t)
		job := b.job("shadow")
		a := b.mustAdmin()
		defer a.close()
		if err := a.lock(t.Context(), job.Run); err != nil {
			t.Fatal(err)
		}
		wantKind(t, b.Fill(t.Context(), job, m, parts, nil), backup.Busy)
		a.close()
		b.onlyLive(t)
	})
	same(t, before, b.dump("live"))
}

func (b *bench) mustAdmin() *admin {
	b.t.Helper()
	a, err := b.admin(b.t.Context(), b.sb)
	if err != nil {
		b.t.Fatal(err)
	}
	return a
}

// onlyLive makes sure that neither a shadow nor a session of ours is left.
func (b *bench) onlyLive(t *testing.T) {
	t.Helper()
	if got := b.databases(); !slices.Equal(got, []string{"live"}) {
		t.Errorf("databases: %q", got)
	}
	b.eventually("no session of ours is left", func() bool { return b.strangers() == "0" })
}

func TestFillSweepsWhatKilledDrillsLeft(t *testing.T) {
	b := startBench(t)
	b.fresh("live", words()...)
	m, parts := b.capture("live")
	old := b.now() - int64(orphanAge.Seconds()) - 1
	orphan := func(name, home, purpose string, since int64, run backup.ID) {
		b.fresh(name)
		text, err := markSQL(name, mark{Kind: markShadow, Home: home, Run: string(run), Purpose: purpose, Since: since})
		if err != nil {
			t.Fatal(err)
		}
		b.run("template1", text)
	}
	lives := backup.NewID()
	orphan("orphan", b.Home, "drill", old, backup.NewID())
	orphan("young", b.Home, "drill", old+100, backup.NewID())
	orphan("of a restore", b.Home, "restore", old, backup.NewID())
	orphan("of another home", "other", "drill", old, backup.NewID())
	orphan("lives", b.Home, "drill", old, lives)
	a := b.mustAdmin()
	defer a.close()
	if err := a.lock(t.Context(), lives); err != nil {
		t.Fatal(err)
	}
	b.fill(b.job("shadow"), m, parts)
	want := []string{"live", "lives", "of a restore", "of another home", "shadow", "young"}
	if got := b.databases(); !slices.Equal(got, want) {
		t.Errorf("databases: %q", got)
	}
}

// hostile are names that break whatever builds statements, arguments or paths by gluing.
func hostile() []string {
	return []string{
		`quo"te'd`, "new\nline", "crab🦀", "-dash", "--version", "../pa/th", "a=b host=nowhere", `back\slash`, "%s $1 {}",
		strings.Repeat("x", 60) + "é", `postgres://h/d`, " space ",
	}
}

func TestHostileNames(t *testing.T) {
	b := startBench(t)
	b.fresh("plain", words()...)
	m, parts := b.capture("plain")
	for i, name := range hostile() {
		shadow, aside := backup.CutName(name, fmt.Sprint("_s", i)), backup.CutName(name, fmt.Sprint("_k", i))
		b.fresh(name)
		job := b.job(shadow)
		b.fill(job, m, parts)
		if err := b.Reread(t.Context(), job, m, nil); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		swap := backup.SwapJob{Sandbox: b.sb, Run: job.Run, Live: name, Shadow: shadow, Aside: aside, Props: &m.Database}
		if err := b.Swap(t.Context(), swap, func(backup.Stage) error { return nil }); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		if got := b.text(name, "SELECT count(*) FROM words"); got != "5000" {
			t.Errorf("%q: %s rows", name, got)
		}
		target, err := b.Inspect(t.Context(), b.on(name).Connection, b.sb)
		if err != nil || !target.Exists || target.Tables != 2 || target.Rows != 10000 {
			t.Errorf("%q: %+v, %v", name, target, err)
		}
		rec := &backup.Restore{ID: job.Run, Target: name, Shadow: shadow, Replaced: aside, Stage: backup.StageSwapped}
		if mended, err := b.Mend(t.Context(), b.sb, rec); err != nil || !mended.Swapped {
			t.Errorf("%q: %+v, %v", name, mended, err)
		}
		if err := b.DropOurs(t.Context(), b.sb, aside); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}
