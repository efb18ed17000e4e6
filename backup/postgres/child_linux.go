package postgres

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// tie makes the kernel kill cmd when the thread that starts it ends, and gives it a process
// group of its own, so that a Ctrl-C in the terminal reaches us first.
func tie(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// tieServer is tie for a PostgreSQL server, which on SIGQUIT takes its own children down.
func tieServer(cmd *exec.Cmd) {
	tie(cmd)
	cmd.SysProcAttr.Pdeathsig = syscall.SIGQUIT
}

// holdThread binds the calling goroutine to its thread until the result is called.
func holdThread() (release func()) {
	runtime.LockOSThread()
	return runtime.UnlockOSThread
}

// endGroup asks a process and what it started to end.
func endGroup(process *os.Process) error { return signalGroup(process, syscall.SIGTERM) }

// killGroup ends them.
func killGroup(process *os.Process) { _ = signalGroup(process, syscall.SIGKILL) } // gone already is fine

func signalGroup(process *os.Process, signal syscall.Signal) error {
	if err := syscall.Kill(-process.Pid, signal); errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	} else if err != nil {
		return err
	}
	return nil
}

// groupWork tells what a process and those of its group have done so far: a text that changes as they
// work. busy says that one of them waits for a disk, so that nothing can be said.
func groupWork(pid int) (done string, busy bool) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the pattern is right
	var used int64
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:])) // from its state on
		if len(fields) < 13 || fields[2] != strconv.Itoa(pid) {
			continue
		}
		for _, field := range fields[11:13] { // in user mode and in the kernel
			ticks, _ := strconv.ParseInt(field, 10, 64) // it is a number
			used += ticks
		}
		busy = busy || fields[0] == "D" || fields[0] == "R"
	}
	return fmt.Sprintf("used %d", used), busy
}

// memfile makes a file in memory, mode 0600, that no path leads to. Name is for /proc only.
func memfile(name string) (*os.File, error) {
	fd, err := unix.MemfdCreate("holdfast-"+name, unix.MFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	file := os.NewFile(uintptr(fd), name)
	if err := file.Chmod(0o600); err != nil { // libpq refuses a password file that others may read
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// dropMemfile closes a memfile, with which its contents are gone.
func dropMemfile(file *os.File) { _ = file.Close() } // nothing to lose

// inheritedPath names a file that a child gets under the number fd.
func inheritedPath(_ *os.File, fd int) string { return "/proc/self/fd/" + strconv.Itoa(fd) }

// limitUnacknowledged sets TCP_USER_TIMEOUT.
func limitUnacknowledged(network, _ string, raw syscall.RawConn) error {
	if network == "unix" {
		return nil
	}
	var failed error
	err := raw.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(unacknowledged/time.Millisecond))
	})
	return errors.Join(err, failed)
}

// serverUser says as whom a private server must run: nil means as ourselves. PostgreSQL refuses
// to run as root, so there it is the user postgres or, without such a user, nobody.
func serverUser() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(account.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(account.Gid, 10, 32)
		if errUID == nil && errGID == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, fmt.Errorf("no user postgres and no user nobody: PostgreSQL does not run as root")
}

// runAsServer makes cmd run as serverUser says.
func runAsServer(cmd *exec.Cmd) error {
	credential, err := serverUser()
	if err == nil && credential != nil {
		cmd.SysProcAttr.Credential = credential
	}
	return err
}

// giveToServer makes the private server's user the owner of path.
func giveToServer(path string) error {
	credential, err := serverUser()
	if err != nil || credential == nil {
		return err
	}
	return os.Chown(path, int(credential.Uid), int(credential.Gid))
}

// askServer sends a server one of its shutdown signals: SIGINT is fast, SIGQUIT immediate.
func askServer(process *os.Process, immediate bool) error {
	if immediate {
		return process.Signal(syscall.SIGQUIT)
	}
	return process.Signal(syscall.SIGINT)
}
