package platform

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// maxShellOutput is how much of a failed command's output its error repeats, in bytes.
const maxShellOutput = 2 << 10

// RunShell runs a command line of the user with the system's shell, and ends it with ctx,
// together with what it started. The error holds the end of what it printed.
func RunShell(ctx context.Context, line string) error {
	cmd := exec.CommandContext(ctx, "sh", "-c", line)
	cmd.WaitDelay = 5 * time.Second
	endWhole(cmd)
	out, err := cmd.CombinedOutput()
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		err = fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	if len(out) > maxShellOutput {
		out = out[len(out)-maxShellOutput:]
	}
	return fmt.Errorf("%w: %s", err, strings.TrimSpace(strings.ToValidUTF8(string(out), "")))
}

// ExitCode gives the code with which a command ended, by what Wait said of it: 128 and the
// signal's number when a signal ended it, as shells have it.
func ExitCode(waited error) int {
	if waited == nil {
		return 0
	}
	exit, ok := errors.AsType[*exec.ExitError](waited)
	if !ok {
		return 1
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return exit.ExitCode()
}
