//go:build linux

package vault_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"holdfast/backup"
	"holdfast/backup/testkit"
)

// TestFolderThatMayNotBeRead: what the user may not read is named, and the rest is stored.
func TestFolderThatMayNotBeRead(t *testing.T) {
	t.Parallel()
	if testkit.AsNobody(t) {
		return
	}
	root := filepath.Join(t.TempDir(), "files")
	for _, name := range []string{"open", "secret", "closed/inside", "names-only/one", "names-only/two"} {
		write(t, filepath.Join(root, name), []byte(name))
	}
	modes := map[string]os.FileMode{"secret": 0, "closed": 0, "names-only": 0o444}
	for name, mode := range modes {
		ok(t, os.Chmod(filepath.Join(root, name), mode))
	}
	t.Cleanup(func() {
		for name := range modes {
			ok(t, os.Chmod(filepath.Join(root, name), 0o700))
		}
	})
	v := create(t, options(t))
	s, err := storeFolder(t, v, backup.MediaJob{Name: "files", Path: root}, nil)
	ok(t, err)
	f := s.Manifest.Media[0]
	var named []string
	for _, n := range f.Notes {
		named = append(named, n.Path)
		if n.Text != "it may not be read: permission denied" {
			t.Errorf("%s: %s", n.Path, n.Text)
		}
	}
	slices.Sort(named)
	if want := []string{"closed", "names-only", "secret"}; !slices.Equal(named, want) || f.Skipped != 3 || f.Files != 1 {
		t.Errorf("named: %q of %+v", named, f)
	}
	if all := slices.Sorted(maps.Keys(listed(t, v, s))); !slices.Contains(all, "open") || slices.Contains(all, "secret") {
		t.Errorf("listed: %q", all)
	}
	ok(t, v.Verify(t.Context(), s.Manifest.ID, 0, nil))
}
