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

// Trouble is why a sandbox needs attention.
type Trouble int

// The troubles.
const (
	TroubleNone Trouble = iota
	TroubleKey          // the vault key is missing
	TroubleNoBackup
	TroubleOverdue
	TroubleFailed      // the last try
	TroubleNeverWorked // every try
	TroubleBroken      // the newest backup
	TroubleLoss        // of data, between two backups
)

// Section is a part of the window's content.
type Section int

// The sections: those of a sandbox, those of the Activity page, the Reminders, the Preferences and the
// Off-site page.
const (
	SectionBackups Section = iota
	SectionSchedule
	SectionRetention
	SectionPermissions
	SectionConnection
	SectionMedia
	SectionDownloads
	SectionRuns
	SectionAudit
	SectionReminders
	SectionPreferences
	SectionOffsite
	SectionSecrets
	SectionUncovered // of a sandbox
)

// Place is what the window shows: a section of a sandbox, or with no sandbox one of the pages
// about all of them. The State has what is shown there, and may lack what is not.
type Place struct {
	Sandbox string
	Section Section
	Folder  string // is opened in the desktop's file manager instead; "" for none
}

// State is everything that the window shows.
type State struct {
	Now         time.Time
	Zone        *time.Location
	Setup       *Setup // the first start; nil when there is a vault
	Discovery   Discovery
	Unknown     []string // sandboxes of the vault that this machine has no connection for
	Sandboxes   []Sandbox
	Reminders   []Reminder
	SameDisk    bool      // the vault is on the same disk as the home folder
	Copied      time.Time // when the newest copy on another disk was brought up to date; zero: never
	CopiedTo    string    // the name of its place
	Vault       string    // where it is
	VaultBytes  int64     // that it takes; 0 where it is not shown
	Activity    *Activity
	Theme       string       // "light" or "dark"; else the desktop's
	Preferences *Preferences // only where they are shown
	Offsite     *Offsite     // only where it is shown
	Sample      Sample
	Secrets     *Secrets // only where they are shown
	WriteTo     string   // folder that is proposed for downloads
	Opening     Opening
	KeyAsked    KeyAsked
	Paused      time.Time     // nothing runs by itself until then; zero: not paused
	Unread      *backup.Fault // why the rest is what was last read, or nothing; nil when it is how things are
}

// zone is where times are shown.
func (s State) zone() *time.Location {
	if s.Zone == nil {
		return time.UTC
	}
	return s.Zone
}

// Sandbox is one sandbox with its history.
type Sandbox struct {
	Name         string
	Sample       bool   // it is on the private server of the sample
	Database     string // that it has now
	FoldersOnly  bool   // it has folders and no database
	Health       Health
	Trouble      Trouble
	Why          string // in words, when it needs attention
	Last         time.Time
	LastVerdict  backup.Verdict
	Next         time.Time         // the next scheduled run
	Due          bool              // it is due now
	Waits        backup.SkipReason // why it is not begun; "" when nothing keeps it
	Pruned       Pruned
	Keeps        string // what is kept of the scheduled backups, as the rule's text
	Days         []Day  // the last 30, oldest first
	Backups      []backup.Backup
	Details      *backup.Backup // the chosen one with its tables
	Fates        []backup.Fate  // what retention decides about the backups; only where they are shown
	Gaps         []backup.Gap   // what no backup holds; only where that is shown
	Alarm        *backup.Alarm
	Restored     *Restored
	Compared     *Compared
	Busy         *Busy
	Problem      *backup.Fault // of the last thing that was asked for
	CanGoUnsaved bool          // the problem is a restore whose present state could not be saved
	Lacking      bool          // the problem is a restore for which the server lacks roles or tablespaces
	AllowRestore bool

	Schedule    *Schedule
	Retention   *Retention
	Permissions *Permissions
	Connection  *Connection
	Media       *Media
	Writes      *DownloadPlan
	HasMedia    bool        // it has folders
	Downloads   []Download  // since the start, newest first
	Files       *MediaFiles // of a backup, as far as they were asked for
}

// fateOf gives what retention decides about a backup; nil when nothing.
func (b *Sandbox) fateOf(id backup.ID) *backup.Fate {
	for i := range b.Fates {
		if b.Fates[i].Backup.ID == id {
			return &b.Fates[i]
		}
	}
	return nil
}

// Pruned says what the last prune removed.
type Pruned struct {
	At      time.Time // zero: never
	Removed int
	Freed   int64 // bytes
}

// DayMark is how a day went.
type DayMark int

// The marks of a day.
const (
	NoneDue DayMark = iota
	Missed
	FailedDay
	Done
	ProvenDay
)

// Day is one day of a sandbox.
type Day struct {
	Date time.Time // its noon
	Mark DayMark
}

// Restored tells of the newest restore of a sandbox, and how to take it back.
type Restored struct {
	Restore  backup.ID
	Of       backup.ID // the backup
	At       time.Time
	Database string        // "" when only folders were restored
	Folders  []string      // paths of those that were restored
	Only     []backup.Name // only these tables; empty: all of it
	Undone   bool          // it took another restore back
	Kept     string        // the database and the folders that it replaced; "" when they are not kept
	Until    time.Time     // when that is dropped; zero: when a person drops it
	Size     int64         // of it on disk; 0 when not known
	CanUndo  bool
}

