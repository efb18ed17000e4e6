//go:build !linux

package postgres

import "net"

// listeningSockets gives none: the system does not list them.
func listeningSockets() []string { return nil }

// peer does not know who listens.
func peer(*net.UnixConn) int { return 0 }

// ownKind cannot tell.
func ownKind(int) bool { return false }
