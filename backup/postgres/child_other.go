//go:build !linux

package postgres

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// tie does nothing: here a child is ended by its context only.
func tie(*exec.Cmd) {}

// tieServer does nothing, like tie.
func tieServer(*exec.Cmd) {}

// holdThread does nothing: no child is bound to a thread here.
func holdThread() (release func()) { return func() {} }

// endGroup asks a process to end; where it cannot be asked it is ended.
func endGroup(process *os.Process) error {
	if err := process.Signal(syscall.SIGTERM); err == nil {
		return nil
	}
	return process.Kill()
}

// killGroup ends it.
func killGroup(process *os.Process) { _ = process.Kill() } // gone already is fine

// groupWork cannot be known here: such a tool is ended only when the server knows nothing of it or does
// not answer.
func groupWork(int) (done string, busy bool) { return "", true }

// memfile makes a temporary file, mode 0600; dropMemfile removes it.
func memfile(name string) (*os.File, error) { return os.CreateTemp("", "holdfast-"+name+"-*") }

// dropMemfile closes a memfile and removes it.
func dropMemfile(file *os.File) {
	_ = file.Close()           // nothing to lose
	_ = os.Remove(file.Name()) // one that cannot be removed is 0600 in the temporary folder
}

// inheritedPath names a file for a child: by its path.
func inheritedPath(file *os.File, _ int) string { return file.Name() }

// limitUnacknowledged does nothing: keepalives must do.
func limitUnacknowledged(string, string, syscall.RawConn) error { return nil }

// runAsServer refuses to start a private server as root.
func runAsServer(*exec.Cmd) error {
	if os.Geteuid() == 0 {
		return errors.New("PostgreSQL does not run as root")
	}
	return nil
}

// giveToServer does nothing: the server runs as ourselves.
func giveToServer(string) error { return nil }

// askServer ends a server: asked where that can be done.
func askServer(process *os.Process, immediate bool) error {
	if !immediate && process.Signal(os.Interrupt) == nil {
		return nil
	}
	return process.Kill()
}
