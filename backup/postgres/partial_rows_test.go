package postgres

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/backup"
	"holdfast/backup/export"
	"holdfast/backup/postgres/pgcompare"
)

// snapshot writes a JSON snapshot of a backup and reads it.
func snapshot(t *testing.T, m *backup.Manifest, parts backup.Parts) *export.Snapshot {
	t.Helper()
	path := filepath.Join(t.TempDir(), "live.json")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := export.JSON(t.Context(), m, parts, f, true, nil); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	s := &export.Snapshot{Path: path}
	if err := s.Look(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	return s
}

// loadSnapshot plans and restores a snapshot into the live database.
func (b *bench) loadSnapshot(s backup.Snapshot) (*backup.SnapshotPlan, error) {
	b.t.Helper()
	job := backup.TablesJob{Sandbox: b.sb, Run: backup.NewID(), RowsOnly: true}
	for _, t := range s.Manifest().Tables {
		job.Tables = append(job.Tables, backup.Name{Schema: t.Schema, Name: t.Name})
	}
	plan, err := b.PlanSnapshot(b.ctx(), job, s.Manifest())
	if err != nil {
		return plan, err
	}
	return plan, b.LoadSnapshot(b.ctx(), job, s, func(string) error { return nil }, nil)
}

// TestObjectsAsJSON writes a database with an object of every kind as a JSON snapshot, spoils its
// rows, and restores the snapshot: all rows, sequences and definitions are as before.
func TestObjectsAsJSON(t *testing.T) {
	s := startObjectServer(t)
	s.build("live", notCarried(t, s.Server)...)
	want := s.picture("live")
	m, parts := s.capture("live")
	snap := snapshot(t, m, parts)
	s.run("live", spoil(m)...)
	if n := len(pgcompare.Diff(want, s.picture("live"))); n < 50 {
		t.Fatalf("only %d objects are spoiled", n)
	}
	plan, err := s.loadSnapshot(snap)
	if err != nil {
		t.Fatal(err, backup.AsError(err).Hint)
	}
	equal(t, want, s.picture("live"), exception{`^missing: pg_description table constraint refers_id_at_fkey`, "the constraints of partitions come with the partitioned table's, which was taken off"})
	if len(plan.Alone) > 0 || plan.Sequences < 5 {
		t.Errorf("plan: %d alone, %d sequences", len(plan.Alone), plan.Sequences)
	}
}

// spoil empties every table and winds back every sequence.
func spoil(m *backup.Manifest) []string {
	sql := []string{`SET session_replication_role = replica`}
	for i := range m.Tables {
		if t := &m.Tables[i]; t.Extension == "" { // a few are published without a replica identity
			sql = append(sql, "DO "+quoteLiteral("BEGIN DELETE FROM ONLY "+tableName(t)+"; EXCEPTION WHEN object_not_in_prerequisite_state OR invalid_column_reference THEN NULL; END"))
		}
	}
	for _, q := range m.Sequences {
		sql = append(sql, "ALTER SEQUENCE "+quoteName(q.Schema, q.Name)+" RESTART")
	}
	return sql
}

// words of a snapshot's test: an ordinary owner, keys in circles, triggers that would refuse.
func snapshotTables() []string {
	return []string{
		`CREATE TABLE egg (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, hen int, twice int GENERATED ALWAYS AS (id * 2) STORED)`,
		`CREATE TABLE hen (id int PRIMARY KEY, egg int NOT NULL REFERENCES egg, boss int REFERENCES hen)`, `ALTER TABLE egg ADD CONSTRAINT laid FOREIGN KEY (hen) REFERENCES hen`,
		`INSERT INTO egg (hen) SELECT NULL FROM generate_series(1, 1300)`, `INSERT INTO hen SELECT g, g, nullif(g - 1, 0) FROM generate_series(1, 1200) g`, `UPDATE egg SET hen = id WHERE id < 1000`,
		`CREATE TABLE visit (hen int REFERENCES hen, note text)`, `INSERT INTO visit VALUES (7, 'x')`,
		`CREATE FUNCTION loud() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION $$a trigger fired$$; END'`,
		`CREATE TRIGGER t BEFORE INSERT OR DELETE OR UPDATE ON hen FOR EACH ROW EXECUTE FUNCTION loud()`, `CREATE TRIGGER s BEFORE TRUNCATE ON egg EXECUTE FUNCTION loud()`,
		`CREATE MATERIALIZED VIEW hens AS SELECT count(*) n FROM hen`, `CREATE MATERIALIZED VIEW more AS SELECT n + 1 AS n FROM hens`,
	}
}

func TestSnapshotByOwner(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.run("template1", `CREATE ROLE keeper LOGIN`, `CREATE DATABASE live OWNER keeper`)
	t.Cleanup(func() { b.clean(); b.run("template1", `DROP ROLE keeper`) })
	owner := b.as("keeper")
	owner.run("live", snapshotTables()...)
	m, parts := b.capture("live")
	without := *m
	without.Tables = nil
	for _, table := range m.Tables {
		if table.Name != "visit" {
			without.Tables = append(without.Tables, table)
		}
	}
	snap := snapshot(t, &without, parts)
	count := `SELECT (SELECT count(*) || ' ' || sum(hen) || ' ' || sum(twice) FROM egg) || ' ' || (SELECT count(*) || ' ' || sum(boss) FROM hen) || ' ' || (SELECT n FROM hens) || ' ' || (SELECT n FROM more) || ' ' || (SELECT last_value FROM egg_id_seq)`
	want := b.text("live", count)
	spoiled := []string{`SET session_replication_role = replica`, `DELETE FROM hen WHERE id > 10`, `INSERT INTO egg DEFAULT VALUES`, `REFRESH MATERIALIZED VIEW hens`}
	b.run("live", spoiled...)
	plan, err := owner.loadSnapshot(snap)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.text("live", count); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if len(plan.Alone) != 1 || plan.Alone[0].Table.Name != "visit" || len(plan.Tables) != 2 {
		t.Errorf("plan: %+v", plan)
	}
	if got := b.text("live", `SELECT count(*) FROM pg_trigger WHERE tgenabled = 'O' AND NOT tgisinternal`) + b.text("live", `SELECT count(*) FROM pg_constraint WHERE contype = 'f'`); got != "24" {
		t.Errorf("triggers and foreign keys: %s", got)
	}

	// What does not hold takes everything back, sequences too.
	b.run("live", `INSERT INTO visit SELECT 9999 WHERE set_config('session_replication_role', 'replica', false) <> ''`, `SELECT setval('egg_id_seq', 5000)`)
	before := b.text("live", count)
	_, err = owner.loadSnapshot(snap)
	wantKind(t, err, backup.Refused)
	if got := b.text("live", count); got != before {
		t.Errorf("got %s, want %s", got, before)
	}
	b.run("live", `DELETE FROM visit WHERE hen = 9999`)
	broken := &torn{Snapshot: snap}
	if _, err = owner.loadSnapshot(broken); err == nil || !strings.Contains(err.Error(), "rows 501 to 1000") {
		t.Errorf("%v", err)
	}
	if got := b.text("live", count); got != before {
		t.Errorf("got %s, want %s", got, before)
	}
	b.run("live", `ALTER TABLE egg ADD COLUMN must int NOT NULL DEFAULT 1`, `ALTER TABLE egg ALTER must DROP DEFAULT`, `ALTER TABLE hen RENAME boss TO chief`)
	if plan, _ = owner.PlanSnapshot(t.Context(), backup.TablesJob{Sandbox: owner.sb, Tables: []backup.Name{{Schema: "public", Name: "egg"}, {Schema: "public", Name: "hen"}}, RowsOnly: true}, snap.Manifest()); plan == nil ||
		!strings.Contains(plan.Tables[0].Blocked, "must") || !strings.Contains(plan.Tables[1].Blocked, "boss") {
		t.Errorf("plan: %+v", plan)
	}
}

// torn gives a row in the middle that is none.
type torn struct{ backup.Snapshot }

func (s *torn) Each(ctx context.Context, rows func(*backup.Table, io.ReadCloser) error) error {
	return s.Snapshot.Each(ctx, func(t *backup.Table, r io.ReadCloser) error {
		text, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		lines := strings.SplitAfter(string(text), "\n")
		lines[700] = "what is this\n"
		return rows(t, io.NopCloser(strings.NewReader(strings.Join(lines, ""))))
	})
}
