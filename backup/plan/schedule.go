package plan

import (
	"time"
)

const (
	// Slack is how far ahead of now a run may lie and still count: clocks are stepped by
	// seconds all the time, and a slot must not run twice for it.
	Slack = time.Minute
	// MaxMissed is the largest number of missed slots that Due counts.
	MaxMissed = 1000
)

// Schedule says at which times a sandbox is backed up. The zero value is Default.
// Two schedules are the same when their Strings are.
type Schedule struct {
	text string         // canonical, without the zone; "" is Default
	rule rule           // what text means
	zone *time.Location // nil: the local one
}

// Default is what a sandbox gets that nobody made a plan for: daily at 02:00, local time.
func Default() Schedule {
	return Schedule{text: "daily 02:00", rule: dailyRule(2*60 + 0)}
}

func (s Schedule) orDefault() Schedule {
	if s.text == "" {
		d := Default()
		d.zone = s.zone
		return d
	}
	return s
}

// Zone is where the schedule's times of day hold: its own zone, else the local one.
func (s Schedule) Zone() *time.Location {
	if s.zone == nil {
		return time.Local
	}
	return s.zone
}

// In gives s with zone as its zone, unless s names one of its own. It is for calculating, when
// the machine may have moved: what is stored should go on to follow the machine.
func (s Schedule) In(zone *time.Location) Schedule {
	if s.zone == nil {
		s.zone = zone
	}
	return s
}

// Next gives the first slot after the given time, in the schedule's zone.
func (s Schedule) Next(after time.Time) time.Time {
	for slot := range s.orDefault().after(after) {
		return slot
	}
	return time.Time{} // no schedule that Parse accepts comes here
}

// NextN gives the first n slots after the given time, in the schedule's zone.
func (s Schedule) NextN(n int, after time.Time) []time.Time {
	var slots []time.Time
	if n <= 0 {
		return nil
	}
	for slot := range s.orDefault().after(after) {
		if slots = append(slots, slot); len(slots) == n {
			break
		}
	}
	return slots
}

// Due says whether a run is owed at now, and for which slot: the newest one that has come.
// Older slots since the last run are not run again but counted in missed, up to MaxMissed.
// When nothing is due, slot is zero.
//
// lastDone is when the last run that counts began (not when it ended: a run that began before
// a slot does not serve it), zero when there was none; LastDone chooses it. One that lies more
// than Slack after now was made by a wrong clock and counts as none. addedAt is when the
// sandbox was added: one without any run is due at once, for a slot of its own at addedAt, and
// slots before addedAt were never missed. Either may be zero.
func (s Schedule) Due(lastDone, addedAt, now time.Time) (slot time.Time, due bool, missed int) {
	s = s.orDefault()
	if lastDone.After(now.Add(Slack)) {
		lastDone = time.Time{}
	}
	if addedAt.After(now) {
		addedAt = time.Time{}
	}
	slot = s.newest(now)
	if lastDone.IsZero() {
		return s.dueAtOnce(slot, addedAt, now)
	}
	if !slot.After(lastDone) {
		return time.Time{}, false, 0
	}
	return slot, true, s.between(later(lastDone, addedAt), slot)
}

// dueAtOnce is Due for a sandbox without any run.
func (s Schedule) dueAtOnce(slot, addedAt, now time.Time) (time.Time, bool, int) {
	switch {
	case addedAt.After(slot):
		return addedAt, true, 0
	case slot.IsZero():
		return now, true, 0
	case addedAt.IsZero():
		return slot, true, 0
	}
	return slot, true, s.between(addedAt, slot)
}

// between counts the slots after from and before to, up to MaxMissed.
func (s Schedule) between(from, to time.Time) int {
	n := 0
	for slot := range s.after(from) {
		if !slot.Before(to) || n == MaxMissed {
			break
		}
		n++
	}
	return n
}

// LastDone gives the newest of the times that does not lie in the future of now (by more than
// Slack), for Due: what a wrong clock left behind must not hide what was really done. It is
// zero when there is none.
func LastDone(now time.Time, begun ...time.Time) time.Time {
	var last time.Time
	for _, t := range begun {
		if !t.After(now.Add(Slack)) {
			last = later(last, t)
		}
	}
	return last
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
