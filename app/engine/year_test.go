package engine

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"holdfast/app/config"
	"holdfast/backup"
	"holdfast/backup/plan"
)

// year is a machine that lives through a year: it sleeps at weekends and over lunch, its server
// is down for the small hours of every third night, on Wednesdays it is on its battery until 9:00, its
// clock is set wrong now and then. What is
// due, and what is kept, is asked of the same functions as in the program; only the backup
// itself is stood in for.
type year struct {
	t       *testing.T
	engine  *Engine
	sandbox config.Sandbox
	rules   backup.RetentionRules
	now     time.Time
	history []backup.Backup // newest first
	runs    map[string]int  // completed ones, by local day
	failed  int
	late    int             // completed ones that caught up
	skipped map[string]bool // slots that came on battery
	pruned  int
	number  int
}

func newYear(t *testing.T, zone *time.Location) *year {
	t.Helper()
	rule := func(text string) backup.Retention {
		r, err := backup.ParseRetention(text)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	start := time.Date(2026, 1, 1, 12, 0, 0, 0, zone)
	return &year{
		t: t, engine: &Engine{opts: Options{Zone: zone}},
		sandbox: config.Sandbox{Name: "shop", Schedule: plan.Default(), Added: start},
		rules:   backup.RetentionRules{Scheduled: rule("7 daily, 4 weekly, 12 monthly"), OnDemand: rule("3 newest, 30 days"), PreRestore: rule("3 newest, 30 days")},
		now:     start, runs: map[string]int{}, skipped: map[string]bool{},
	}
}

// asleep says whether the machine is suspended at a local time: from Saturday noon to Monday 7:00,
// and from 12:00 to 13:00 every day.
func asleep(t time.Time) bool {
	switch {
	case t.Hour() == 12:
		return true
	case t.Weekday() == time.Saturday:
		return t.Hour() >= 12
	case t.Weekday() == time.Sunday:
		return true
	case t.Weekday() == time.Monday:
		return t.Hour() < 7
	}
	return false
}

// down says whether the server does not answer: every third night from midnight to 5:00.
func down(t time.Time) bool { return t.YearDay()%3 == 0 && t.Hour() < 5 }

// onBattery says whether the machine is on its battery, where only mains will do: on Wednesdays until 9:00.
func onBattery(t time.Time) bool { return t.Weekday() == time.Wednesday && t.Hour() < 9 }

// look is one wake of the scheduler.
func (y *year) look(now time.Time) {
	p := y.engine.planOf(y.sandbox, y.history, now)
	if !p.Due || p.Waiting.After(now) {
		return
	}
	if onBattery(now.In(y.engine.zone())) {
		y.skipped[p.Slot.UTC().Format(time.RFC3339)] = true
		return
	}
	y.number++
	b := backup.Backup{
		ID: backup.ID(fmt.Sprintf("%016x", y.number)), Sandbox: "shop", What: backup.ScopeDatabase, Trigger: backup.Scheduled,
		Status: backup.StatusCompleted, Verdict: backup.Intact, Started: now, Finished: now,
	}
	if down(now.In(y.engine.zone())) {
		b.Status = backup.StatusFailed
		y.failed++
		y.add(b)
		return
	}
	if p.Missed > 0 {
		y.late++
	}
	y.add(b)
	y.runs[now.In(y.engine.zone()).Format(time.DateOnly)]++
	y.prune(now)
}

func (y *year) add(b backup.Backup) {
	y.history = append(y.history, b)
	slices.SortStableFunc(y.history, func(a, b backup.Backup) int { return b.Started.Compare(a.Started) })
}

func (y *year) prune(now time.Time) {
	gone := map[backup.ID]bool{}
	for _, fate := range y.rules.Review("shop", y.history, y.engine.zone(), now) {
		if !fate.Keep {
			gone[fate.Backup.ID] = true
		}
	}
	y.pruned += len(gone)
	old := y.history
	y.history = nil
	for _, b := range old {
		recent := now.Sub(b.Started) < 48*time.Hour // failed lines are looked at for retries only
		if !gone[b.ID] && (b.Status == backup.StatusCompleted || recent) {
			y.history = append(y.history, b)
		}
	}
}

// live goes through the year in steps of five minutes. Four times the clock is wrong for three
// hours: by ten years ahead, and by ten years back.
func (y *year) live() {
	zone := y.engine.zone()
	end := y.now.AddDate(1, 0, 0)
	for ; y.now.Before(end); y.now = y.now.Add(5 * time.Minute) {
		local := y.now.In(zone)
		if asleep(local) {
			continue
		}
		seen := y.now
		if wrong := local.Day() == 15 && local.Month()%3 == 0 && local.Hour() >= 14 && local.Hour() < 17; wrong {
			seen = y.now.AddDate(10-20*(int(local.Month())/3%2), 0, 0)
		}
		y.look(seen)
	}
}

// TestYear: in three time zones, with the hour that is skipped and the hour that comes twice,
// each local day on which the machine was awake has exactly one run, and exactly those survive
// that the rules name, worked out here in another way.
func TestYear(t *testing.T) {
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "zone\tdays awake\tdays with one run\tfailed tries\tskipped on battery\tcaught up\tpruned\tsurvivors")
	for _, name := range []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		y := newYear(t, zone)
		y.live()
		awake, right := y.days()
		kept := y.survivors()
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\n", name, awake, right, y.failed, len(y.skipped), y.late, y.pruned, len(kept))
		if awake != right {
			t.Errorf("%s: %d of %d days have exactly one run", name, right, awake)
		}
		if want := y.expected(); !slices.Equal(kept, want) {
			t.Errorf("%s: survivors\n%s\nwant\n%s", name, strings.Join(kept, "\n"), strings.Join(want, "\n"))
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + table.String())
}

