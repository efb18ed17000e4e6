//go:build linux && !headless

package desktop_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestCannotStart starts with a configuration that is not understood: the window says so, for who
// started it from a menu sees nothing else, and the end is an error.
func TestCannotStart(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	s.must(os.Mkdir(s.value("HOLDFAST_HOME"), 0o700))
	s.must(os.WriteFile(filepath.Join(s.value("HOLDFAST_HOME"), "config.toml"), []byte("version = 99\n"), 0o600))
	program := s.command("holdfast")
	var says strings.Builder
	program.Stderr = &says
	s.must(program.Start())
	t.Cleanup(func() { _ = program.Process.Kill() })
	s.until("the window", s.visible)
	s.sees("Holdfast cannot start")
	s.shoot("cannot-start")
	s.xdo("key", "Escape")
	var exit *exec.ExitError
	if err := program.Wait(); !errors.As(err, &exit) || !strings.Contains(says.String(), "version is 99") {
		t.Errorf("ended with %v, saying %q", err, says.String())
	}
}
