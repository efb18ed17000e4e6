package plan_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"holdfast/backup/plan"
)

func TestDue(t *testing.T) {
	const none = "0001-01-01T00:00:00Z"
	for _, c := range []struct {
		name, schedule, last, added, now string
		slot                             string // "" when nothing is due
		missed                           int
	}{
		{"just added", "daily 02:00 UTC", none, "2026-04-08T14:30:00Z", "2026-04-08T14:30:05Z", "2026-04-08T14:30:00Z", 0},
		{"just added, nothing known", "daily 02:00 UTC", none, none, "2026-04-08T14:30:05Z", "2026-04-08T02:00:00Z", 0},
		{"added days ago, never run", "daily 02:00 UTC", none, "2026-04-05T14:30:00Z", "2026-04-08T14:30:05Z", "2026-04-08T02:00:00Z", 2},
		{"added in the future", "daily 02:00 UTC", none, "2030-01-01T00:00:00Z", "2026-04-08T14:30:05Z", "2026-04-08T02:00:00Z", 0},
		{"first run done", "daily 02:00 UTC", "2026-04-08T14:30:05Z", "2026-04-08T14:30:00Z", "2026-04-09T01:59:59Z", "", 0},
		{"next slot comes", "daily 02:00 UTC", "2026-04-08T14:30:05Z", "2026-04-08T14:30:00Z", "2026-04-09T02:00:00Z", "2026-04-09T02:00:00Z", 0},
		{"done for today", "daily 02:00 UTC", "2026-04-09T02:00:00Z", none, "2026-04-09T23:59:59Z", "", 0},
		{"woken late", "daily 02:00 UTC", "2026-04-08T02:00:03Z", none, "2026-04-09T09:12:00Z", "2026-04-09T02:00:00Z", 0},
		{"late run, next slot stays", "daily 02:00 UTC", "2026-04-09T09:12:00Z", none, "2026-04-10T02:00:00Z", "2026-04-10T02:00:00Z", 0},
		{"away for a week", "daily 02:00 UTC", "2026-04-01T02:00:03Z", none, "2026-04-08T09:00:00Z", "2026-04-08T02:00:00Z", 6},
		{"added again", "daily 02:00 UTC", "2026-01-01T02:00:03Z", "2026-04-08T08:00:00Z", "2026-04-08T09:00:00Z", "2026-04-08T02:00:00Z", 0},
		{"clock set back by years", "daily 02:00 UTC", "2036-04-08T02:00:00Z", "2026-04-01T00:00:00Z", "2026-04-08T09:00:00Z", "2026-04-08T02:00:00Z", 7},
		{"clock stepped back by seconds", "daily 02:00 UTC", "2026-04-08T02:00:03Z", "2026-04-01T00:00:00Z", "2026-04-08T02:00:00Z", "", 0},
		{"clock 30 years forward", "daily 02:00 UTC", "2026-04-08T02:00:03Z", none, "2056-04-08T09:00:00Z", "2056-04-08T02:00:00Z", plan.MaxMissed},
		{"overlap, first passage", "daily 02:30 Europe/Berlin", "2026-10-24T02:30:00+02:00", none, "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+02:00", 0},
		{"overlap, second passage", "daily 02:30 Europe/Berlin", "2026-10-25T02:30:00+02:00", none, "2026-10-25T02:45:00+01:00", "", 0},
		{"gap", "daily 02:30 Europe/Berlin", "2026-03-28T02:30:00+01:00", none, "2026-03-29T03:00:00+02:00", "2026-03-29T03:00:00+02:00", 0},
		{"midnight, and the day before again", "daily 00:00 America/St_Johns", "2006-10-28T00:00:00-02:30", none, "2006-10-28T23:30:00-03:30", "2006-10-29T00:00:00-02:30", 0},
		{"midnight comes once", "daily 00:00 America/St_Johns", "2006-10-29T00:00:00-02:30", none, "2006-10-29T00:30:00-03:30", "", 0},
	} {
		slot, due, missed := parse(t, c.schedule).Due(at(t, c.last), at(t, c.added), at(t, c.now))
		if due != (c.slot != "") || missed != c.missed || due && !slot.Equal(at(t, c.slot)) || !due && !slot.IsZero() {
			t.Errorf("%s: slot %s, due %v, missed %d; want %q, missed %d", c.name, slot, due, missed, c.slot, c.missed)
		}
	}
}

func TestLastDoneLeavesOutTheFuture(t *testing.T) {
	now := at(t, "2026-04-08T02:00:00Z")
	old, newer, far := now.Add(-48*time.Hour), now.Add(-time.Hour), now.AddDate(10, 0, 0)
	if got := plan.LastDone(now, old, far, newer); !got.Equal(newer) {
		t.Errorf("got %s", got)
	}
	if got := plan.LastDone(now, far); !got.IsZero() {
		t.Errorf("only a future one: %s", got)
	}
	if got := plan.LastDone(now, old, now.Add(3*time.Second)); !got.Equal(now.Add(3 * time.Second)) {
		t.Errorf("clock stepped by seconds: %s", got)
	}
}

