package command

import (
	"errors"

	"github.com/spf13/cobra"

	"holdfast/backup"
)

// Exit codes, as the README documents them.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitRefused     = 3
	exitUnreachable = 4
	exitDamaged     = 5
	exitBusy        = 6
	exitNoDisplay   = 7
	exitGuard       = 125
	exitCancelled   = 130
)

// exitCode decides what the program ends with.
func exitCode(err error) int {
	if err == nil {
		return exitDone
	}
	if ends, ok := errors.AsType[endsWith](err); ok {
		return ends.code
	}
	switch backup.KindOf(err) {
	case backup.Usage:
		return exitUsage
	case backup.Refused:
		return exitRefused
	case backup.Unreachable:
		return exitUnreachable
	case backup.Damaged:
		return exitDamaged
	case backup.Busy:
		return exitBusy
	case backup.NoDisplay:
		return exitNoDisplay
	case backup.Cancelled:
		return exitCancelled
	default:
		return exitFailed
	}
}

// asUsage turns an error of the parser of cmd's command line into one of ours.
func asUsage(cmd *cobra.Command, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*backup.Error](err); ok {
		return err
	}
	return usageOf(cmd, err)
}
