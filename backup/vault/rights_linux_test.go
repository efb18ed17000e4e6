package vault_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"holdfast/backup"
	"holdfast/backup/tally"
	"holdfast/backup/testkit"
	"holdfast/backup/vault"
)

// TestRightsTakenAway takes the vault's folders from the user in the middle of a backup, all rights or
// that to write: it fails with cause and remedy, what is not given back cannot be read either, and once
// the rights are back the earlier backup is whole and the next one works.
func TestRightsTakenAway(t *testing.T) {
	t.Parallel()
	row := tally.Of(t, "the vault's folders are taken from the user in the middle")
	if row.Try("the moments in the test"); testkit.AsNobody(t) {
		return
	}
	moments := []string{"before a part"}
	if os.Getenv(tally.RoundsEnv) != "" {
		moments = []string{"before the beginning", "before a part", "before the end"}
	}
	for what, mode := range map[string]os.FileMode{"no rights": 0, "read only": 0o500} {
		for _, at := range moments {
			t.Run(what+" "+at, func(t *testing.T) {
				t.Parallel()
				row.Try(what + " " + at)
				o := options(t)
				v := create(t, o)
				parts := map[string][]byte{"data/1.copy": noise(1, mega)}
				first := put(t, v, "shop", parts).Manifest.ID
				taken := func() { rights(t, o.Path, mode) }
				t.Cleanup(func() { rights(t, o.Path, 0o700) })
				err := writeUntil(t, v, at, taken)
				known := backup.AsError(err)
				t.Logf("%v | %s", err, known.Hint)
				if err == nil || known.Kind != backup.Unreachable || known.Hint == "" || !errors.Is(err, fs.ErrPermission) {
					t.Errorf("kind %s, %v, hint %q, cause %v", known.Kind, err, known.Hint, known.Err)
				}
				if mode == 0 {
					if fresh, err := vault.Open(t.Context(), o, testKey); err == nil || backup.AsError(err).Hint == "" {
						t.Errorf("opened without rights: %v %v", fresh, err)
					}
				} else {
					same(t, v, first, parts)
				}
				rights(t, o.Path, 0o700)
				again := open(t, o)
				same(t, again, first, parts)
				put(t, again, "shop", map[string][]byte{"data/1.copy": noise(2, mega)})
				results, err := again.VerifyAll(t.Context(), true, 0, nil)
				if err != nil || len(results) != 2 {
					row.Lost("%d backups verified: %v", len(results), err)
				}
			})
		}
	}
}

// writeUntil writes a backup and takes the rights away at some moment.
func writeUntil(t *testing.T, v *vault.Vault, at string, taken func()) error {
	t.Helper()
	if at == "before the beginning" {
		taken()
	}
	w, err := v.Write(t.Context(), 0)
	if err != nil {
		return err
	}
	parts := map[string][]byte{"data/1.copy": noise(7, 25*mega)}
	if at == "before a part" {
		taken()
	}
	err = writePart(t.Context(), w, "data/1.copy", parts["data/1.copy"])
	if at == "before the end" {
		taken()
	}
	if err == nil {
		_, err = w.Commit(t.Context(), newManifest("shop", parts))
	}
	return firstOf(err, w.Abort(context.WithoutCancel(t.Context())))
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// rights sets the mode of all folders of the vault, from below to above or back.
func rights(t *testing.T, root string, mode os.FileMode) {
	t.Helper()
	ok(t, os.Chmod(root, 0o700))
	var folders []string
	ok(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if d.IsDir() {
			ok(t, os.Chmod(path, 0o700))
			folders = append(folders, path)
		}
		return err
	}))
	for i := len(folders) - 1; i >= 0; i-- {
		ok(t, os.Chmod(folders[i], mode))
	}
}
