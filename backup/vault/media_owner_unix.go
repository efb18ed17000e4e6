//go:build unix

package vault

import (
	iofs "io/fs"
	"syscall"

	"github.com/kopia/kopia/fs"
)

func ownerOf(info iofs.FileInfo) fs.OwnerInfo {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return fs.OwnerInfo{UserID: stat.Uid, GroupID: stat.Gid}
	}
	return fs.OwnerInfo{}
}

// sharedID tells a file that has more than one name from others.
func sharedID(info iofs.FileInfo) (fileID, bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.Mode().IsRegular() || stat.Nlink < 2 {
		return fileID{}, false
	}
	return fileID{uint64(stat.Dev), stat.Ino}, true //nolint:unconvert // its type differs between systems
}