// Compared is a backup beside the database of a sandbox.
type Compared struct {
	Backup  backup.ID
	Folders bool // the folders alone
	Result  backup.Comparison
}

// Restoring is what a person wants restored.
type Restoring struct {
	Sandbox     string // whose backup
	Backup      backup.ID
	What        backup.Scope
	Tables      []backup.Name // only these; empty: the whole database
	Files       []File        // only these; empty: whole folders
	Beside      bool          // folders beside the present ones
	Target      string        // sandbox
	NewDatabase string        // on the target's server; "" is the target's own
}

// Busy is a run in progress.
type Busy struct {
	Title    string
	Progress backup.Progress
	Fraction float64       // of the whole run; 0 when not known
	Rate     float64       // bytes a second; 0 when not known
	Left     time.Duration // 0 when not known
	Step     bool          // Left is about the present stage alone
	Longer   bool          // it takes longer than last time
	Stopping bool
	Writes   bool // what it makes is a file: no database is touched
}

// Schedule is when a sandbox is backed up by itself.
type Schedule struct {
	Text  string // as the configuration has it: "daily 02:00"
	Next  []time.Time
	Draft *Draft
}

// Draft is a schedule that is being made.
type Draft struct {
	Text    string
	Words   string // what it means
	Next    []time.Time
	Problem *backup.Fault
}

// Retention is what a sandbox keeps.
type Retention struct {
	Rules   backup.RetentionRules
	Preview *Preview
}

// Preview says what rules would do.
type Preview struct {
	Rules   backup.RetentionRules
	Fates   []backup.Fate // newest first
	Problem *backup.Fault
}

// Permissions are what the gate says about a sandbox.
type Permissions struct {
	Policy backup.Policy
	Tokens []backup.Token // those that count here and still hold
	Broken *backup.Fault  // the rules cannot be read, and must be given anew
}

// Connection is where a sandbox's database is, and how it is backed up.
type Connection struct {
	Sandbox backup.Sandbox
	Tables  []backup.Table // as the newest backup has them
	Drill   bool           // it is tried once a month
	Drilled Drilled
}

// Drilled says how the last restore drill went.
type Drilled struct {
	At      time.Time // zero: never
	Backup  backup.ID
	Proven  bool
	Seconds float64
	Reason  string // why not
}

// Activity is what happened, in all sandboxes.
type Activity struct {
	Runs     []Run               // newest first
	Audit    []backup.AuditEntry // newest first; only where it is shown
	Broken   *backup.Fault       // the log's chain does not verify
	Warnings []string            // what could not be checked
}

// RunKind is what a run does.
type RunKind int

// The kinds of runs.
const (
	RunBackup RunKind = iota
	RunRestore
	RunUndo
)

// Run is one backup or restore, or a try at one.
type Run struct {
	ID       backup.ID
	Sandbox  string
	Kind     RunKind
	Trigger  backup.Trigger // of a backup
	Of       backup.ID      // of a restore: the backup
	Into     string         // of a restore: the database
	Status   backup.Status
	Started  time.Time
	Finished time.Time
	Who      string
	Error    *backup.Fault
	Skipped  backup.SkipReason // it was due and not begun; "" when it was
	GoneBy   string            // who or what deleted the backup
	GoneWhy  string            // and why, as the record has it
}

// Reminder is something that Holdfast does not do by itself.
type Reminder struct {
	Key, Title, Text string
	Since            time.Time // zero: not known
	Command          string    // that solves it
	Folder           string    // that it is about; may be ""
	Secrets          string    // sandbox whose secret files it is about; may be ""
	There            Place     // where the window can do it; zero: nowhere
}

// Setup is the first start.
type Setup struct {
	Path     string // proposed place of the vault
	Free     int64  // bytes
	SameDisk bool
	Key      string // the recovery key once the vault is made; "" before
	Kit      string // file that the recovery kit was saved as
	Again    bool   // the key is shown later, outside the first start
	Problem  *backup.Fault
	Busy     bool
}

// Discovery is what was found on this machine.
type Discovery struct {
	Looking bool
	Found   []Found
}

// Found is a database that could become a sandbox.
type Found struct {
	Name                   string   // of the sandbox that it would be
	Sandbox                string   // that it is already; "" for none
	Where, Source, Version string   // in words
	Bytes                  int64    // 0 when not known
	Operational            []string // tables that programs write for themselves, as SCHEMA.NAME
	Problem                *backup.Fault
}

// Question is the gate's prompt.
type Question struct {
	Prompt  backup.Prompt
	Verb    string // of the button: "Replace shop"
	Trouble string // why the last answer was not taken; "" at first
}

// Attempt is what came of trying or changing a connection.
type Attempt struct {
	Sandbox string // "" for a new one
	Saved   bool
	OK      bool
	Asks    []string // tables as SCHEMA.NAME: a new one waits for which of them are left out
	Problem *backup.Fault
}
