//go:build !unix

package platform

import "path/filepath"

// SameDisk says whether two places are on one volume.
func SameDisk(a, b string) (bool, error) {
	return filepath.VolumeName(existing(a)) == filepath.VolumeName(existing(b)), nil
}
