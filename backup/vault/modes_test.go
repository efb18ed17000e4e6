//go:build unix

package vault_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestModesAndSecrets(t *testing.T) {
	old := syscall.Umask(0)
	defer syscall.Umask(old)
	t.Setenv("KOPIA_CACHE_DIRECTORY", filepath.Join(t.TempDir(), "cache")) // would turn caches on
	o := options(t)
	v := create(t, o)
	put(t, v, "shop", map[string][]byte{"data/1.copy": noise(1, 2*mega)})
	id := put(t, v, "shop", map[string][]byte{"data/1.copy": noise(2, 2*mega)}).Manifest.ID
	_, err := v.Delete(t.Context(), 0, id)
	ok(t, err)
	if _, err := os.Stat(os.Getenv("KOPIA_CACHE_DIRECTORY")); err == nil {
		t.Error("a cache was made")
	}
	for _, root := range []string{o.Path, filepath.Dir(o.ConfigFile)} {
		ok(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			if info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s has mode %o", path, info.Mode().Perm())
			}
			if !d.IsDir() {
				data, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				if bytes.Contains(data, []byte(testKey)) {
					t.Errorf("the key is in %s", path)
				}
			}
			return nil
		}))
	}
	if found, err := filepath.Glob("*"); err != nil || strings.Contains(strings.Join(found, " "), "cache") {
		t.Errorf("a cache was made in the working directory: %v %v", found, err)
	}
}
