package backup

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"time"
)

// ID names a backup or a restore: 16 lower-case hexadecimal digits, random.
type ID string

// NewID draws an ID from the system's random source.
func NewID() ID {
	var b [8]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return ID(hex.EncodeToString(b[:]))
}

// ValidateID checks the form of a whole ID.
func ValidateID(id ID) error {
	if raw, err := hex.DecodeString(string(id)); err != nil || len(raw) != 8 {
		return fmt.Errorf("%q is no ID of 16 hexadecimal digits", string(id))
	}
	return nil
}

// Scope is what a backup holds.
type Scope string

// The scopes.
const (
	ScopeDatabase Scope = "database"
	ScopeMedia    Scope = "media"
	ScopeBoth     Scope = "both"
)

// Trigger is what started a backup.
type Trigger string

// The triggers.
const (
	Scheduled  Trigger = "scheduled"
	Manual     Trigger = "manual"
	PreRestore Trigger = "pre-restore"
)

// Status is how far a run came.
type Status string

// The statuses. Interrupted means: the process that ran it is gone.
const (
	StatusRunning     Status = "running"
	StatusCompleted   Status = "completed"
	StatusFailed      Status = "failed"
	StatusInterrupted Status = "interrupted"
	StatusCancelled   Status = "cancelled"
	StatusUndone      Status = "undone" // of a restore: swapped back
	StatusDeleted     Status = "deleted"
)

// Verdict says whether a backup is restorable, as far as anybody looked.
type Verdict string

// The verdicts.
const (
	Proven    Verdict = "proven"    // a drill read everything back and it matched
	Intact    Verdict = "intact"    // its stored bytes were read and verified
	Unchecked Verdict = "unchecked" // nobody looked yet
	Broken    Verdict = "broken"    // something is missing or wrong
)

// Process names the process that runs something, so that another one can tell whether it still lives.
type Process struct {
	Host    string `json:"host"`
	Boot    string `json:"boot"` // identifies this start of the machine
	PID     int    `json:"pid"`
	Started int64  `json:"started"` // start time of the process, in the system's own ticks
}

// Fault is an error as it is kept in the history.
type Fault struct {
	Kind Kind   `json:"kind"`
	Text string `json:"text"`
	Hint string `json:"hint"`
}

// FaultOf keeps what a person may read of err; nil for nil.
func FaultOf(err error) *Fault {
	if err == nil {
		return nil
	}
	e := AsError(err)
	return &Fault{Kind: e.Kind, Text: e.Error(), Hint: e.Hint}
}

// Backup is one line of the history: a recovery point, or a try at one.
type Backup struct {
	ID            ID            `json:"id"`
	Sandbox       string        `json:"sandbox"`
	What          Scope         `json:"what"`
	Trigger       Trigger       `json:"trigger"`
	Schedule      string        `json:"schedule,omitempty"` // of a scheduled one, as it was then; "" for others
	Status        Status        `json:"status"`
	Verdict       Verdict       `json:"verdict"`
	VerdictReason string        `json:"verdict_reason"`
	VerdictAt     time.Time     `json:"verdict_at"`
	Started       time.Time     `json:"started"`
	Finished      time.Time     `json:"finished"`
	Note          string        `json:"note"`
	Who           string        `json:"who"`
	Pinned        bool          `json:"pinned"`
	Database      string        `json:"database"`
	ServerVersion string        `json:"server_version"`
	ToolsVersion  string        `json:"tools_version"`
	RawBytes      int64         `json:"raw_bytes"`   // COPY text, large objects and files
	AddedBytes    int64         `json:"added_bytes"` // by which the vault grew
	Rows          int64         `json:"rows"`
	Tables        []Table       `json:"tables,omitempty"`
	Selection     *Selection    `json:"selection,omitempty"` // nil: the whole database
	Media         []MediaFolder `json:"media,omitempty"`
	Error         *Fault        `json:"error,omitempty"`
	Process       Process       `json:"process"`
	DeletedBy     string        `json:"deleted_by,omitempty"`
	DeletedWhy    string        `json:"deleted_why,omitempty"`
	Remover       Process       `json:"remover"`             // process that deletes it
	Resume        string        `json:"resume,omitempty"`    // command that a crash kept from running: it resumes what was paused
	Uncleaned     bool          `json:"uncleaned,omitempty"` // the vault may hold what it left behind
}

// Restorable says whether a restore from b may be tried.
func (b *Backup) Restorable() bool {
	return b.Status == StatusCompleted && b.Verdict != Broken
}

// Restore is one restore: its record and, while it runs, its journal.
type Restore struct {
	ID           ID           `json:"id"`
	Backup       ID           `json:"backup"`
	Sandbox      string       `json:"sandbox"`        // the target
	What         Scope        `json:"what,omitempty"` // that was restored; "" is the database
	Media        []FolderSwap `json:"media,omitempty"`
	Connection   Connection   `json:"connection"` // of the target, so that a crash can be mended
	Target       string       `json:"target_database"`
	PreRestore   ID           `json:"pre_restore_backup"` // "" when there was nothing to save
	Shadow       string       `json:"shadow_database"`
	Replaced     string       `json:"replaced_database"` // "" when nothing was replaced, or it was dropped
	Status       Status       `json:"status"`
	Stage        Stage        `json:"stage"`
	Tables       int          `json:"tables"`
	Rows         int64        `json:"rows"`
	Started      time.Time    `json:"started"`
	Finished     time.Time    `json:"finished"`
	Who          string       `json:"who"`
	UndoOf       ID           `json:"undo_of,omitempty"`     // set when this one took another back
	Transaction  string       `json:"transaction,omitempty"` // ID of the one transaction of a restore without a shadow
	Only         []Name       `json:"only,omitempty"`        // the tables that were restored; empty: all
	File         *File        `json:"file,omitempty"`        // what was restored, where it was no backup
	RowsOnly     bool         `json:"rows_only,omitempty"`   // the tables of Only went together, from a JSON snapshot or back
	InPlace      bool         `json:"in_place,omitempty"`    // in one transaction, without a shadow
	Unsaved      bool         `json:"unsaved,omitempty"`     // no pre-restore backup could be taken: the replaced database never expires
	ReplacedGone bool         `json:"replaced_gone"`         // the replaced database was dropped to give space back
	Unsettled    bool         `json:"unsettled"`             // how it ended on the server is not known yet; a later start finds out
	Error        *Fault       `json:"error,omitempty"`
	Process      Process      `json:"process"`
}

// Stage is a step of a restore that is on record before it is taken.
type Stage string

// The stages of a restore, in order.
const (
	StagePlanned   Stage = "planned"   // approved; nothing touched
	StageSaving    Stage = "saving"    // the pre-restore backup runs
	StageShadow    Stage = "shadow"    // the shadow database is being made and filled
	StageCompared  Stage = "compared"  // the shadow equals the manifest
	StageSwapping  Stage = "swapping"  // sessions are cut, both renames are one transaction
	StageSwapped   Stage = "swapped"   // the renames are committed; settings follow
	StageDone      Stage = "done"      // nothing is left to do
	StageRecovered Stage = "recovered" // a later start cleaned up
)

// RestoredMark says on a backup when it was restored, and where to.
type RestoredMark struct {
	Restore ID        `json:"restore"`
	At      time.Time `json:"at"`
	Target  string    `json:"target"`
}
