package backup_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"holdfast/backup"
)

var retentionZones = []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC"}

// history draws backups of one sandbox, some of them odd, newest last.
func history(t *rapid.T, now time.Time) []backup.Backup {
	var all []backup.Backup
	one := rapid.Custom(func(t *rapid.T) backup.Backup {
		return backup.Backup{
			Sandbox: "shop",
			What:    rapid.SampledFrom([]backup.Scope{backup.ScopeDatabase, backup.ScopeDatabase, backup.ScopeMedia, backup.ScopeBoth}).Draw(t, "what"),
			Trigger: rapid.SampledFrom([]backup.Trigger{backup.Scheduled, backup.Scheduled, backup.Manual, backup.PreRestore}).Draw(t, "trigger"),
			Status:  rapid.SampledFrom([]backup.Status{backup.StatusCompleted, backup.StatusCompleted, backup.StatusCompleted, backup.StatusRunning, backup.StatusFailed, backup.StatusInterrupted, backup.StatusDeleted}).Draw(t, "status"),
			Verdict: rapid.SampledFrom([]backup.Verdict{backup.Intact, backup.Intact, backup.Unchecked, backup.Broken}).Draw(t, "verdict"),
			Pinned:  rapid.IntRange(0, 9).Draw(t, "pinned") == 0,
			Started: now.Add(time.Duration(rapid.IntRange(-120*24*60, 5*24*60).Draw(t, "minutes")) * time.Minute),
		}
	})
	for i, b := range rapid.SliceOfN(one, 0, 40).Draw(t, "history") {
		b.ID = backup.ID(fmt.Sprintf("%03d", i))
		all = append(all, b)
	}
	return all
}

func anyRetention(t *rapid.T) backup.Retention {
	number := rapid.SampledFrom([]int{0, 0, 1, 3, 7})
	return backup.Retention{
		Daily: number.Draw(t, "daily"), Weekly: number.Draw(t, "weekly"), Monthly: number.Draw(t, "monthly"),
		Newest: number.Draw(t, "newest"), Days: rapid.SampledFrom([]int{0, 0, 1, 30}).Draw(t, "days"),
	}
}

// drawn is what every property starts from.
type drawn struct {
	now   time.Time
	zone  *time.Location
	rules backup.RetentionRules
	all   []backup.Backup
}

func drawCase(t *rapid.T) drawn {
	zone, err := time.LoadLocation(rapid.SampledFrom(retentionZones).Draw(t, "zone"))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(rapid.Int64Range(1_300_000_000, 2_000_000_000).Draw(t, "now"), 0).UTC()
	rules := backup.RetentionRules{Scheduled: anyRetention(t), OnDemand: anyRetention(t), PreRestore: anyRetention(t)}
	return drawn{now, zone, rules, history(t, now)}
}

// fates gives whether each backup that is listed is kept.
func (d drawn) fates(all []backup.Backup) map[backup.ID]bool {
	kept := map[backup.ID]bool{}
	for _, f := range d.rules.Review("shop", all, d.zone, d.now) {
		kept[f.Backup.ID] = f.Keep
	}
	return kept
}

func newestOf(all []backup.Backup, is func(backup.Backup) bool) (newest *backup.Backup) {
	for i := range all {
		if is(all[i]) && (newest == nil || all[i].Started.After(newest.Started)) {
			newest = &all[i]
		}
	}
	return newest
}

