//go:build !unix

package platform

import (
	"path/filepath"

	"github.com/shirou/gopsutil/v4/disk"
)

// Free gives the bytes that we may still use at a place, or at its nearest parent that is there.
func Free(path string) (int64, error) {
	usage, err := disk.Usage(existing(path))
	if err != nil {
		return 0, err
	}
	return int64(min(usage.Free, 1<<62)), nil
}

// SameDisk says whether two places are on one volume.
func SameDisk(a, b string) (bool, error) {
	return filepath.VolumeName(existing(a)) == filepath.VolumeName(existing(b)), nil
}
