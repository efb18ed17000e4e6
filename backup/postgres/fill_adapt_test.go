package postgres

import "testing"

func TestWithoutNotes(t *testing.T) {
	const table = "CREATE TABLE public.t (\n    a text DEFAULT 'x; ALTER TABLE ONLY public.t ALTER COLUMN a SET (pg_attver=1);'::text\n);\n"
	cases := []struct{ name, sql, want string }{
		{"nothing to do", table, table},
		{"alone", table + "ALTER TABLE ONLY public.t ALTER COLUMN a SET (pg_attver=12);\n", table},
		{"first", "ALTER TABLE ONLY t ALTER COLUMN a SET (pg_attver=12, n_distinct=5);", "ALTER TABLE ONLY t ALTER COLUMN a SET (n_distinct=5);"},
		{"last", "ALTER TABLE ONLY t ALTER COLUMN a SET (n_distinct=-0.5, pg_attver=12);", "ALTER TABLE ONLY t ALTER COLUMN a SET (n_distinct=-0.5);"},
		{"between", "ALTER TABLE ONLY t ALTER COLUMN a SET (n_distinct=5, pg_attver=12, x=1);", "ALTER TABLE ONLY t ALTER COLUMN a SET (n_distinct=5, x=1);"},
		{"a column of that name", `CREATE TABLE t (a int, pg_attver int); ALTER TABLE t ALTER COLUMN pg_attver SET (n_distinct=5);`, `CREATE TABLE t (a int, pg_attver int); ALTER TABLE t ALTER COLUMN pg_attver SET (n_distinct=5);`},
		{"names that look like it", `ALTER TABLE ONLY "s; SET (pg_attver=1)" ALTER COLUMN "pg_attver" SET (pg_attver=3); SELECT 1;`, ` SELECT 1;`},
	}
	for _, c := range cases {
		if got := withoutNotes(c.sql); got != c.want {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}
