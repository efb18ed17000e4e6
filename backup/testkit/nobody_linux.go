package testkit

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// nobody is a user that owns nothing.
const nobody = 65534

// AsNobody runs the test again as a user without rights, and says whether it did: root may do
// everything. A test begins with it, and ends where it did.
func AsNobody(t *testing.T) (elsewhere bool) {
	t.Helper()
	if os.Geteuid() != 0 {
		return false
	}
	home := filepath.Join(t.TempDir(), "home")
	for at := filepath.Dir(home); at != os.TempDir() && at != "/"; at = filepath.Dir(at) {
		check(t, os.Chmod(at, 0o711)) //nolint:gosec // nobody passes through
	}
	check(t, os.Mkdir(home, 0o700))
	check(t, os.Chown(home, nobody, nobody))
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.count=1")
	cmd.Dir, cmd.Env = home, append(os.Environ(), "TMPDIR="+home, "HOME="+home, "HOLDFAST_TORTURE_TABLE=") // whose row we write
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "PASS") || strings.Contains(string(out), "no tests to run") {
		t.Errorf("as a user without rights: %v\n%s", err, out)
	}
	return true
}
