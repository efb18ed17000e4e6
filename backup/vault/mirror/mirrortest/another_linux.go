package mirrortest

import (
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
)

// another makes a program end with its thread and, as root, run as the user daemon, who is given the
// folders: OpenSSH's server as root wants a user and a folder of the system's, and nobody counts as locked. It
// gives the name to log in with.
func another(t testing.TB, cmd *exec.Cmd, folders ...string) string {
	t.Helper()
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if os.Getuid() != 0 {
		me, err := user.Current()
		ok(t, err)
		return me.Username
	}
	daemon, err := user.Lookup("daemon")
	ok(t, err)
	uid, err := strconv.ParseUint(daemon.Uid, 10, 32)
	ok(t, err)
	gid, err := strconv.ParseUint(daemon.Gid, 10, 32)
	ok(t, err)
	cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	for _, folder := range folders {
		ok(t, os.Chmod(filepath.Dir(folder), 0o711)) //nolint:gosec // to pass through
		ok(t, filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			return os.Lchown(path, int(uid), int(gid)) //nolint:gosec // a folder of the test
		}))
	}
	return daemon.Username
}
