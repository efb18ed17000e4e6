package plan

import "time"

// The grace after a slot is a quarter of the time to the next one, between these.
const (
	leastGrace = 30 * time.Minute
	mostGrace  = 12 * time.Hour
)

// OverdueAt gives from when on a sandbox is overdue whose newest good run began at lastDone: the
// first slot that it does not serve, and a grace after that, which leaves room for catching up.
// Arguments are as for Due; of a sandbox without any good run the first slot is addedAt. It is
// zero when neither is known. A lastDone in the future, which a wrong clock made, is overdue at
// no time: filter those first, with LastDone.
func (s Schedule) OverdueAt(lastDone, addedAt time.Time) time.Time {
	slot := addedAt
	if !lastDone.IsZero() {
		slot = s.Next(later(lastDone, addedAt))
	}
	if slot.IsZero() {
		return slot
	}
	grace := s.Next(slot).Sub(slot) / 4
	return slot.Add(min(max(grace, leastGrace), mostGrace))
}
