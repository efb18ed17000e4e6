package platform

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
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
