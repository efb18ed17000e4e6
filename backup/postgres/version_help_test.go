package postgres

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"holdfast/backup"
	"holdfast/backup/testkit"
)

// The folder that HOLDFAST_TEST_POSTGRES names has other versions of PostgreSQL: 18/bin and so on.

// versionFolder gives the programs of a major; the test is skipped where they are not.
func versionFolder(t *testing.T, major int) string {
	t.Helper()
	root := os.Getenv("HOLDFAST_TEST_POSTGRES")
	folder := filepath.Join(root, strconv.Itoa(major), "bin")
	if _, err := os.Stat(filepath.Join(folder, "initdb")); root == "" || err != nil {
		t.Skipf("HOLDFAST_TEST_POSTGRES names no folder with PostgreSQL %d", major)
	}
	return folder
}

// newestTools gives a folder of client tools that know every server.
func newestTools(t *testing.T) string {
	t.Helper()
	return versionFolder(t, newestMajor)
}

// startVersion starts a server of a major for this test, with client tools that know it.
func startVersion(t *testing.T, major int, options ...PrivateOption) *bench {
	t.Helper()
	tools := newestTools(t)
	return startWith(t, tools, append(options, WithPrograms(versionFolder(t, major)))...)
}

// startSecond starts one more server of the version of the shared one.
func startSecond(t *testing.T, options ...PrivateOption) *bench {
	t.Helper()
	return startWith(t, os.Getenv("HOLDFAST_TEST_TOOLS"), append(options, WithPrograms(os.Getenv("HOLDFAST_TEST_SERVER")))...)
}

func startWith(t *testing.T, tools string, options ...PrivateOption) *bench {
	t.Helper()
	folder, err := testkit.ReachableDir()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	private, err := StartPrivate(context.WithoutCancel(t.Context()), folder, append(options, WithoutFsync(), WithSetting("wal_level", "logical"))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, stop := context.WithTimeout(context.Background(), 20*time.Second)
		defer stop()
		if err := private.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	server := testServer()
	server.Tools = tools
	return &bench{Server: server, t: t, sb: backup.Sandbox{Name: "test", Connection: private.Socket("live")}}
}

// major is the version of the bench's server.
func (b *bench) major() int {
	b.t.Helper()
	n, err := strconv.Atoi(b.text("template1", "SELECT current_setting('server_version_num')"))
	if err != nil {
		b.t.Fatal(err)
	}
	return n / 10000
}

// sameRows compares what two captures hold.
func sameRows(t *testing.T, want, got *backup.Manifest) {
	t.Helper()
	if len(want.Tables) != len(got.Tables) || len(want.Sequences) != len(got.Sequences) || want.LargeObjects.Hash != got.LargeObjects.Hash {
		t.Errorf("%d tables, %d sequences, large objects %s; wanted %d, %d, %s", len(got.Tables), len(got.Sequences), got.LargeObjects.Hash,
			len(want.Tables), len(want.Sequences), want.LargeObjects.Hash)
	}
	for i := range want.Tables {
		w := &want.Tables[i]
		if w.Root != nil {
			continue // its rows may be in another partition now
		}
		g := tableOf(t, got, w.Schema, w.Name)
		if g.Hash != w.Hash || g.Rows != w.Rows {
			t.Errorf("%q: %d rows %s, want %d rows %s", w.Name, g.Rows, g.Hash, w.Rows, w.Hash)
		}
	}
}

func mustMkdir(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(path, 0o755); err != nil {
		t.Fatal(err)
	}
}

// restore restores into the new database "restored" and compares all rows, read back and taken anew.
func (b *bench) restore(m *backup.Manifest, parts *shelf) {
	b.t.Helper()
	if err := b.Prepare(b.ctx(), b.sb, m); err != nil {
		b.t.Fatalf("%v (%s)", err, backup.AsError(err).Hint)
	}
	job := b.job("shadow")
	b.fill(job, m, parts)
	if err := b.Reread(b.ctx(), job, m, nil); err != nil {
		b.t.Error(err)
	}
	swap := backup.SwapJob{Sandbox: b.sb, Run: job.Run, Live: "restored", Shadow: "shadow", Props: &m.Database}
	if err := b.Swap(b.ctx(), swap, func(backup.Stage) error { return nil }); err != nil {
		b.t.Fatal(err)
	}
	again, _ := b.capture("restored")
	sameRows(b.t, m, again)
}

// globals runs a backup's globals.sql with psql, as people would.
func (b *bench) globals(parts *shelf, args ...string) {
	b.t.Helper()
	psql := filepath.Join(b.Tools, "psql")
	if b.Tools == "" {
		psql = "psql"
	}
	cmd := exec.CommandContext(b.ctx(), psql, append([]string{"-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", "-"}, args...)...)
	c := b.sb.Connection
	cmd.Env = append(plainEnviron(), "PGHOST="+c.Host, fmt.Sprintf("PGPORT=%d", c.Port), "PGUSER="+c.User, "PGDATABASE=postgres")
	cmd.Stdin = bytes.NewReader(parts.parts[backup.PartGlobals])
	if said, err := cmd.CombinedOutput(); err != nil || len(said) > 0 {
		b.t.Fatalf("psql: %v\n%s", err, said)
	}
}

// definitions is pg_dump's text without what it says of versions.
func (b *bench) definitions(database string) []string {
	b.t.Helper()
	// How a view reads, who owns the schema public, and what a server notes for itself changed with
	// the versions; so do the first halves of statements about a name with a line break.
	bound := regexp.MustCompile(`^--|^\n$|^ SELECT |pg_attver=|[Ss]chema.* public|SCHEMA public|Name: public;|creating schema|^ALTER TABLE ONLY public."we""ird \n$`)
	return slices.DeleteFunc(b.dump(database), bound.MatchString)
}
