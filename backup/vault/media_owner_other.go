//go:build !unix

package vault

import (
	iofs "io/fs"

	"github.com/kopia/kopia/fs"
)

func ownerOf(iofs.FileInfo) fs.OwnerInfo { return fs.OwnerInfo{} }

func sharedID(iofs.FileInfo) (fileID, bool) { return fileID{}, false }
