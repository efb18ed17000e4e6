//go:build linux

package platform_test

import (
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/platform"
)

func TestPathsUnderOneFolder(t *testing.T) {
	want := platform.Paths{
		Home: "/h", Config: "/h/config.toml", Gate: "/h/gate.json",
		Rules: "/h/gate-rules.json", Catalog: "/h/catalog.db", Vault: "/h/vault",
	}
	if diff := cmp.Diff(want, platform.PathsIn("/h")); diff != "" {
		t.Error(diff)
	}
}

func TestFindPaths(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	own := platform.Paths{
		Home: "/d/holdfast", Config: "/c/holdfast/config.toml", Gate: "/c/holdfast/gate.json",
		Rules:   "/c/holdfast/gate-rules.json",
		Catalog: "/d/holdfast/catalog.db", Vault: "/d/holdfast/vault",
	}
	fallback := platform.Paths{
		Home: "/u/.local/share/holdfast", Config: "/u/.config/holdfast/config.toml", Gate: "/u/.config/holdfast/gate.json",
		Rules:   "/u/.config/holdfast/gate-rules.json",
		Catalog: "/u/.local/share/holdfast/catalog.db", Vault: "/u/.local/share/holdfast/vault",
	}
	cases := []struct {
		name, home, config, data string
		want                     platform.Paths
	}{
		{"one folder", "/one", "/c", "/d", platform.PathsIn("/one")},
		{"a relative folder", "one/../two", "/c", "/d", platform.PathsIn(filepath.Join(dir, "two"))},
		{"the system's folders", "", "/c", "/d", own},
		{"nothing set", "", "", "", fallback},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("HOME", "/u")
			t.Setenv(platform.HomeEnv, c.home)
			t.Setenv("XDG_CONFIG_HOME", c.config)
			t.Setenv("XDG_DATA_HOME", c.data)
			got, err := platform.FindPaths()
			if diff := cmp.Diff(c.want, got); diff != "" || err != nil {
				t.Errorf("%v\n%s", err, diff)
			}
		})
	}
}

func TestFindPathsWithoutHome(t *testing.T) {
	known, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"HOME", platform.HomeEnv, "XDG_CONFIG_HOME", "XDG_DATA_HOME"} {
		t.Setenv(name, "")
	}
	got, err := platform.FindPaths()
	if want := filepath.Join(known.HomeDir, ".local/share/holdfast"); err != nil || got.Home != want {
		t.Errorf("%q, %v; want %q", got.Home, err, want)
	}
}

func TestMakeMakesPrivateFolders(t *testing.T) {
	umask(t, 0)
	top := t.TempDir()
	p := platform.PathsIn(filepath.Join(top, "a", "b"))
	p.Config = filepath.Join(top, "c", "config.toml")
	for range 2 { // what is there already is fine
		if err := p.Make(); err != nil {
			t.Fatal(err)
		}
	}
	for _, dir := range []string{"a", "a/b", "c"} {
		wantMode(t, filepath.Join(top, dir), 0o700)
	}
	wantOnly(t, p.Home) // not the vault's folder
}

func TestMakeRefusesAFolderThatOthersMayChange(t *testing.T) {
	cases := []struct {
		mode    os.FileMode
		refused bool
	}{{0o700, false}, {0o755, false}, {0o775, true}, {0o757, true}, {0o777, true}}
	for _, c := range cases {
		dir := filepath.Join(t.TempDir(), "home")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(dir, c.mode); err != nil {
			t.Fatal(err)
		}
		err := platform.PathsIn(dir).Make()
		if refused := err != nil && strings.Contains(err.Error(), "chmod go-w "+dir); refused != c.refused {
			t.Errorf("mode %04o: %v", c.mode, err)
		}
		wantMode(t, dir, c.mode) // somebody else's rights are not ours to change
	}
}

func TestMakeRefusesAFileInTheFoldersPlace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "home")
	if err := os.WriteFile(path, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := platform.PathsIn(path).Make(); err == nil || !strings.Contains(err.Error(), "is not a folder") {
		t.Errorf("got %v", err)
	}
	wantText(t, path, "text")
}

func TestSameDisk(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "not", "there", "yet")
	for _, c := range []struct {
		a, b string
		want bool
	}{{dir, dir, true}, {dir, missing, true}, {missing, dir, true}, {dir, "/proc/self", false}, {missing, "/proc/no such place", false}} {
		if got, err := platform.SameDisk(c.a, c.b); err != nil || got != c.want {
			t.Errorf("SameDisk(%s, %s) = %v, %v", c.a, c.b, got, err)
		}
	}
}
