package export

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestDownloadsLoadWithStockTools restores both kinds of a database that has one of everything,
// in every way in which people load them, and compares what comes of it with the original.
func TestDownloadsLoadWithStockTools(t *testing.T) {
	run(t, "template1", roles()...)
	t.Cleanup(func() { run(t, "template1", dropRoles()...) })
	fresh(t, "rich", "", rich()...)
	m, parts := capture(t, "rich", "audit_*")
	want := contents(t, "rich", "--exclude-table-data=audit_*")
	dump, script := filepath.Join(t.TempDir(), "rich.dump"), filepath.Join(t.TempDir(), "rich.sql")
	write(t, dump, func(w io.Writer) error { return Dump(t.Context(), m, parts, w, nil) })
	write(t, script, func(w io.Writer) error { return SQL(t.Context(), m, parts, w, nil) })

	t.Run("list", func(t *testing.T) { sameList(t, dump) })
	t.Run("script", func(t *testing.T) { sameScript(t, dump, script) })
	for _, way := range []struct {
		name string
		load func(t *testing.T, database string) *exec.Cmd
	}{
		{"serial", func(t *testing.T, database string) *exec.Cmd {
			return command(t, database, "pg_restore", "-d", database, dump)
		}},
		{"four sessions", func(t *testing.T, database string) *exec.Cmd {
			return command(t, database, "pg_restore", "-j4", "-d", database, dump)
		}},
		{"from a pipe", func(t *testing.T, database string) *exec.Cmd {
			cmd := command(t, database, "pg_restore", "-Fc", "-d", database)
			cmd.Stdin = piped(t, dump)
			return cmd
		}},
		{"by sections", func(t *testing.T, database string) *exec.Cmd {
			for _, section := range []string{"pre-data", "data"} {
				restored(t, command(t, database, "pg_restore", "-d", database, "--section="+section, dump))
			}
			return command(t, database, "pg_restore", "-d", database, "--section=post-data", dump)
		}},
		{"psql", func(t *testing.T, database string) *exec.Cmd {
			return command(t, database, "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", script)
		}},
	} {
		t.Run(way.name, func(t *testing.T) {
			fresh(t, "back", "", ofExtension()...)
			restored(t, way.load(t, "back"))
			same(t, want, contents(t, "back", "--exclude-table-data=audit_*"))
			sameRows(t)
		})
	}
}

// sameList compares what is in the archive with what is in one that pg_dump writes itself.
func sameList(t *testing.T, dump string) {
	t.Helper()
	whole := filepath.Join(t.TempDir(), "whole.dump")
	output(t, command(t, "rich", "pg_dump", "-Fc", "-Z0", "--exclude-table-data=audit_*", "-f", whole))
	var lists [2][]string
	for i, path := range []string{whole, dump} {
		for line := range strings.Lines(output(t, command(t, "postgres", "pg_restore", "-l", path))) {
			_, what, ok := strings.Cut(line, "; ") // behind its dump ID
			if ok && !strings.HasPrefix(line, ";") && !regexp.MustCompile(`TABLE DATA public (a_uses|z_kinds) `).MatchString(line) {
				lists[i] = append(lists[i], what)
			}
		}
		slices.Sort(lists[i])
	}
	same(t, lists[0], lists[1])
	if n := strings.Count(strings.Join(lists[1], ""), " TABLE DATA "); n < 30 {
		t.Errorf("only %d tables with data are listed", n)
	}
}

// sameScript compares our script with the one that pg_restore makes of our archive, line by line
// and in order, apart from how much is quoted and how large objects and money are written.
func sameScript(t *testing.T, dump, script string) {
	t.Helper()
	ours, err := os.ReadFile(script)
	if err != nil {
		t.Fatal(err)
	}
	want, got := plain(output(t, command(t, "postgres", "pg_restore", "-f", "-", dump))), plain(string(ours))
	for i := range min(len(want), len(got)) {
		if want[i] != got[i] {
			t.Fatalf("line %d of %d:\n%.200s\npg_restore has\n%.200s", i, len(got), got[i], want[i])
		}
	}
	if len(want) != len(got) || len(got) < 5000 {
		t.Errorf("%d lines, pg_restore has %d", len(got), len(want))
	}
}

// plain gives the lines of a script from the first object on, without what may differ.
func plain(script string) []string {
	_, script, _ = strings.Cut(script, "-- Name: ")
	script = regexp.MustCompile(`(?m)^(SET LOCAL lc_monetary = 'C'; |(GRANT|REVOKE) .* ON LARGE OBJECT .*|(RE)?SET lc_monetary.*|SELECT pg_catalog.lowrite.*|-- (End of|PostgreSQL database).*|--|\\(un)?restrict.*)`).
		ReplaceAllString(strings.ReplaceAll(script, `"`, ""), "")
	script = regexp.MustCompile(`(?m)^ALTER (SEQUENCE|VIEW|MATERIALIZED VIEW) `).ReplaceAllString(script, "ALTER TABLE ") // as older ones have it
	return slices.DeleteFunc(strings.Split(script, "\n"), func(line string) bool { return line == "" })
}

// restored runs a tool that must not complain, except of the one setting that an older server does
// not know. Where pg_restore has several sessions, their words may be mixed.
func restored(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	var said strings.Builder
	cmd.Stderr = &said
	err := cmd.Run()
	known := regexp.MustCompile(`could not execute query: [^\n]*transaction_timeout[^\n]*\n|Command was: SET transaction_timeout = 0;\n|` +
		`pg_restore:|error:|while INITIALIZING:|warning: errors ignored on restore: [0-9]+|\s+`)
	if rest := known.ReplaceAllString(said.String(), ""); rest != "" || err != nil && !strings.Contains(said.String(), "transaction_timeout") {
		t.Fatalf("%v: %v: %.2000s", cmd.Args, err, said.String())
	}
}

// sameRows asks both databases what pg_dump's text does not tell: what an extension's tables
// hold in all, which partition has which rows, what the large objects are.
func sameRows(t *testing.T) {
	t.Helper()
	for _, query := range []string{
		`SELECT string_agg(p::text, '|' ORDER BY id) FROM plain p`,
		`SELECT string_agg(k, ',' ORDER BY k) FROM z_kinds`, `SELECT string_agg(u::text, ',' ORDER BY u) FROM a_uses`,
		`SELECT md5(string_agg(oid || ' ' || encode(lo_get(oid), 'hex'), '|' ORDER BY oid)) FROM pg_largeobject_metadata`,
		`SELECT md5(string_agg(concat_ws(' ', oid, lomowner::regrole, lomacl, obj_description(oid, 'pg_largeobject')), '|' ORDER BY oid)) FROM pg_largeobject_metadata`,
		`SELECT string_agg(h::text, '|' ORDER BY m, v) FROM "Hashed" h`, `SELECT d FROM a_mv`, `SELECT count(*) FROM s.ranged_1`,
		`SELECT relispopulated FROM pg_class WHERE relname = 'empty_mv'`,
	} {
		if want, got := ask(t, "rich", query), ask(t, "back", query); want != got {
			t.Errorf("%s:\n%.300s\nbecame\n%.300s", query, want, got)
		}
	}
	if n := ask(t, "back", "SELECT count(*) FROM audit_log"); n != "0" {
		t.Errorf("a table whose rows were left out has %s", n)
	}
}

// write makes a file.
func write(t *testing.T, path string, fill func(io.Writer) error) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := fill(f); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// piped gives a file as a pipe, in which nobody can seek.
func piped(t *testing.T, path string) io.Reader {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(text) // exec feeds what is no file through a pipe
}
