package views

import (
	"time"

	"holdfast/backup"
)

// Offsite is what the Off-site page shows.
type Offsite struct {
	Copies  []Copy
	Adding  bool
	Added   bool          // the place that was asked for is kept
	Problem *backup.Fault // of the last thing that was asked for
}

// Copy is one copy of the vault at another place.
type Copy struct {
	Name, Where string
	SameDisk    bool          // as the vault
	Behind      bool          // a backup is not there yet, or nobody looked for a day
	Last        time.Time     // when it was brought up to date; zero: never
	NextTry     time.Time     // after a failure; zero: none
	Lock        time.Duration // for which nobody can change or delete what is sent; 0: it is not locked
	Bytes       int64
	Problem     *backup.Fault // of the last try
	Busy        *Busy         // what is done now
	Drilled     *CopyTrial    // the last restore drill from it; nil: none
	Checked     *CopyTrial    // the last check of every byte; nil: none
	Job         string        // for Cancel
}

// Kinds of places.
const (
	CopyToFolder = "folder"
	CopyToSFTP   = "sftp"
	CopyToS3     = "s3"
	CopyToWebDAV = "webdav"
)

// CopyPlace is a place as it was typed.
type CopyPlace struct {
	Name, Kind, Path                            string
	Host, Port, User, Identity, HostKey         string // SFTP
	Endpoint, Bucket, Prefix, Region, AccessKey string // S3
	URL                                         string // WebDAV
	Secret                                      string
}