// TestEverySlotIsRunOnceOrMissed lets a machine sleep and wake over months: runs and missed
// slots together are exactly the slots that the schedule has.
func TestEverySlotIsRunOnceOrMissed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anySchedule(t)
		added := time.Unix(rapid.Int64Range(1_100_000_000, 2_200_000_000).Draw(t, "added"), 0)
		now, last := added, time.Time{}
		ran, missedAll := map[int64]bool{}, 0
		for range 60 {
			slot, due, missed := s.Due(last, added, now)
			if due {
				if ran[slot.Unix()] || slot.After(now) || s.Next(slot).Before(now) && !slot.Equal(added) {
					t.Fatalf("%s at %s: slot %s again, early, or not the newest", s, now, slot)
				}
				ran[slot.Unix()], last = true, now
				missedAll += missed
			}
			if _, again, _ := s.Due(last, added, now); again {
				t.Fatalf("%s at %s: still due after the run", s, now)
			}
			sleep := rapid.SampledFrom([]time.Duration{time.Minute, time.Hour, 7 * time.Hour, 30 * time.Hour}).Draw(t, "sleep")
			now = now.Add(sleep + time.Duration(rapid.IntRange(0, 3599).Draw(t, "seconds"))*time.Second)
		}
		slots := 0
		for next := s.Next(added); !next.After(last); next = s.Next(next) {
			slots++
		}
		if slots+1 != len(ran)+missedAll { // one more: the run at once
			t.Fatalf("%s: %d slots, but %d runs and %d missed", s, slots, len(ran), missedAll)
		}
	})
}

// TestAwakeMachineRunsOncePerLocalDay is promise and threat in one: a year of ticks, every day
// of it backed up once.
func TestAwakeMachineRunsOncePerLocalDay(t *testing.T) {
	for _, name := range zones {
		loc := zone(t, name)
		for _, text := range []string{"daily 00:00", "daily 02:00", "daily 02:30", "daily 23:45"} {
			s := parse(t, text).In(loc)
			now := time.Date(2011, 6, 1, 12, 0, 0, 0, loc)
			last, days, seen := now, map[string]int{}, map[string]bool{}
			for range 370 * 24 * 6 {
				now = now.Add(10 * time.Minute)
				seen[now.Format("2006-01-02")] = true
				if slot, due, _ := s.Due(last, time.Time{}, now); due {
					days[slot.Format("2006-01-02")]++
					last = now
				}
			}
			for date := range seen {
				edge := date == "2011-06-01" || date == now.Format("2006-01-02")
				if days[date] != 1 && !edge {
					t.Errorf("%s %s: %s was backed up %d times", name, text, date, days[date])
				}
			}
		}
	}
}

func TestAWrongClockSteersNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anySchedule(t)
		now := time.Unix(rapid.Int64Range(1_100_000_000, 2_200_000_000).Draw(t, "now"), 0)
		real := now.Add(-time.Duration(rapid.IntRange(0, 90*24*3600).Draw(t, "ago")) * time.Second)
		added := real.Add(-time.Hour)
		wrong := now.Add(plan.Slack + time.Duration(rapid.IntRange(1, 20*365*24*3600).Draw(t, "ahead"))*time.Second)
		slot, due, missed := s.Due(real, added, now)
		again, stillDue, stillMissed := s.Due(plan.LastDone(now, wrong, real), added, now)
		if !slot.Equal(again) || due != stillDue || missed != stillMissed {
			t.Fatalf("%s: a run dated %s changes what is due", s, wrong)
		}
		slot, due, missed = s.Due(time.Time{}, added, now)
		again, stillDue, stillMissed = s.Due(wrong, added, now)
		if !due || !slot.Equal(again) || due != stillDue || missed != stillMissed {
			t.Fatalf("%s: a run dated %s counts", s, wrong)
		}
		// The clock is years ahead for one run, then right again.
		ahead := now.AddDate(10, 0, 0)
		if _, due, _ := s.Due(real, added, ahead); !due {
			t.Fatalf("%s: nothing due after ten years", s)
		}
		if _, due, _ := s.Due(ahead, added, ahead); due {
			t.Fatalf("%s: due again right after the run", s)
		}
	})
}

// TestAMovedMachineKeepsItsPace moves the local zone about: no day is left out, no run follows at once.
func TestAMovedMachineKeepsItsPace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := plan.Default()
		now := time.Unix(rapid.Int64Range(1_100_000_000, 2_200_000_000).Draw(t, "now"), 0)
		last := now
		for range 200 {
			now = now.Add(time.Duration(rapid.IntRange(600, 12*3600).Draw(t, "tick")) * time.Second)
			here := s.In(zone(t, rapid.SampledFrom(zones).Draw(t, "zone")))
			if _, due, _ := here.Due(last, time.Time{}, now); due {
				last = now
			}
			if now.Sub(last) > 26*time.Hour {
				t.Fatalf("nothing was due in %s for %s", here.Zone(), now.Sub(last))
			}
			if _, due, _ := here.Due(last, time.Time{}, now); due {
				t.Fatalf("due again at once in %s", here.Zone())
			}
		}
	})
}
