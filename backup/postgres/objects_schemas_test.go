package postgres

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"holdfast/backup/postgres/pgcompare"
)

// TestObjectsOfSchemas restores databases that others wrote: each file *.sql of the folder that
// HOLDFAST_TEST_SCHEMAS names is one database. None comes with the program, because they are
// not ours to give away.
func TestObjectsOfSchemas(t *testing.T) {
	t.Parallel()
	folder := os.Getenv("HOLDFAST_TEST_SCHEMAS")
	if folder == "" {
		t.Skip("HOLDFAST_TEST_SCHEMAS names no folder of .sql files")
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.sql"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there is no .sql file in %s", folder)
	}
	b := startBench(t)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			b := b.with(t)
			defer b.clean()
			b.fresh("live")
			b.psql("live", file)
			want := b.stockCopy("live")
			m, parts := b.capture("live")
			job := b.job("shadow")
			b.fill(job, m, parts)
			if err := b.Reread(t.Context(), job, m, nil); err != nil {
				t.Error(err)
			}
			b.run("template1", `COMMENT ON DATABASE shadow IS NULL`)
			equal(t, want, b.picture("shadow"))
			t.Logf("%d tables, %d rows, %d objects", len(m.Tables), m.Rows(), len(want))
		})
	}
}

// stockCopy paints what pg_dump and pg_restore alone make of a database, and says how that
// differs from the database: PostgreSQL words some expressions otherwise when it reads them again.
func (b *bench) stockCopy(database string) pgcompare.Picture {
	b.t.Helper()
	archive := filepath.Join(b.t.TempDir(), "stock.dump")
	tools, err := b.tools(sharedMajor(b.t))
	if err != nil {
		b.t.Fatal(err)
	}
	if err := b.child(b.ctx(), b.sb, database, tools.Dump, []string{"--format=custom", "--file=" + archive}).run(); err != nil {
		b.t.Fatal(err)
	}
	b.fresh("stock")
	stockRestore(b.t, b.on("stock"), archive)
	picture := b.picture("stock")
	for _, line := range pgcompare.Diff(b.picture(database), picture) {
		b.t.Logf("not with pg_dump alone: %s", line)
	}
	return picture
}

// psql runs a file; the first error in it ends the test.
func (b *bench) psql(database, file string) {
	b.t.Helper()
	program := "psql"
	if folder := os.Getenv("HOLDFAST_TEST_TOOLS"); folder != "" {
		program = filepath.Join(folder, program)
	}
	c := b.sb.Connection
	cmd := exec.CommandContext(b.ctx(), program, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output="+os.DevNull, "--file="+file)
	cmd.Env = append(os.Environ(), "PGHOST="+c.Host, "PGPORT="+strconv.Itoa(int(c.Port)), "PGUSER="+c.User, "PGDATABASE="+database)
	if said, err := cmd.CombinedOutput(); err != nil {
		b.t.Fatalf("%v: %.2000s", err, said)
	}
}
