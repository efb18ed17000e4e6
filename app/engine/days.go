package engine

import (
	"context"
	"time"

	"holdfast/app/config"
	"holdfast/backup"
)

// DayMark is how a day went for a sandbox.
type DayMark string

// The marks of a day, from the best.
const (
	DayProven  DayMark = "proven"   // a backup of that day was restored as a drill, and matched
	DayDone    DayMark = "done"     // a backup was completed
	DayFailed  DayMark = "failed"   // one was tried, and none completed
	DayMissed  DayMark = "missed"   // one was due, and none was tried
	DayNoneDue DayMark = "none due" // also today, as long as there was no run
)

// Day is one day of a sandbox.
type Day struct {
	Date time.Time // its noon
	Mark DayMark
}

// Days says for each sandbox how its last n days went, oldest first and today last. Backups that
// were pruned since count. A day's slots are those of the schedule as it is now.
func (e *Engine) Days(ctx context.Context, n int) (map[string][]Day, error) {
	all, err := e.History(ctx, backup.Query{Deleted: true})
	if err != nil {
		return nil, err
	}
	now, days := e.opts.Now().In(e.zone()), map[string][]Day{}
	for _, s := range e.config.Sandboxes {
		for back := n - 1; back >= 0; back-- {
			noon := time.Date(now.Year(), now.Month(), now.Day()-back, 12, 0, 0, 0, now.Location())
			mark := markOf(s.Name, noon, all)
			if mark == DayNoneDue && back > 0 && e.wasDue(s, noon) {
				mark = DayMissed
			}
			days[s.Name] = append(days[s.Name], Day{Date: noon, Mark: mark})
		}
	}
	return days, nil
}

// markOf gives the best that the runs of a day came to; DayNoneDue when there was none.
func markOf(sandbox string, noon time.Time, all []backup.Backup) DayMark {
	mark := DayNoneDue
	for i := range all {
		b := &all[i]
		if b.Sandbox != sandbox || b.Trigger == backup.PreRestore || b.Started.In(noon.Location()).Format(time.DateOnly) != noon.Format(time.DateOnly) {
			continue
		}
		switch held := b.Status == backup.StatusCompleted || b.Status == backup.StatusDeleted; {
		case held && b.Verdict == backup.Proven:
			return DayProven
		case held:
			mark = DayDone
		case mark == DayNoneDue && (b.Status == backup.StatusFailed || b.Status == backup.StatusInterrupted):
			mark = DayFailed
		}
	}
	return mark
}

// wasDue says whether the schedule has a slot on a day on which the sandbox was there.
func (e *Engine) wasDue(s config.Sandbox, noon time.Time) bool {
	begin := time.Date(noon.Year(), noon.Month(), noon.Day(), 0, 0, 0, 0, noon.Location())
	if s.Added.After(begin) {
		begin = s.Added
	}
	slot := s.Schedule.In(e.zone()).Next(begin.Add(-time.Nanosecond))
	return !slot.IsZero() && slot.In(noon.Location()).Format(time.DateOnly) == noon.Format(time.DateOnly)
}
