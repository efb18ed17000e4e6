package postgres

import (
	"strings"
	"testing"

	"holdfast/backup"
)

// rolesOfTest makes roles of every kind of reference, and what refers to them in the database "live".
func rolesOfTest() []string {
	return []string{
		`CREATE ROLE r_owner LOGIN CREATEDB NOINHERIT PASSWORD 'never kept'`, `COMMENT ON ROLE r_owner IS 'it''s the \owner'`,
		`CREATE ROLE r_base`, `CREATE ROLE r_grantee`, `CREATE ROLE r_grantor BYPASSRLS`, `CREATE ROLE r_policy`, `CREATE ROLE r_default`,
		`CREATE ROLE r_defgrantee`, `CREATE ROLE r_mapped`, `CREATE ROLE r_setting`, `CREATE ROLE r_large`, `CREATE ROLE r_column`, `CREATE ROLE r_stranger`,
		`CREATE ROLE "r""; DROP TABLE x; --` + "\n" + `ö:x"`, `GRANT r_base TO r_owner WITH ADMIN OPTION`, `GRANT r_grantee TO r_policy`, `GRANT r_stranger TO r_owner`,
	}
}

func roleUseSQL() []string {
	return []string{
		`CREATE TABLE t (x int, y int)`, `INSERT INTO t VALUES (1, 2)`, `ALTER TABLE t OWNER TO r_owner`, `CREATE TABLE mine (x int)`,
		`CREATE SCHEMA s AUTHORIZATION r_base`, `GRANT SELECT ON t TO r_grantor WITH GRANT OPTION`,
		`SET ROLE r_grantor`, `GRANT SELECT ON t TO r_grantee`, `RESET ROLE`, `GRANT INSERT ON t TO postgres`,
		`GRANT UPDATE (y) ON t TO r_column`, `ALTER TABLE t ENABLE ROW LEVEL SECURITY`,
		`CREATE POLICY p ON t FOR SELECT TO r_policy, r_grantee USING (x > 0 AND 'FOR TO r_policy' <> '')`,
		`ALTER DEFAULT PRIVILEGES FOR ROLE r_default IN SCHEMA s GRANT SELECT ON TABLES TO r_defgrantee`,
		`CREATE FOREIGN DATA WRAPPER w`, `CREATE SERVER srv FOREIGN DATA WRAPPER w`, `CREATE USER MAPPING FOR r_mapped SERVER srv OPTIONS (a 'FOR r_owner')`,
		`CREATE USER MAPPING FOR r_large SERVER srv OPTIONS (b 'FOR r_owner')`, `GRANT USAGE ON FOREIGN SERVER srv TO PUBLIC`,
		`ALTER ROLE r_setting IN DATABASE live SET search_path = 'a, b', "c"`, `ALTER DATABASE live SET work_mem = '3MB'`,
		`SELECT lo_from_bytea(7, 'x')`, `GRANT SELECT ON LARGE OBJECT 7 TO r_large`, `ALTER LARGE OBJECT 7 OWNER TO r_owner`,
		`GRANT CONNECT ON DATABASE live TO "r""; DROP TABLE x; --` + "\n" + `ö:x"`, `CREATE FUNCTION f("to" text) RETURNS int LANGUAGE sql AS 'SELECT 1'`, `GRANT EXECUTE ON FUNCTION f TO r_grantee`,
	}
}

// rolePicture is what a server says of the roles of the tests and of who is a member of whom.
func (b *bench) rolePicture() string {
	b.t.Helper()
	options := "''"
	if b.major() >= 16 {
		options = "m.inherit_option || ' ' || m.set_option"
	}
	roles := b.text("template1", `SELECT string_agg(concat_ws(' ', rolname, rolcanlogin, rolsuper, rolinherit, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls, shobj_description(oid, 'pg_authid')), E'\n' ORDER BY rolname)
		FROM pg_roles WHERE rolname LIKE 'r%' AND rolname <> 'r_stranger'`)
	members := b.text("template1", `SELECT string_agg(concat_ws(' ', m.roleid::regrole, m.member::regrole, m.admin_option, `+options+`), E'\n' ORDER BY m.roleid::regrole::text, m.member::regrole::text)
		FROM pg_auth_members m WHERE m.roleid >= 16384 AND m.roleid <> coalesce(to_regrole('r_stranger')::oid, 0)`)
	return roles + "\n" + members
}

