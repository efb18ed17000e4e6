package engine

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"holdfast/backup"
	"holdfast/backup/postgres"
	"holdfast/backup/tally"
)

// leave takes all but so many MiB of the disk of a folder, and gives what makes room again.
func leave(t *testing.T, folder string, mega int64) (free func()) {
	t.Helper()
	var disk unix.Statfs_t
	must(t, unix.Statfs(folder, &disk))
	path := filepath.Join(folder, "filler")
	f, err := os.Create(path)
	must(t, err)
	must(t, unix.Fallocate(int(f.Fd()), 0, 0, int64(disk.Bavail)*disk.Bsize-mega<<20))
	must(t, f.Close())
	return func() { must(t, os.Remove(path)) }
}

// TestRoomIsLookedForBefore: where the vault's disk or the server's has too little left, that is said before a row
// is read or a database made, and says nothing about the backup.
func TestRoomIsLookedForBefore(t *testing.T) {
	t.Parallel()
	row := tally.Of(t, "disk nearly full: the room is looked for before")
	dir := filepath.Dir(reachable(t))
	vault, server := filepath.Join(dir, "home", "vault"), filepath.Join(dir, "server")
	smallDisk(t, vault, "200")
	must(t, os.Chmod(filepath.Join(dir, "home"), 0o700))
	smallDisk(t, server, "300")
	a := newArenaIn(t, dir, bulkSQL, postgres.WithSetting("max_wal_size", "32MB"), postgres.WithSetting("min_wal_size", "32MB"))
	one := a.take()
	a.mark("two")
	tooLittle := func(what, says string, work func(*Engine) error) {
		t.Helper()
		row.Try(what)
		e, err := Open(t.Context(), tortureOptions(a.home(), func(p backup.Progress) {
			if p.Stage == "tables" || p.Stage == "create" || p.Stage == "saving: tables" {
				t.Errorf("%s: %s", what, p.Stage)
			}
		}))
		must(t, err)
		defer func() { must(t, e.Close(context.Background())) }()
		if err := work(e); backup.KindOf(err) != backup.Failed || !strings.Contains(err.Error(), says) || !strings.Contains(strings.ToLower(backup.AsError(err).Hint), "free some space") {
			t.Errorf("%s: %v (%s) | %s", what, err, backup.KindOf(err), backup.AsError(err).Hint)
		}
		if b, err := e.Backup(t.Context(), string(one)); err != nil || b.Verdict != backup.Intact {
			t.Errorf("%s: the backup is %s, %v", what, b.Verdict, err)
		}
	}
	restore := func(e *Engine) error {
		_, err := e.Restore(t.Context(), RestoreRequest{Ref: string(one)})
		return err
	}
	free := leave(t, vault, 40)
	tooLittle("backup", "the vault's disk has ", func(e *Engine) error {
		b, err := e.CreateBackup(t.Context(), "shop", "", 0)
		if b == nil || b.Status != backup.StatusFailed {
			t.Errorf("it is listed as %+v", b)
		}
		return err
	})
	tooLittle("restore, the vault", "the vault's disk has ", restore)
	free()
	free = leave(t, server, 40)
	tooLittle("restore, the server", "the server's disk has ", restore)
	tooLittle("drill", "the server's disk has ", func(e *Engine) error {
		_, err := e.VerifyBackup(t.Context(), string(one), true, 0)
		return err
	})
	a.settled()
	a.is("two")
	free()
	a.restore(one)
	a.is("one")
}

// TestFullHome fills the disk that has the vault and all else that Holdfast keeps: to delete and to prune makes
// room again.
func TestFullHome(t *testing.T) {
	t.Parallel()
	row := tally.Of(t, "disk full: all that Holdfast keeps")
	dir := filepath.Dir(reachable(t))
	home := filepath.Join(dir, "home")
	smallDisk(t, home, "150")
	must(t, os.Chmod(home, 0o700))
	a := newArenaIn(t, dir, strings.Replace(bulkSQL, "60000", "30000", 1))
	var ids []backup.ID
	for range 3 {
		ids = append(ids, a.take())
		a.exec("shop", "UPDATE bulk SET noise = sha512(noise) || sha512(noise || 'x'::bytea)")
	}
	a.with(func(e *Engine) {
		few := backup.Retention{Newest: 1}
		must(t, e.SetRetention(t.Context(), "shop", backup.RetentionRules{Scheduled: few, OnDemand: few, PreRestore: few}))
	})
	for _, way := range []struct {
		what string
		do   func(*Engine) (int64, error)
	}{
		{"delete", func(e *Engine) (int64, error) {
			_, freed, err := e.DeleteBackup(t.Context(), string(ids[0]), 0)
			return freed, err
		}},
		{"prune", func(e *Engine) (int64, error) {
			pruned, err := e.Prune(t.Context(), "shop", 0)
			return pruned.Freed, err
		}},
	} {
		row.Try(way.what)
		free := fill(t, home)
		a.with(func(e *Engine) { // to look takes nothing of the room that there is to delete
			if all, err := e.History(t.Context(), backup.Query{}); err != nil || len(all) == 0 {
				row.Lost("%d backups are listed, %v", len(all), err)
			}
		})
		a.with(func(e *Engine) {
			if freed, err := way.do(e); err != nil || freed < 1<<20 {
				row.Lost("%s: %d bytes freed, %v", way.what, freed, err)
			}
		})
		free()
	}
	a.with(func(e *Engine) {
		if checked, err := e.VerifyVault(t.Context(), true, 0); err != nil || checked.Backups != 1 {
			t.Errorf("%+v %v", checked, err)
		}
	})
}
