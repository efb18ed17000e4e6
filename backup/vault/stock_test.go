package vault_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"holdfast/backup"
	"holdfast/backup/testkit"
)

// The stock kopia command opens the vault.
func TestStockKopia(t *testing.T) {
	kopia := testkit.StockKopia(t)
	o := options(t)
	v := create(t, o)
	parts := someParts()
	parts["data/5.copy"] = rows(5, 6) // of several contents that end at rows, compressed
	put(t, v, "blog", map[string][]byte{"data/1.copy": noise(9, mega)})
	id := put(t, v, "shop", parts).Manifest.ID
	gone := put(t, v, "shop", map[string][]byte{"data/1.copy": noise(8, mega)}).Manifest.ID
	_, err := v.Delete(t.Context(), 0, gone)
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
	list := run("snapshot", "list", "--all", "--tags", "holdfast-id:"+string(id))
	t.Logf("%s", list)
	if !strings.Contains(list, "holdfast@workstation:/shop") || strings.Contains(list, "/blog") {
		t.Errorf("listed:\n%s", list)
	}
	root := regexp.MustCompile(`\bk[0-9a-f]{32}\b`).FindString(list)
	to := filepath.Join(home, "out")
	run("restore", root, to)
	for name, want := range parts {
		got, err := os.ReadFile(filepath.Join(to, name))
		ok(t, err)
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs", name)
		}
	}
	text, err := os.ReadFile(filepath.Join(to, backup.PartReadme))
	ok(t, err)
	if strings.Contains(string(text), "{{") || !strings.Contains(string(text), o.Path) {
		t.Errorf("RESTORE.txt:\n%s", text)
	}
	text, err = os.ReadFile(filepath.Join(to, backup.PartManifest))
	ok(t, err)
	m, err := backup.DecodeManifest(text)
	ok(t, err)
	if m.ID != id {
		t.Errorf("manifest of %s", m.ID)
	}
	run("snapshot", "verify", "--verify-files-percent", "100")
	run("content", "verify", "--full")
	if all := run("snapshot", "list", "--all"); strings.Count(all, "holdfast@workstation:/") != 2 {
		t.Errorf("listed:\n%s", all)
	}
	t.Logf("%s", run("maintenance", "info"))
}
