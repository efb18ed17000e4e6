//go:build linux

package vault_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"holdfast/backup"
)

// nobody is a user that owns nothing here.
const nobody = 65534

// asNobody runs the test again as a user without rights, and says whether this is not that run: root
// reads everything.
func asNobody(t *testing.T) (elsewhere bool) {
	t.Helper()
	if os.Geteuid() != 0 {
		return false
	}
	dir := t.TempDir()
	for at := dir; at != os.TempDir() && at != "/"; at = filepath.Dir(at) {
		ok(t, os.Chmod(at, 0o711))
	}
	home := filepath.Join(dir, "home")
	ok(t, os.Mkdir(home, 0o700))
	ok(t, os.Chown(home, nobody, nobody))
	cmd := exec.Command("/proc/self/exe", "-test.run=^"+t.Name()+"$", "-test.count=1")
	cmd.Dir, cmd.Env = home, append(os.Environ(), "TMPDIR="+home, "HOME="+home)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "PASS") || strings.Contains(string(out), "no tests to run") {
		t.Errorf("as a user without rights: %v\n%s", err, out)
	}
	return true
}

// TestFolderThatMayNotBeRead: what the user may not read is named, and the rest is stored.
func TestFolderThatMayNotBeRead(t *testing.T) {
	t.Parallel()
	if asNobody(t) {
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
