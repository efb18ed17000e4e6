package plan

import (
	"iter"
	"sort"
	"time"
)

// horizon is for how many days a slot is looked for. The rarest schedule that cron can say,
// 29 February where it is a Sunday, pauses for 40 years around 2100.
const horizon = 50 * 366

// rule is a set of times on a set of days, as cron knows them. Bit n of a set stands for n.
type rule struct {
	minutes, hours, days, months, weekdays uint64

	anyDay     bool // the field of the days began with a star: both day and weekday must match
	anyWeekday bool // the same for the weekdays
	lastDay    bool // a day that a month does not have is its last one
}

// rangeOf is the set from, from+step, … up to to.
func rangeOf(from, to, step int) (set uint64) {
	for n := from; n <= to; n += step {
		set |= 1 << n
	}
	return set
}

// everyDay is every day at no time.
var everyDay = rule{days: rangeOf(1, 31, 1), months: rangeOf(1, 12, 1), weekdays: rangeOf(0, 6, 1), anyDay: true, anyWeekday: true}

// dailyRule is every day, at the given minute of the day.
func dailyRule(minute int) rule {
	r := everyDay
	r.hours, r.minutes = 1<<(minute/60), 1<<(minute%60)
	return r
}

func has(set uint64, n int) bool { return set>>n&1 == 1 }

// matches says whether the rule has slots on a day, given as midnight UTC.
func (r rule) matches(day time.Time) bool {
	if !has(r.months, int(day.Month())) {
		return false
	}
	date, weekday := has(r.days, day.Day()), has(r.weekdays, int(day.Weekday()))
	if r.lastDay && day.AddDate(0, 0, 1).Day() == 1 {
		date = date || r.days>>day.Day() != 0
	}
	if r.anyDay || r.anyWeekday {
		return date && weekday
	}
	return date || weekday
}

// times gives the rule's minutes of a day, ascending.
func (r rule) times() iter.Seq[int] {
	return func(yield func(int) bool) {
		for hour := range 24 {
			for minute := 0; has(r.hours, hour) && minute < 60; minute++ {
				if has(r.minutes, minute) && !yield(hour*60+minute) {
					return
				}
			}
		}
	}
}

// on gives the slots of one day, given as midnight UTC, ascending and on that day in zone.
func (r rule) on(day time.Time, zone *time.Location) (slots []time.Time) {
	if !r.matches(day) {
		return nil
	}
	var beyond time.Time
	for minute := range r.times() {
		slot := reached(day.Add(time.Duration(minute)*time.Minute), zone)
		if !dayOf(slot).Equal(day) {
			beyond = slot // the clock jumped over the rest of the day
			break
		}
		if len(slots) == 0 || slot.After(slots[len(slots)-1]) {
			slots = append(slots, slot)
		}
	}
	if len(slots) > 0 {
		return slots
	}
	// A jump over midnight took the only slots. The day, if there was one, still gets its run.
	if last := beyond.Add(-time.Second); dayOf(last).Equal(day) {
		return []time.Time{last}
	}
	return nil
}

// reached gives the first moment at which the clocks of zone show wall, a time of day written
// as UTC, or later. It rises with wall, whatever the clocks do.
//
// It compares offsets instead of asking Time.ZoneBounds, which can end a period at the very
// time it was asked about (Go 1.26, last days of a leap year after 2037).
func reached(wall time.Time, zone *time.Location) time.Time {
	t := wall.Add(-24 * time.Hour).In(zone) // before it: no zone is a day ahead of UTC
	for {
		at := wall.Add(-offset(t)).In(zone)
		if offset(at) == offset(t) {
			return at
		}
		t = change(t, at)
		if !wall.Add(-offset(t)).After(t) {
			return t // the clocks jump over wall, or to it
		}
	}
}

func offset(t time.Time) time.Duration {
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second
}

// change gives the second between t and a later time from which the offset is no longer t's.
func change(t, to time.Time) time.Time {
	seconds := int(to.Sub(t) / time.Second)
	n := sort.Search(seconds, func(n int) bool { return offset(t.Add(time.Duration(n)*time.Second)) != offset(t) })
	return t.Add(time.Duration(n) * time.Second)
}

// dayOf gives the day that t's own zone shows, as midnight UTC.
func dayOf(t time.Time) time.Time {
	year, month, day := t.Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// after gives the slots after t, ascending. It starts a day early: where clocks go back over
// midnight, the day before comes again.
func (s Schedule) after(t time.Time) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		day := dayOf(t.In(s.Zone())).AddDate(0, 0, -1)
		for idle := 0; idle < horizon; idle++ {
			for _, slot := range s.rule.on(day, s.Zone()) {
				idle = 0
				if slot.After(t) && !yield(slot) {
					return
				}
			}
			day = day.AddDate(0, 0, 1)
		}
	}
}

// newest gives the last slot that is not after t; zero when there is none for decades.
func (s Schedule) newest(t time.Time) time.Time {
	day := dayOf(t.In(s.Zone())).AddDate(0, 0, 1)
	for range horizon {
		slots := s.rule.on(day, s.Zone())
		for i := len(slots) - 1; i >= 0; i-- {
			if !slots[i].After(t) {
				return slots[i]
			}
		}
		day = day.AddDate(0, 0, -1)
	}
	return time.Time{}
}
