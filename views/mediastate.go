package views

import (
	"time"

	"holdfast/backup"
)

// Media is what the section about the folders of a sandbox shows.
type Media struct {
	Folders, Exclude []string
	Takes            backup.Scope   // what scheduled backups take
	Newest           *backup.Backup // that holds folders, with what it says of them; nil: none
	Secrets          int            // secret files that were found; they are in no backup by themselves
}

// File is one file of a backup's folders.
type File struct {
	Folder string // its name in the backup
	Path   string // relative to the folder, with slashes
	Size   int64
}

// MediaFiles are files of a backup, as far as they fit on a page.
type MediaFiles struct {
	Backup  backup.ID
	Text    string // that is in their paths
	Reading bool
	Files   []File
	All     int64 // how many there are
	Problem *backup.Fault
}

// Downloading is what a person wants written into a folder.
type Downloading struct {
	Sandbox    string
	Backup     backup.ID
	Format     string
	AllTables  bool // of a JSON snapshot: operational tables too
	Folder     string
	Passphrase string // "" writes it unsealed
}

// Download is a file that is being written, or was.
type Download struct {
	Job     string // for Cancel and ForgetDownload
	Title   string
	Busy    *Busy
	Path    string // once it is there
	Bytes   int64
	Sealed  bool
	Opens   string // command that opens it
	Problem *backup.Fault
}

// DownloadPlan is what is written into a folder by itself.
type DownloadPlan struct {
	On        bool
	Folder    string
	Format    string
	Every     time.Duration // 0: after each scheduled backup
	Keep      int           // newest files; 0: all
	Sealed    bool
	AllTables bool
	Files     []string // that were written and are kept, oldest first
}

// Secrets is what the wizard about secret files shows.
type Secrets struct {
	Sandbox string
	Looking bool
	Files   []SecretFile
	Watched []string // files and patterns that the person named
	Notes   []string // why these may not be all
	Busy    bool     // they are being exported
	Done    *SecretsDone
	Problem *backup.Fault
}

// SecretFile is a secret file, without what is in it.
type SecretFile struct {
	Path     string
	Modified time.Time
	Exported time.Time // zero: never
	Changed  bool      // since then
	Problem  string    // why it cannot be read
}

// SecretsDone is an export that is complete.
type SecretsDone struct {
	Path, Format, Hint string
	Plain              bool // whoever can read the file has the secrets
	Files              int
	Deleted            bool
}

// SecretsExport is what a person wants exported.
type SecretsExport struct {
	Sandbox    string
	Files      []string
	Format     string
	Out        string
	Passphrase string
}
