package app

import (
	"context"
	"os"
	"runtime"
	"runtime/debug"
	_ "time/tzdata" // zones for schedules, also where the system has none

	"holdfast/app/command"
	"holdfast/app/desktop"
)

// version is set when the program is built.
var version = "dev"

// Where the garbage collector begins to work harder, in bytes. Copying gigabytes needs little at a
// time; without a limit the heap grows to twice of that before it is looked at. With 88 MiB a command
// stays below 130 MB, and takes no more of the processor than with 150. A window holds pictures too.
const (
	commandMemory = 88 << 20
	windowMemory  = 150 << 20
)

// init keeps the main thread for what Main itself does: what draws binds it too, and a backup treats it
// unlike the others.
func init() { runtime.LockOSThread() }

// Main runs the program with the arguments after its name and gives the exit code.
func Main(args []string) int {
	limitMemory(commandMemory)
	return command.Run(args, version, window)
}

func window(ctx context.Context, version string, background bool) error {
	limitMemory(windowMemory)
	return desktop.Run(ctx, version, background)
}

// limitMemory sets the limit, unless whoever started us did.
func limitMemory(bytes int64) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(bytes)
	}
}