func TestReviewNeverPrunesWhatMustStay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawCase(t)
		kept := d.fates(d.all)
		for _, b := range d.all {
			keep, listed := kept[b.ID]
			contents := b.Status == backup.StatusCompleted || b.Status == backup.StatusRunning
			if listed != contents {
				t.Fatalf("%s (%s) is listed: %v", b.ID, b.Status, listed)
			}
			if listed && !keep && (b.Pinned || b.Status == backup.StatusRunning || b.Started.After(d.now)) {
				t.Fatalf("pruned: %+v", b)
			}
		}
		past := func(b backup.Backup) bool { return b.Status == backup.StatusCompleted && !b.Started.After(d.now) }
		for name, is := range map[string]func(backup.Backup) bool{
			"newest":            past,
			"newest restorable": func(b backup.Backup) bool { return past(b) && b.Restorable() },
			"newest database":   func(b backup.Backup) bool { return past(b) && b.Restorable() && b.What != backup.ScopeMedia },
			"newest media":      func(b backup.Backup) bool { return past(b) && b.Restorable() && b.What != backup.ScopeDatabase },
		} {
			if b := newestOf(d.all, is); b != nil && !kept[b.ID] {
				t.Fatalf("the %s is pruned: %+v", name, *b)
			}
		}
	})
}

// TestReviewIsSteeredByContentsOnly takes out what must not matter, or mixes the order.
func TestReviewIsSteeredByContentsOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawCase(t)
		before := d.fates(d.all)
		for name, odd := range map[string]func(backup.Backup) bool{
			"future":      func(b backup.Backup) bool { return b.Started.After(d.now) },
			"no contents": func(b backup.Backup) bool { return b.Status != backup.StatusCompleted },
			"order":       func(backup.Backup) bool { return false },
		} {
			rest := slices.DeleteFunc(slices.Clone(d.all), odd)
			slices.Reverse(rest)
			for id, keep := range d.fates(rest) {
				if keep != before[id] {
					t.Fatalf("%s: %s is kept: %v, before: %v", name, id, keep, before[id])
				}
			}
		}
	})
}

func TestBrokenBackupsDisplaceNoGoodOnes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawCase(t)
		with := d.fates(d.all)
		without := d.fates(slices.DeleteFunc(slices.Clone(d.all), func(b backup.Backup) bool { return b.Verdict == backup.Broken }))
		for _, b := range d.all {
			if b.Restorable() && without[b.ID] && !with[b.ID] {
				t.Fatalf("%s is pruned because of a broken one", b.ID)
			}
		}
	})
}

func TestPruningAgainPrunesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawCase(t)
		kept := d.fates(d.all)
		left := slices.DeleteFunc(slices.Clone(d.all), func(b backup.Backup) bool { return !kept[b.ID] })
		for id, keep := range d.fates(left) {
			if !keep {
				t.Fatalf("%s is pruned the second time", id)
			}
		}
	})
}

// TestTwoYearsOfDays backs up and prunes day after day and looks at what is there each time.
func TestTwoYearsOfDays(t *testing.T) {
	rules := backup.RetentionRules{Scheduled: backup.Retention{Daily: 7, Weekly: 4, Monthly: 12}}
	for _, name := range retentionZones {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		var all []backup.Backup
		for day := range 800 {
			now := time.Date(2010, 6, 1+day, 2, 0, 0, 0, zone)
			for run, at := range []time.Time{now, now.Add(10 * time.Hour)} {
				all = append(all, backup.Backup{ID: backup.ID(fmt.Sprintf("%d-%d", day, run)), Sandbox: "shop", Trigger: backup.Scheduled, Status: backup.StatusCompleted, Started: at})
			}
			now = now.Add(10 * time.Hour)
			var left []backup.Backup
			tiers := map[backup.Tier]int{}
			for _, f := range rules.Review("shop", all, zone, now) {
				if f.Keep {
					left = append(left, *f.Backup)
					tiers[f.Tier]++
				}
			}
			all = left
			if day > 400 && (tiers[backup.TierDaily] != 7 || tiers[backup.TierWeekly] < 2 || tiers[backup.TierWeekly] > 3 || tiers[backup.TierMonthly] < 10 || tiers[backup.TierMonthly] > 12) {
				t.Fatalf("%s, %s: %v", name, now, tiers)
			}
			if oldest := all[len(all)-1].Started; day > 400 && now.Sub(oldest) < 300*24*time.Hour {
				t.Fatalf("%s, %s: the oldest is of %s", name, now, oldest)
			}
		}
	}
}
