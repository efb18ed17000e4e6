package backup

import (
	"cmp"
	"slices"
	"time"
)

// ReminderKind says what a reminder is about.
type ReminderKind string

// The kinds of reminders, in the order of what would hurt most.
const (
	RemindBackup      ReminderKind = "backup"       // no completed backup for too long
	RemindDrillFailed ReminderKind = "drill-failed" // the last restore drill did not prove its backup
	RemindKit         ReminderKind = "kit"          // the recovery kit was not saved
	RemindSpace       ReminderKind = "space"        // the vault's disk is nearly full
	RemindSameDisk    ReminderKind = "same-disk"    // every copy is on one disk
	RemindOffsite     ReminderKind = "offsite"      // the vault has no copy
	RemindUnpushed    ReminderKind = "unpushed"     // commits that are on no remote
	RemindUncommitted ReminderKind = "uncommitted"  // changes that are in no commit
	RemindSecrets     ReminderKind = "secrets"      // secret files changed since they were exported
	RemindExport      ReminderKind = "export"       // the person's own export of the data is overdue
	RemindDrill       ReminderKind = "drill"        // no restore drill for too long
	RemindUncovered   ReminderKind = "not-covered"  // data that no backup here holds
)

// reminderOrder is the order in which they are listed.
var reminderOrder = []ReminderKind{
	RemindBackup, RemindDrillFailed, RemindKit, RemindSpace, RemindSameDisk, RemindOffsite,
	RemindUnpushed, RemindUncommitted, RemindSecrets, RemindExport, RemindDrill, RemindUncovered,
}

// Reminder is one thing that a person should do.
type Reminder struct {
	ID      string       `json:"id"` // stays the same as long as it is about the same thing
	Kind    ReminderKind `json:"kind"`
	Sandbox string       `json:"sandbox"` // "" when it is about all of them
	Text    string       `json:"text"`    // what is wrong, a sentence without its full stop
	Since   time.Time    `json:"since,omitzero"`
	Command string       `json:"command"`          // the one action that solves it
	Folder  string       `json:"folder,omitempty"` // that it is about
	Never   bool         `json:"-"`                // of RemindBackup: there was no backup at all
	Void    bool         `json:"-"`                // of RemindKit: there is one, and it opens the vault no more
	Facts   string       `json:"-"`                // changes when what it says does
	About   About        `json:"-"`                // what Text is made from
}

// About is what the text of a reminder is made from, for who says it in another language.
type About struct {
	Folder *FolderStanding // of RemindUnpushed and RemindUncommitted
	Names  []string        // of RemindSecrets the files, of RemindUncovered what is not covered
	AllNew bool            // of RemindSecrets: none of them was ever exported
	Free   int64           // of RemindSpace: bytes left
	Fault  string          // of RemindDrillFailed
}

// ReminderMark is what a person said to a reminder.
type ReminderMark struct {
	Snoozed   time.Time `json:"snoozed,omitzero"`    // it stays away until then
	Dismissed string    `json:"dismissed,omitempty"` // Facts for which it stays away for good
}

// LongestSnooze bounds for how long a reminder stays away, also one that was snoozed by a clock
// that was wrong.
const LongestSnooze = 366 * 24 * time.Hour

// Hides says whether the mark keeps r away now.
func (m ReminderMark) Hides(r Reminder, now time.Time) bool {
	snoozed := now.Before(m.Snoozed) && m.Snoozed.Sub(now) <= LongestSnooze
	return snoozed || m.Dismissed != "" && m.Dismissed == r.Facts
}

// noticeAge is how old work in a folder must be before a notification speaks of it: who is at it
// right now needs none.
const noticeAge = 24 * time.Hour

// NoticeDue gives the reminders that a notification should speak of now, and none when the last
// one was less than a day ago.
func NoticeDue(list []Reminder, last, now time.Time) []Reminder {
	if !last.After(now) && now.Sub(last) < noticeAge {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(list), func(r Reminder) bool {
		return r.Folder != "" && now.Sub(r.Since) < noticeAge
	})
}

// sortReminders puts first what would hurt most, and of one kind what has been so for longest.
func sortReminders(list []Reminder) {
	slices.SortStableFunc(list, func(a, b Reminder) int {
		return cmp.Or(
			cmp.Compare(slices.Index(reminderOrder, a.Kind), slices.Index(reminderOrder, b.Kind)),
			a.Since.Compare(b.Since),
			cmp.Compare(a.ID, b.ID),
		)
	})
}
