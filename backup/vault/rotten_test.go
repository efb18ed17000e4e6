package vault_test

import (
	"os"
	"path/filepath"
	"testing"

	"holdfast/backup"
	"holdfast/backup/vault"
)

// TestBackupOfWhatIsDamaged backs the same data up again after a stored copy of it went bad. The new
// backup is whole: it shares nothing with what is known to be damaged, however that became known.
func TestBackupOfWhatIsDamaged(t *testing.T) {
	t.Parallel()
	read := func(t *testing.T, v *vault.Vault, id backup.ID) {
		t.Helper()
		r, err := v.Read(t.Context(), id, 0)
		ok(t, err)
		_, err = r.Open(t.Context(), "data/1.copy") // it reads ahead
		refused(t, err, backup.Damaged, "data/1.copy")
		ok(t, r.Close())
	}
	for name, find := range map[string]func(*testing.T, *vault.Vault, backup.ID){
		"a check of the vault": func(t *testing.T, v *vault.Vault, _ backup.ID) {
			_, err := v.VerifyAll(t.Context(), true, 0, nil)
			ok(t, err)
		},
		"a check of the backup": func(t *testing.T, v *vault.Vault, id backup.ID) {
			refused(t, v.Verify(t.Context(), id, 0, nil), backup.Damaged, "data/1.copy")
		},
		"a restore":   read,
		"a lost file": nil,
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t)
			v := create(t, o)
			parts := map[string][]byte{"data/1.copy": noise(1, 700_000), "data/2.copy": noise(2, 3_000)}
			old := put(t, v, "shop", parts).Manifest.ID
			pack := blobs(t, o.Path, "p")[0]
			whole, err := os.ReadFile(pack)
			ok(t, err)
			if find == nil {
				ok(t, os.Remove(pack))
			} else {
				flip(t, pack, 200_000)
				find(t, v, old)
			}
			fresh := put(t, v, "shop", parts).Manifest.ID
			same(t, v, fresh, parts)
			ok(t, v.Verify(t.Context(), fresh, 0, nil))
			next := put(t, v, "shop", parts) // the one after it shares with it again
			if next.AddedBytes > 100_000 {
				t.Errorf("%d bytes were added by a backup of the same", next.AddedBytes)
			}
			results, err := v.VerifyAll(t.Context(), true, 0, nil)
			ok(t, err)
			if results[old] == nil || results[fresh] != nil || results[next.Manifest.ID] != nil {
				t.Errorf("the check says: %v", results)
			}

			ok(t, os.WriteFile(pack, whole, 0o600)) // it is brought back, as from another copy
			same(t, v, put(t, v, "shop", parts).Manifest.ID, parts)
			same(t, v, old, parts)
			if _, err := os.Stat(filepath.Join(o.Path, "holdfast.damaged")); !os.IsNotExist(err) {
				t.Errorf("damage is still on record: %v", err)
			}
		})
	}
}
