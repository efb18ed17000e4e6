//go:build unix

package platform

import (
	"fmt"
	"os"
	"syscall"
)

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
