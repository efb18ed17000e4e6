package app

import (
	"os"
	"runtime"
	"runtime/debug"
	_ "time/tzdata" // zones for schedules, also where the system has none

	"holdfast/app/command"
	"holdfast/app/desktop"
)

// version is set when the program is built.
var version = "dev"

// memoryLimit is where the garbage collector begins to work harder, in bytes. Copying gigabytes
// needs little at a time; without a limit the heap grows to twice of that before it is looked at.
const memoryLimit = 150 << 20

// init keeps the main thread for what Main itself does: what draws binds it too, and a backup treats it
// unlike the others.
func init() { runtime.LockOSThread() }

// Main runs the program with the arguments after its name and gives the exit code.
func Main(args []string) int {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryLimit)
	}
	return command.Run(args, version, desktop.Run)
}
