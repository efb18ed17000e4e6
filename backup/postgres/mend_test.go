package postgres

import (
	"errors"
	"slices"
	"testing"

	"holdfast/backup"
)

// journal is the record of a restore that died at a stage.
func journal(swap backup.SwapJob, stage backup.Stage) *backup.Restore {
	return &backup.Restore{ID: swap.Run, Target: swap.Live, Shadow: swap.Shadow, Replaced: swap.Aside, Stage: stage}
}

func TestMend(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	const old, renewed = "old", "new"
	live, kept := []string{"live"}, []string{"aside", "live"}
	ban := func(names ...string) {
		for _, name := range names {
			b.run("template1", allowSQL(name, false))
		}
	}
	cases := []struct {
		name   string
		stage  backup.Stage
		state  func(swap *backup.SwapJob)
		which  string // what must be live; "" = nothing
		left   []string
		swaped bool
	}{
		{"before anything was made", backup.StagePlanned, func(*backup.SwapJob) { b.run("template1", "DROP DATABASE shadow") }, old, live, false},
		{"between CREATE DATABASE and the mark", backup.StageShadow, func(swap *backup.SwapJob) {
			swap.Shadow = "live_shadow_" + string(swap.Run)
			b.run("template1", "DROP DATABASE shadow", "CREATE DATABASE "+quoteIdent(swap.Shadow)+" ALLOW_CONNECTIONS false")
		}, old, live, false},
		{"while filling", backup.StageShadow, func(*backup.SwapJob) {}, old, live, false},
		{"compared", backup.StageCompared, func(*backup.SwapJob) {}, old, live, false},
		{"before the bans", backup.StageSwapping, func(*backup.SwapJob) {}, old, live, false},
		{"after one ban", backup.StageSwapping, func(*backup.SwapJob) { ban("live") }, old, live, false},
		{"after both bans", backup.StageSwapping, func(*backup.SwapJob) { ban("live", "shadow") }, old, live, false},
		{"after the commit, not journaled", backup.StageSwapping, func(swap *backup.SwapJob) { b.swapNow(*swap) }, renewed, kept, true},
		{"after the commit", backup.StageSwapped, func(swap *backup.SwapJob) { b.swapNow(*swap) }, renewed, kept, true},
		{"renamed by hand, nothing followed", backup.StageSwapping, func(swap *backup.SwapJob) {
			b.run("template1", "ALTER DATABASE live RENAME TO aside", "ALTER DATABASE shadow RENAME TO live")
			b.comment("aside", mark{Kind: markKept, Home: b.Home, Run: string(swap.Run)})
			ban("live", "aside")
		}, renewed, kept, true},
		{"only the first rename", backup.StageSwapping, func(swap *backup.SwapJob) {
			text := "the old one"
			b.run("template1", "ALTER DATABASE live RENAME TO aside")
			b.comment("aside", mark{Kind: markKept, Home: b.Home, Run: string(swap.Run), Comment: &text})
			ban("aside")
		}, old, live, false},
		{"no live database before, not swapped", backup.StageSwapping, func(swap *backup.SwapJob) {
			swap.Live, swap.Aside = "none", ""
			ban("shadow")
		}, old, live, false},
		{"no live database before, swapped", backup.StageSwapping, func(swap *backup.SwapJob) {
			swap.Live, swap.Aside = "none", ""
			b.swapNow(*swap)
		}, old, []string{"live", "none"}, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := b.with(t)
			_, swap := b.pair()
			c.state(&swap)
			for range 2 { // the second time there is nothing to do
				mended, err := b.Mend(t.Context(), b.sb, journal(swap, c.stage))
				if err != nil {
					t.Fatal(err)
				}
				if mended.Swapped != c.swaped || mended.Text == "" {
					t.Errorf("got %+v", mended)
				}
				if got := b.databases(); !slices.Equal(got, c.left) {
					t.Fatalf("databases: %q", got)
				}
				if got := b.which("live"); got != c.which {
					t.Errorf("the %s one is live", got)
				}
			}
			if _, isMark := parseMark(new(b.described("live"))); isMark {
				t.Error("a mark stayed on the live database")
			}
			if c.which == old && b.described("live") != "the old one" {
				t.Errorf("comment: %s", b.described("live"))
			}
		})
	}
}

// swapNow swaps and loses the process before the journal has it.
func (b *bench) swapNow(swap backup.SwapJob) {
	b.t.Helper()
	died := errors.New("died")
	err := b.Swap(b.t.Context(), swap, func(s backup.Stage) error {
		if s == backup.StageSwapped {
			return died
		}
		return nil
	})
	if !errors.Is(err, died) {
		b.t.Fatal(err)
	}
}