// days counts the local days on which the machine was awake after the slot, and those with
// exactly one run. Days of a clock that was wrong are not this year's.
func (y *year) days() (awake, right int) {
	zone := y.engine.zone()
	for d := y.sandbox.Added; d.Before(y.now); d = d.AddDate(0, 0, 1) {
		if d.In(zone).Weekday() == time.Sunday {
			continue
		}
		awake++
		if y.runs[d.In(zone).Format(time.DateOnly)] == 1 {
			right++
		}
	}
	return awake, right
}

// survivors gives the local times of the completed backups that are left, without those from a
// future that a wrong clock made, newest first.
func (y *year) survivors() (list []string) {
	for _, b := range y.history {
		if b.Status == backup.StatusCompleted && !b.Started.After(y.now) && b.Started.Year() > 2020 {
			list = append(list, b.Started.In(y.engine.zone()).Format(time.DateOnly))
		}
	}
	return list
}

// expected works out which days must be left: the seven newest days with a run, the newest day
// of each of the four newest weeks, and of each of the twelve newest months.
func (y *year) expected() []string {
	var all []string
	for day := range y.runs {
		if day > "2020" && day < "2030" {
			all = append(all, day)
		}
	}
	slices.Sort(all)
	slices.Reverse(all)
	want := map[string]bool{}
	newestOf := func(most int, period func(time.Time) string) {
		seen := map[string]bool{}
		for _, day := range all {
			at, err := time.Parse(time.DateOnly, day)
			if err != nil {
				y.t.Fatal(err)
			}
			if key := period(at); !seen[key] && len(seen) < most {
				seen[key] = true
				want[day] = true
			}
		}
	}
	newestOf(7, func(t time.Time) string { return t.Format(time.DateOnly) })
	newestOf(4, func(t time.Time) string { year, week := t.ISOWeek(); return fmt.Sprint(year, week) })
	newestOf(12, func(t time.Time) string { return t.Format("2006-01") })
	var list []string
	for _, day := range all {
		if want[day] {
			list = append(list, day)
		}
	}
	return list
}
