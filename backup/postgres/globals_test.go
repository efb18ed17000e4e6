package postgres

import (
	"strings"
	"testing"

	"holdfast/backup"
)

// TestGlobals makes roles of each kind of reference, one of them with a hostile name.
func TestGlobals(t *testing.T) {
	t.Parallel()
	sb := testDatabase(t, "roles", "CREATE TABLE t(x int)")
	admin := socketSandbox(t, "postgres")
	names := []string{"r_owner", "r_grantee", "r_policy", "r_default", "r_setting", "r_stranger", `r"; DROP TABLE x; --`}
	for _, name := range names {
		runSQL(t, admin, "CREATE ROLE "+quoteIdent(name)+" PASSWORD 'never kept'")
		t.Cleanup(func() { runSQL(t, admin, "DROP ROLE "+quoteIdent(name)) })
		t.Cleanup(func() { runSQL(t, sb, "DROP OWNED BY "+quoteIdent(name)) })
	}
	runSQL(t, sb, "CREATE TABLE owned()", "ALTER TABLE owned OWNER TO r_owner", "GRANT SELECT ON t TO r_grantee",
		"CREATE POLICY p ON t TO r_policy USING (true)", "ALTER DEFAULT PRIVILEGES FOR ROLE r_default GRANT SELECT ON TABLES TO r_grantee",
		"ALTER ROLE r_setting IN DATABASE roles SET work_mem = '1MB'", "GRANT CONNECT ON DATABASE roles TO "+quoteIdent(names[6]),
		"ALTER ROLE r_owner LOGIN CREATEDB NOINHERIT")
	m, parts := mustCapture(t, testServer(), sb)
	found := map[string]backup.Role{}
	for _, r := range m.Roles {
		found[r.Name] = r
	}
	for _, name := range append(names, "postgres") {
		if _, ok := found[name]; ok != (name != "r_stranger") {
			t.Errorf("%q: %v", name, ok)
		}
	}
	if want := (backup.Role{Name: "r_owner", Login: true, CreateDB: true, Owner: true}); found["r_owner"] != want {
		t.Errorf("%+v", found["r_owner"])
	}
	text := string(parts.parts[backup.PartGlobals])
	if strings.Contains(text, "never kept") || strings.Contains(text, "SCRAM") || !strings.Contains(text, `CREATE ROLE "r""; DROP TABLE x; --" NOLOGIN`) ||
		!strings.Contains(text, `CREATE ROLE "r_owner" LOGIN NOSUPERUSER NOINHERIT CREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;`) {
		t.Error(text)
	}
}
