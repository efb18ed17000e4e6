package postgres

import (
	"bytes"
	"compress/gzip"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"holdfast/backup"
)

// dumpTo runs stock pg_dump into a file or folder, and gives its path.
func (b *bench) dumpTo(database, name string, args ...string) string {
	b.t.Helper()
	tools, err := b.tools(0)
	if err != nil {
		b.t.Fatal(err)
	}
	path := filepath.Join(b.t.TempDir(), name)
	if err := b.child(b.ctx(), b.sb, database, tools.Dump, append([]string{"--no-password", "--file=" + path}, args...)).run(); err != nil {
		b.t.Fatal(err)
	}
	return path
}

// look looks at a file and fails the test when that does not work.
func (b *bench) look(path string) *backup.FileFacts {
	b.t.Helper()
	facts, err := b.LookFile(b.ctx(), b.sb, path, nil)
	if err != nil {
		b.t.Fatalf("%v; hint: %s; cause: %v", err, backup.AsError(err).Hint, backup.AsError(err).Err)
	}
	return facts
}

// fillFrom restores a file into a shadow.
func (b *bench) fillFrom(shadow string, facts *backup.FileFacts) (tables int, rows int64) {
	b.t.Helper()
	tables, rows, err := b.FillFrom(b.ctx(), b.job(shadow), facts, nil)
	if err != nil {
		b.t.Fatalf("%v; hint: %s; cause: %v", err, backup.AsError(err).Hint, backup.AsError(err).Err)
	}
	return tables, rows
}

// toolMajor is the version of the client tools that the tests use.
func (b *bench) toolMajor() int {
	tools, err := b.tools(0)
	if err != nil {
		b.t.Fatal(err)
	}
	return tools.Major
}

func (b *bench) formats() map[string][]string {
	all := map[string][]string{
		"custom":       {"--format=custom"},
		"custom plain": {"--format=custom", "--compress=0"},
		"tar":          {"--format=tar"},
		"directory":    {"--format=directory", "--jobs=2"},
		"folder plain": {"--format=directory", "--compress=0"},
		"script":       {"--format=plain"},
		"script.gz":    {"--format=plain", "--compress=6"},
		"inserts":      {"--format=plain", "--inserts"},
		"inserts tar":  {"--format=tar", "--inserts"},
	}
	if b.toolMajor() >= 16 {
		all["custom zstd"] = []string{"--format=custom", "--compress=zstd"}
		all["folder lz4"] = []string{"--format=directory", "--compress=lz4"}
	}
	return all
}

// TestForeignRoundTrip restores what stock pg_dump wrote, in each of its formats, and compares.
func TestForeignRoundTrip(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.roles()
	b.fresh("shop", rich()...)
	want := b.dump("shop")
	for name, args := range b.formats() {
		t.Run(name, func(t *testing.T) {
			b := b.with(t)
			facts := b.look(b.dumpTo("shop", name, args...))
			if len(besideTools(facts.Notes)) > 0 || facts.NoOwner || facts.NoRights || !strings.HasPrefix(facts.Dumper, "1") {
				t.Errorf("facts: %+v", facts)
			}
			tables, rows := b.fillFrom("copy", facts)
			same(t, want, b.dump("copy"))
			if !strings.Contains(name, "inserts") && facts.Rows < 1 || tables < len(facts.Tables)-10 || rows < facts.Rows || tables == 0 {
				t.Errorf("%d tables with %d rows came of %d with %d", tables, rows, len(facts.Tables), facts.Rows)
			}
			b.eventually("no session is left", func() bool { return b.strangers() == "0" })
			b.run("template1", `DROP DATABASE copy`)
		})
	}
}

// TestForeignFacts: what the prompt says comes from the file.
func TestForeignFacts(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.fresh("shop", `CREATE TABLE orders (id int)`, `INSERT INTO orders SELECT generate_series(1, 500)`, `CREATE TABLE "it's" ()`, `CREATE EXTENSION citext`)
	b.fresh("live")
	b.run("template1", `ALTER DATABASE live SET work_mem = '9MB'`, `COMMENT ON DATABASE live IS 'mine'`)
	for _, format := range []string{"custom", "tar", "directory", "plain"} {
		path := b.dumpTo("shop", format, "--format="+format)
		facts := b.look(path)
		if !slices.Contains(facts.Tables, "public.orders") || !slices.Contains(facts.Tables, "public.it's") || facts.Rows != 500 ||
			facts.Server == "" || len(facts.SHA256) != 64 || facts.Bytes == 0 || facts.Name != path {
			t.Errorf("%s: %+v", format, facts)
		}
		if format != "plain" && (facts.Database != "shop" || !strings.HasPrefix(facts.Made, "20")) {
			t.Errorf("%s: made from %q at %q", format, facts.Database, facts.Made)
		}
		if p := facts.Props; len(p.Settings) != 1 || p.Comment == nil || *p.Comment != "mine" || p.Owner != "postgres" || p.Encoding != "UTF8" {
			t.Errorf("%s: the restored database would be %+v", format, p)
		}
	}
	b.sb.Connection.Database = "not there"
	if p := b.look(b.dumpTo("shop", "x", "--format=custom")).Props; p.Owner != "postgres" || p.Encoding != "UTF8" || p.Collate == "" {
		t.Errorf("where nothing is replaced: %+v", p)
	}
}

