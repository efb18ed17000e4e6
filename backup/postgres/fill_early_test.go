package postgres

import (
	"context"
	"slices"
	"testing"

	"holdfast/backup"
	"holdfast/backup/pgarchive"
)

func TestWorkOnLargeTablesIsDoneEarly(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.fresh("live",
		`CREATE TABLE large (id int PRIMARY KEY, n int NOT NULL, t text)`, `INSERT INTO large SELECT i, i, repeat('x', 100000) FROM generate_series(1, 200) i`,
		`CREATE UNIQUE INDEX identity ON large (n)`, `ALTER TABLE large REPLICA IDENTITY USING INDEX identity`,
		`CREATE INDEX half ON large (n) WHERE n > 100`, `CREATE INDEX clustered ON large (n, id)`, `ALTER TABLE large CLUSTER ON clustered`,
		`ALTER TABLE large ADD EXCLUDE USING gist (int4range(id, id, '[]') WITH &&)`, `COMMENT ON INDEX half IS 'a half'`,
		`ALTER TABLE large ADD FOREIGN KEY (n) REFERENCES large`, `CREATE STATISTICS st ON id, n FROM large`,
		`CREATE TABLE parts (id int, t text, PRIMARY KEY (id)) PARTITION BY RANGE (id)`, `CREATE INDEX ON parts (length(t))`,
		`CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (1000)`, `INSERT INTO parts SELECT id, t FROM large`,
		`CREATE TABLE to_it (id int PRIMARY KEY, t text)`, `INSERT INTO to_it SELECT i, repeat('y', 50000) FROM generate_series(1, 40) i`,
		`CREATE TABLE plain (id int PRIMARY KEY, "to" int REFERENCES to_it, small int, t text)`, `INSERT INTO plain SELECT id, 1, 1, t FROM large`,
		`CREATE TABLE small (id int PRIMARY KEY)`, `INSERT INTO small VALUES (1)`,
		`ALTER TABLE plain ADD FOREIGN KEY (small) REFERENCES small`)
	m, parts := b.capture("live")
	early := ""
	err := b.Fill(t.Context(), b.job("shadow"), m, parts, func(p backup.Progress) {
		if p.Stage == "large objects" && early == "" {
			early = b.text("shadow", `SELECT string_agg(name, ' ' ORDER BY name) FROM
				(SELECT indexname FROM pg_indexes WHERE schemaname = 'public' UNION ALL SELECT conname FROM pg_constraint WHERE contype = 'f'
				UNION ALL SELECT 'statistics of ' || tablename FROM pg_stats WHERE schemaname = 'public' GROUP BY tablename) x (name)`)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	// What is about parts_1 comes later: pg_dump lets it wait for what is about parts.
	if want := "clustered half identity large_int4range_excl large_n_fkey large_pkey plain_pkey plain_to_fkey statistics of plain statistics of to_it to_it_pkey"; early != want {
		t.Errorf("early: %s", early)
	}
	if all := b.text("shadow", "SELECT string_agg(DISTINCT tablename, ' ') FROM pg_stats WHERE schemaname = 'public'"); all != "large large_int4range_excl parts parts_1 parts_1_length_idx plain small to_it" {
		t.Errorf("statistics: %s", all)
	}
	if extended := b.text("shadow", "SELECT count(*)::text FROM pg_statistic_ext_data"); extended != "1" {
		t.Errorf("%s extended statistics", extended)
	}
	same(t, b.dump("live"), b.dump("shadow"))
}

func TestLoadPlanKnowsWhatIsSlowToParse(t *testing.T) {
	t.Parallel()
	table := func(name string, bytes int64, types ...string) *piece {
		columns := []backup.Column{{Name: "id", Type: "bigint"}}
		for _, typeName := range types {
			columns = append(columns, backup.Column{Name: typeName, Type: typeName})
		}
		return &piece{fill: &backup.Table{Name: name, Columns: columns, Bytes: bytes, Rows: 1000}}
	}
	plan := newLoadPlan([]*piece{
		table("text", 110_000, "character(84)"), table("times", 100_000, "timestamp(3) with time zone"),
		table("amounts", 100_000, "numeric(10,2)"), table("keys", 100_000, "uuid"), table("documents", 100_000, "jsonb"),
	})
	var order []string
	for range 5 {
		s := plan.take(t.Context())
		order = append(order, s.fill.Name)
		plan.done(s)
	}
	if want := []string{"documents", "times", "amounts", "keys", "text"}; !slices.Equal(order, want) {
		t.Errorf("tables are filled in the order %v, want %v", order, want)
	}
}

func TestLoadPlanDoesFirstWhatTakesLongest(t *testing.T) {
	table := func(size int64) *piece { return &piece{fill: &backup.Table{Bytes: size}, bytes: size} }
	big, mid, small := table(100), table(80), table(10)
	key := &piece{restore: []int{1}, bytes: 80}
	index := &piece{restore: []int{2}, bytes: 80}
	statistics := &piece{analyze: mid.fill, holds: []*backup.Table{mid.fill}}
	foreign := &piece{restore: []int{3}, bytes: 100, holds: []*backup.Table{mid.fill, big.fill}}
	mid.before(key, statistics)
	key.before(index, statistics)
	index.before(foreign, statistics)
	big.before(foreign)
	plan := newLoadPlan([]*piece{big, mid, small})
	take := func(want *piece) {
		t.Helper()
		if got := plan.take(t.Context()); got != want {
			t.Fatalf("got %+v", got)
		}
	}
	take(mid) // much waits for it
	take(big)
	plan.done(mid)
	take(key)
	plan.done(key)
	take(index)
	plan.done(index, big)
	take(small)
	take(foreign)
	plan.done(small)
	ended := make(chan *piece)
	go func() { ended <- plan.take(t.Context()) }() // the foreign key has the table
	plan.done(foreign)
	if got := <-ended; got != statistics {
		t.Fatalf("got %+v", got)
	}
	go func() { ended <- plan.take(t.Context()) }()
	plan.done(statistics)
	if got := <-ended; got != nil || !slices.Equal(plan.built, []int{1, 2, 3}) {
		t.Errorf("not at its end: %+v %v", got, plan.built)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got := newLoadPlan([]*piece{table(1)}).take(ctx); got != nil {
		t.Error("work after a cancel")
	}
}

func TestWhatLocksATableIsBuiltFirst(t *testing.T) {
	entry := func(id int, desc, defn string) pgarchive.Entry {
		return pgarchive.Entry{
			DumpID: id, Desc: pgarchive.TextOf(desc), Defn: pgarchive.TextOf(defn), Section: pgarchive.SectionPostData,
			Deps: []pgarchive.Text{pgarchive.TextOf("9"), pgarchive.TextOf("9")},
		}
	}
	large := &backup.Table{Schema: "s", Name: "t", Bytes: earlyBytes}
	archive := &pgarchive.Archive{Entries: []pgarchive.Entry{
		{DumpID: 9, Desc: pgarchive.TextOf("TABLE"), Namespace: pgarchive.TextOf("s"), Tag: pgarchive.TextOf("t"), Section: pgarchive.SectionPreData},
		entry(1, "INDEX", "CREATE INDEX a"), entry(2, "CONSTRAINT", "ALTER TABLE ONLY t ADD"),
		entry(3, "INDEX", "CREATE INDEX b; ALTER TABLE t CLUSTER ON b"), entry(4, "INDEX", "CREATE INDEX c"),
	}}
	w := &earlyWork{fills: map[*backup.Table]*piece{large: {fill: large}}, pieces: map[string]*piece{}}
	w.read(archive, []*backup.Table{large})
	w.index(large)
	next := w.fills[large].next
	if len(next) != 3 || !slices.Equal(next[0].restore, []int{2, 3}) || len(next[0].next) != 2 || next[0].waits != 1 || next[1].waits != 2 {
		t.Errorf("got %+v", next)
	}
}
