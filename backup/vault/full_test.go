package vault_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"holdfast/backup"
	"holdfast/backup/tally"
	"holdfast/backup/vault"
)

// smallDisk is a file system of its own that is soon full: the one that the environment names,
// else one in memory, which only root may mount.
func smallDisk(t *testing.T) string {
	t.Helper()
	if disk := os.Getenv("VAULT_TEST_SMALL_DISK"); disk != "" {
		return disk
	}
	disk := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", disk).CombinedOutput(); err != nil {
		t.Skipf("a small disk can only be mounted by root; VAULT_TEST_SMALL_DISK may name one: %s", out)
	}
	t.Cleanup(func() { ok(t, exec.Command("umount", disk).Run()) })
	return disk
}

// A disk that runs full in the middle of a backup, and one that is full to the last byte.
// VAULT_TEST_SMALL_DISK names an empty file system of 30 to 60 MB.
func TestFullDisk(t *testing.T) {
	tally.Of(t, "disk full: the vault, to the last byte").Try("the moments in the test")
	disk := smallDisk(t)
	o := options(t)
	o.Path = filepath.Join(disk, "vault")
	t.Cleanup(func() { ok(t, os.RemoveAll(o.Path)) })
	v := create(t, o)
	partsA := map[string][]byte{"data/1.copy": noise(1, 12*mega)}
	partsB := map[string][]byte{"data/1.copy": noise(2, 5*mega)}
	a, b := put(t, v, "shop", partsA).Manifest.ID, put(t, v, "shop", partsB).Manifest.ID
	before := size(t, o.Path)

	w, err := v.Write(t.Context(), 0)
	ok(t, err)
	err = writePart(t.Context(), w, "data/1.copy", noise(3, 80*mega))
	refused(t, err, backup.Failed, "the disk that holds the vault is full")
	ok(t, w.Abort(t.Context()))
	if after := size(t, o.Path); after > before+50_000 {
		t.Errorf("the vault has %d bytes, %d before:\n%s", after, before, describe(files(t, o.Path)))
	}
	same(t, v, a, partsA)

	filler := filepath.Join(disk, "filler")
	t.Cleanup(func() { ok(t, os.RemoveAll(filler)) })
	f, err := os.Create(filler)
	ok(t, err)
	for _, block := range []int{mega, 4096, 1} {
		for err = nil; err == nil; {
			_, err = f.Write(noise(4, block))
		}
	}
	ok(t, f.Close())
	if free, err := v.Free(); err != nil || free > 0 {
		t.Fatalf("%d bytes are free, %v", free, err)
	}
	if w, err = v.Write(t.Context(), 0); err == nil {
		err = errors.Join(writePart(t.Context(), w, "data/1.copy", noise(3, mega)), w.Abort(t.Context()))
	}
	refused(t, err, backup.Failed, "the disk that holds the vault is full")
	fresh, err := vault.Open(t.Context(), o, testKey)
	ok(t, err)
	freed, err := fresh.Delete(t.Context(), 0, a)
	ok(t, err)
	if freed < 10*mega {
		t.Errorf("freed %d bytes", freed)
	}
	same(t, fresh, b, partsB)
	ok(t, fresh.Close(t.Context()))
	put(t, v, "shop", partsB)
}

// TestFullDiskOfSmallBackups: backups that share something with later ones, on a disk that is full to the last
// byte, give their space back.
func TestFullDiskOfSmallBackups(t *testing.T) {
	t.Parallel()
	for what, full := range map[string]bool{"full": true, "roomy": false} {
		t.Run(what, func(t *testing.T) {
			o, disk := options(t), t.TempDir()
			if full {
				disk = smallDisk(t)
			}
			o.Path = filepath.Join(disk, "vault")
			t.Cleanup(func() { ok(t, os.RemoveAll(o.Path)) })
			v, err := vault.Create(t.Context(), o, testKey)
			ok(t, err)
			var all []backup.ID
			var parts []map[string][]byte
			for i := range 3 {
				parts = append(parts, map[string][]byte{"database.toc": noise(77, 40_000), "data/1.copy": noise(uint64(i), 4*mega)})
				all = append(all, put(t, v, "shop", parts[i]).Manifest.ID)
			}
			if full {
				f, err := os.Create(filepath.Join(disk, "filler"))
				ok(t, err)
				t.Cleanup(func() { ok(t, os.Remove(f.Name())) })
				for _, block := range []int{mega, 4096, 1} {
					for err = nil; err == nil; {
						_, err = f.Write(noise(4, block))
					}
				}
				ok(t, f.Close())
			}
			for i := range 2 {
				freed, err := v.Delete(t.Context(), 0, all[i])
				ok(t, err)
				if freed < 4*mega && (full || i == 0) { // where there is room the other two share a pack by then
					t.Errorf("the deletion %d freed %d bytes", i+1, freed)
				}
				same(t, v, all[2], parts[2])
				ok(t, v.Verify(t.Context(), all[2], 0, nil))
			}
			ok(t, v.Close(t.Context()))
		})
	}
}
