package postgres

import (
	"slices"
	"testing"

	"holdfast/backup"
)

func TestPrepare(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.run("template1", `CREATE ROLE weak LOGIN`, `CREATE ROLE maker LOGIN CREATEDB`, `CREATE ROLE staff`, `CREATE ROLE "kno""wn"`)
	b.fresh("live", words()...)
	m, _ := b.capture("live")
	as := func(user string) backup.Sandbox {
		sb := b.sb
		sb.Connection.User = user
		return sb
	}
	tooNew := backup.Refused
	if sharedMajor(t) >= 17 {
		tooNew = "" // there the builtin provider is known
	}
	oldICU := backup.Refused
	if sharedMajor(t) == 15 {
		oldICU = "" // which takes any name for the root's
	}
	cases := []struct {
		name  string
		sb    backup.Sandbox
		edit  func(m *backup.Manifest)
		kind  backup.Kind // "" = nothing stands in the way
		words []string
	}{
		{"all is well", b.sb, func(*backup.Manifest) {}, "", nil},
		{"missing roles", b.sb, func(m *backup.Manifest) {
			m.Roles = []backup.Role{{Name: `go"ne`}, {Name: `kno"wn`}}
			m.Database.Owner = "lost"
		}, backup.Refused, []string{`"lost", "go""ne"`, `CREATE ROLE "lost" NOLOGIN; CREATE ROLE "go""ne" NOLOGIN;`}},
		{"missing extensions", b.sb, func(m *backup.Manifest) { m.Extensions = []string{"hstore", "no_such"} }, backup.Refused, []string{"have: no_such"}},
		{"no right to create databases", as("weak"), func(*backup.Manifest) {}, backup.Refused, []string{"CREATEDB", `ALTER ROLE "weak" CREATEDB`}},
		{"no member of the owner", as("maker"), func(m *backup.Manifest) { m.Database.Owner = "staff" }, backup.Refused, []string{`GRANT "staff" TO "maker"`}},
		{"the owner itself", as("maker"), func(m *backup.Manifest) {
			m.Database.Owner, m.Roles, m.Extensions = "maker", nil, []string{"plpgsql", "hstore"}
		}, "", nil},
		{"no member of an owner in the database", as("maker"), func(m *backup.Manifest) {
			m.Database.Owner, m.Roles = "maker", []backup.Role{{Name: "maker", Owner: true}, {Name: "staff", Owner: true}, {Name: `kno"wn`}}
		}, backup.Refused, []string{`"maker" cannot make objects that belong to the roles "staff",`, `GRANT "staff" TO "maker";`}},
		{"objects for superusers only", as("maker"), func(m *backup.Manifest) {
			m.Database.Owner, m.Roles, m.Privileged = "maker", nil, []string{"event trigger e"}
		}, backup.Refused, []string{"superuser", "event trigger e"}},
		{"the same as a superuser", b.sb, func(m *backup.Manifest) { m.Privileged = []string{"event trigger e"} }, "", nil},
		{"an unknown tablespace of a table", b.sb, func(m *backup.Manifest) { m.Tablespaces = []string{"slow"} }, backup.Refused, []string{`no tablespace "slow"`}},
		{"an unknown character type", b.sb, func(m *backup.Manifest) { m.Database.Ctype = "yy_YY" }, backup.Refused, []string{"yy_YY"}},
		{"an unknown ICU locale", b.sb, func(m *backup.Manifest) { m.Database.Provider, m.Database.Locale = "i", "qqq-QQ" }, oldICU, []string{"qqq-QQ"}},
		{"an extension for superusers only", as("maker"), func(m *backup.Manifest) {
			m.Database.Owner, m.Roles, m.Extensions = "maker", nil, []string{"pageinspect"}
		}, backup.Refused, []string{"superuser", "pageinspect"}},
		{"an unknown locale", b.sb, func(m *backup.Manifest) { m.Database.Collate = "xx_XX.utf8" }, backup.Refused, []string{"xx_XX.utf8"}},
		{"an unknown encoding", b.sb, func(m *backup.Manifest) { m.Database.Encoding = "EBCDIC" }, backup.Refused, []string{"EBCDIC"}},
		{"an unknown tablespace", b.sb, func(m *backup.Manifest) { m.Database.Tablespace = "fast" }, backup.Refused, []string{`CREATE TABLESPACE "fast"`}},
		{"a provider that is too new", b.sb, func(m *backup.Manifest) { m.Database.Provider, m.Database.Locale = "b", "C.UTF-8" }, tooNew, []string{"builtin"}},
		{"an archive of newer tools", b.sb, func(m *backup.Manifest) { m.ToolsVersion = "99.1" }, backup.Failed, []string{"99"}},
	}
	before := b.databases()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			b := b.with(t)
			edited := *m
			c.edit(&edited)
			err := b.Prepare(t.Context(), c.sb, &edited)
			if c.kind != "" {
				wantKind(t, err, c.kind, c.words...)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
	if !slices.Equal(before, b.databases()) {
		t.Errorf("databases: %q", b.databases())
	}
}
