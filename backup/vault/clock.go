package vault

import (
	"sync"
	"time"
)

// forwardClock is a clock that never gives a time twice, and none before the latest that the
// vault has seen.
//
// Kopia keeps for each content and each manifest the entry with the latest time, deletions among
// them. Were the machine's clock set back, a content that is written again would lose against
// its own old deletion, and a deleted backup would be listed again. The floor is kept in the
// vault's record, for other processes and later runs.
type forwardClock struct {
	now func() time.Time

	mu    sync.Mutex
	floor time.Time
}

// Now gives the present time, or one just past the floor if that is later.
func (c *forwardClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.floor = later(c.now(), c.floor.Add(time.Microsecond))
	return c.floor
}

// raise lifts the floor to t; a lower t changes nothing.
func (c *forwardClock) raise(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.floor = later(c.floor, t)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