// TestForeignRoles: roles that are missing are said, and cost owners and rights, never the restore.
func TestForeignRoles(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.run("template1", `CREATE ROLE gone`, `CREATE ROLE "Also gone"`, `CREATE ROLE stays`)
	b.fresh("owned", `CREATE TABLE t AS SELECT 1 AS a`, `ALTER TABLE t OWNER TO gone`, `GRANT SELECT ON t TO stays`)
	b.fresh("granted", `CREATE TABLE t AS SELECT 1 AS a`, `ALTER TABLE t OWNER TO stays`, `GRANT SELECT ON t TO "Also gone"`, `ALTER DEFAULT PRIVILEGES FOR ROLE stays GRANT SELECT ON TABLES TO gone`)
	paths := map[string][2]string{}
	for _, format := range []string{"custom", "directory", "plain"} {
		paths[format] = [2]string{b.dumpTo("owned", format, "--format="+format), b.dumpTo("granted", format, "--format="+format)}
	}
	for _, database := range []string{"owned", "granted"} {
		b.run("template1", "DROP DATABASE "+database)
	}
	b.run("template1", `DROP ROLE gone`, `DROP ROLE "Also gone"`)
	for format, path := range paths {
		facts := b.look(path[0])
		if !facts.NoOwner || !facts.NoRights || !slices.Equal(facts.Missing, []string{"gone"}) || len(besideTools(facts.Notes)) != 1 ||
			!strings.Contains(facts.Notes[0], `"gone"`) || !strings.Contains(facts.Notes[0], `belong to "postgres"`) {
			t.Errorf("%s: %+v", format, facts)
		}
		b.fillFrom("shadow", facts)
		if got := b.text("shadow", "SELECT relowner::regrole || ' ' || coalesce(relacl::text, '') FROM pg_class WHERE relname = 't'"); got != "postgres " {
			t.Errorf("%s: owner and rights are %s", format, got)
		}
		b.run("template1", "DROP DATABASE shadow")
		facts = b.look(path[1])
		if facts.NoOwner || !facts.NoRights || len(facts.Missing) != 2 || !strings.Contains(facts.Notes[0], "all rights that the file grants are left out") {
			t.Errorf("%s: %+v", format, facts)
		}
		b.fillFrom("shadow", facts)
		if got := b.text("shadow", "SELECT relowner::regrole || ' ' || coalesce(relacl::text, '') FROM pg_class WHERE relname = 't'"); got != "stays " {
			t.Errorf("%s: owner and rights are %s", format, got)
		}
		b.run("template1", "DROP DATABASE shadow")
	}
}

// TestForeignEncoding restores what is in another encoding than the database that is replaced.
func TestForeignEncoding(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.run("template1", "CREATE DATABASE shop TEMPLATE template0 ENCODING LATIN1 LC_COLLATE 'C' LC_CTYPE 'C'")
	b.run("shop", `CREATE TABLE "köln" ("größe" text DEFAULT 'ä')`, `INSERT INTO "köln" VALUES ('ü')`)
	b.fresh("live")
	for _, format := range []string{"custom", "plain"} {
		facts := b.look(b.dumpTo("shop", format, "--format="+format))
		if len(besideTools(facts.Notes)) != 1 || !strings.Contains(facts.Notes[0], "LATIN1") {
			t.Errorf("notes: %q", facts.Notes)
		}
		b.fillFrom("shadow", facts)
		same(t, b.dump("shop"), b.dump("shadow"))
		b.run("template1", "DROP DATABASE shadow")
	}
}

