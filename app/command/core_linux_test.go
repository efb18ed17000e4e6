package command_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// TestNoCoreDump ends the program by a signal that dumps core, where nothing but the program is in the
// way of that: keys are in its memory, and none is written.
func TestNoCoreDump(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fifo := filepath.Join(dir, "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "-c", `ulimit -c unlimited 2>/dev/null || ulimit -c "$(ulimit -H -c)"; echo $$; exec "$@"`, "sh",
		program(t), "gate", "set-passphrase", "--approve-file", fifo)
	cmd.Dir = dir
	cmd.Env = append(withoutSecrets(os.Environ()), "HOLDFAST_HOME="+filepath.Join(dir, "home"), "GOTRACEBACK=crash")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	w, err := os.OpenFile(fifo, os.O_WRONLY, 0) // opens when the program reads: it is at work then
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := cmd.Process.Signal(syscall.SIGABRT); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	status, _ := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if !status.Signaled() || status.Signal() != syscall.SIGABRT || status.CoreDump() {
		t.Errorf("it ended with %s; core dumped: %v", cmd.ProcessState, status.CoreDump())
	}
	if left, err := filepath.Glob(filepath.Join(dir, "core*")); err != nil || len(left) > 0 {
		t.Errorf("%v in the folder, %v", left, err)
	}
}
