//go:build unix

package platform

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// endWhole makes the end of cmd's context the end of all that cmd started: a shell that is
// killed alone leaves its commands running.
func endWhole(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error {
		if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); !errors.Is(err, syscall.ESRCH) {
			return err
		}
		return os.ErrProcessDone
	}
}
