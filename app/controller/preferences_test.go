//go:build unix

package controller_test

import (
	"os"
	"path/filepath"
	"testing"

	"holdfast/views"
)

// TestPreferences: what is set in the window is in the configuration, what cannot be set says
// why, and a bundle is written.
func TestPreferences(t *testing.T) {
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	b := newBench(t)
	b.Look(views.Place{Section: views.SectionPreferences})
	b.until("the preferences", func() bool { return b.state.Preferences != nil })
	p := b.state.Preferences
	if p.Values[views.PrefTheme] != "system" || p.Values[views.PrefLogin] != "false" || p.Vault != filepath.Join(b.dir, "home", "vault") {
		t.Errorf("at first: %+v", p)
	}
	for _, key := range []string{views.PrefLanguage, views.PrefScale, views.PrefNotify, views.PrefMains, views.PrefWorkers} {
		if p.Values[key] == "" {
			t.Errorf("%s has no value", key)
		}
	}
	b.SetPreference(views.PrefTheme, "dark")
	b.until("another theme", func() bool { return b.state.Theme == "dark" && b.state.Preferences.Values[views.PrefTheme] == "dark" })
	b.SetPreference(views.PrefLogin, "true")
	b.until("it starts at login", func() bool { return b.state.Preferences.Values[views.PrefLogin] == "true" })
	b.SetPreference(views.PrefWorkers, "1000")
	b.until("a problem", func() bool { return b.state.Preferences.Problem != nil })
	b.SetPreference(views.PrefWorkers, "2")
	b.until("it goes", func() bool {
		return b.state.Preferences.Problem == nil && b.state.Preferences.Values[views.PrefWorkers] == "2"
	})
	b.WriteDiagnostics()
	b.until("a bundle", func() bool { return b.state.Preferences.Bundle != "" })
	if info, err := os.Stat(b.state.Preferences.Bundle); err != nil || info.Size() == 0 {
		t.Errorf("the bundle: %v", err)
	}
	b.Controller.OpenFolder(b.state.Preferences.Config)
	b.until("the folder of the file", func() bool { return b.folder == filepath.Join(b.dir, "home") })
}
