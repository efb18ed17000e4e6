package postgres

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"holdfast/backup"
)

// plainRole makes a role without any right and gives the sandbox as that role sees it.
func plainRole(t *testing.T, sb backup.Sandbox, name string) backup.Sandbox {
	t.Helper()
	runSQL(t, sb, "CREATE ROLE "+name+" LOGIN")
	t.Cleanup(func() { runSQL(t, socketSandbox(t, "postgres"), "DROP ROLE "+name) })
	t.Cleanup(func() { runSQL(t, sb, "DROP OWNED BY "+name) })
	weak := sb
	weak.Connection.User = name
	return weak
}

// besideTools gives the warnings without the one about the client tools, which may be older than their
// newest fixes on any machine.
func besideTools(warnings []string) []string {
	return slices.DeleteFunc(slices.Clone(warnings), func(text string) bool { return strings.Contains(text, "known security holes") })
}

func TestPreflight(t *testing.T) {
	t.Parallel()
	sql := []string{
		"CREATE SCHEMA closed", "CREATE TABLE closed.inside(x int)", "GRANT SELECT ON closed.inside TO PUBLIC",
		"CREATE TABLE open(x int)", "GRANT SELECT ON open TO PUBLIC", `CREATE TABLE "Sec""ret"(x int)`,
		"CREATE TABLE rls(x int)", "ALTER TABLE rls ENABLE ROW LEVEL SECURITY", "GRANT SELECT ON rls TO PUBLIC",
		"CREATE SEQUENCE counter", "SELECT lo_create(4711)", "CREATE TABLE parted(x int) PARTITION BY LIST (x)",
	}
	owner := testDatabase(t, "checks", sql...)
	sb := plainRole(t, owner, "weak")
	steps := []struct {
		name  string
		words []string
		fix   string
	}{
		{"tables", []string{`"weak" may not read`, `public."Sec""ret"`, "closed.inside", "public.counter", "public.parted", "pg_read_all_data"}, `GRANT USAGE ON SCHEMA closed TO weak; GRANT SELECT ON ALL TABLES IN SCHEMA public TO weak; GRANT SELECT ON counter TO weak`},
		{"row security", []string{"row security hides rows", "public.rls", "BYPASSRLS"}, "ALTER ROLE weak BYPASSRLS"},
		{"large objects", []string{"large objects", "4711"}, "GRANT SELECT ON LARGE OBJECT 4711 TO weak"},
	}
	for _, step := range steps {
		_, err := testServer().Preflight(t.Context(), sb)
		t.Run(step.name, func(t *testing.T) {
			wantKind(t, err, backup.Failed, step.words...)
			if strings.Contains(err.Error(), "public.open") {
				t.Errorf("it names what can be read: %v", err)
			}
		})
		runSQL(t, owner, step.fix)
	}
	p, err := testServer().Preflight(t.Context(), sb)
	if err != nil {
		t.Fatal(err)
	}
	if p.Tables != 4 || p.Bytes == 0 || !strings.HasPrefix(p.ServerVersion, fmt.Sprint(sharedMajor(t))) || p.ToolsVersion == "" || len(besideTools(p.Warnings)) != 0 {
		t.Errorf("%+v", p)
	}
	mustCapture(t, testServer(), sb)
}

// TestRowSecurityIsNotPassedOver captures without a preflight.
func TestRowSecurityIsNotPassedOver(t *testing.T) {
	t.Parallel()
	owner := testDatabase(t, "rls", "CREATE TABLE hidden(x int)", "INSERT INTO hidden VALUES (1)", "ALTER TABLE hidden ENABLE ROW LEVEL SECURITY", "GRANT SELECT ON hidden TO PUBLIC")
	_, err := testServer().Capture(t.Context(), plainRole(t, owner, "weak2"), newShelf(), nil)
	wantKind(t, err, backup.Failed, "hidden")
	noneLeft(t)
}

func TestManyUnreadableTables(t *testing.T) {
	t.Parallel()
	owner := testDatabase(t, "many_secrets")
	for i := range 13 {
		runSQL(t, owner, fmt.Sprintf("CREATE TABLE secret_%02d()", i))
	}
	_, err := testServer().Preflight(t.Context(), plainRole(t, owner, "weak3"))
	wantKind(t, err, backup.Failed, "public.secret_00", "public.secret_09", "and 3 more")
	if strings.Contains(err.Error(), "secret_10") {
		t.Error(err)
	}
}

