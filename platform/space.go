package platform

import (
	"os"
	"path/filepath"
)

// existing gives path, or its nearest parent that is there.
func existing(path string) string {
	for {
		if _, err := os.Stat(path); err == nil || path == filepath.Dir(path) {
			return path
		}
		path = filepath.Dir(path)
	}
}
