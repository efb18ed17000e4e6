package platform

import "golang.org/x/sys/unix"

// HideMemory keeps keys and passwords in this process's memory from its user's other processes: no core
// dump is written, no debugger attaches, and /proc shows neither memory nor environment. That it cannot
// does no harm. Children are not hidden by it.
func HideMemory() { _ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0) }
