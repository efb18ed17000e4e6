package command_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/backup/tally"
)

// TestReadOnlyVault makes the vault's mount read-only, as a disk with a fault, a snapshot or a careful person
// does. What only reads works, a restore beside the live database too; what has to write says why it does not,
// changes nothing and writes nowhere else. With the mount as it was, everything works.
func TestReadOnlyVault(t *testing.T) {
	t.Parallel()
	row := tally.Of(t, "command: the vault is on a read-only mount")
	server := startServer(t)
	l := newLive(t, server, "readonly", "CREATE TABLE t AS SELECT x, md5(x::text) AS text FROM generate_series(1, 5000) AS x")
	const sum = "SELECT count(*), md5(string_agg(text, '' ORDER BY x)) FROM t"
	l.run(0, "backup", "create", "shop")
	good := l.query(sum)
	l.must(execSQL(server, l.database, "DELETE FROM t WHERE x % 2 = 0"))
	bad := l.query(sum)
	home, vault := filepath.Join(l.dir, "home"), filepath.Join(l.dir, "home", "vault")
	back := mountReadOnly(t, vault)
	before := names(t, home)
	approve := []string{"--approve-file", l.approval()}

	for _, args := range [][]string{
		{"backup", "list"}, {"backup", "show", "latest:shop"}, {"vault", "status"}, {"vault", "verify", "--full"}, {"backup", "verify", "latest:shop"},
		{"backup", "verify", "latest:shop", "--drill"}, {"backup", "compare", "latest:shop"},
		{"backup", "download", "latest:shop", "--format", "dump", "--out", "shop.dump"}, {"restore", "latest:shop", "--to-database", "beside"},
	} {
		row.Try(strings.Join(args, " "))
		l.run(0, append(args, approve...)...)
	}
	if got, err := querySQL(server, "beside", sum); err != nil || got != good {
		row.Lost("beside the live database: %s, want %s: %v", got, good, err)
	}
	for _, args := range [][]string{{"backup", "create", "shop"}, {"restore", "latest:shop"}, {"backup", "delete", "latest:shop"}, {"vault", "maintain"}} {
		row.Try(strings.Join(args, " "))
		_, stderr := l.run(4, append(args, approve...)...)
		if !strings.Contains(stderr, "read-only") || !strings.Contains(stderr, "fix: ") {
			t.Errorf("%q says %s", args, stderr)
		}
		if got := l.query(sum); got != bad {
			row.Lost("%q: the live database has %s, it had %s", args, got, bad)
		}
	}
	l.quiet()
	l.checkServer()
	for _, name := range names(t, home) {
		if !strings.Contains(strings.Join(before, "\n")+"\n", name+"\n") {
			row.Left("%s in the home", name)
		}
	}

	row.Try("a restore without saving")
	l.run(0, append([]string{"restore", "latest:shop", "--unsaved"}, approve...)...)
	if got := l.query(sum); got != good {
		row.Lost("without saving: %s, want %s", got, good)
	}
	l.run(0, append([]string{"undo", "latest"}, approve...)...)
	if got := l.query(sum); got != bad {
		row.Lost("undone: %s, want %s", got, bad)
	}
	back()
	l.run(0, "backup", "create", "shop")
	l.run(0, append([]string{"restore", "latest:shop"}, approve...)...)
	l.run(0, "vault", "verify", "--full")
	l.checkVault()
}

// mountReadOnly mounts a folder over itself so that nobody can write there, until back is called.
func mountReadOnly(t *testing.T, folder string) (back func()) {
	t.Helper()
	if out, err := exec.Command("mount", "--bind", folder, folder).CombinedOutput(); err != nil {
		t.Skipf("a read-only mount can only be made by root: %s", out)
	}
	t.Cleanup(func() {
		if err := exec.Command("umount", "--lazy", folder).Run(); err != nil {
			t.Error(err)
		}
	})
	remount := func(how string) {
		t.Helper()
		if out, err := exec.Command("mount", "-o", "remount,bind,"+how, folder).CombinedOutput(); err != nil {
			t.Fatalf("mount %s: %s", how, out)
		}
	}
	remount("ro")
	return func() { remount("rw") }
}

// names gives the files in a folder and all below it.
func names(t *testing.T, folder string) (all []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, _ os.DirEntry, err error) error {
		all = append(all, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}