func TestSelection(t *testing.T) {
	t.Parallel()
	sb := testDatabase(t, "chosen", "CREATE SCHEMA app", "CREATE SCHEMA app2", "CREATE SCHEMA ext", "CREATE EXTENSION citext SCHEMA ext", "CREATE TABLE app.log_1(x ext.citext)", "INSERT INTO app.log_1 VALUES (1)",
		"CREATE TABLE app.keep(x int)", "INSERT INTO app.keep VALUES (1)", "CREATE TABLE app2.other(x int)", "CREATE TABLE public.outside(x int)", "INSERT INTO public.outside VALUES (1)", "SELECT lo_create(5)")
	sb.Schemas = []string{"app"}
	sb.ExcludeTables = []string{"log_?", "app.ke?p?", "nothing*"}
	p, err := testServer().Preflight(t.Context(), sb)
	if err != nil || p.Tables != 2 || len(besideTools(p.Warnings)) != 2 || !strings.Contains(strings.Join(p.Warnings, "\n"), `"nothing*"`) {
		t.Errorf("%+v %v", p, err)
	}
	m, parts := mustCapture(t, testServer(), sb)
	if len(m.Tables) != 2 || m.LargeObjects.Count != 1 {
		t.Errorf("%+v", m)
	}
	log := tableOf(t, m, "app", "log_1")
	if !log.Excluded || log.Part != "" || log.Rows != 0 || tableOf(t, m, "app", "keep").Rows != 1 {
		t.Errorf("%+v", m.Tables)
	}
	if toc := string(parts.parts[backup.PartTOC]); strings.Contains(toc, "outside") || !strings.Contains(toc, "log_1") || !strings.Contains(toc, "CREATE EXTENSION IF NOT EXISTS citext") || !strings.Contains(toc, "CREATE SCHEMA ext") || strings.Contains(toc, "CREATE SCHEMA app2") {
		t.Error("the definitions are not those of the selection")
	}
}

func TestMatchPattern(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"*", "", true}, {"a*", "abc", true}, {"*c", "abc", true}, {"a*c*e", "abcde", true}, {"a*c*f", "abcde", false},
		{"?", "ö", true}, {"?", "", false}, {"a?", "a", false}, {"a.b", "a.b", true}, {"a.b", "axb", false},
		{"", "", true}, {"", "a", false}, {"**", "a", true}, {"[a]", "[a]", true},
		{strings.Repeat("*a", 30), strings.Repeat("a", 29) + "b", false},
	} {
		if got := matchPattern([]rune(c.pattern), []rune(c.name)); got != c.want {
			t.Errorf("%q on %q: %v", c.pattern, c.name, got)
		}
	}
}

// fakeTools makes a folder of tools that only tell their version.
func fakeTools(t *testing.T, version string) string {
	t.Helper()
	folder := t.TempDir()
	for _, name := range []string{"pg_dump", "pg_restore"} {
		script := "#!/bin/sh\necho '" + name + " (PostgreSQL) " + version + "'\n"
		if err := os.WriteFile(filepath.Join(folder, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

func TestTools(t *testing.T) {
	sb := testDatabase(t, "tools")
	major := fmt.Sprint(sharedMajor(t))
	s := testServer()
	s.Tools = t.TempDir()
	_, err := s.Preflight(t.Context(), sb)
	wantKind(t, err, backup.Failed, "not found in "+s.Tools, "PostgreSQL "+major, "postgresql-client-"+major)
	_, err = s.Capture(t.Context(), sb, newShelf(), nil)
	wantKind(t, err, backup.Failed, "not found")
	s.Tools = fakeTools(t, "12.9 (Debian 12.9-1)")
	_, err = s.Preflight(t.Context(), sb)
	wantKind(t, err, backup.Failed, "12.9", "PostgreSQL "+major, "older than the server")
	if err := os.Remove(filepath.Join(s.Tools, "pg_restore")); err != nil {
		t.Fatal(err)
	}
	_, err = s.Preflight(t.Context(), sb)
	wantKind(t, err, backup.Failed, "not found")
	t.Run("choice", func(t *testing.T) {
		var folders []string
		// Higher than any real one: what this machine has installed is looked at too.
		for _, version := range []string{"14.1", "17.902", "16.901", "16.910", "16.909", "88beta1"} {
			folders = append(folders, fakeTools(t, version))
		}
		t.Setenv("PATH", strings.Join(folders, string(os.PathListSeparator)))
		s := &Server{}
		for major, want := range map[int]string{16: "16.910", 17: "17.902", 88: "88beta1"} {
			if got, err := s.tools(major); err != nil || got.Version != want {
				t.Errorf("for %d: %s, want %s (%v)", major, got.Version, want, err)
			}
		}
		_, err := s.tools(89)
		wantKind(t, err, backup.Failed, "88beta1", "PostgreSQL 89")
	})
}
