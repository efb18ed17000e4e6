package backup

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Retention says which backups are kept. A backup is kept when any of its numbers keeps it;
// a number of 0 keeps none. The zero Retention keeps everything.
type Retention struct {
	Daily   int // the newest backup of each of that many days, the most recent ones that have a backup
	Weekly  int // the same for weeks, which begin on Monday
	Monthly int // the same for calendar months
	Newest  int // that many backups, the newest ones
	Days    int // all backups that are younger than that many times 24 hours
}

// RetentionRules are a sandbox's rules, one per trigger. The zero value prunes nothing.
type RetentionRules struct {
	Scheduled  Retention
	OnDemand   Retention
	PreRestore Retention
}

// DefaultRetention keeps 7 daily backups; of those made on demand and of those made before
// restores the 3 newest for ever and the rest for 30 days.
func DefaultRetention() RetentionRules {
	few := Retention{Newest: 3, Days: 30}
	return RetentionRules{Scheduled: Retention{Daily: 7}, OnDemand: few, PreRestore: few}
}

// Tier says as what a backup is kept.
type Tier string

// The tiers. A scheduled backup that is kept by number or age alone has none.
const (
	TierDaily      Tier = "daily"
	TierWeekly     Tier = "weekly"
	TierMonthly    Tier = "monthly"
	TierOnDemand   Tier = "on-demand"
	TierPreRestore Tier = "pre-restore"
)

// Fate is what retention decides about one backup.
type Fate struct {
	Backup *Backup // points into the slice that was reviewed
	Keep   bool    // false: to be pruned
	Tier   Tier    // "" when it has none
	Reason string  // in words, for the screen: "pinned", "the newest of 2026-04-08"
}

// longPause is from which length on a time without any completed backup does not age the older
// ones: a clock that is years ahead must not make everything old at one blow.
const longPause = 400 * 24 * time.Hour

// Review decides about every completed or running backup of one sandbox, newest first. Lines of
// other sandboxes, and those that hold nothing (failed, interrupted, cancelled, deleted), are
// left out. Days, weeks and months are those of zone (nil: the local one), and a backup belongs
// to the one in which it started. It prunes nothing that
//
//   - is running, pinned, or has a trigger that this program does not know;
//   - is the newest completed backup of the sandbox's database or media, or the newest of them
//     that can be restored;
//   - started after now, or has no date. Such a backup takes no place of another one either.
//
// A broken backup takes no place of one that can be restored. One that follows a pause of more
// than 400 days, as a clock that is years ahead makes it, takes no place of the older ones until
// those that follow the pause fill all places by themselves.
func (r RetentionRules) Review(sandbox string, backups []Backup, zone *time.Location, now time.Time) []Fate {
	if zone == nil {
		zone = time.Local
	}
	var lines, contents []*Backup
	for i := range backups {
		b := &backups[i]
		if b.Sandbox != sandbox || b.Status != StatusCompleted && b.Status != StatusRunning {
			continue
		}
		lines = append(lines, b)
		if b.Status == StatusCompleted && dated(b, now) {
			contents = append(contents, b)
		}
	}
	slices.SortFunc(lines, newestFirst)
	slices.SortFunc(contents, newestFirst)
	v := review{rules: r, zone: zone, ruled: map[*Backup]ruling{}, last: map[*Backup]string{}}
	v.ages, v.eras = agesOf(contents, now)
	v.run(contents)
	fates := make([]Fate, 0, len(lines))
	for _, b := range lines {
		fates = append(fates, v.fate(b, now))
	}
	return fates
}

// review is one run of Review.
type review struct {
	rules RetentionRules
	zone  *time.Location
	ages  map[*Backup]time.Duration
	eras  map[*Backup]int    // how many long pauses lie between a backup and now
	ruled map[*Backup]ruling // those that a rule keeps
	last  map[*Backup]string // those that must stay whatever the rules say, and why
}

type ruling struct {
	tier   Tier
	reason string
}

// run looks at database and media apart, so that a backup of one never takes the place of the
// other, and at the restorable ones first, so that a broken one never takes a place of theirs.
func (v *review) run(contents []*Backup) {
	for _, part := range []Scope{ScopeDatabase, ScopeMedia} {
		all := filter(contents, func(b *Backup) bool { return holds(b, part) })
		good := filter(all, (*Backup).Restorable)
		v.keepNewest(good, "the newest backup that can be restored")
		v.keepNewest(all, "the newest backup")
		for _, trigger := range []Trigger{Scheduled, Manual, PreRestore} {
			isOf := func(b *Backup) bool { return b.Trigger == trigger }
			v.apply(v.rules.of(trigger), filter(good, isOf), true)
			v.apply(v.rules.of(trigger), filter(all, isOf), false)
		}
	}
}

