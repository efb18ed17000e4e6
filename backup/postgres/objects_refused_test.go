package postgres

import (
	"testing"

	"holdfast/backup"
)

// unfit is a database that works, and whose dump cannot be restored as it is.
type unfit struct {
	name       string
	statements []string
	words      []string // that the error must hold: the object, the cause, the remedy
}

func unfits() []unfit {
	const lookup = `CREATE TABLE lookup (id int, n int)`
	const first = `CREATE FUNCTION find(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN 0; END'` // from 17 on no index is made on the other
	const find = `CREATE OR REPLACE FUNCTION find(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN (SELECT count(*) FROM lookup WHERE id = $1); END'`
	remedy := []string{"search_path", "lookup", "find(integer)"}
	return []unfit{
		{"an index on a function that needs a search_path", []string{lookup, first, `CREATE TABLE t (a int)`, `INSERT INTO t VALUES (1)`, `CREATE INDEX "the index" ON t (find(a))`, find}, append(remedy, "the index")},
		{"a check that needs a search_path", []string{lookup, find, `CREATE TABLE "the table" (a int CHECK (find(a) = 0))`, `INSERT INTO "the table" VALUES (1)`}, append(remedy, "the table")},
		{"a generated column that needs a search_path", []string{lookup, find, `CREATE TABLE "the table" (a int, b int GENERATED ALWAYS AS (find(a)) STORED)`, `INSERT INTO "the table" VALUES (1)`}, append(remedy, "the table")},
		{"a domain that needs a search_path", []string{lookup, find, `CREATE DOMAIN d AS int CHECK (find(VALUE) = 0)`, `CREATE TABLE "the table" (a d)`, `INSERT INTO "the table" VALUES (1)`}, append(remedy, "the table")},
		{"a materialized view that needs a search_path", []string{lookup, first, `CREATE MATERIALIZED VIEW "the view" AS SELECT find(1)`, find}, append(remedy, "the view")},
		{
			"a foreign key with rows that violate it",
			[]string{`CREATE TABLE p (id int PRIMARY KEY)`, `CREATE TABLE c (id int CONSTRAINT "the key" REFERENCES p)`, `SET session_replication_role = replica`, `INSERT INTO c VALUES (7)`},
			[]string{"the key", "NOT VALID"},
		},
		{
			"a check with rows that violate it",
			[]string{
				`CREATE FUNCTION moody(int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT true'`, `CREATE TABLE "the table" (id int CONSTRAINT "the check" CHECK (moody(id)))`,
				`INSERT INTO "the table" VALUES (7)`, `CREATE OR REPLACE FUNCTION moody(int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT false'`,
			},
			[]string{"the table", "the check", "NOT VALID"},
		},
	}
}

// TestObjectsThatCannotComeBack restores what only works where it is: it must fail, name the
// object and the remedy, and leave nothing behind. It is what a drill is for.
func TestObjectsThatCannotComeBack(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	for _, c := range unfits() {
		t.Run(c.name, func(t *testing.T) {
			b := b.with(t)
			defer b.clean()
			b.fresh("live", c.statements...)
			m, parts := b.capture("live")
			err := b.Fill(t.Context(), b.job("shadow"), m, parts, nil)
			wantKind(t, err, backup.Failed, c.words...)
			b.onlyLive(t)
		})
	}
}
