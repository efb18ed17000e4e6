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
