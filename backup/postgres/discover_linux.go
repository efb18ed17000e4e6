package postgres

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// listeningSockets gives the paths of all sockets where a server may listen, sorted, as the kernel
// lists them for everybody. Those without a name in the file system, or with one that only their
// process can resolve, are left out; what is no longer there, or of another mount namespace, is not.
func listeningSockets() []string {
	file, err := os.Open("/proc/net/unix")
	if err != nil {
		return nil
	}
	defer func() { _ = file.Close() }() // it was read
	var all []string
	for lines := bufio.NewScanner(file); lines.Scan(); {
		// Num: RefCount Protocol Flags Type St Inode Path, where the path may hold spaces.
		head, path, found := strings.Cut(lines.Text(), " /")
		fields := strings.Fields(head)
		if !found || len(fields) != 7 || !strings.Contains(path, socketName) {
			continue
		}
		flags, err := strconv.ParseUint(fields[3], 16, 32)
		if err == nil && flags&acceptsConnections != 0 {
			all = append(all, "/"+path)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// acceptsConnections is the kernel's flag of a socket that listens.
const acceptsConnections = 1 << 16

// Accounts of people have these numbers: https://systemd.io/UIDS-GIDS/.
const (
	firstPerson = 1000
	lastPerson  = 60000
)

// peer gives the process at the other end: of a socket that was connected to, the one that listens.
// It is 0 for one of another process namespace, and for the first process, which listens for others. A stranger
// is another person's: it may be no server at all, and is told no password.
func peer(conn *net.UnixConn) (process int, stranger bool) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return 0, false
	}
	_ = raw.Control(func(fd uintptr) { // fails for a closed one alone
		who, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
		if err != nil {
			return
		}
		stranger = who.Uid >= firstPerson && who.Uid <= lastPerson && int(who.Uid) != os.Geteuid()
		if who.Pid > 1 {
			process = int(who.Pid)
		}
	})
	return process, stranger
}

// ownKind says whether a process is a Holdfast, this one or another.
func ownKind(process int) bool {
	own, err := os.ReadFile("/proc/self/comm")
	if err != nil {
		return process == os.Getpid()
	}
	other, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", process))
	return err == nil && string(own) == string(other)
}
