package postgres

import (
	"context"
	"slices"
	"sync"
	"testing"

	"holdfast/backup"
)

// shadowed makes a database that looks as if Fill had made it.
func (b *bench) shadowed(job backup.ShadowJob, statements ...string) {
	b.t.Helper()
	b.fresh(job.Shadow, statements...)
	b.comment(job.Shadow, mark{Kind: markShadow, Home: b.Home, Run: string(job.Run), Purpose: job.Purpose})
}

func (b *bench) comment(database string, m mark) {
	b.t.Helper()
	sql, err := markSQL(database, m)
	if err != nil {
		b.t.Fatal(err)
	}
	b.run("template1", sql)
}

// pair makes a live database and a shadow; the table which says which is which.
func (b *bench) pair() (backup.ShadowJob, backup.SwapJob) {
	b.t.Helper()
	b.clean()
	job := b.job("shadow")
	b.fresh("live", `CREATE TABLE which AS SELECT 'old' AS which`)
	b.run("template1", `COMMENT ON DATABASE live IS 'the old one'`)
	b.shadowed(job, `CREATE TABLE which AS SELECT 'new' AS which`)
	return job, backup.SwapJob{Sandbox: b.sb, Run: job.Run, Live: "live", Shadow: "shadow", Aside: "aside", Props: &backup.Database{Owner: "postgres", ConnectionLimit: -1}}
}

func (b *bench) which(database string) string {
	b.t.Helper()
	return b.text(database, "SELECT which FROM which")
}

// asBefore makes sure that a swap that did not happen left no trace.
func (b *bench) asBefore(t *testing.T) {
	t.Helper()
	if got := b.databases(); !slices.Equal(got, []string{"live", "shadow"}) {
		t.Fatalf("databases: %q", got)
	}
	if got := b.which("live"); got != "old" {
		t.Errorf("live is the %s one", got)
	}
	if got := b.which("shadow"); got != "new" {
		t.Errorf("the shadow is the %s one", got)
	}
	if got := b.described("live"); got != "the old one" {
		t.Errorf("comment: %s", got)
	}
}

func (b *bench) described(database string) string {
	b.t.Helper()
	return b.text("template1", "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1", database)
}

