//go:build !linux

package postgres

import (
	"io/fs"
	"os"
	"os/exec"

	"holdfast/backup"
)

// untie does nothing; see handOver.
func untie(*exec.Cmd) {}

// ownedByServer says whether a file is ours; see handOver.
func ownedByServer(fs.FileInfo) bool { return true }

// servesFrom knows no such server here; see handOver.
func servesFrom(int, string) bool { return false }

// handOver refuses: a server that is kept is known again by what Linux says about its process.
func handOver(string) (*os.File, error) {
	return nil, backup.Errorf(backup.Failed, "Add a database of your own.", "a private PostgreSQL that is kept is for Linux only")
}
