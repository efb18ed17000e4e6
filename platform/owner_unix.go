//go:build unix

package platform

import (
	"os"
	"syscall"
)

// foreign says whether a file belongs to somebody else than the user of this process or root:
// its owner can change its mode, and read or replace it, at any time.
func foreign(info os.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && stat.Uid != 0 && int(stat.Uid) != os.Geteuid()
}
