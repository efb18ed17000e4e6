package platform

import (
	"os"
	"os/exec"
)

// StartDetached starts this program once more, with other arguments, so that it goes on when
// this process and its terminal end. It reads and writes nothing. The process ID is given back.
func StartDetached(args ...string) (pid int, err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	cmd := exec.Command(self, args...)
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	pid = cmd.Process.Pid
	return pid, cmd.Process.Release()
}
