package views

import (
	"time"

	"holdfast/backup"
)

// Health is how well something is protected.
type Health int

// The healths, from none to best.
const (
	NotYet Health = iota // no completed backup yet
	NeedsAttention
	Protected
)

// State is everything that the window shows.
type State struct {
	Now       time.Time
	Zone      *time.Location
	Setup     *Setup // the first start; nil when there is a vault
	Sandboxes []Sandbox
	Reminders []Reminder
	SameDisk  bool   // the vault is on the same disk as the home folder
	Vault     string // where it is
}

// Sandbox is one sandbox with its history.
type Sandbox struct {
	Name         string
	Health       Health
	Why          string // in words, when it needs attention
	Last         time.Time
	LastVerdict  backup.Verdict
	Next         time.Time // the next scheduled run
	Due          bool      // it is due now
	Backups      []backup.Backup
	Details      *backup.Backup // the chosen one with its tables
	Undo         *Undo
	Busy         *Busy
	Problem      *backup.Fault // of the last thing that was asked for
	AllowRestore bool
}

// Undo offers to take a restore back.
type Undo struct {
	Restore backup.ID
	At      time.Time
}

// Busy is a run in progress.
type Busy struct {
	Title    string
	Progress backup.Progress
	Rate     float64       // bytes a second; 0 when not known
	Left     time.Duration // 0 when not known
	Stopping bool
}

// Reminder is something that Holdfast does not do by itself.
type Reminder struct {
	Key, Title, Text string
}

// Setup is the first start.
type Setup struct {
	Path     string // proposed place of the vault
	Free     int64  // bytes
	SameDisk bool
	Key      string // the recovery key once the vault is made; "" before
	Problem  *backup.Fault
	Busy     bool
}

// Question is the gate's prompt.
type Question struct {
	Prompt  backup.Prompt
	Verb    string // of the button: "Replace shop"
	Trouble string // why the last answer was not taken; "" at first
}

// Attempt is what came of trying a connection.
type Attempt struct {
	OK      bool
	Problem *backup.Fault
}