func (v *review) keepNewest(backups []*Backup, why string) {
	if len(backups) > 0 {
		v.last[backups[0]] = why
	}
}

// apply marks what rule keeps of backups, newest first, among those that are as restorable as asked.
func (v *review) apply(rule Retention, backups []*Backup, restorable bool) {
	mark := func(b *Backup, tier Tier, reason string) {
		if _, known := v.ruled[b]; !known && b.Restorable() == restorable {
			v.ruled[b] = ruling{tier, reason}
		}
	}
	for _, p := range v.periods(rule) {
		seen, era := map[string]bool{}, 0
		for _, b := range backups {
			if v.eras[b] != era && len(seen) < p.places {
				seen, era = map[string]bool{}, v.eras[b]
			}
			name := p.name(b.Started.In(v.zone))
			if seen[name] || len(seen) == p.places {
				continue
			}
			seen[name] = true
			mark(b, p.tier, "the newest of "+name)
		}
	}
	for i, b := range backups {
		switch {
		case rule == Retention{}:
			mark(b, "", "everything is kept")
		case i < rule.Newest:
			mark(b, "", rankWords(rule.Newest))
		case v.ages[b] < time.Duration(rule.Days)*24*time.Hour:
			mark(b, "", fmt.Sprintf("younger than %s", counted(rule.Days, "day")))
		}
	}
}

// period is a tier of the calendar.
type period struct {
	tier   Tier
	places int
	name   func(local time.Time) string
}

func (v *review) periods(r Retention) []period {
	return []period{
		{TierDaily, r.Daily, func(t time.Time) string { return t.Format("2006-01-02") }},
		{TierWeekly, r.Weekly, func(t time.Time) string {
			year, week := t.ISOWeek()
			return fmt.Sprintf("week %d of %d", week, year)
		}},
		{TierMonthly, r.Monthly, func(t time.Time) string { return t.Format("January 2006") }},
	}
}

// fate puts together what is known about one backup.
func (v *review) fate(b *Backup, now time.Time) Fate {
	ruled, keep := v.ruled[b]
	f := Fate{Backup: b, Keep: true, Tier: ruled.tier}
	if b.Trigger == Manual {
		f.Tier = TierOnDemand
	}
	if b.Trigger == PreRestore {
		f.Tier = TierPreRestore
	}
	switch why, last := v.last[b]; {
	case b.Status == StatusRunning:
		f.Reason = "still running"
	case b.Pinned:
		f.Reason = "pinned"
	case !dated(b, now):
		f.Reason = "its date is in the future or missing, so its age is not known"
	case keep:
		f.Reason = ruled.reason
	case last:
		f.Reason = why
	case !slices.Contains([]Trigger{Scheduled, Manual, PreRestore}, b.Trigger):
		f.Reason = "its trigger is not known to this program"
	default:
		f.Keep, f.Reason = false, fmt.Sprintf("the rule %q does not keep it", v.rules.of(b.Trigger))
	}
	return f
}

func (r RetentionRules) of(t Trigger) Retention {
	switch t {
	case Manual:
		return r.OnDemand
	case PreRestore:
		return r.PreRestore
	default:
		return r.Scheduled
	}
}

// dated says whether the date of b can be believed.
func dated(b *Backup, now time.Time) bool { return !b.Started.IsZero() && !b.Started.After(now) }

func holds(b *Backup, part Scope) bool {
	return b.What == part || b.What == ScopeBoth || part == ScopeDatabase && b.What != ScopeMedia
}

// Holds says whether the backup has the database, or the folders, in it.
func (b *Backup) Holds(part Scope) bool { return holds(b, part) }

func newestFirst(a, b *Backup) int {
	return cmp.Or(b.Started.Compare(a.Started), cmp.Compare(a.ID, b.ID))
}

func filter(backups []*Backup, keep func(*Backup) bool) (some []*Backup) {
	for _, b := range backups {
		if keep(b) {
			some = append(some, b)
		}
	}
	return some
}

// agesOf gives how old the backups are, newest first, without the long pauses, and how many of
// those lie between each of them and the newest.
func agesOf(contents []*Backup, now time.Time) (ages map[*Backup]time.Duration, eras map[*Backup]int) {
	ages, eras = map[*Backup]time.Duration{}, map[*Backup]int{}
	age, era := time.Duration(0), 0
	for i, b := range contents {
		pause := now.Sub(b.Started)
		if pause < longPause {
			age += pause
		} else if i > 0 {
			era++
		}
		ages[b], eras[b], now = age, era, b.Started
	}
	return ages, eras
}

func rankWords(places int) string {
	if places == 1 {
		return "the newest of its kind"
	}
	return fmt.Sprintf("one of the %d newest", places)
}
