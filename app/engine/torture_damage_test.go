package engine

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/backup"
)

// packs gives the blobs of the vault that hold contents of tables and objects.
func (a *arena) packs() (paths []string) {
	a.t.Helper()
	must(a.t, filepath.WalkDir(filepath.Join(a.home(), "vault"), func(path string, d os.DirEntry, err error) error {
		rel, relErr := filepath.Rel(filepath.Join(a.home(), "vault"), path)
		if err != nil || relErr != nil || d.IsDir() {
			return err
		}
		if flat := strings.ReplaceAll(rel, string(filepath.Separator), ""); strings.HasPrefix(flat, "p") {
			paths = append(paths, path)
		}
		return nil
	}))
	return paths
}

// flip changes one bit in every stretch of a file, and gives what takes it back.
func (a *arena) flip(path string) (back func()) {
	a.t.Helper()
	whole, err := os.ReadFile(path)
	must(a.t, err)
	bad := bytes.Clone(whole)
	for i := len(bad) / 200; i < len(bad); i += max(len(bad)/100, 1) {
		bad[i] ^= 4
	}
	must(a.t, os.WriteFile(path, bad, 0o600))
	return func() { must(a.t, os.WriteFile(path, whole, 0o600)) }
}

// TestDamagedPack flips bits in each pack that the newest backup added. A restore refuses before it swaps
// anything, the backup is broken from then on, and the others still restore.
func TestDamagedPack(t *testing.T) {
	t.Parallel()
	a := newArena(t, tortureSQL+`; ALTER TABLE item DISABLE TRIGGER ALL`)
	old := a.take()
	oldState := a.fingerprint("shop")
	before := map[string]bool{}
	for _, path := range a.packs() {
		before[path] = true
	}
	a.exec("shop", `INSERT INTO item (text) SELECT repeat(md5((n * 7)::text), 9) FROM generate_series(1, 9000) AS n;
		CREATE TABLE wide AS SELECT n, md5(n::text) AS m FROM generate_series(1, 3000) AS n;
		SELECT lo_from_bytea(0, decode(string_agg(md5(n::text), ''), 'hex')) FROM generate_series(1, 5000) AS n`)
	young := a.take()
	tried := 0
	for _, path := range a.packs() {
		if before[path] {
			continue
		}
		tried++
		a.exec("shop", fmt.Sprintf("UPDATE state SET v = 'live %d'", tried)) // so that its own backup needs new bytes
		live := a.fingerprint("shop")
		back := a.flip(path)
		a.with(func(e *Engine) {
			rec, err := e.Restore(t.Context(), RestoreRequest{Ref: string(young), Unsaved: true})
			if backup.KindOf(err) != backup.Damaged {
				t.Errorf("%s: %s: %v", filepath.Base(path), backup.KindOf(err), err)
			}
			if rec != nil && rec.Status != backup.StatusFailed {
				t.Errorf("the restore is %s", rec.Status)
			}
			t.Logf("%s: %v | %s", filepath.Base(path), err, backup.AsError(err).Hint)
			b, err := e.Backup(t.Context(), string(young))
			must(t, err)
			if b.Verdict != backup.Broken || b.VerdictReason == "" {
				t.Errorf("after the restore the backup is %s: %s", b.Verdict, b.VerdictReason)
			}
		})
		a.whole(live)
		a.settled()
		a.with(func(e *Engine) {
			if _, err := e.Restore(t.Context(), RestoreRequest{Ref: string(young)}); backup.KindOf(err) != backup.Damaged {
				t.Errorf("a broken backup is tried again: %v", err)
			}
		})
		back()
		a.with(func(e *Engine) { // whole again, which a look at every byte finds out
			b, err := e.VerifyBackup(t.Context(), string(young), false, 0)
			if err != nil || b.Verdict != backup.Intact {
				t.Errorf("taken back, it is %s: %v", b.Verdict, err)
			}
		})
	}
	if tried == 0 {
		t.Fatal("no pack was tried")
	}
	for _, path := range a.packs() {
		if !before[path] {
			a.flip(path)
		}
	}
	a.with(func(e *Engine) {
		_, err := e.Restore(t.Context(), RestoreRequest{Ref: string(old), Unsaved: true})
		must(t, err)
	})
	a.whole(oldState)
	a.settled()
}

// TestDamagedPreRestore: the backup that was taken before a restore turns out to be damaged. The database
// that it stands for does not expire then.
func TestDamagedPreRestore(t *testing.T) {
	t.Parallel()
	a := newArena(t, tortureSQL)
	one := a.take()
	before := map[string]bool{}
	for _, path := range a.packs() {
		before[path] = true
	}
	a.exec("shop", "INSERT INTO item (text) SELECT repeat(md5((n * 3)::text), 9) FROM generate_series(1, 5000) AS n")
	two := a.fingerprint("shop")
	rec := a.restore(one)
	for _, path := range a.packs() {
		if !before[path] {
			a.flip(path)
		}
	}
	if gone := a.expire(); len(gone) != 0 {
		t.Errorf("dropped, though its backup is damaged: %+v", gone)
	}
	a.settled()
	a.with(func(e *Engine) {
		b, err := e.Backup(context.Background(), string(rec.PreRestore))
		must(t, err)
		if b.Verdict != backup.Broken {
			t.Errorf("the pre-restore backup is %s", b.Verdict)
		}
	})
	a.undo(rec.ID)
	a.whole(two)
}
