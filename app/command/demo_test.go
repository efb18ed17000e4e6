package command_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"holdfast/app/command"
)

// TestDemo runs the demo as `make demo` does: it proves the restore and leaves nothing behind.
func TestDemo(t *testing.T) {
	t.Parallel()
	tmp, err := os.MkdirTemp("", "hf-demo-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(tmp) }) // empty, as the end of the test asserts
	if err := os.Chmod(tmp, 0o711); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program(t), "demo")
	cmd.Env = append(withoutSecrets(os.Environ()), "TMPDIR="+tmp, "HOME="+tmp)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"Damaged it", "Restored: 62040 rows", "Proved", "read back and compared: proven"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("missing %q in\n%s", want, out)
		}
	}
	left, err := os.ReadDir(tmp)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestDemoIsQuietWhenAskedFor(t *testing.T) {
	t.Parallel()
	if command.Narrates(true, true) || !command.Narrates(true, false) || !command.Narrates(false, true) {
		t.Error("with --json and --quiet, and only then, the document is all")
	}
}
