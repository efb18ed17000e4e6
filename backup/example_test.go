package backup_test

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"holdfast/backup"
)

// What a sandbox keeps is decided from the list of its backups, the rules and a moment.
func ExampleRetentionRules_Review() {
	now := time.Date(2026, 4, 30, 12, 0, 0, 0, time.UTC)
	var backups []backup.Backup
	for day := range 5 {
		backups = append(backups, backup.Backup{
			ID: backup.ID(fmt.Sprint("day-", day)), Sandbox: "shop", Trigger: backup.Scheduled,
			Status: backup.StatusCompleted, Started: now.AddDate(0, 0, -day), Pinned: day == 4,
		})
	}
	rules := backup.RetentionRules{Scheduled: backup.Retention{Daily: 2}}
	for _, fate := range rules.Review("shop", backups, time.UTC, now) {
		fmt.Printf("%s %v %q\n", fate.Backup.ID, fate.Keep, fate.Tier)
	}
	// Output:
	// day-0 true "daily"
	// day-1 true "daily"
	// day-2 false ""
	// day-3 false ""
	// day-4 true ""
}

func ExampleParseRetention() {
	rule, err := backup.ParseRetention("7 daily, 4 weekly")
	fmt.Println(rule.Daily, rule.Weekly, err)
	_, err = backup.ParseRetention("7 dayly")
	fmt.Println(backup.KindOf(err), err)
	// Output:
	// 7 4 <nil>
	// usage "dayly" is no word of a retention rule
}

// An error that a person reads has a kind, a text and what to do; its cause is for the log.
func ExampleError() {
	err := error(&backup.Error{
		Kind: backup.Unreachable, Text: "the vault is not there", Hint: "Is its disk mounted?", Err: fs.ErrNotExist,
	})
	err = backup.WithOp("back up shop", err)
	fmt.Println(err)
	fmt.Println(backup.AsError(err).Hint, backup.KindOf(err), errors.Is(err, fs.ErrNotExist))
	// Output:
	// back up shop: the vault is not there
	// Is its disk mounted? unreachable true
}

// "latest" is the newest completed backup that was not taken before a restore.
func ExampleResolve() {
	history := []backup.Backup{
		{ID: "0123456789ab", Sandbox: "shop", Status: backup.StatusCompleted, Started: time.Unix(1, 0)},
		{ID: "fedcba987654", Sandbox: "shop", Status: backup.StatusCompleted, Started: time.Unix(2, 0), Trigger: backup.PreRestore},
	}
	for _, ref := range []string{"latest", "fed", "latest:shpo"} {
		b, err := backup.Resolve(time.Now(), ref, history, "")
		if err != nil {
			fmt.Println(backup.AsError(err).Hint)
			continue
		}
		fmt.Println(b.ID)
	}
	// Output:
	// 0123456789ab
	// fedcba987654
	// Did you mean "latest:shop"? See: holdfast backup list
}
