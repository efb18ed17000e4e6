//go:build !linux

package postgres

import "net"

// listeningSockets gives none: the system does not list them.
func listeningSockets() []string { return nil }

// peer does not know who listens.
func peer(*net.UnixConn) (process int, stranger bool) { return 0, false }

// ownKind cannot tell.
func ownKind(int) bool { return false }