// TestForeignEventTrigger: none fires while a file is restored, which would fail.
func TestForeignEventTrigger(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.fresh("shop", `CREATE TABLE t AS SELECT 1 AS a`, `CREATE MATERIALIZED VIEW mv AS SELECT a FROM t`,
		`CREATE FUNCTION stop() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'fired; %', tg_tag; END $$`,
		`CREATE EVENT TRIGGER guard ON ddl_command_start EXECUTE FUNCTION stop()`)
	for _, format := range []string{"custom", "tar", "directory", "plain"} {
		b.fillFrom("shadow", b.look(b.dumpTo("shop", format, "--format="+format)))
		if got := b.text("shadow", "SELECT string_agg(evtname || ' ' || evtenabled::text, '') FROM pg_event_trigger"); got != "guard O" {
			t.Errorf("%s: %s", format, got)
		}
		b.run("template1", "DROP DATABASE shadow")
	}
}

// TestForeignSchemaPublic restores what was dumped with --schema=public, which makes that schema.
func TestForeignSchemaPublic(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.fresh("shop", `CREATE TABLE t AS SELECT 1 AS a`, `CREATE SCHEMA other`)
	for _, format := range []string{"custom", "plain"} {
		b.fillFrom("shadow", b.look(b.dumpTo("shop", format, "--format="+format, "--schema=public")))
		if got := b.text("shadow", "SELECT a FROM public.t"); got != "1" {
			t.Errorf("%s: %s", format, got)
		}
		b.run("template1", "DROP DATABASE shadow")
	}
}

