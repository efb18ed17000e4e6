//go:build unix

package engine

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"holdfast/backup"
	"holdfast/platform"
)

// TestZoneMoves takes the machine from one time zone to the next, twice around the world, with a stay of
// a few days in each: every whole local day of a stay has exactly one run.
func TestZoneMoves(t *testing.T) {
	t.Parallel()
	places := []string{"Europe/Berlin", "Asia/Tokyo", "Pacific/Auckland", "America/Los_Angeles", "America/New_York", "Europe/Berlin", "America/Los_Angeles", "Pacific/Kiritimati", "Asia/Kathmandu", "America/St_Johns"}
	y := newYear(t, zoneOf(t, places[0]))
	runs := 0
	for trip := range 2 {
		for _, name := range places {
			y.engine.opts.Zone = zoneOf(t, name)
			y.runs = map[string]int{}
			arrived, left := y.now, y.now.Add(100*time.Hour+time.Duration(trip)*5*time.Hour)
			for ; y.now.Before(left); y.now = y.now.Add(5 * time.Minute) {
				y.look(y.now)
			}
			for day := arrived.AddDate(0, 0, 1).In(y.engine.zone()); day.AddDate(0, 0, 1).Before(left); day = day.AddDate(0, 0, 1) {
				date := day.Format(time.DateOnly)
				if n := y.runs[date]; n != 1 {
					t.Errorf("%s: %d runs on %s", name, n, date)
				}
				runs++
			}
		}
	}
	t.Logf("%d whole days in %d places", runs, len(places))
}

func zoneOf(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	must(t, err)
	return zone
}

// TestFailureOfTheFuture: a run that failed while the clock was ahead puts off nothing once it is right, and
// neither does a copy that failed or was made then.
func TestFailureOfTheFuture(t *testing.T) {
	t.Parallel()
	y := newYear(t, time.UTC)
	y.engine.opts.Now = func() time.Time { return y.now }
	ahead := y.now.AddDate(10, 0, 0)
	y.add(backup.Backup{ID: "f", Sandbox: "shop", Trigger: backup.Scheduled, Status: backup.StatusFailed, Started: ahead, Finished: ahead})
	if p := y.engine.planOf(y.sandbox, y.history, y.now); !p.Due || p.Waiting.After(y.now) {
		t.Errorf("the plan is %+v", p)
	}
	y.add(backup.Backup{ID: "g", Sandbox: "shop", Trigger: backup.Scheduled, Status: backup.StatusFailed, Started: y.now, Finished: y.now})
	if p := y.engine.planOf(y.sandbox, y.history, y.now); !p.Waiting.Equal(y.now.Add(firstRetry)) {
		t.Errorf("after a failure of now the plan is %+v", p)
	}
	failed := OffsiteState{Failures: 3, NextTry: ahead}
	if failed.waits(y.now) {
		t.Error("a copy waits for ten years")
	}
	if failed.NextTry = y.now.Add(time.Minute); !failed.waits(y.now) {
		t.Error("a copy does not wait")
	}
	if standing := y.engine.copyStanding(OffsiteState{LastSuccess: ahead}, y.now); standing != CopyBehind {
		t.Errorf("a copy of the future is %s", standing)
	}
}

// TestClockJumpsDuringARun moves the clock in the middle of a backup and of a restore, by hours and by
// years, there and back: each is what it would be, the backups verify, and from the next day on there is
// one run a day again and nothing good is pruned.
func TestClockJumpsDuringARun(t *testing.T) {
	t.Parallel()
	a := newArena(t, tortureSQL)
	want := a.fingerprint("shop")
	clock := &jumpy{now: time.Date(2031, 3, 29, 12, 0, 0, 0, zoneOf(t, "Europe/Berlin"))}
	first := clock.life(a, func(e *Engine) backup.ID { return runOnce(a, e) })
	for _, jump := range []time.Duration{-3 * time.Hour, 3 * time.Hour, -3 * 365 * 24 * time.Hour, 10 * 365 * 24 * time.Hour} {
		clock.during("tables", jump)
		clock.life(a, func(e *Engine) backup.ID {
			b, err := e.CreateBackup(t.Context(), "shop", fmt.Sprint("the clock jumps by ", jump), 0)
			if err != nil || b.Status != backup.StatusCompleted {
				t.Fatalf("%s: %v, %+v", jump, err, b)
			}
			_, err = e.VerifyBackup(t.Context(), string(b.ID), false, 0)
			must(t, err)
			return b.ID
		})
		clock.during("indexes", jump)
		clock.life(a, func(e *Engine) backup.ID {
			rec, err := e.Restore(t.Context(), RestoreRequest{Ref: string(first)})
			if err != nil || rec.Status != backup.StatusCompleted {
				t.Errorf("%s: a restore: %v, %+v", jump, err, rec)
			}
			return ""
		})
		a.whole(want)
	}
	for range 3 {
		clock.step(24 * time.Hour)
		clock.life(a, func(e *Engine) backup.ID { return runOnce(a, e) })
	}
	clock.life(a, func(e *Engine) backup.ID {
		checked, err := e.VerifyVault(t.Context(), true, 0)
		if err != nil {
			t.Errorf("%+v %v", checked, err)
		}
		all, err := e.History(t.Context(), backup.Query{Sandbox: "shop"})
		must(t, err)
		completed := 0
		for _, b := range all {
			if b.Status == backup.StatusCompleted && b.Trigger != backup.PreRestore {
				completed++
			}
		}
		if completed < 7 {
			t.Errorf("%d backups are left of those of four days and three on demand", completed)
		}
		return ""
	})
}

// runOnce wants exactly one scheduled run to be due.
func runOnce(a *arena, e *Engine) (id backup.ID) {
	a.t.Helper()
	for round := range 2 {
		ran, err := e.RunDue(a.t.Context(), true, 0)
		must(a.t, err)
		if len(ran) != 1-round {
			a.t.Errorf("look %d: %d runs", round+1, len(ran))
		}
		for _, r := range ran {
			must(a.t, r.Err)
			id = r.Backup.ID
		}
	}
	return id
}

// jumpy is a clock that jumps at a stage, once, and is right again in the next life.
type jumpy struct {
	mu    sync.Mutex
	now   time.Time
	wrong time.Duration
	at    string
	jump  time.Duration
}

func (c *jumpy) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now.Add(c.wrong)
}

func (c *jumpy) step(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by)
}

func (c *jumpy) during(stage string, jump time.Duration) { c.at, c.jump = stage, jump }

func (c *jumpy) report(p backup.Progress) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p.Stage == c.at {
		c.wrong, c.at = c.jump, ""
	}
}

// life is one life of the program by this clock.
func (c *jumpy) life(a *arena, do func(*Engine) backup.ID) (id backup.ID) {
	a.t.Helper()
	paths := platform.PathsIn(a.home())
	e, err := Open(a.t.Context(), Options{
		Version: "test", Now: c.read, Zone: c.now.Location(), Paths: &paths, KeyFile: filepath.Join(a.dir, "key"), Report: c.report,
		Approve: func(context.Context, backup.Prompt) (string, error) { return tortureApproval, nil },
	})
	must(a.t, err)
	id = do(e)
	must(a.t, e.Close(context.Background()))
	if c.at != "" {
		a.t.Errorf("the stage %q never came", c.at)
	}
	c.step(time.Minute)
	c.wrong = 0
	return id
}
