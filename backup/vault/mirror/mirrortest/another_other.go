//go:build !linux

package mirrortest

import (
	"os/exec"
	"os/user"
	"testing"
)

// another gives the name to log in with.
func another(t testing.TB, _ *exec.Cmd, _ ...string) string {
	t.Helper()
	me, err := user.Current()
	ok(t, err)
	return me.Username
}
