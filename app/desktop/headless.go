//go:build headless

// Package desktop is left out of this build: the program has its commands only.
package desktop

import (
	"context"

	"holdfast/backup"
)

// Run refuses: this build has no window.
func Run(context.Context, string, bool) error {
	return backup.Errorf(backup.NoDisplay, "Use the commands: holdfast --help. Or install the build with a window.", "this build has no window")
}
