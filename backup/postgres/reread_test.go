package postgres

import (
	"slices"
	"testing"

	"holdfast/backup"
)

func TestRereadFindsEveryDifference(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.fresh("live", append(words(),
		`CREATE TYPE mood AS ENUM ('sad', 'ok')`, `CREATE TABLE hashed (m mood, v int) PARTITION BY HASH (m)`,
		`CREATE TABLE hashed_0 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0)`,
		`CREATE TABLE hashed_1 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 1)`,
		`INSERT INTO hashed SELECT (ARRAY['sad', 'ok']::mood[])[1 + i % 2], i FROM generate_series(1, 90) i`,
		`SELECT lo_from_bytea(78, decode(repeat('00ff', 300000), 'hex'))`,
	)...)
	m, parts := b.capture("live")
	roots := slices.DeleteFunc(slices.Clone(m.Tables), func(t backup.Table) bool { return t.Root == nil })
	if len(roots) != 2 {
		t.Fatalf("%d tables are loaded through a root", len(roots))
	}
	job := b.job("shadow")
	b.fill(job, m, parts)
	check := func() error { return b.Reread(t.Context(), job, m, nil) }
	if err := check(); err != nil {
		t.Fatal(err)
	}
	cases := []struct{ name, change, undo, word string }{
		{"a value", "UPDATE words SET w = 'x' WHERE id = 7", "UPDATE words SET w = 'word7' WHERE id = 7", `"words"`},
		{"a row more", "INSERT INTO more VALUES (1)", "DELETE FROM more WHERE ctid = (SELECT max(ctid) FROM more)", `"more"`},
		{"two rows whose values were exchanged", "UPDATE words SET w = 'word' || (17 - id) WHERE id IN (8, 9)", "UPDATE words SET w = 'word' || id WHERE id IN (8, 9)", `"words"`},
		{"a partition", "UPDATE hashed SET v = 0 WHERE v = 5", "UPDATE hashed SET v = 5 WHERE v = 0", `"hashed"`},
		{"a sequence", "SELECT nextval('counter')", "SELECT setval('counter', 1)", `"counter"`},
		{"a sequence that was not called", "SELECT setval('counter', 1, false)", "SELECT setval('counter', 1)", `"counter"`},
		{"a large object", "SELECT lo_put(78, 500000, 'x')", "SELECT lo_put(78, 500000, decode('00', 'hex'))", "large objects"},
		{"a small one", "SELECT lo_put(77, 0, 'C')", "SELECT lo_put(77, 0, 'c')", "large objects"},
		{"a large object more", "SELECT lo_create(99)", "SELECT lo_unlink(99)", "large objects"},
		{"a table that is gone", "ALTER TABLE more RENAME TO less", "ALTER TABLE less RENAME TO more", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := b.with(t)
			b.run("shadow", c.change)
			if c.word == "" {
				wantKind(t, check(), backup.Failed, `"more"`)
			} else {
				wantKind(t, check(), backup.Damaged, c.word)
			}
			b.run("shadow", c.undo)
			if err := check(); err != nil {
				t.Error("after it was undone:", err)
			}
		})
	}
}
