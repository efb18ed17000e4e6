//go:build linux && !headless

package desktop_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
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
	s.sees("Protected")
	s.xdo("key", "ctrl+b")
	s.sees("shop  ›  Settings  ›  Backups")
	s.tap("Media")
	s.sees("Newest backup of the folders")
	s.tap("Compare with now")
	s.sees("Since this backup")
	s.shoot("media")

	// One file, through the wizard and the gate.
	s.tap("Restore…")
	s.sees("Step 1 of 3")
	s.tap("Only some files")
	s.tap("uploads/logo.svg")
	s.sees("Chosen: 1 file")
	s.shoot("restore-files")
	s.enter("Next")
	s.sees("Step 2 of 3")
	s.enter("Next")
	s.sees("Step 3 of 3", "1 file comes back")
	s.enter("Restore…")
	s.approve()
	s.until("the file is as it was", logo("as it was"))
	s.sees("Undo")

	// A download of the database, into the folder that the desktop has for them.
	s.tap("Backups")
	s.sees("Before restore")
	s.tap("62,040") // rows of the database
	s.sees("62,040 rows")
	s.xdo("key", "w")
	s.sees("Download the backup of")
	s.shoot("download")
	s.xdo("key", "Return")
	s.approve()
	s.until("a notification of the download", func() bool { return s.tray.noted("The download is ready") })
	found, err := filepath.Glob(filepath.Join(out, "shop-*.dump"))
	s.must(err)
	if len(found) != 1 {
		t.Errorf("downloads: %s", strings.Join(found, ", "))
	}
}
