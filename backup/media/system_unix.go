//go:build unix

package media

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"holdfast/backup"
)

func stat(info fs.FileInfo) *syscall.Stat_t {
	s, _ := info.Sys().(*syscall.Stat_t)
	return s
}

// device tells file systems apart.
func device(info fs.FileInfo) uint64 {
	if s := stat(info); s != nil {
		return uint64(s.Dev) //nolint:unconvert // its type differs between systems
	}
	return 0
}

// inode gives the number by which a folder is known whatever its name; 0 when it is not there.
func inode(path string) uint64 {
	info, err := os.Lstat(path)
	if err != nil || stat(info) == nil {
		return 0
	}
	return stat(info).Ino
}

// mayGive says whether this process may give files to other users.
func mayGive() bool { return os.Geteuid() == 0 }

// reserves says that Reserve keeps others away.
const reserves = true

// Reserve locks the folder that the folder is in, until release or the end of the process.
func (Folders) Reserve(path string) (release func(), err error) {
	above := filepath.Dir(path)
	if err := os.MkdirAll(above, 0o755); err != nil { //nolint:gosec // as a user's own folders are
		return nil, &backup.Error{Kind: backup.Failed, Text: "the folder " + above + " cannot be made: " + err.Error(), Hint: "Make it, or choose another place: holdfast sandbox edit NAME --media DIR", Err: err}
	}
	d, err := os.Open(above)
	if err != nil {
		return nil, &backup.Error{Kind: backup.Failed, Text: "the folder " + above + " cannot be opened: " + err.Error(), Hint: "Is it yours to read?", Err: err}
	}
	err = unix.Flock(int(d.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		err = backup.Errorf(backup.Busy, "Wait until it is done.", "another restore works in %s", above)
	}
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return func() { _ = d.Close() }, nil // the lock goes with it
}

func owner(info fs.FileInfo) (uid, gid uint32) {
	if s := stat(info); s != nil {
		return s.Uid, s.Gid
	}
	return 0, 0
}

// fileID tells files of one machine apart, whatever their names.
type fileID struct{ device, inode uint64 }

// sharedID tells a file that has more than one name from others.
func sharedID(info fs.FileInfo) (fileID, bool) {
	st := stat(info)
	if st == nil || !info.Mode().IsRegular() || st.Nlink < 2 {
		return fileID{}, false
	}
	return fileID{device(info), st.Ino}, true
}

// setLinkTime sets the time of a link itself, not of where it leads.
func setLinkTime(root *os.Root, name string, at time.Time) (err error) {
	d, err := root.Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	stamp, err := unix.TimeToTimespec(at)
	if err != nil {
		return err
	}
	err = unix.UtimesNanoAt(int(d.Fd()), filepath.Base(name), []unix.Timespec{stamp, stamp}, unix.AT_SYMLINK_NOFOLLOW)
	if errors.Is(err, unix.ENOTSUP) || errors.Is(err, unix.ENOSYS) {
		return nil // a disk whose links have no times
	}
	return err
}
