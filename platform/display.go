package platform

import (
	"os"
	"runtime"
)

// HasDisplay says whether a window can be shown: on Linux and the BSDs a display server must be
// named by the environment.
func HasDisplay() bool {
	switch runtime.GOOS {
	case "darwin", "windows":
		return true
	}
	return os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
}
