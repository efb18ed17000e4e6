//go:build linux && !headless

package desktop_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Where things are on the page of a sandbox, in a window of 1040×680.
const (
	backupsX, mediaX, tabsY    = 240, 500, 84
	restoreFilesX              = 609
	restoreFilesY              = 437
	someFilesY, lastFileY      = 160, 374
	thirdBackupX, thirdBackupY = 400, 561
)

// TestFolders restores one file of a sandbox's folders with mouse and keyboard, and downloads a backup.
func TestFolders(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	s.withShop()
	uploads, out := filepath.Join(s.dir, "uploads"), filepath.Join(s.dir, "Downloads")
	s.must(os.MkdirAll(filepath.Join(uploads, "2026"), 0o700))
	s.must(os.Mkdir(out, 0o700))
	for _, name := range []string{"logo.svg", "2026/invoice.pdf", "2026/photo.jpg"} {
		s.must(os.WriteFile(filepath.Join(uploads, name), []byte("as it was"), 0o600))
	}
	logo := func(want string) func() bool {
		return func() bool {
			text, err := os.ReadFile(filepath.Join(uploads, "logo.svg"))
			return err == nil && string(text) == want
		}
	}
	s.must(s.command("holdfast", "sandbox", "edit", "shop", "--media", uploads).Run())
	s.must(s.command("holdfast", "backup", "create", "shop", "--what", "media").Run())
	s.must(os.WriteFile(filepath.Join(uploads, "logo.svg"), []byte("spoilt"), 0o600))
	s.background("holdfast")
	s.settle()
	s.xdo("key", "ctrl+b")
	s.settle()
	s.click(mediaX, tabsY)
	s.settle()
	s.shoot("media")

	// One file, through the wizard and the gate.
	s.click(restoreFilesX, restoreFilesY)
	s.settle()
	s.click(300, someFilesY)
	s.settle()
	s.click(300, lastFileY)
	s.settle()
	s.shoot("restore-files")
	for range 3 { // what, where, and what that changes
		s.xdo("key", "Return")
		s.settle()
	}
	s.write("correct horse", "Return")
	s.until("the file is as it was", logo("as it was"))
	s.settle()

	// A download of the database, into the folder that the desktop has for them.
	s.click(backupsX, tabsY)
	s.settle()
	s.click(thirdBackupX, thirdBackupY)
	s.settle()
	s.xdo("key", "w")
	s.settle()
	s.shoot("download")
	s.xdo("key", "Return")
	s.settle()
	s.write("correct horse", "Return")
	s.until("a notification of the download", func() bool { return s.tray.noted("The download is ready") })
	found, err := filepath.Glob(filepath.Join(out, "shop-*.dump"))
	s.must(err)
	if len(found) != 1 {
		t.Errorf("downloads: %s", strings.Join(found, ", "))
	}
}
