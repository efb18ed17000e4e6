package postgres

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"holdfast/backup"
)

// notTheSystems counts the indexes that neither the server nor an extension made.
const notTheSystems = `SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
	WHERE c.relnamespace::regnamespace::text NOT IN ('pg_catalog', 'pg_toast')
	AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.deptype = 'e' AND d.objid = i.indrelid)`

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.roles()
	b.fresh("shop", rich()...)
	b.run("template1", props("shop")...)
	m, parts := b.capture("shop")
	if err := b.Prepare(t.Context(), b.sb, m); err != nil {
		t.Fatal(err)
	}
	job := b.job("copy of shop")
	var stages []string
	indexes := 0
	err := b.Fill(t.Context(), job, m, parts, func(p backup.Progress) {
		if indexes = max(indexes, p.IndexesTotal); p.IndexesTotal > 0 && (p.Stage != "indexes" || p.IndexesDone > p.IndexesTotal) {
			t.Errorf("indexes: %+v", p)
		}
		if !slices.Contains(stages, p.Stage) {
			stages = append(stages, p.Stage)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	b.eventually("no session is left", func() bool { return b.strangers() == "0" })
	if !slices.Contains(stages, "indexes") || stages[0] != "create" {
		t.Errorf("stages: %q", stages)
	}
	if want := b.text("shop", notTheSystems); strconv.Itoa(indexes) != want {
		t.Errorf("%d indexes are spoken of, of %s", indexes, want)
	}
	same(t, b.dump("shop"), b.dump("copy of shop"))
	if err := b.Reread(t.Context(), job, m, nil); err != nil {
		t.Error(err)
	}
	if got := b.text("copy of shop", "SELECT count(DISTINCT tablename) FROM pg_stats WHERE tablename IN ('plain', 'kid', 'ranged', 'ranged_2', 'mv')"); got != "5" {
		t.Errorf("there are statistics of %s tables", got)
	}
	if got := b.text("template1", "SELECT count(*) FROM pg_db_role_setting WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = 'copy of shop')"); got != "0" {
		t.Errorf("%s settings of the filling stayed", got)
	}
}

// COPY text, names and definitions are in the database's own encoding.
func TestRoundTripInAnotherEncoding(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	for _, encoding := range []string{"LATIN1", "SQL_ASCII"} {
		b.run("template1", "CREATE DATABASE shop TEMPLATE template0 ENCODING "+encoding+" LC_COLLATE 'C' LC_CTYPE 'C'")
		b.run("shop", `CREATE TABLE "köln" (id serial, "größe" text DEFAULT 'ä')`, `INSERT INTO "köln" ("größe") SELECT 'ü' || i FROM generate_series(1, 9) i`)
		m, parts := b.capture("shop")
		job := b.job("shadow")
		b.fill(job, m, parts)
		same(t, b.dump("shop"), b.dump("shadow"))
		if err := b.Reread(t.Context(), job, m, nil); err != nil {
			t.Error(err)
		}
		if got := b.text("shadow", "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 'shadow'"); got != encoding {
			t.Error(got)
		}
		b.clean()
	}
}

// A role that owns what it restores needs no superuser.
func TestRoundTripWithoutSuperuser(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.run("template1", `CREATE ROLE maker LOGIN CREATEDB`, `CREATE DATABASE live OWNER maker TEMPLATE template0`)
	maker := *b
	maker.sb.Connection.User = "maker"
	maker.run("live", words()...)
	maker.run("live", `COMMENT ON DATABASE live IS 'mine'`, `ALTER DATABASE live SET work_mem = '5MB'`, `GRANT CONNECT ON DATABASE live TO PUBLIC`)
	m, parts := maker.capture("live")
	if err := maker.Prepare(t.Context(), maker.sb, m); err != nil {
		t.Fatal(err)
	}
	job := maker.job("shadow")
	maker.fill(job, m, parts)
	if err := maker.Reread(t.Context(), job, m, nil); err != nil {
		t.Error(err)
	}
	before := maker.dump("live")
	swap := backup.SwapJob{Sandbox: maker.sb, Run: job.Run, Live: "live", Shadow: "shadow", Aside: "aside", Props: &m.Database}
	if err := maker.Swap(t.Context(), swap, func(backup.Stage) error { return nil }); err != nil {
		t.Fatal(err)
	}
	same(t, before, maker.dump("live"))
	b.sameProps(t, m, "live")
	if err := maker.DropOurs(t.Context(), maker.sb, "aside"); err != nil {
		t.Error(err)
	}
}

// breakage is a way in which a stored backup may be wrong.
type breakage struct {
	name  string
	words []string
	hurt  func(m *backup.Manifest, parts *shelf)
}

func breakages(m *backup.Manifest) []breakage {
	part := func(table string) string {
		i := slices.IndexFunc(m.Tables, func(t backup.Table) bool { return t.Name == table })
		return m.Tables[i].Part
	}
	flip := func(name string, at int, with byte) func(*backup.Manifest, *shelf) {
		return func(_ *backup.Manifest, parts *shelf) {
			parts.edit(name, func(text []byte) []byte { text[at] = with; return text })
		}
	}
	return []breakage{
		{"a letter in a row", []string{`"words"`}, flip(part("words"), 3, '#')},
		{"a letter where a number must be", []string{`"words"`}, flip(part("words"), 0, '#')},
		{"a row less", []string{`"words"`, "rows"}, func(_ *backup.Manifest, parts *shelf) {
			parts.edit(part("words"), func(text []byte) []byte { return text[bytes.IndexByte(text, '\n')+1:] })
		}},
		{"a part that is gone", []string{"not there"}, func(_ *backup.Manifest, parts *shelf) { delete(parts.parts, part("words")) }},
		{"another sequence", []string{`"counter"`}, func(m *backup.Manifest, _ *shelf) { m.Sequences[0].Last += 1 }},
		{"another number of large objects", []string{"large objects"}, func(m *backup.Manifest, _ *shelf) { m.LargeObjects.Count++ }},
		{"a large object's part that is gone", []string{"not there"}, func(m *backup.Manifest, parts *shelf) { delete(parts.parts, m.LargeObjects.Parts[0]) }},
	}
}

// cloneManifest copies m deep enough to be hurt.
func cloneManifest(m *backup.Manifest) *backup.Manifest {
	c := *m
	c.Tables, c.Sequences = slices.Clone(m.Tables), slices.Clone(m.Sequences)
	return &c
}

func TestFill(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.fresh("live", words()...)
	m, parts := b.capture("live")
	before := b.dump("live")

	for _, c := range breakages(m) {
		t.Run("refuses "+c.name, func(t *testing.T) {
			b := b.with(t)
			hurt, stored := cloneManifest(m), parts.clone()
			c.hurt(hurt, stored)
			err := b.Fill(t.Context(), b.job("shadow"), hurt, stored, nil)
			wantKind(t, err, backup.Damaged, c.words...)
			b.onlyLive(t)
		})
	}
	t.Run("refuses a torn archive", func(t *testing.T) {
		b := b.with(t)
		stored := parts.clone()
		stored.edit(backup.PartTOC, func(text []byte) []byte { return text[:len(text)/2] })
		wantKind(t, b.Fill(t.Context(), b.job("shadow"), m, stored, nil), backup.Damaged, "archive")
		b.onlyLive(t)
	})
	t.Run("does not touch a database that is there", func(t *testing.T) {
		b := b.with(t)
		wantKind(t, b.Fill(t.Context(), b.job("live"), m, parts, nil), backup.Failed, "exists already")
		b.onlyLive(t)
	})
	for _, stage := range []string{"create", "definitions", "tables", "large objects", "indexes", "tidy"} {
		t.Run("cancelled at "+stage, func(t *testing.T) {
			b := b.with(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			err := b.Fill(ctx, b.job("shadow"), m, parts, func(p backup.Progress) {
				if p.Stage == stage {
					cancel()
				}
			})
			wantKind(t, err, backup.Cancelled)
			b.onlyLive(t)
		})
	}
	t.Run("cancelled between two tables", func(t *testing.T) {
		b := b.with(t)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		err := b.Fill(ctx, b.job("shadow"), m, parts, func(p backup.Progress) {
			if p.TablesDone == 1 {
				cancel()
			}
		})
		wantKind(t, err, backup.Cancelled)
		b.onlyLive(t)
	})
	t.Run("sessions that are cut", func(t *testing.T) {
		b := b.with(t)
		err := b.Fill(t.Context(), b.job("shadow"), m, parts, func(p backup.Progress) {
			if p.TablesDone == 1 {
				b.run("template1", `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holdfast' AND pid <> pg_backend_pid()`)
			}
		})
		if err == nil {
			t.Error("no error")
		}
		b.onlyLive(t)
	})
	t.Run("another process with the same run", func(t *testing.T) {
		b := b.with(t)
		job := b.job("shadow")
		a := b.mustAdmin()
		defer a.close()
		if err := a.lock(t.Context(), job.Run); err != nil {
			t.Fatal(err)
		}
		wantKind(t, b.Fill(t.Context(), job, m, parts, nil), backup.Busy)
		a.close()
		b.onlyLive(t)
	})
	same(t, before, b.dump("live"))
}

func (b *bench) mustAdmin() *admin {
	b.t.Helper()
	a, err := b.admin(b.t.Context(), b.sb)
	if err != nil {
		b.t.Fatal(err)
	}
	return a
}

// onlyLive makes sure that neither a shadow nor a session of ours is left.
func (b *bench) onlyLive(t *testing.T) {
	t.Helper()
	if got := b.databases(); !slices.Equal(got, []string{"live"}) {
		t.Errorf("databases: %q", got)
	}
	b.eventually("no session of ours is left", func() bool { return b.strangers() == "0" })
}

func TestFillSweepsWhatKilledDrillsLeft(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.fresh("live", words()...)
	m, parts := b.capture("live")
	old := b.now() - int64(orphanAge.Seconds()) - 1
	orphan := func(name, home, purpose string, since int64, run backup.ID) {
		b.fresh(name)
		text, err := markSQL(name, mark{Kind: markShadow, Home: home, Run: string(run), Purpose: purpose, Since: since})
		if err != nil {
			t.Fatal(err)
		}
		b.run("template1", text)
	}
	lives := backup.NewID()
	orphan("orphan", b.Home, "drill", old, backup.NewID())
	orphan("young", b.Home, "drill", old+100, backup.NewID())
	orphan("of a restore", b.Home, "restore", old, backup.NewID())
	orphan("of another home", "other", "drill", old, backup.NewID())
	orphan("lives", b.Home, "drill", old, lives)
	a := b.mustAdmin()
	defer a.close()
	if err := a.lock(t.Context(), lives); err != nil {
		t.Fatal(err)
	}
	b.fill(b.job("shadow"), m, parts)
	want := []string{"live", "lives", "of a restore", "of another home", "shadow", "young"}
	if got := b.databases(); !slices.Equal(got, want) {
		t.Errorf("databases: %q", got)
	}
}

// hostile are names that break whatever builds statements, arguments or paths by gluing.
func hostile() []string {
	return []string{
		`quo"te'd \\ %s {}`, "new\nline 🦀 $1", "--version", "../a=b host=nowhere ",
		strings.Repeat("x", 60) + "é", `postgres://h/d`,
	}
}

func TestHostileNames(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.fresh("plain", words()...)
	m, parts := b.capture("plain")
	for i, name := range hostile() {
		shadow, aside := backup.CutName(name, fmt.Sprint("_s", i)), backup.CutName(name, fmt.Sprint("_k", i))
		b.fresh(name)
		job := b.job(shadow)
		b.fill(job, m, parts)
		if err := b.Reread(t.Context(), job, m, nil); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		swap := backup.SwapJob{Sandbox: b.sb, Run: job.Run, Live: name, Shadow: shadow, Aside: aside, Props: &m.Database}
		if err := b.Swap(t.Context(), swap, func(backup.Stage) error { return nil }); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		if got := b.text(name, "SELECT count(*) FROM words"); got != "5000" {
			t.Errorf("%q: %s rows", name, got)
		}
		target, err := b.Inspect(t.Context(), b.on(name).Connection, b.sb)
		if err != nil || !target.Exists || target.Tables != 2 || target.Rows != 10000 {
			t.Errorf("%q: %+v, %v", name, target, err)
		}
		rec := &backup.Restore{ID: job.Run, Target: name, Shadow: shadow, Replaced: aside, Stage: backup.StageSwapped}
		if mended, err := b.Mend(t.Context(), b.sb, rec); err != nil || !mended.Swapped {
			t.Errorf("%q: %+v, %v", name, mended, err)
		}
		if err := b.DropOurs(t.Context(), b.sb, aside); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}
