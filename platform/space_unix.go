//go:build unix

package platform

import (
	"fmt"
	"os"
	"syscall"
)

// Free gives the bytes that we may still use at a place, or at its nearest parent that is there.
func Free(path string) (int64, error) {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(existing(path), &stat); err != nil {
		return 0, fmt.Errorf("free space at %s: %w", path, err)
	}
	return int64(stat.Bavail) * int64(stat.Bsize), nil //nolint:unconvert // their types differ between systems
}

// SameDisk says whether two places, or their nearest parents that are there, are on one file
// system.
func SameDisk(a, b string) (bool, error) {
	devA, err := device(a)
	if err != nil {
		return false, err
	}
	devB, err := device(b)
	return devA == devB, err
}

func device(path string) (uint64, error) {
	info, err := os.Stat(existing(path))
	if err != nil {
		return 0, err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, fmt.Errorf("%s: the system does not say on which disk it is", path)
	}
	return uint64(stat.Dev), nil //nolint:unconvert // its type differs between systems
}
