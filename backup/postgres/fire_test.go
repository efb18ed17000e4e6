package postgres

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"holdfast/backup"
	"holdfast/backup/pgarchive"
)

// long says whether the tests that take minutes are wanted as well.
func long() bool { return os.Getenv("HOLDFAST_TEST_LONG") != "" }

// fireSQL is what the changes of fires work on.
func fireSQL() []string {
	return []string{
		"CREATE TYPE mood AS ENUM ('sad', 'ok')", "CREATE TYPE pair AS (left_ int, right_ int)", "CREATE DOMAIN positive AS int CHECK (VALUE > 0)",
		"CREATE TABLE m(k mood, p pair, d positive)", "INSERT INTO m VALUES ('ok', (1, 2), 3)",
		"CREATE TABLE a(x int, y int)", "INSERT INTO a VALUES (10, 20)",
		"CREATE TABLE b(x int, y int, CONSTRAINT small CHECK (x < 100))", "INSERT INTO b VALUES (1, 2)",
		"CREATE INDEX a_x ON a(x)", "CREATE UNLOGGED TABLE u(x int)", "INSERT INTO u VALUES (7)",
		"CREATE TABLE parts(id int, v text) PARTITION BY RANGE (id)",
		"CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (10)", "CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (10) TO (20)",
		"INSERT INTO parts VALUES (1, 'one'), (11, 'eleven')", "CREATE TABLE parts_3(id int, v text)", "INSERT INTO parts_3 VALUES (21, 'twenty-one')",
		"CREATE SEQUENCE s", "SELECT nextval('s')", "CREATE TABLE n(id int DEFAULT nextval('s'))", "INSERT INTO n VALUES (DEFAULT)",
		"CREATE FUNCTION f(i int) RETURNS int LANGUAGE sql AS 'SELECT i + 1'", "CREATE VIEW v AS SELECT x, f(y) AS g FROM b",
		"CREATE MATERIALIZED VIEW mv AS SELECT count(*) AS c FROM b",
		"CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'", "CREATE TRIGGER watch BEFORE INSERT ON b FOR EACH ROW EXECUTE FUNCTION t()",
		"CREATE SCHEMA other", "CREATE TABLE other.o(x int)", "INSERT INTO other.o VALUES (5)",
	}
}

// fire is a change while a backup is taken. When it comes between the snapshot and pg_dump
// (early), or between pg_dump's end and the copy of the first table (late), it is noticed and the
// backup starts over, or it does no harm.
type fire struct {
	name        string
	sql         []string
	early, late bool
}

