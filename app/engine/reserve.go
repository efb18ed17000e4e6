package engine

import (
	"crypto/rand"
	"os"
	"path/filepath"

	"holdfast/platform"
)

// homeReserve is what is kept back beside the catalog, in bytes: on a full disk it is given up while a command or
// the window is at work, for not even the list of backups can be read there without any room, and nothing
// could be deleted. The vault has a reserve of its own for what a deletion writes.
const homeReserve = 1 << 20

func (e *Engine) reserveFile() string {
	return filepath.Join(filepath.Dir(e.paths.Catalog), "reserve")
}

// spendReserve gives the reserve up when the disk is nearly full.
func (e *Engine) spendReserve() {
	free, err := platform.Free(filepath.Dir(e.paths.Catalog))
	if err == nil && free < 4*homeReserve {
		e.spent = os.Remove(e.reserveFile()) == nil
	}
}

// refillReserve makes the reserve where it is missing: of the room that this engine gave up, or where there is
// plenty. It is filled with noise, as some file systems keep anything else in no space at all. One that cannot be
// made is made by a later run.
func (e *Engine) refillReserve() {
	free, err := platform.Free(filepath.Dir(e.paths.Catalog))
	if err != nil || free < homeReserve || !e.spent && free < 16*homeReserve {
		return
	}
	if _, err := os.Lstat(e.reserveFile()); err == nil {
		return
	}
	noise := make([]byte, homeReserve)
	rand.Read(noise) // never fails: crypto/rand ends the program instead
	_ = platform.WriteFileAtomic(e.reserveFile(), noise, 0o600)
}
