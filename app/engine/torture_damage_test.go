//go:build unix

package engine

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"holdfast/backup"
	"holdfast/backup/tally"
)

// packs gives the blobs of the vault that hold contents: of tables and objects (p), of manifests and
// folders (q).
func (a *arena) packs() (paths []string) {
	a.t.Helper()
	root := filepath.Join(a.home(), "vault")
	must(a.t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && packKind(root, path) != 0 {
			paths = append(paths, path)
		}
		return err
	}))
	return paths
}

// packKind gives the first letter of a pack's name, which the folders it is in are a part of; else 0.
func packKind(root, path string) byte {
	rel, err := filepath.Rel(root, path)
	if name := strings.ReplaceAll(rel, string(filepath.Separator), ""); err == nil && (name[0] == 'p' || name[0] == 'q') && strings.HasSuffix(name, ".f") {
		return name[0]
	}
	return 0
}

// newPacks gives the packs that came while something was done.
func (a *arena) newPacks(do func()) []string {
	a.t.Helper()
	before := a.packs()
	do()
	return slices.DeleteFunc(a.packs(), func(path string) bool { return slices.Contains(before, path) })
}

// flip changes one bit of each byte in a stretch of a file, and gives what takes it back.
func (a *arena) flip(path string, from, to float64) (back func()) {
	a.t.Helper()
	whole, err := os.ReadFile(path)
	must(a.t, err)
	bad := bytes.Clone(whole)
	for i := int(from * float64(len(bad))); i < int(to*float64(len(bad))); i++ {
		bad[i] ^= 4
	}
	must(a.t, os.WriteFile(path, bad, 0o600))
	return func() { must(a.t, os.WriteFile(path, whole, 0o600)) }
}

// TestDamagedPack flips bits in each pack that the newest backup added, stretch by stretch. A restore
// refuses before it swaps anything, the backup is broken from then on, and the others still restore.
func TestDamagedPack(t *testing.T) {
	t.Parallel()
	tally.Of(t, "damage: each stretch of each pack of a backup").Try("the moments in the test")
	a := newArena(t, tortureSQL)
	old, oldState := a.take(), a.fingerprint("shop")
	a.exec("shop", `INSERT INTO item (text) SELECT md5((n * 7)::text) || md5((n * 9)::text) FROM generate_series(1, 9000) AS n;
		CREATE TABLE wide AS SELECT n, md5(n::text) AS m FROM generate_series(1, 3000) AS n;
		SELECT lo_from_bytea(0, decode(string_agg(md5(n::text), ''), 'hex')) FROM generate_series(1, 5000) AS n`)
	var young backup.ID
	packs := a.newPacks(func() { young = a.take() })
	a.exec("shop", "UPDATE state SET v = 'live'; REFRESH MATERIALIZED VIEW lengths")
	live := a.fingerprint("shop")
	found := map[byte]int{}
	for _, path := range packs {
		for from := 0.05; from < 0.9; from += 0.17 {
			back := a.flip(path, from, from+0.02)
			refuses, bars := a.refusesDamaged(young)
			if bars { // the others can be restored all the same, though no backup can be taken
				a.restoreUnsaved(old)
				a.whole(oldState)
				a.undo("latest")
			}
			if refuses {
				found[packKind(filepath.Join(a.home(), "vault"), path)]++
			} else { // it hit nothing that the backup needs
				a.exec("shop", "UPDATE state SET v = 'live'; REFRESH MATERIALIZED VIEW lengths")
			}
			a.whole(live)
			a.settled()
			back()
			a.verified(young)
		}
	}
	t.Logf("found in packs of the kinds: %v", found)
	if found['p'] < 3 {
		t.Errorf("of 5 damaged stretches in the pack of the tables, %d were found", found['p'])
	}
	for _, path := range packs {
		if packKind(filepath.Join(a.home(), "vault"), path) == 'p' {
			a.flip(path, 0, 1)
		}
	}
	a.restore(old)
	a.whole(oldState)
	a.settled()
}

func (a *arena) restoreUnsaved(id backup.ID) {
	a.t.Helper()
	a.with(func(e *Engine) {
		_, err := e.Restore(a.t.Context(), RestoreRequest{Ref: string(id), Unsaved: true})
		must(a.t, err)
	})
}

// refusesDamaged tries a restore, twice: the second is refused because of what the first has found.
func (a *arena) refusesDamaged(id backup.ID) (refuses, bars bool) {
	a.t.Helper()
	a.with(func(e *Engine) {
		rec, err := e.Restore(a.t.Context(), RestoreRequest{Ref: string(id)})
		if err == nil {
			return
		}
		refuses = true
		a.t.Logf("%v | %s", err, backup.AsError(err).Hint)
		if backup.KindOf(err) != backup.Damaged || rec != nil && rec.Status != backup.StatusFailed {
			a.t.Errorf("%s: %v, %+v", backup.KindOf(err), err, rec)
		}
		if strings.Contains(err.Error(), "the list of backups in the vault is damaged") {
			bars = true // that says nothing about one of them
			return
		}
		b, err := e.Backup(a.t.Context(), string(id))
		must(a.t, err)
		if b.Verdict != backup.Broken || b.VerdictReason == "" {
			a.t.Errorf("after the restore the backup is %s: %s", b.Verdict, b.VerdictReason)
		}
		if _, err := e.Restore(a.t.Context(), RestoreRequest{Ref: string(id)}); backup.KindOf(err) != backup.Damaged || !strings.Contains(err.Error(), "broken") {
			a.t.Errorf("a broken backup is tried again: %v", err)
		}
	})
	return refuses, bars
}

// verified looks at every byte of a backup that is whole again.
func (a *arena) verified(id backup.ID) {
	a.t.Helper()
	a.with(func(e *Engine) {
		b, err := e.VerifyBackup(a.t.Context(), string(id), false, 0)
		if err != nil || b.Verdict != backup.Intact {
			a.t.Errorf("taken back, it is %s: %v", b.Verdict, err)
		}
	})
}

// TestDamagedPreRestore: the backup that was taken before a restore turns out to be damaged. The database
// that it stands for does not expire then.
func TestDamagedPreRestore(t *testing.T) {
	t.Parallel()
	tally.Of(t, "damage: the pre-restore backup").Try("the moments in the test")
	a := newArena(t, tortureSQL)
	one := a.take()
	a.exec("shop", "INSERT INTO item (text) SELECT repeat(md5((n * 3)::text), 9) FROM generate_series(1, 5000) AS n")
	two := a.fingerprint("shop")
	var rec *backup.Restore
	for _, path := range a.newPacks(func() { rec = a.restore(one) }) {
		if packKind(filepath.Join(a.home(), "vault"), path) == 'p' {
			a.flip(path, 0, 1)
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
