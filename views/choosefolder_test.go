package views_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// choosing opens the choice of a folder of the Media section, in a home of its own.
func choosing(t *testing.T) (s *screen, home string) {
	t.Helper()
	home = t.TempDir()
	t.Setenv("HOME", home)
	for _, name := range []string{"code/shop", "uploads/2026", ".cache"} {
		if err := os.MkdirAll(filepath.Join(home, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(home, "notes.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(home, "uploads"), filepath.Join(home, "link")); err != nil {
		t.Fatal(err)
	}
	s, _ = section(t, "Media", withFolders)
	s.pressed("Choose…")
	s.sees("Choose a folder", "code", "uploads", "link")
	s.seesNo("notes.txt", ".cache")
	return s, home
}

// TestEscapeClosesTheChoiceOfAFolder wherever the focus is in it, and nothing else.
func TestEscapeClosesTheChoiceOfAFolder(t *testing.T) {
	for tabs := range 6 {
		s, _ := choosing(t)
		for range tabs {
			s.window.Canvas().FocusNext()
		}
		s.press(fyne.KeyEscape)
		s.seesNo("Choose a folder")
		s.sees("shop  ›  Settings  ›  Media")
		s.wasTold()
		if had, _ := s.window.Canvas().Focused().(fyne.CanvasObject); had != s.pressedBy("Choose…") {
			t.Errorf("%d tabs: the focus is not where it was", tabs)
		}
	}
	s, _ := choosing(t)
	s.window.Canvas().Unfocus()
	s.window.Canvas().OnTypedKey()(key(fyne.KeyEscape))
	s.seesNo("Choose a folder")
	s.sees("shop  ›  Settings  ›  Media")
}

// TestAFolderIsChosenByKeys: gone to, typed, or made.
func TestAFolderIsChosenByKeys(t *testing.T) {
	put := func(path string) string {
		return fmt.Sprintf("media shop %q without %q", []string{"/srv/shop/uploads", "/srv/shop/avatars", path}, []string{"node_modules/", "*.tmp"})
	}
	s, home := choosing(t)
	for _, k := range []fyne.KeyName{fyne.KeyDown, fyne.KeyDown, fyne.KeyDown, fyne.KeyReturn} { // code, link, uploads
		s.press(k)
	}
	s.sees("2026")
	s.pressed("Add this folder")
	s.seesNo("Choose a folder")
	s.wasTold(put(filepath.Join(home, "uploads")))

	s, home = choosing(t)
	s.press(fyne.KeyReturn) // the way out
	s.entry("/home/me").SetText(filepath.Join(home, "code"))
	s.field("/home/me").TypedKey(key(fyne.KeyReturn))
	s.sees("shop")
	if !s.button("Make this folder").Disabled() {
		t.Error("a folder that is there can be made")
	}
	made := filepath.Join(home, "code", "new", "one")
	s.entry("/home/me").SetText(made)
	s.field("/home/me").TypedKey(key(fyne.KeyReturn))
	s.sees("This folder is not there, or cannot be read.")
	s.pressed("Make this folder")
	s.seesNo("This folder is not there, or cannot be read.")
	if _, err := os.Stat(made); err != nil {
		t.Error(err)
	}
	s.pressed("Add this folder")
	s.wasTold(put(made))

	s, _ = choosing(t)
	s.tick("Show hidden folders").SetChecked(true)
	s.sees(".cache")
	test.Tap(s.button("Cancel"))
	s.seesNo("Choose a folder")
	s.wasTold()
}

// TestTheChoiceOfAFolderBeginsAtWhatWasTyped, also where it is not there yet.
func TestTheChoiceOfAFolderBeginsAtWhatWasTyped(t *testing.T) {
	s, home := choosing(t)
	s.press(fyne.KeyEscape)
	s.entry("/srv/shop/uploads").SetText(filepath.Join(home, "code"))
	s.pressed("Choose…")
	s.sees("Choose a folder", "shop")
	s.press(fyne.KeyEscape)
	s.entry("/srv/shop/uploads").SetText(filepath.Join(home, "new"))
	s.pressed("Choose…")
	s.sees("code", "This folder is not there, or cannot be read.")
	if s.button("Make this folder").Disabled() {
		t.Error("it cannot be made")
	}
}
