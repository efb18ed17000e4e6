package vault

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/kopia/kopia/repo/blob/filesystem"
	"github.com/kopia/kopia/repo/blob/sharded"

	"holdfast/backup"
)

// What a new vault is made of. The stock kopia command reads all of it.
const (
	hashing    = "BLAKE3-256-128"
	encryption = "AES256-GCM-HMAC-SHA256"
	splitting  = "DYNAMIC-1M-BUZHASH"

	// keyDerivation turns the key into the one that opens the format blob. The key has 256
	// random bits, so nothing is gained by Kopia's default, which takes 64 MB each time.
	keyDerivation = "pbkdf2-sha256-600000"

	// packSize is the smallest that Kopia allows: every writer holds packs of this size in memory.
	packSize = 10 << 20

	userName = "holdfast"
)

const (
	fileMode   os.FileMode = 0o600
	folderMode os.FileMode = 0o700
)

// Options say where a vault is and who uses it.
type Options struct {
	Path       string       // folder of the vault
	ConfigFile string       // Kopia's configuration file, in Holdfast's home; re-made when missing
	Home       string       // random ID of this home; one home writes a vault
	Host       string       // name of this machine
	Clock      backup.Clock // the present time
	TakeOver   bool         // Open: make this home the writer
}

// check makes the paths absolute and refuses what cannot work.
func (o Options) check() (Options, error) {
	if o.Path == "" || o.ConfigFile == "" || o.Home == "" || o.Clock == nil {
		return o, backup.Errorf(backup.Usage, "", "the vault's path, configuration file, home and clock must be given")
	}
	if o.Host == "" {
		o.Host = "localhost" // Kopia wants one, and would ask the system
	}
	o.Host = strings.ToLower(o.Host) // as Kopia's own command does
	for _, path := range []*string{&o.Path, &o.ConfigFile} {
		// Kopia takes a relative path and makes half a cache in the working directory.
		abs, err := filepath.Abs(*path)
		if err != nil {
			return o, backup.WithOp("open vault", err)
		}
		*path = abs
	}
	return o, nil
}

// storage describes the vault's folder to Kopia: one level of folders, so that few of them
// need to be made durable and none are left over in number.
func (o Options) storage() *filesystem.Options {
	return &filesystem.Options{
		Path:          o.Path,
		FileMode:      fileMode,
		DirectoryMode: folderMode,
		Options:       sharded.Options{DirectoryShards: []int{1}},
	}
}