func TestSwapThereAndBack(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.roles()
	b.fresh("model")
	b.run("template1", props("model")...)
	m, _ := b.capture("model")
	_, swap := b.pair()
	b.run("template1", `ALTER DATABASE live CONNECTION LIMIT 3`)
	swap.Props = &m.Database
	var notes []backup.Stage
	if err := b.Swap(t.Context(), swap, func(s backup.Stage) error { notes = append(notes, s); return nil }); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(notes, []backup.Stage{backup.StageSwapping, backup.StageSwapped}) {
		t.Errorf("notes: %v", notes)
	}
	if b.which("live") != "new" || b.which("aside") != "old" {
		t.Error("not swapped")
	}
	b.sameProps(t, m, "live")
	if got := b.text("template1", "SELECT datconnlimit FROM pg_database WHERE datname = 'aside'"); got != "3" {
		t.Errorf("the kept one has the limit %s", got)
	}

	back := backup.SwapJob{Sandbox: b.sb, Run: backup.NewID(), Live: "live", Shadow: "aside", Aside: "second"}
	if err := b.Swap(t.Context(), back, func(backup.Stage) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if b.which("live") != "old" || b.which("second") != "new" || b.described("live") != "the old one" {
		t.Errorf("not undone: %s", b.described("live"))
	}
	forth := backup.SwapJob{Sandbox: b.sb, Run: backup.NewID(), Live: "live", Shadow: "second", Aside: "third"}
	if err := b.Swap(t.Context(), forth, func(backup.Stage) error { return nil }); err != nil {
		t.Fatal(err)
	}
	b.sameProps(t, m, "live")
}

// sameProps compares what a database has from outside by capturing it again.
func (b *bench) sameProps(t *testing.T, m *backup.Manifest, database string) {
	t.Helper()
	again, _ := b.capture(database)
	want, got := m.Database, again.Database
	if want.Owner != got.Owner || want.ConnectionLimit != got.ConnectionLimit || got.Comment == nil || *want.Comment != *got.Comment {
		t.Errorf("owner, limit or comment differ: %+v, %+v", want, got)
	}
	if len(want.Grants) == 0 || !slices.Equal(want.Grants, got.Grants) {
		t.Errorf("rights: %v, %v", want.Grants, got.Grants)
	}
	if len(want.Settings) == 0 || !slices.Equal(want.Settings, got.Settings) {
		t.Errorf("settings: %v, %v", want.Settings, got.Settings)
	}
}

func TestSwapWithoutLiveDatabase(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	_, swap := b.pair()
	swap.Live, swap.Aside = "brand new", ""
	if err := b.Swap(t.Context(), swap, func(backup.Stage) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if b.which("brand new") != "new" || b.which("live") != "old" || b.described("brand new") != "NULL" {
		t.Error("not renamed")
	}
}

func TestSwapReportsWhatCannotFollow(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	_, swap := b.pair()
	swap.Props.Owner = "nobody's"
	swap.Props.Settings = []backup.Setting{{Name: "no_such_setting", Value: "1"}, {Name: "work_mem", Value: "9MB"}}
	var last backup.Stage
	err := b.Swap(t.Context(), swap, func(s backup.Stage) error { last = s; return nil })
	wantKind(t, err, backup.Failed, "nobody's", "no_such_setting")
	if last != backup.StageSwapped || b.which("live") != "new" || b.text("live", "SELECT setting FROM pg_settings WHERE name = 'work_mem'") != "9216" {
		t.Error("the rest did not follow")
	}
}

func TestSwapCutsSessions(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	_, swap := b.pair()
	idle, err := b.connect(t.Context(), b.sb, "live")
	if err != nil {
		t.Fatal(err)
	}
	defer closeConn(idle)
	ctx, stop := context.WithCancel(t.Context())
	var loops sync.WaitGroup
	defer loops.Wait()
	defer stop()
	for range 3 {
		loops.Go(func() { b.hammer(ctx, "live") })
	}
	loops.Go(func() { b.hammer(ctx, "shadow") })
	b.eventually("sessions are there", func() bool {
		return b.text("template1", "SELECT count(DISTINCT datname) FROM pg_stat_activity WHERE datname IN ('live', 'shadow')") == "2"
	})
	if err := b.Swap(t.Context(), swap, func(backup.Stage) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if b.which("live") != "new" || b.which("aside") != "old" {
		t.Error("not swapped")
	}
	if err := idle.Ping(t.Context()); err == nil {
		t.Error("the idle session lives on")
	}
}

// hammer connects and works again and again, whatever happens.
func (b *bench) hammer(ctx context.Context, database string) {
	for ctx.Err() == nil {
		conn, err := b.connect(ctx, b.sb, database)
		if err != nil {
			continue
		}
		_, _ = conn.Exec(ctx, "SELECT pg_sleep(600)") // is meant to be cut
		closeConn(conn)
	}
}

func TestSwapRefuses(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	cases := []struct {
		name    string
		kind    backup.Kind
		words   []string
		prepare func(swap *backup.SwapJob) (undo func())
	}{
		{"a prepared transaction", backup.Refused, []string{"pre\\\"pared", "ROLLBACK PREPARED"}, func(*backup.SwapJob) func() {
			b.run("live", "BEGIN", "INSERT INTO which VALUES ('x')", `PREPARE TRANSACTION 'pre"pared'`)
			return func() { b.run("live", `ROLLBACK PREPARED 'pre"pared'`) }
		}},
		{"a replication slot", backup.Refused, []string{"slot_a", "pg_drop_replication_slot"}, func(*backup.SwapJob) func() {
			b.run("live", "SELECT pg_create_logical_replication_slot('slot_a', 'test_decoding')")
			return func() { b.run("live", "SELECT pg_drop_replication_slot('slot_a')") }
		}},
		{"an enabled subscription", backup.Refused, []string{"sub_a", "DISABLE"}, func(*backup.SwapJob) func() {
			b.run("live", "CREATE SUBSCRIPTION sub_a CONNECTION 'host=/nowhere' PUBLICATION p WITH (connect = false, slot_name = 'a_slot')", "ALTER SUBSCRIPTION sub_a ENABLE")
			return func() {
				b.run("live", "ALTER SUBSCRIPTION sub_a DISABLE", "ALTER SUBSCRIPTION sub_a SET (slot_name = NONE)", "DROP SUBSCRIPTION sub_a")
			}
		}},
		{"a shadow of another home", backup.Refused, []string{"no mark"}, func(swap *backup.SwapJob) func() {
			b.comment("shadow", mark{Kind: markShadow, Home: "other", Run: string(swap.Run)})
			return nil
		}},
		{"a shadow without a mark", backup.Refused, []string{"no mark"}, func(*backup.SwapJob) func() {
			b.run("template1", "COMMENT ON DATABASE shadow IS NULL")
			return nil
		}},
		{"a shadow that is not there", backup.Failed, []string{"not there"}, func(swap *backup.SwapJob) func() { swap.Shadow = "gone"; return nil }},
		{"a live database nobody expects", backup.Failed, []string{"exists by now"}, func(swap *backup.SwapJob) func() { swap.Aside = ""; return nil }},
		{"a live database that is gone", backup.Failed, []string{"not there any more"}, func(swap *backup.SwapJob) func() { swap.Live = "gone"; return nil }},
		{"a name that is taken", backup.Failed, []string{"already exists"}, func(swap *backup.SwapJob) func() { swap.Aside = "postgres"; return nil }},
	}
	job, whole := b.pair()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := b.with(t)
			b.comment("shadow", mark{Kind: markShadow, Home: b.Home, Run: string(job.Run), Purpose: job.Purpose})
			swap := whole
			undo := c.prepare(&swap)
			wantKind(t, b.Swap(t.Context(), swap, func(backup.Stage) error { return nil }), c.kind, c.words...)
			if undo != nil {
				undo()
			}
			b.asBefore(t)
		})
	}
}
