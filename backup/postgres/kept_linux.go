package postgres

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// untie gives cmd a session of its own: it goes on when this process and its terminal end.
func untie(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }

// ownedByServer says whether a file belongs to the user that a private server runs as, or to us.
func ownedByServer(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return false
	}
	credential, err := serverUser()
	return int(stat.Uid) == os.Geteuid() || err == nil && credential != nil && stat.Uid == credential.Uid
}

// servesFrom says whether a process is a server whose socket is in that folder. A process that has
// ended is none, also while nobody asked for its exit code.
func servesFrom(pid int, sockets string) bool {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	return err == nil && bytes.Contains(text, []byte("\x00-k\x00"+sockets+"\x00"))
}

// handOver opens a folder for the server's user, who may not pass through those above it. Nil where
// the server runs as ourselves.
func handOver(folder string) (*os.File, error) {
	credential, err := serverUser()
	if err != nil || credential == nil {
		return nil, err
	}
	return os.Open(folder)
}
