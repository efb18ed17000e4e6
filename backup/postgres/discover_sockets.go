package postgres

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"holdfast/backup"
)

// socketName begins the name of a server's socket; its port follows.
const socketName = ".s.PGSQL."

// maxSockets bounds how many sockets are looked at.
const maxSockets = 100

// fromSockets finds the Unix sockets that take connections: in the folders where systems have
// them, and where the kernel knows of one. Holdfast's own, which lead into containers, are left out, and so are
// those at which another person listens.
func fromSockets() []spot {
	var places []spot
	for _, path := range slices.Concat(usualSockets(), listeningSockets()) {
		c, ok := socketAt(path)
		known := func(p spot) bool { return sameSocket(p.c, c) }
		if !ok || len(places) == maxSockets || slices.ContainsFunc(places, known) {
			continue
		}
		if process, listens := listener(c); listens && !ownKind(process) {
			places = append(places, spot{c: c, source: "socket in " + c.Host})
		}
	}
	return places
}

// usualSockets gives the paths of sockets in the folders where systems have them.
func usualSockets() []string {
	var all []string
	for _, folder := range []string{"/var/run/postgresql", "/run/postgresql", "/tmp", os.Getenv("XDG_RUNTIME_DIR")} {
		if real, err := filepath.EvalSymlinks(folder); err != nil || real != folder && folder != "/tmp" {
			continue // not there, or another name for one of the others
		}
		names, err := filepath.Glob(filepath.Join(folder, socketName+"*"))
		if err == nil {
			all = append(all, names...)
		}
	}
	return all
}

// socketAt reads the path of a server's socket.
func socketAt(path string) (c backup.Connection, ok bool) {
	number, ok := strings.CutPrefix(filepath.Base(path), socketName)
	port, err := strconv.ParseUint(number, 10, 16)
	return backup.Connection{Host: filepath.Dir(path), Port: uint16(port)}, ok && err == nil && filepath.IsAbs(path)
}

// onSocket says whether a connection is by a Unix socket of this machine.
func onSocket(c backup.Connection) bool {
	return c.Container.Name == "" && strings.HasPrefix(c.Host, "/")
}

// sameSocket says whether two connections by sockets are by one, whatever its folder is called.
func sameSocket(a, b backup.Connection) bool {
	if a.Port != b.Port || filepath.Clean(a.Host) == filepath.Clean(b.Host) {
		return a.Port == b.Port
	}
	one, err := os.Stat(a.Host)
	if err != nil {
		return false
	}
	other, err := os.Stat(b.Host)
	return err == nil && os.SameFile(one, other)
}

// listener connects to a socket and gives the process that listens there, 0 when the system does not
// tell. Nobody listens at a socket whose file is gone, or that may not be connected to; another person does not
// count.
func listener(c backup.Connection) (process int, listens bool) {
	path := filepath.Join(c.Host, socketName+strconv.Itoa(int(c.Port)))
	conn, err := net.DialTimeout("unix", path, 300*time.Millisecond)
	if err != nil {
		return 0, false
	}
	defer func() { _ = conn.Close() }() // only who listens was asked
	process, stranger := peer(conn.(*net.UnixConn))
	return process, !stranger
}
