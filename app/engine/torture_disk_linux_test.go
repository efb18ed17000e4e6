package engine

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/backup"
	"holdfast/backup/postgres"
	"holdfast/backup/tally"
)

// smallDisk mounts a file system of its own, of so many MiB, at path.
func smallDisk(t *testing.T, path, size string) {
	t.Helper()
	must(t, os.MkdirAll(path, 0o711))
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "mode=0711,size="+size+"m", "tmpfs", path).CombinedOutput(); err != nil {
		t.Skipf("a small disk can only be mounted by root: %s", out)
	}
	t.Cleanup(func() { must(t, exec.Command("umount", "--lazy", path).Run()) })
}

// fill leaves not a byte on the disk of a folder, and gives what makes room again.
func fill(t *testing.T, folder string) (free func()) {
	t.Helper()
	path := filepath.Join(folder, "filler")
	f, err := os.Create(path)
	must(t, err)
	for _, block := range []int{1 << 20, 4096, 1} {
		for err = nil; err == nil; {
			_, err = f.Write(make([]byte, block))
		}
	}
	must(t, f.Close())
	return func() { must(t, os.Remove(path)) }
}

// bulkSQL makes about 12 MB that do not compress.
const bulkSQL = `CREATE TABLE state AS SELECT 'one'::text AS v;
	CREATE TABLE bulk AS SELECT n, sha512(n::text::bytea) || sha512((n + 7)::text::bytea) AS noise FROM generate_series(1, 60000) AS n;
	ALTER TABLE bulk ADD PRIMARY KEY (n)`

// TestFullServerDisk runs the disk full on which the shadow is being filled: it is dropped, the live
// database is as it was, and once there is room again the next restore works.
func TestFullServerDisk(t *testing.T) {
	t.Parallel()
	tally.Of(t, "disk full: the server, while a restore fills the shadow").Try("the moments in the test")
	a := newArena(t, "SELECT 1")
	disk := filepath.Join(a.dir, "disk")
	smallDisk(t, disk, "100")
	space := filepath.Join(disk, "space")
	must(t, os.MkdirAll(space, 0o700))
	must(t, exec.Command("chown", "--reference="+filepath.Join(a.dir, "server", "data"), space).Run())
	a.exec("postgres", "CREATE TABLESPACE small LOCATION '"+space+"'")
	a.exec("postgres", "ALTER DATABASE shop SET TABLESPACE small")
	a.exec("shop", bulkSQL)
	one := a.take()
	a.mark("two")
	for _, at := range []string{"at create", "at tables", "at indexes"} {
		var free func()
		a.during(at, func() { free = fill(t, disk) }, func(e *Engine) {
			rec, err := e.Restore(t.Context(), RestoreRequest{Ref: string(one)})
			if err == nil || rec.Status != backup.StatusFailed || !strings.Contains(err.Error(), "No space left on device") && !strings.Contains(err.Error(), "disk") {
				t.Errorf("%s: %v, %+v", at, err, rec)
				return
			}
			if hint := backup.AsError(err).Hint; !strings.Contains(strings.ToLower(hint), "free space where") {
				t.Errorf("%s: %v | %s", at, err, hint)
			}
		})
		a.is("two")
		free()
	}
	a.exec("shop", "DROP TABLE bulk")
	a.restore(one)
	a.is("one")
}

// TestFullServerLog runs the disk full that has the server's log of writing too: the server itself goes
// down then, and comes back when there is room. The next start cleans up.
func TestFullServerLog(t *testing.T) {
	t.Parallel()
	tally.Of(t, "disk full: the server and its log").Try("the moments in the test")
	dir := filepath.Dir(reachable(t))
	smallDisk(t, filepath.Join(dir, "server"), "200")
	a := newArenaIn(t, dir, bulkSQL, postgres.WithSetting("max_wal_size", "32MB"), postgres.WithSetting("min_wal_size", "32MB"))
	one := a.take()
	a.mark("two")
	var free func()
	a.during("at tables", func() { free = fill(t, filepath.Join(dir, "server")) }, func(e *Engine) {
		rec, err := e.Restore(t.Context(), RestoreRequest{Ref: string(one)})
		if err == nil || rec.Status == backup.StatusCompleted {
			t.Errorf("%v, %+v", err, rec)
		}
		t.Logf("%v | %s | %s, unsettled %v", err, backup.AsError(err).Hint, rec.Status, rec.Unsettled)
	})
	free()
	_ = a.server.Stop(t.Context()) // it may be down already
	a.restart()
	a.follow()
	a.recover()
	a.is("two")
	a.restore(one)
	a.is("one")
}

// follow makes the books name the place at which the server listens now.
func (a *arena) follow() {
	a.t.Helper()
	a.with(func(e *Engine) {
		all, err := e.Restores(a.t.Context())
		must(a.t, err)
		for i := range all {
			all[i].Connection = a.server.Connection(all[i].Connection.Database)
			must(a.t, e.catalog.PutRestore(a.t.Context(), &all[i]))
		}
	})
}

// TestFullVaultDisk runs the vault's disk full while the present state is being saved: nothing on the
// server is touched.
func TestFullVaultDisk(t *testing.T) {
	t.Parallel()
	tally.Of(t, "disk full: the vault").Try("the moments in the test")
	dir := filepath.Dir(reachable(t))
	vault := filepath.Join(dir, "home", "vault")
	smallDisk(t, vault, "200")
	must(t, os.Chmod(filepath.Join(dir, "home"), 0o700))
	a := newArenaIn(t, dir, bulkSQL)
	one := a.take()
	a.exec("shop", "UPDATE state SET v = 'two'; UPDATE bulk SET noise = sha512(noise) || sha512(noise || 'x'::bytea)")
	try := func(e *Engine) {
		rec, err := e.Restore(t.Context(), RestoreRequest{Ref: string(one)})
		if err == nil || rec.Status != backup.StatusFailed || !strings.Contains(err.Error(), "nothing was touched") || !strings.Contains(err.Error(), "disk") {
			t.Errorf("%v, %+v", err, rec)
			return
		}
		t.Logf("%v | %s", err, backup.AsError(err).Hint)
	}
	var free func()
	a.during("at saving: tables", func() { free = fill(t, vault) }, try)
	a.is("two")
	a.with(try) // it is full from the beginning
	a.is("two")
	free()
	a.restore(one)
	a.is("one")
}
