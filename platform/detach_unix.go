//go:build !windows

package platform

import (
	"os/exec"
	"syscall"
)

// detach gives cmd a session of its own, which no terminal's end reaches.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