// TestGlobalsOnAnotherServer makes the roles with psql on a server that lacks them, and restores.
func TestGlobalsOnAnotherServer(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.run("template1", rolesOfTest()...)
	if b.major() >= 16 {
		b.run("template1", `GRANT r_default TO r_setting WITH INHERIT FALSE, SET FALSE`, `GRANT r_default TO r_defgrantee WITH INHERIT TRUE, SET FALSE, ADMIN TRUE`)
	}
	b.fresh("live", roleUseSQL()...)
	m, parts := b.capture("live")

	other := startSecond(t)
	missing, err := missingOn(t, other, m)
	if err != nil || len(missing) != len(m.Roles)-1 { // postgres is there
		t.Errorf("%d of %d roles are missing: %v", len(missing), len(m.Roles), err)
	}
	wantKind(t, other.Prepare(t.Context(), other.sb, m), backup.Refused, `"r_owner"`, "r_policy", "r_mapped", "r_setting", "r_large", "r_column", "r_default")
	other.globals(parts)
	if want, got := b.rolePicture(), other.rolePicture(); want != got {
		t.Errorf("roles:\n%s\nwant:\n%s", got, want)
	}
	other.run("template1", `COMMENT ON ROLE r_owner IS 'changed'`, `REVOKE r_base FROM r_owner`)
	other.globals(parts)
	if got := other.rolePicture(); !strings.Contains(got, "changed") || strings.Contains(got, "r_base r_owner") {
		t.Errorf("roles that were there did not stay as they were:\n%s", got)
	}
	other.restore(m, parts)
	same(t, b.dump("live"), other.dump("restored"))

	other.fresh("by hand")
	other.globals(parts, "-v", "database=by hand")
	settings := func(b *bench, database string) string {
		return b.text("template1", `SELECT string_agg(setrole::regrole || ' ' || setconfig::text, '; ' ORDER BY setrole::regrole::text) FROM pg_db_role_setting WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = $1)`, database)
	}
	if want, got := settings(b, "live"), settings(other, "by hand"); want != got || want == "NULL" {
		t.Errorf("settings: %s, want %s", got, want)
	}
}

func missingOn(t *testing.T, b *bench, m *backup.Manifest) ([]backup.Role, error) {
	t.Helper()
	a := b.mustAdmin()
	defer a.close()
	return missingRoles(t.Context(), a.conn, m)
}

// TestBootstrapSuperuserOfAnotherName is in none of the server's books of who refers to whom.
func TestBootstrapSuperuserOfAnotherName(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.run("template1", `CREATE ROLE r_owner`)
	for name, sql := range map[string][]string{
		"owner":        {`CREATE OPERATOR + (FUNCTION = int4pl, LEFTARG = int4, RIGHTARG = text)`},
		"grantee":      {`CREATE TABLE t ()`, `ALTER TABLE t OWNER TO r_owner`, `GRANT SELECT ON t TO postgres`},
		"policy":       {`CREATE TABLE t ()`, `ALTER TABLE t OWNER TO r_owner`, `CREATE POLICY p ON t TO postgres`},
		"default":      {`ALTER DEFAULT PRIVILEGES FOR ROLE r_owner GRANT SELECT ON TABLES TO postgres`},
		"large object": {`SELECT lo_create(9)`},
	} {
		if name == "owner" {
			sql = []string{`CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'`, `CREATE COLLATION c FROM "C"`, `ALTER FUNCTION mine() OWNER TO r_owner`}
		}
		b.run("template1", `CREATE DATABASE live OWNER r_owner TEMPLATE template0`)
		b.run("live", sql...)
		m, _ := b.capture("live")
		if !strings.Contains(strings.Join(roleNames(m.Roles), " "), "postgres") {
			t.Errorf("%s: roles %q", name, roleNames(m.Roles))
		}
		b.clean()
	}
}

func TestCreateRoles(t *testing.T) {
	t.Parallel()
	b := startBench(t)
	b.run("template1", `CREATE ROLE there LOGIN SUPERUSER`, `COMMENT ON ROLE there IS 'old'`, `CREATE ROLE maker LOGIN CREATEROLE CREATEDB`)
	roles := []backup.Role{
		{Name: `go"ne`, Login: true, Superuser: true, CreateDB: true, CreateRole: true, Replication: true, BypassRLS: true, Inherit: true},
		{Name: "there"}, {Name: `go"ne`},
	}
	create := func(user string, roles ...backup.Role) error {
		sb := b.sb
		sb.Connection.User = user
		a, err := b.admin(t.Context(), sb)
		if err != nil {
			t.Fatal(err)
		}
		defer a.close()
		return createRoles(t.Context(), a.conn, roles)
	}
	for range 2 {
		if err := create("postgres", roles...); err != nil {
			t.Fatal(err)
		}
	}
	picture := func(name string) string {
		return b.text("template1", `SELECT concat_ws(' ', rolcanlogin, rolsuper, rolinherit, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls, shobj_description(oid, 'pg_authid')) FROM pg_roles WHERE rolname = $1`, name)
	}
	if got := picture(`go"ne`); got != "f f t f f f f "+roleComment {
		t.Error(got)
	}
	if got := picture("there"); !strings.HasPrefix(got, "t t") || !strings.HasSuffix(got, "old") {
		t.Error(got)
	}
	for _, name := range []string{"pg_maintain", "public", "none"} {
		wantKind(t, create("postgres", backup.Role{Name: "first"}, backup.Role{Name: name}), backup.Refused, name)
	}
	if got := picture("first"); got != "NULL" {
		t.Error("a role was made though another could not be")
	}
	if err := create("maker", backup.Role{Name: "made"}); err != nil {
		t.Fatal(err)
	}
	maker := *b
	maker.sb.Connection.User = "maker"
	maker.run("template1", `CREATE DATABASE live OWNER made TEMPLATE template0`)
	b.clean()
}
