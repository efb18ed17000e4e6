package postgres

import (
	"context"
	"slices"
	"testing"

	"holdfast/backup"
	"holdfast/backup/pgarchive"
)

func TestIndexesOfLargeTablesAreBuiltEarly(t *testing.T) {
	b := startBench(t)
	b.fresh("live",
		`CREATE TABLE large (id int PRIMARY KEY, n int NOT NULL, t text)`, `INSERT INTO large SELECT i, i, repeat('x', 100000) FROM generate_series(1, 200) i`,
		`CREATE UNIQUE INDEX identity ON large (n)`, `ALTER TABLE large REPLICA IDENTITY USING INDEX identity`,
		`CREATE INDEX half ON large (n) WHERE n > 100`, `CREATE INDEX clustered ON large (n, id)`, `ALTER TABLE large CLUSTER ON clustered`,
		`ALTER TABLE large ADD EXCLUDE USING gist (int4range(id, id, '[]') WITH &&)`, `COMMENT ON INDEX half IS 'a half'`,
		`ALTER TABLE large ADD FOREIGN KEY (n) REFERENCES large`, `CREATE STATISTICS st ON id, n FROM large`,
		`CREATE TABLE parts (id int, t text, PRIMARY KEY (id)) PARTITION BY RANGE (id)`, `CREATE INDEX ON parts (length(t))`,
		`CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (1000)`, `INSERT INTO parts SELECT id, t FROM large`,
		`CREATE TABLE small (id int PRIMARY KEY)`, `INSERT INTO small VALUES (1)`)
	m, parts := b.capture("live")
	indexes := ""
	err := b.Fill(t.Context(), b.job("shadow"), m, parts, func(p backup.Progress) {
		if p.Stage == "large objects" && indexes == "" {
			indexes = b.text("shadow", "SELECT string_agg(indexname, ' ' ORDER BY indexname) FROM pg_indexes WHERE schemaname = 'public'")
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	// Those of parts_1 come later: pg_dump lets them wait for those of parts.
	if want := "clustered half identity large_int4range_excl large_pkey"; indexes != want {
		t.Errorf("early indexes: %s", indexes)
	}
	same(t, b.dump("live"), b.dump("shadow"))
}

func TestLoadPlanPrefersWhatTakesLongest(t *testing.T) {
	big, mid, small := &backup.Table{Bytes: 100}, &backup.Table{Bytes: 50}, &backup.Table{Bytes: 10}
	late := &building{ids: []int{3}, bytes: 10}
	first := &building{ids: []int{1}, bytes: 10, next: []*building{late}}
	plan := newLoadPlan([]*backup.Table{big, mid, small}, nil)
	table, _ := plan.take(t.Context())
	plan.done(nil, []*building{first})
	next, _ := plan.take(t.Context()) // twice 10 is less than 50
	_, index := plan.take(t.Context())
	if table != big || next != mid || index != first {
		t.Error("wrong order")
	}
	plan.done(index.ids, index.next)
	_, again := plan.take(t.Context())
	last, _ := plan.take(t.Context())
	if again != late || last != small {
		t.Error("wrong order at the end")
	}
	plan.done(nil, nil)
	plan.done(again.ids, nil)
	ended := make(chan bool)
	go func() {
		table, index := plan.take(t.Context())
		ended <- table == nil && index == nil
	}()
	plan.done(nil, nil) // mid, at last
	if !<-ended || !slices.Equal(plan.built, []int{1, 3}) {
		t.Error("not at its end", plan.built)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if table, index := newLoadPlan([]*backup.Table{big}, nil).take(ctx); table != nil || index != nil {
		t.Error("work after a cancel")
	}
}

func TestBuildingsPutWhatLocksTheTableFirst(t *testing.T) {
	entry := func(id int, desc, defn string) *pgarchive.Entry {
		return &pgarchive.Entry{DumpID: id, Desc: pgarchive.TextOf(desc), Defn: pgarchive.TextOf(defn)}
	}
	steps := buildings([]*pgarchive.Entry{
		entry(1, "INDEX", "CREATE INDEX a"), entry(2, "CONSTRAINT", "ALTER TABLE ONLY t ADD"), entry(3, "INDEX", "CREATE INDEX b; ALTER TABLE t CLUSTER ON b"), entry(4, "INDEX", "CREATE INDEX c"),
	}, 7)
	if len(steps) != 1 || !slices.Equal(steps[0].ids, []int{2, 3}) || len(steps[0].next) != 2 {
		t.Errorf("got %+v", steps)
	}
	if steps := buildings([]*pgarchive.Entry{entry(1, "INDEX", ""), entry(2, "INDEX", "")}, 7); len(steps) != 2 {
		t.Errorf("got %+v", steps)
	}
}