// TestForeignFails: a statement that the server refuses ends it, and no shadow stays.
func TestForeignFails(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.fresh("shop", `CREATE TABLE t AS SELECT 1 AS a`)
	path := b.dumpTo("shop", "x.sql")
	text, _ := os.ReadFile(path)
	broken := bytes.Replace(text, []byte("CREATE TABLE public.t"), []byte("CREATE TABLE nowhere.t"), 1)
	if err := os.WriteFile(path, broken, 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, err := b.FillFrom(t.Context(), b.job("shadow"), b.look(path), nil)
	wantKind(t, err, backup.Failed, "line ", `schema "nowhere" does not exist`)

	facts := b.look(b.dumpTo("shop", "x.dump", "--format=custom"))
	ctx, cancel := context.WithCancel(t.Context())
	_, _, err = b.FillFrom(ctx, b.job("shadow"), facts, func(p backup.Progress) {
		if p.Stage == "tables" {
			cancel()
		}
	})
	wantKind(t, err, backup.Cancelled)
	facts = b.look(path)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	_, _, err = b.FillFrom(t.Context(), b.job("shadow"), facts, nil)
	wantKind(t, err, backup.Failed, "changed while it was read")
	if left := b.databases(); !slices.Equal(left, []string{"shop"}) {
		t.Errorf("left: %q", left)
	}
	b.eventually("no session is left", func() bool { return b.strangers() == "0" })
}

// TestForeignTorn cuts each kind of file at many places: none is taken for whole.
func TestForeignTorn(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.fresh("shop", `CREATE TABLE a AS SELECT n, md5(n::text) FROM generate_series(1, 700) n`, `CREATE TABLE b AS SELECT n FROM generate_series(1, 9) n`,
		`SELECT lo_from_bytea(4711, decode(repeat('00ff', 3000), 'hex'))`)
	for name, args := range b.formats() {
		if strings.Contains(name, "inserts") {
			continue
		}
		path := b.dumpTo("shop", name, args...)
		files, err := filesOf(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.Contains(filepath.Base(file), "blob_") && !strings.HasSuffix(file, ".gz") {
				continue // nothing in the folder says how long it must be
			}
			b.tearApart(name, path, file)
		}
	}
}

func (b *bench) tearApart(name, path, file string) {
	b.t.Helper()
	whole, err := os.ReadFile(file)
	if err != nil {
		b.t.Fatal(err)
	}
	end := len(bytes.TrimRight(whole, "\x00\r\n\\. ")) // a trailer may be missing
	if at := bytes.LastIndex(whole, []byte("dump complete")); at > 0 {
		end = at // what follows says nothing
	}
	for _, at := range []int{0, 5, end / 3, end / 2, end * 9 / 10, end - 1} {
		if at > end-1 || at < 0 {
			continue
		}
		if err := os.WriteFile(file, whole[:at], 0o600); err != nil {
			b.t.Fatal(err)
		}
		if _, err := b.LookFile(b.ctx(), b.sb, path, nil); backup.KindOf(err) != backup.Damaged && backup.KindOf(err) != backup.Usage {
			b.t.Errorf("%s: %s cut at %d of %d bytes: %v", name, filepath.Base(file), at, len(whole), err)
		} else if backup.AsError(err).Hint == "" {
			b.t.Errorf("%s: no remedy: %v", name, err)
		}
	}
	if err := os.WriteFile(file, whole, 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.look(path)
}

// TestForeignRefuses names files that are none of pg_dump's, or of a kind that cannot be used.
func TestForeignRefuses(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.fresh("shop", `CREATE TABLE a AS SELECT n FROM generate_series(1, 9) n`)
	dir := t.TempDir()
	put := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	script, _ := os.ReadFile(b.dumpTo("shop", "x"))
	with := func(text string) string {
		return strings.Replace(string(script), "CREATE TABLE", text+"\nCREATE TABLE", 1)
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write([]byte("not of pg_dump;"))
	_ = w.Close()
	for _, c := range []struct {
		path  string
		kind  backup.Kind
		words []string
	}{
		{filepath.Join(dir, "nothing"), backup.Usage, []string{"cannot be read"}},
		{dir, backup.Usage, []string{"without toc.dat"}},
		{put("empty", ""), backup.Damaged, []string{"is empty"}},
		{put("text", "SELECT 1;\n"), backup.Usage, []string{"neither an archive"}},
		{put("json", "{}"), backup.Usage, []string{"neither an archive"}},
		{put("gz", packed.String()), backup.Usage, []string{"no script of pg_dump"}},
		{put("zst", "\x28\xb5\x2f\xfd...."), backup.Usage, []string{"zstd -d"}},
		{put("age", "age-encryption.org/v1\n"), backup.Usage, []string{"age -d"}},
		{put("utf16", "\xff\xfe-\x00-\x00"), backup.Usage, []string{"PowerShell"}},
		{put("new", "PGDMP\x01\x11\x00\x04\x08\x01"), backup.Usage, []string{"1.17", "newer than 18"}},
		{put("old", "PGDMP\x01\x0d\x00\x04\x08\x01"), backup.Usage, []string{"1.13", "pg_dump 11"}},
		{put("cluster", "--\n-- PostgreSQL database cluster dump\n--\n\nCREATE ROLE x;\n"), backup.Usage, []string{"pg_dumpall"}},
		{put("meta", with(`\! id`)), backup.Usage, []string{`\!`, "line "}},
		{put("role", with(`CREATE ROLE x SUPERUSER;`)), backup.Usage, []string{"changes the server"}},
		{put("program", with(`COPY a FROM PROGRAM 'id';`)), backup.Usage, []string{"something else"}},
		{put("after", string(script)+"SELECT 1;\n"), backup.Damaged, []string{"cut off"}},
		{b.dumpTo("shop", "create", "--create"), backup.Usage, []string{"--create", "changes the server"}},
		{b.dumpTo("shop", "rows", "--data-only"), backup.Usage, []string{"rows only", "--data-only"}},
		{b.dumpTo("shop", "rows", "--data-only", "--format=custom"), backup.Usage, []string{"rows only", "--data-only"}},
	} {
		_, err := b.LookFile(t.Context(), b.sb, c.path, nil)
		t.Logf("%s: %v", filepath.Base(c.path), err)
		wantKind(t, err, c.kind, c.words...)
		if backup.AsError(err).Hint == "" {
			t.Errorf("%s: no remedy", c.path)
		}
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(b.dumpTo("shop", "x.dump", "--format=custom"), link); err != nil {
		t.Fatal(err)
	}
	b.look(link)
}

// TestForeignFromNewer: an archive of a newer pg_dump is restored by tools that read it, and
// refused by others before anything is touched.
func TestForeignFromNewer(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	for _, name := range []string{"18.dump", "18.tar", "18.sql"} {
		path := filepath.Join("testdata", "foreign", name)
		if name != "18.sql" && b.toolMajor() < 17 {
			_, err := b.LookFile(t.Context(), b.sb, path, nil)
			tools, _ := b.tools(0)
			wantKind(t, err, backup.Failed, "pg_restore is version "+tools.Version, "pg_dump 18.6", "postgresql-client-17")
			continue
		}
		facts := b.look(path)
		if facts.Rows != 20 || !strings.HasPrefix(facts.Dumper, "18.6") {
			t.Errorf("%+v", facts)
		}
		b.fillFrom("shadow", facts)
		if got := b.text("shadow", "SELECT count(*) || ' ' || convert_from(lo_get(4711), 'UTF8') FROM orders"); got != "20 large" {
			t.Errorf("%s: %s", name, got)
		}
		b.run("template1", "DROP DATABASE shadow")
	}
}
