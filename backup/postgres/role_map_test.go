package postgres

import (
	"strings"
	"testing"

	"holdfast/backup"
)

func TestReplaceRoles(t *testing.T) {
	names := map[string]string{"alice": `me"`, `o"dd`: "me", "bob": "bob2"}
	cases := []struct {
		name    string
		grammar roleGrammar
		sql     string
		want    string
		n       int
	}{
		{"grant", rightsRoles(), "GRANT SELECT ON TABLE alice.alice TO alice;\n", "GRANT SELECT ON TABLE alice.alice TO \"me\"\"\";\n", 1},
		{"revoke", rightsRoles(), `REVOKE ALL ON FUNCTION f(alice integer, "TO" text) FROM "o""dd";`, `REVOKE ALL ON FUNCTION f(alice integer, "TO" text) FROM "me";`, 1},
		{"public", rightsRoles(), "GRANT ALL ON SCHEMA s TO PUBLIC;", "GRANT ALL ON SCHEMA s TO PUBLIC;", 0},
		{"another grantor", rightsRoles(), "SET SESSION AUTHORIZATION alice;\nGRANT SELECT ON TABLE t TO bob WITH GRANT OPTION;\nRESET SESSION AUTHORIZATION;\n",
			"SET SESSION AUTHORIZATION \"me\"\"\";\nGRANT SELECT ON TABLE t TO \"bob2\" WITH GRANT OPTION;\nRESET SESSION AUTHORIZATION;\n", 2},
		{"default rights", rightsRoles(), "ALTER DEFAULT PRIVILEGES FOR ROLE alice IN SCHEMA bob GRANT SELECT ON TABLES TO carol;", "ALTER DEFAULT PRIVILEGES FOR ROLE \"me\"\"\" IN SCHEMA bob GRANT SELECT ON TABLES TO carol;", 1},
		{"policy", policyRoles(), `CREATE POLICY alice ON bob.t FOR SELECT TO carol, alice, "o""dd" USING ((who = 'x TO alice'::text) AND bob, alice);`,
			`CREATE POLICY alice ON bob.t FOR SELECT TO carol, "me""", "me" USING ((who = 'x TO alice'::text) AND bob, alice);`, 2},
		{"policy for all", policyRoles(), `CREATE POLICY p ON t USING (alice, bob);`, `CREATE POLICY p ON t USING (alice, bob);`, 0},
		{"user mapping", userMappingRoles(), `CREATE USER MAPPING FOR alice SERVER bob OPTIONS (a 'FOR alice', b E'\' FOR bob');`, `CREATE USER MAPPING FOR "me""" SERVER bob OPTIONS (a 'FOR alice', b E'\' FOR bob');`, 1},
		{"cut off", policyRoles(), `CREATE POLICY "`, `CREATE POLICY "`, 0},
	}
	for _, c := range cases {
		if got, n := replaceRoles(c.sql, names, c.grammar); got != c.want || n != c.n {
			t.Errorf("%s: %d replaced in %s", c.name, n, got)
		}
	}
}

