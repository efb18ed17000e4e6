package platform

import (
	"os"

	"github.com/adrg/xdg"
)

// DownloadFolder gives the folder that the desktop has for downloads, else the home folder; "" when
// neither is there.
func DownloadFolder() string {
	for _, path := range []string{xdg.UserDirs.Download, xdg.Home} {
		if info, err := os.Stat(path); path != "" && err == nil && info.IsDir() {
			return path
		}
	}
	return ""
}
