package platform

import (
	"os/exec"
	"syscall"
)

// detachedProcess is CreateProcess's flag of that name: no console of its parent's.
const detachedProcess = 0x00000008

// detach gives cmd no console and a group of its own.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: detachedProcess | syscall.CREATE_NEW_PROCESS_GROUP}
}