func fires() []fire {
	const noticed, harmless = true, false
	return []fire{
		{"truncate", []string{"TRUNCATE a"}, noticed, noticed},
		{"truncate and fill", []string{"TRUNCATE a; INSERT INTO a VALUES (7, 8)"}, noticed, noticed},
		{"drop", []string{"DROP TABLE a"}, noticed, noticed},
		{"drop and create", []string{"DROP TABLE a; CREATE TABLE a(x int, y int); INSERT INTO a VALUES (5, 6)"}, noticed, noticed},
		{"swap tables", []string{"ALTER TABLE b RENAME TO c; ALTER TABLE a RENAME TO b; ALTER TABLE c RENAME TO a"}, noticed, noticed},
		{"alter type", []string{"ALTER TABLE a ALTER y TYPE bigint USING y + 1"}, noticed, noticed},
		{"column anew", []string{"ALTER TABLE a DROP COLUMN y; ALTER TABLE a ADD COLUMN y int DEFAULT 9"}, noticed, noticed},
		{"swap columns", []string{"ALTER TABLE a RENAME x TO z; ALTER TABLE a RENAME y TO x; ALTER TABLE a RENAME z TO y"}, noticed, noticed},
		{"vacuum full", []string{"DELETE FROM a", "VACUUM FULL a"}, noticed, noticed},
		{"cluster", []string{"CLUSTER a USING a_x"}, noticed, noticed},
		{"set logged", []string{"ALTER TABLE u SET LOGGED"}, noticed, noticed},
		{"rename schema", []string{"ALTER SCHEMA other RENAME TO another; CREATE SCHEMA other; CREATE TABLE other.o(x int)"}, noticed, noticed},
		{"drop schema", []string{"DROP SCHEMA other CASCADE"}, noticed, noticed},
		{"rename label", []string{"ALTER TYPE mood RENAME VALUE 'ok' TO 'fine'"}, noticed, noticed},
		{"add label", []string{"ALTER TYPE mood ADD VALUE 'great'", "INSERT INTO m VALUES ('great')"}, harmless, harmless},
		{"rename attribute", []string{"ALTER TYPE pair RENAME ATTRIBUTE left_ TO first"}, noticed, noticed},
		{"rename table", []string{"ALTER TABLE a RENAME TO renamed"}, noticed, noticed},
		{"attach", []string{"ALTER TABLE parts ATTACH PARTITION parts_3 FOR VALUES FROM (20) TO (30)"}, noticed, harmless},
		{"detach", []string{"ALTER TABLE parts DETACH PARTITION parts_2"}, noticed, harmless},
		{"alter sequence", []string{"ALTER SEQUENCE s INCREMENT 5 RESTART 100"}, noticed, harmless},
		{"rename sequence", []string{"ALTER SEQUENCE s RENAME TO counter"}, noticed, harmless},
		{"drop function", []string{"DROP FUNCTION f CASCADE"}, noticed, harmless},
		{"replace function", []string{"CREATE OR REPLACE FUNCTION f(i int) RETURNS int LANGUAGE sql AS 'SELECT i + 2'"}, noticed, harmless},
		{"rename function", []string{"ALTER FUNCTION f RENAME TO g"}, noticed, harmless},
		{"replace view", []string{"CREATE OR REPLACE VIEW v AS SELECT x, y AS g FROM b"}, noticed, harmless},
		{"drop view", []string{"DROP VIEW v"}, noticed, harmless},
		{"rename column of view", []string{"ALTER VIEW v RENAME COLUMN g TO h"}, noticed, noticed},
		{"drop constraint", []string{"ALTER TABLE b DROP CONSTRAINT small"}, noticed, harmless},
		{"drop domain's constraint", []string{"ALTER DOMAIN positive DROP CONSTRAINT positive_check"}, noticed, harmless},
		{"drop trigger", []string{"DROP TRIGGER watch ON b"}, noticed, harmless},
		{"drop index", []string{"DROP INDEX a_x"}, noticed, harmless},
		{"rename index", []string{"ALTER INDEX a_x RENAME TO i"}, noticed, harmless},
		{"reindex", []string{"REINDEX INDEX a_x"}, harmless, harmless},
		{"refresh", []string{"INSERT INTO b VALUES (3, 4)", "REFRESH MATERIALIZED VIEW mv"}, harmless, harmless},
		{"vacuum and analyze", []string{"DELETE FROM a", "VACUUM (ANALYZE, FREEZE) a", "VACUUM ANALYZE"}, harmless, harmless},
		{"grant", []string{"GRANT SELECT ON a TO PUBLIC"}, harmless, harmless},
		{"add constraint", []string{"ALTER TABLE a ADD CONSTRAINT c CHECK (x > 0)"}, harmless, harmless},
		{"temporary table", []string{"CREATE TEMPORARY TABLE gone(x int); INSERT INTO gone VALUES (1); DROP TABLE gone"}, harmless, harmless},
		{"new objects", []string{"CREATE TABLE later(x serial)", "INSERT INTO later DEFAULT VALUES", "CREATE VIEW later_v AS SELECT 1 AS one", "CREATE FUNCTION later_f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "CREATE TYPE later_t AS ENUM ('x')"}, harmless, harmless},
	}
}

// TestUnderFire changes a database at the two moments at which it is worst. Every backup must be
// of one moment: that of a quiet backup before the change, or of one after it.
func TestUnderFire(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.fresh("fixture", fireSQL()...)
	before, parts := b.capture("fixture")
	quiet := contents(t, before, parts)
	for _, f := range fires() {
		for _, late := range []bool{false, true} {
			if late != f.late && !long() {
				continue // one of the two must do: the later one at which it is noticed
			}
			moment, noticed := "early", f.early
			if late {
				moment, noticed = "late", f.late
			}
			t.Run(f.name+", "+moment, func(t *testing.T) {
				b := b.with(t)
				b.run("template1", "CREATE DATABASE live TEMPLATE fixture")
				defer b.run("template1", "DROP DATABASE live WITH (FORCE)")
				told := false
				sink, report := b.ignite(late, func() { b.run("live", f.sql...) })
				m, err := b.Capture(t.Context(), b.sb, sink, func(p backup.Progress) {
					told = told || strings.Contains(p.Stage, "changed while the backup ran")
					report(p)
				})
				if err != nil {
					t.Fatal(err)
				}
				if restarts := sink.resets; restarts > 1 || (restarts == 1) != noticed || told != noticed {
					t.Errorf("started over %d times, told: %v", restarts, told)
				}
				want, source := quiet, "fixture"
				if sink.resets > 0 {
					after, parts := b.capture("live")
					want, source = contents(t, after, parts), "live"
				}
				same(t, want, contents(t, m, sink.shelf))
				if long() {
					b.fill(b.job("shadow"), m, sink.shelf)
					same(t, b.dump(source), b.dump("shadow"))
					b.run("template1", "DROP DATABASE shadow WITH (FORCE)")
				}
			})
		}
	}
}

// ignite gives what makes a capture do something once: right after its snapshot, or late, when
// pg_dump has ended and the first table is to be copied.
func (b *bench) ignite(late bool, change func()) (*fireSink, func(backup.Progress)) {
	var once sync.Once
	dumped := make(chan struct{})
	sink := &fireSink{dumped: sync.OnceFunc(func() { close(dumped) })}
	sink.hookSink = newHookSink(func(_ int, name string) error {
		if late && strings.HasPrefix(name, backup.DirTables+"/") {
			once.Do(func() { <-dumped; change() })
		}
		return nil
	})
	return sink, func(p backup.Progress) {
		if !late && p.Stage == "definitions" {
			once.Do(change)
		}
	}
}

// fireSink tells when the archive without data is complete.
type fireSink struct {
	*hookSink

	dumped func()
}

func (s *fireSink) Create(ctx context.Context, name string) (backup.PartWriter, error) {
	part, err := s.hookSink.Create(ctx, name)
	if name != backup.PartTOC || err != nil {
		return part, err
	}
	return &firePart{PartWriter: part, sealed: s.dumped}, nil
}

type firePart struct {
	backup.PartWriter

	sealed func()
}

func (p *firePart) Seal() error {
	err := p.PartWriter.Seal()
	p.sealed()
	return err
}

// contents gives everything in a backup that does not differ from one quiet backup to the next.
func contents(t *testing.T, m *backup.Manifest, parts *shelf) []string {
	t.Helper()
	var lines []string
	for i := range m.Tables {
		table := &m.Tables[i]
		lines = append(lines, fmt.Sprintf("rows of %s.%s %+v: %d %s", table.Schema, table.Name, table.Columns, table.Rows, table.Hash))
	}
	for _, s := range m.Sequences {
		lines = append(lines, fmt.Sprintf("sequence %+v", s))
	}
	archive, err := pgarchive.Read(strings.NewReader(string(parts.parts[backup.PartTOC])))
	if err != nil {
		t.Fatal(err)
	}
	for i := range archive.Entries {
		e := &archive.Entries[i]
		if e.Desc.S != "DATABASE" {
			lines = append(lines, strings.Join([]string{e.Desc.S, e.Namespace.S, e.Tag.S, e.Owner.S, e.Defn.S}, " | "))
		}
	}
	return slices.Sorted(slices.Values(lines))
}