// TestFillMapsMissingRoles gives to one role what belonged to roles that a server lacks.
func TestFillMapsMissingRoles(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.run("template1", rolesOfTest()...)
	b.fresh("live", roleUseSQL()...)
	b.run("template1", `ALTER DATABASE live OWNER TO r_owner`)
	m, parts := b.capture("live")

	other := startSecond(t)
	other.run("template1", `CREATE ROLE "heir ö"`, `CREATE ROLE r_policy`)
	job := other.job("shadow")
	job.RoleMap = map[string]string{}
	var said []string
	job.Warn = func(text string) { said = append(said, text) }
	missing, err := missingOn(t, other, m)
	if err != nil {
		t.Fatal(err)
	}
	for _, role := range missing {
		job.RoleMap[role.Name] = "heir ö"
	}
	other.fill(job, m, parts)
	if err := other.Reread(t.Context(), job, m, nil); err != nil {
		t.Error(err)
	}
	for query, want := range map[string]string{
		`SELECT relowner::regrole FROM pg_class WHERE relname = 't'`:                                                   `"heir ö"`,
		`SELECT relowner::regrole FROM pg_class WHERE relname = 'mine'`:                                                `postgres`,
		`SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 's'`:                                               `"heir ö"`,
		`SELECT array_agg(DISTINCT r::regrole ORDER BY r::regrole) FROM pg_policy, unnest(polroles) r`:                 `{"\"heir ö\"",r_policy}`,
		`SELECT pg_get_expr(polqual, polrelid) LIKE '%FOR TO r_policy%' FROM pg_policy`:                                `true`,
		`SELECT has_column_privilege('heir ö', 't', 'y', 'UPDATE') AND has_table_privilege('postgres', 't', 'INSERT')`: `true`,
		`SELECT defaclrole::regrole || ' ' || defaclacl::text FROM pg_default_acl`:                                     `"heir ö" {"\"heir ö\"=r/\"heir ö\""}`,
		`SELECT string_agg(usename || umoptions::text, ' ') FROM pg_user_mappings`:                                     `heir ö{"b=FOR r_owner"}`,
		`SELECT lomowner::regrole FROM pg_largeobject_metadata`:                                                        `"heir ö"`,
		`SELECT datdba::regrole FROM pg_database WHERE datname = 'shadow'`:                                             `"heir ö"`,
	} {
		if got := other.text("shadow", query); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	if len(said) != 1 || !strings.Contains(said[0], `"r_owner"`) || !strings.Contains(said[0], "1 policies and 1 user mappings; left out") || !strings.Contains(said[0], "r_mapped") {
		t.Errorf("said: %q", said)
	}
	props := m.Database.WithRoles(job.RoleMap)
	swap := backup.SwapJob{Sandbox: other.sb, Run: job.Run, Live: "restored", Shadow: "shadow", Props: &props}
	if err := other.Swap(t.Context(), swap, func(backup.Stage) error { return nil }); err != nil {
		t.Error(err)
	}
	if got := other.text("template1", `SELECT datacl::text FROM pg_database WHERE datname = 'restored'`); !strings.Contains(got, `"\"heir ö\"=CTc/\"heir ö\""`) {
		t.Errorf("rights on the database: %s", got)
	}
}

// tablespace makes a tablespace in a folder of its own.
func (b *bench) tablespace(name string) {
	b.t.Helper()
	folder := mustReachable(b.t) + "/space"
	mustMkdir(b.t, folder)
	if err := giveToServer(folder); err != nil {
		b.t.Fatal(err)
	}
	b.run("template1", "CREATE TABLESPACE "+name+" LOCATION "+quoteLiteral(folder))
}

// TestFillWithoutTablespaces puts everything where the server puts it by itself, whatever the
// role's own choice is.
func TestFillWithoutTablespaces(t *testing.T) {
	b := startBench(t)
	b.tablespace("fast")
	defer func() {
		b.clean()
		b.run("template1", `DROP TABLESPACE fast`)
	}()
	b.fresh("live", `CREATE TABLE t (x int) TABLESPACE fast`, `CREATE INDEX i ON t (x)`, `INSERT INTO t VALUES (1)`)
	m, parts := b.capture("live")
	if len(m.Tablespaces) != 1 || m.Tablespaces[0] != "fast" {
		t.Errorf("tablespaces: %q", m.Tablespaces)
	}
	other := startSecond(t)
	other.tablespace("wrong")
	other.run("template1", `ALTER ROLE postgres SET default_tablespace = wrong`)
	wantKind(t, other.Prepare(t.Context(), other.sb, m), backup.Refused, `no tablespace "fast"`, `CREATE TABLESPACE "fast"`)
	job := other.job("shadow")
	job.NoTablespaces = true
	other.fill(job, m, parts)
	if err := other.Reread(t.Context(), job, m, nil); err != nil {
		t.Error(err)
	}
	if got := other.text("shadow", `SELECT count(*) FROM pg_class WHERE oid >= 16384 AND reltablespace <> 0`); got != "0" {
		t.Errorf("%s relations are elsewhere", got)
	}
}
