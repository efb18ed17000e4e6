//go:build linux && !headless

package desktop_test

import (
	"os"
	"path/filepath"
	"testing"
)

// TestPreferencesOfTheWindow: its own page changes what starts at login; what a command sets is
// worn by the window, and outlives it.
func TestPreferencesOfTheWindow(t *testing.T) {
	t.Parallel()
	s := newSession(t)
	s.withShop()
	s.background("holdfast")
	s.sees("Protected")
	s.tap("Preferences")
	s.sees("Where things are")
	s.shoot("preferences")
	s.tap("Start in the tray when I log in")
	s.until("it starts at login", func() bool {
		_, err := os.Stat(filepath.Join(s.dir, "config", "autostart", "app.holdfast.Holdfast.desktop"))
		return err == nil
	})
	before := s.picture()
	for _, set := range [][]string{{"desktop.theme", opposite()}, {"desktop.language", "de"}} {
		if out, err := s.command("holdfast", "config", "set", set[0], set[1]).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	s.xdo("key", "F5")
	s.until("the window wears the other colours", func() bool { return differing(before, s.picture()) > len(before)/2 })
	s.settle()
	s.shoot("preferences-other")
	s.press("Quit, and take no more backups by itself")
	s.until("it ends", func() bool { return !s.visible() })
	s.background("holdfast", "--background")
	s.press("Öffnen") // it speaks German
	s.until("the window opens", s.visible)
	s.settle()
	s.shoot("overview-other")
	if differing(before, s.picture()) < len(before)/2 {
		t.Error("the colours are forgotten")
	}
}

func opposite() string {
	if theme() == "dark" {
		return "light"
	}
	return "dark"
}

// picture is what the window shows, in grey.
func (s *session) picture() []byte {
	s.t.Helper()
	out, err := s.command("import", "-window", s.window(), "-depth", "8", "gray:-").Output()
	s.must(err)
	return out
}