func TestMendLeavesAlone(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	t.Run("a shadow of another home", func(t *testing.T) {
		b := b.with(t)
		_, swap := b.pair()
		b.comment("shadow", mark{Kind: markShadow, Home: "other", Run: string(swap.Run)})
		b.mended(t, journal(swap, backup.StageShadow))
		b.asBefore(t)
	})
	t.Run("a shadow of another run", func(t *testing.T) {
		b := b.with(t)
		_, swap := b.pair()
		b.comment("shadow", mark{Kind: markShadow, Home: b.Home, Run: string(backup.NewID())})
		b.mended(t, journal(swap, backup.StageShadow))
		b.asBefore(t)
	})
	t.Run("a database that only has the name", func(t *testing.T) {
		b := b.with(t)
		_, swap := b.pair()
		b.run("template1", "COMMENT ON DATABASE shadow IS NULL")
		b.mended(t, journal(swap, backup.StageShadow))
		b.asBefore(t)
	})
	t.Run("a ban from before the swap", func(t *testing.T) {
		b := b.with(t)
		_, swap := b.pair()
		b.run("template1", allowSQL("live", false))
		b.mended(t, journal(swap, backup.StageShadow))
		if got := b.text("template1", "SELECT datallowconn FROM pg_database WHERE datname = 'live'"); got != "false" {
			t.Error("the ban is gone")
		}
	})
	t.Run("what a living session fills", func(t *testing.T) {
		b := b.with(t)
		_, swap := b.pair()
		a := b.mustAdmin()
		defer a.close()
		if err := a.lock(t.Context(), swap.Run); err != nil {
			t.Fatal(err)
		}
		_, err := b.Mend(t.Context(), b.sb, journal(swap, backup.StageShadow))
		wantKind(t, err, backup.Busy)
		wantKind(t, b.DropOurs(t.Context(), b.sb, "shadow"), backup.Busy)
		b.asBefore(t)
	})
}

// The server may still be at CREATE DATABASE for a process that was killed.
func TestMendWaitsForTheServer(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	_, swap := b.pair()
	b.run("template1", "DROP DATABASE shadow")
	swap.Shadow = "live_shadow_" + string(swap.Run)
	dying := b.mustAdmin()
	defer dying.close()
	if err := dying.lock(t.Context(), swap.Run); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() {
		_, err := b.Mend(t.Context(), b.sb, journal(swap, backup.StageShadow))
		ended <- err
	}()
	b.eventually("Mend looks at the lock", func() bool {
		return b.text("template1", "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query LIKE '%FROM pg_locks%'") != "0"
	})
	if err := dying.execute(t.Context(), "CREATE DATABASE "+quoteIdent(swap.Shadow)+" TEMPLATE template0 ALLOW_CONNECTIONS false"); err != nil {
		t.Fatal(err)
	}
	dying.close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if got := b.databases(); !slices.Equal(got, []string{"live"}) {
		t.Errorf("databases: %q", got)
	}
}

func (b *bench) mended(t *testing.T, r *backup.Restore) {
	t.Helper()
	if mended, err := b.Mend(t.Context(), b.sb, r); err != nil || mended.Swapped {
		t.Errorf("got %+v, %v", mended, err)
	}
}

// An undo that died must not lose the kept database.
func TestMendUndo(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	for _, stage := range []backup.Stage{backup.StagePlanned, backup.StageSwapping, backup.StageSwapped} {
		_, swap := b.pair()
		b.swapNow(swap)
		undo := backup.SwapJob{Sandbox: b.sb, Run: backup.NewID(), Live: "live", Shadow: "aside", Aside: "second"}
		if stage == backup.StageSwapping {
			b.run("template1", allowSQL("live", false), allowSQL("aside", false))
		}
		if stage == backup.StageSwapped {
			b.swapNow(undo)
		}
		mended, err := b.Mend(t.Context(), b.sb, journal(undo, stage))
		if err != nil || mended.Swapped != (stage == backup.StageSwapped) {
			t.Errorf("%s: got %+v, %v", stage, mended, err)
		}
		if stage == backup.StageSwapped {
			if b.which("live") != "old" || b.which("second") != "new" {
				t.Error("the undo was lost")
			}
		} else if b.which("live") != "new" || b.which("aside") != "old" {
			t.Errorf("%s: a database was lost", stage)
		}
	}
}
