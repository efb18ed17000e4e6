package engine

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"holdfast/backup"
	"holdfast/backup/tally"
)

// TestVaultGoesAway takes the vault's disk away in the middle of a backup: it becomes read-only, or is
// not mounted any more. The backup fails and says why, nothing is written elsewhere, and when the disk is
// back the vault is whole and the next backup works.
func TestVaultGoesAway(t *testing.T) {
	t.Parallel()
	dir := filepath.Dir(reachable(t))
	vault := filepath.Join(dir, "home", "vault")
	disk := filepath.Join(dir, "disk")
	smallDisk(t, disk, "300")
	must(t, os.MkdirAll(vault, 0o700))
	must(t, os.Chmod(filepath.Join(dir, "home"), 0o700))
	run := func(args ...string) {
		t.Helper()
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%q: %s", args, out)
		}
	}
	run("mount", "--bind", disk, vault)
	mounted := true
	t.Cleanup(func() {
		if mounted {
			run("umount", "--lazy", vault)
		}
	})
	a := newArenaIn(t, dir, bulkSQL)
	row := tally.Of(t, "the vault's disk goes away in the middle")
	one := a.take()
	moments := []string{"at tables"}
	if os.Getenv(tally.RoundsEnv) != "" {
		moments = []string{"at connect", "at tables", "at verify"}
	}
	for what, way := range map[string]struct{ gone, back func() }{
		"read-only": {
			func() { run("mount", "-o", "remount,ro,bind", vault) },
			func() { run("mount", "-o", "remount,rw,bind", vault) },
		},
		"unmounted": {
			func() { run("umount", "--lazy", vault); mounted = false },
			func() { run("mount", "--bind", disk, vault); mounted = true },
		},
	} {
		for _, at := range moments {
			row.Try(what + " " + at)
			a.exec("shop", "UPDATE bulk SET noise = sha512(noise) || sha512(noise || 'x'::bytea)")
			a.during(at, way.gone, func(e *Engine) {
				b, err := e.CreateBackup(t.Context(), "shop", "", 0)
				known := backup.AsError(err)
				switch {
				case err == nil:
					t.Logf("%s %s: it came through as %s", what, at, b.Status)
				case b != nil && b.Status == backup.StatusCompleted:
					row.Lost("%s %s: listed as completed, and %v", what, at, err)
				case known.Hint == "":
					t.Errorf("%s %s: no remedy: %v", what, at, err)
				default:
					t.Logf("%s %s: %v | %s", what, at, err, known.Hint)
				}
			})
			if what == "unmounted" {
				if left, err := os.ReadDir(vault); err != nil || len(left) > 0 {
					row.Left("%s %s: %v in the empty folder, %v", what, at, left, err)
				}
			}
			a.with(func(e *Engine) {
				if _, err := e.CreateBackup(t.Context(), "shop", "", 0); err == nil || backup.AsError(err).Hint == "" {
					t.Errorf("%s: a backup into nothing: %v", what, err)
				} else {
					t.Logf("%s: the next one: %v | %s", what, err, backup.AsError(err).Hint)
				}
			})
			way.back()
			a.recover()
			a.with(func(e *Engine) {
				if checked, err := e.VerifyVault(t.Context(), true, 0); err != nil {
					row.Lost("%s %s: %d backups verified: %v", what, at, checked.Backups, err)
				}
				must(t, e.vault.Verify(t.Context(), one, 0, nil))
			})
			a.take()
		}
	}
	a.settled()
}
