//go:build unix

package vault_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"holdfast/backup"
	"holdfast/backup/testkit"
)

// The stock kopia command gives folders back with modes, times and links, and RESTORE.txt says so.
func TestStockKopiaRestoresFolders(t *testing.T) {
	kopia := testkit.StockKopia(t)
	o := options(t)
	v := create(t, o)
	root := filepath.Join(t.TempDir(), "files")
	write(t, filepath.Join(root, "sub", "picture"), noise(1, mega))
	at := time.Unix(1_700_000_000, 0)
	ok(t, os.Chmod(filepath.Join(root, "sub", "picture"), 0o640))
	ok(t, os.Chtimes(filepath.Join(root, "sub", "picture"), at, at))
	ok(t, os.Symlink("sub/picture", filepath.Join(root, "link")))
	s, err := storeFolder(t, v, backup.MediaJob{Name: "files", Path: root}, nil)
	ok(t, err)

	home := t.TempDir()
	run := func(args ...string) string {
		t.Helper()
		cmd := exec.Command(kopia, append(args, "--config-file", filepath.Join(home, "config"), "--log-dir", filepath.Join(home, "log"))...)
		cmd.Env = append(os.Environ(), "KOPIA_PASSWORD="+testKey, "HOME="+home, "KOPIA_CHECK_FOR_UPDATES=false")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("kopia %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	run("repository", "connect", "filesystem", "--path", o.Path, "--cache-directory", filepath.Join(home, "cache"))
	list := run("snapshot", "list", "--all", "--tags", "holdfast-id:"+string(s.Manifest.ID))
	to := filepath.Join(home, "out")
	run("restore", regexp.MustCompile(`\bk[0-9a-f]{32}\b`).FindString(list), to)
	info, err := os.Stat(filepath.Join(to, "media", "files", "sub", "picture"))
	ok(t, err)
	if info.Mode().Perm() != 0o640 || !info.ModTime().Equal(at) || info.Size() != mega {
		t.Errorf("kopia gives back %v %v, %d bytes", info.Mode(), info.ModTime(), info.Size())
	}
	if link, err := os.Readlink(filepath.Join(to, "media", "files", "link")); err != nil || link != "sub/picture" {
		t.Errorf("the link leads to %q, %v", link, err)
	}
	text, err := os.ReadFile(filepath.Join(to, backup.PartReadme))
	ok(t, err)
	if !strings.Contains(string(text), "cp -a media/NAME PLACE") || !strings.Contains(string(text), root) || strings.Contains(string(text), "psql") {
		t.Errorf("RESTORE.txt:\n%s", text)
	}
}
