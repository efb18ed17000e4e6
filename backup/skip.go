package backup

import "time"

// Skip is a scheduled run that was due and was not begun, and why. It is made up for when what
// kept it is over.
type Skip struct {
	Sandbox string     `json:"sandbox"`
	Slot    time.Time  `json:"slot"` // the run that was due
	At      time.Time  `json:"at"`   // when it was first not begun
	Reason  SkipReason `json:"reason"`
}

// SkipReason is why a run was not begun.
type SkipReason string

// The reasons.
const (
	SkipPaused  SkipReason = "paused"
	SkipBattery SkipReason = "on battery"
)
