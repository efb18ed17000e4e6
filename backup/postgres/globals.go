package postgres

import (
	"context"
	"fmt"
	"strings"

	"holdfast/backup"

	"github.com/jackc/pgx/v5"
)

// ownersSQL gives who owns what in the database, by the catalogs themselves: the server's own
// book of who depends on whom leaves out the bootstrap superuser. What belongs to an extension
// is made by the extension, for whoever creates it.
const ownersSQL = `
SELECT o.owner FROM (
	SELECT 'pg_class'::regclass AS class, oid, relowner AS owner FROM pg_class WHERE relpersistence <> 't' AND relkind NOT IN ('i', 'I', 't')
	UNION ALL SELECT 'pg_proc'::regclass, oid, proowner FROM pg_proc
	UNION ALL SELECT 'pg_namespace'::regclass, oid, nspowner FROM pg_namespace WHERE nspname !~ '^pg_'
	UNION ALL SELECT 'pg_type'::regclass, oid, typowner FROM pg_type WHERE typrelid = 0
	UNION ALL SELECT 'pg_operator'::regclass, oid, oprowner FROM pg_operator
	UNION ALL SELECT 'pg_opclass'::regclass, oid, opcowner FROM pg_opclass
	UNION ALL SELECT 'pg_opfamily'::regclass, oid, opfowner FROM pg_opfamily
	UNION ALL SELECT 'pg_collation'::regclass, oid, collowner FROM pg_collation
	UNION ALL SELECT 'pg_conversion'::regclass, oid, conowner FROM pg_conversion
	UNION ALL SELECT 'pg_ts_dict'::regclass, oid, dictowner FROM pg_ts_dict
	UNION ALL SELECT 'pg_ts_config'::regclass, oid, cfgowner FROM pg_ts_config
	UNION ALL SELECT 'pg_foreign_data_wrapper'::regclass, oid, fdwowner FROM pg_foreign_data_wrapper
	UNION ALL SELECT 'pg_foreign_server'::regclass, oid, srvowner FROM pg_foreign_server
	UNION ALL SELECT 'pg_language'::regclass, oid, lanowner FROM pg_language
	UNION ALL SELECT 'pg_publication'::regclass, oid, pubowner FROM pg_publication
	UNION ALL SELECT 'pg_event_trigger'::regclass, oid, evtowner FROM pg_event_trigger
	UNION ALL SELECT 'pg_statistic_ext'::regclass, oid, stxowner FROM pg_statistic_ext
	UNION ALL SELECT 'pg_largeobject'::regclass, oid, lomowner FROM pg_largeobject_metadata
	UNION ALL SELECT 'pg_subscription'::regclass, 16384, subowner FROM pg_subscription WHERE subdbid = $1
) o WHERE (o.oid >= 16384 OR o.class = 'pg_largeobject'::regclass)
	AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = o.class AND d.objid = o.oid AND d.deptype = 'e')`

// granteesSQL gives who is named in access lists, policies, default rights and user mappings.
// Roles that came with a server, like pg_monitor, are in none of its books either.
const granteesSQL = `
SELECT unnest(ARRAY[a.grantee, a.grantor]) FROM (
	SELECT relacl AS acl FROM pg_class WHERE oid >= 16384
	UNION ALL SELECT attacl FROM pg_attribute WHERE attrelid >= 16384
	UNION ALL SELECT nspacl FROM pg_namespace WHERE oid >= 16384
	UNION ALL SELECT proacl FROM pg_proc WHERE oid >= 16384
	UNION ALL SELECT typacl FROM pg_type WHERE oid >= 16384
	UNION ALL SELECT lanacl FROM pg_language WHERE oid >= 16384
	UNION ALL SELECT fdwacl FROM pg_foreign_data_wrapper
	UNION ALL SELECT srvacl FROM pg_foreign_server
	UNION ALL SELECT lomacl FROM pg_largeobject_metadata
	UNION ALL SELECT defaclacl FROM pg_default_acl
) l, aclexplode(l.acl) a WHERE l.acl IS NOT NULL
UNION ALL SELECT unnest(polroles) FROM pg_policy
UNION ALL SELECT defaclrole FROM pg_default_acl
UNION ALL SELECT umuser FROM pg_user_mappings`

// rolesSQL lists the roles that the database refers to: owners, grantees and grantors, roles of
// policies, default rights, user mappings and settings. The owner of the schema public, which
// stands for the owner of the database, is meant by no name.
const rolesSQL = `
SELECT r.rolname::text, r.rolcanlogin, r.rolsuper, r.rolinherit, r.rolcreatedb, r.rolcreaterole,
	r.rolreplication, r.rolbypassrls, r.oid IN (` + ownersSQL + `), shobj_description(r.oid, 'pg_authid')
FROM pg_roles r WHERE r.rolname <> 'pg_database_owner' AND (
	r.rolname !~ '^pg_' AND r.oid IN (SELECT s.refobjid FROM pg_shdepend s WHERE s.refclassid = 'pg_authid'::regclass
		AND (s.dbid = $1 OR s.dbid = 0 AND s.classid = 'pg_database'::regclass AND s.objid = $1))
	OR r.oid = (SELECT d.datdba FROM pg_database d WHERE d.oid = $1)
	OR r.oid IN (SELECT s.setrole FROM pg_db_role_setting s WHERE s.setdatabase = $1)
	OR r.oid IN (` + ownersSQL + `)
	OR r.oid IN (` + granteesSQL + `)
) ORDER BY r.rolname COLLATE "C"`

// readRoles reads the roles that the database with this OID refers to. Passwords are not read.
func readRoles(ctx context.Context, conn *pgx.Conn, oid uint32) ([]backup.Role, error) {
	rows, err := conn.Query(ctx, rolesSQL, oid)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[backup.Role])
}

// readMembers reads who of roles is a member of whom of them. Several grants of one membership
// are one here, with all that they give together.
func readMembers(ctx context.Context, conn *pgx.Conn, num int, roles []backup.Role) ([]backup.Member, error) {
	options := "NULL::bool, NULL::bool"
	if num >= 160000 {
		options = "bool_or(m.inherit_option), bool_or(m.set_option)"
	}
	rows, err := conn.Query(ctx, `SELECT g.rolname::text, r.rolname::text, bool_or(m.admin_option), `+options+`
		FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles r ON r.oid = m.member
		WHERE g.rolname = ANY ($1) AND r.rolname = ANY ($1) GROUP BY 1, 2 ORDER BY 1, 2`, roleNames(roles))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[backup.Member])
}

func roleNames(roles []backup.Role) []string {
	names := make([]string, len(roles))
	for i := range roles {
		names[i] = roles[i].Name
	}
	return names
}

// isReserved says whether a role comes with the server: nobody can make one of that name.
func isReserved(role string) bool {
	return strings.HasPrefix(role, "pg_") || role == "public" || role == "none"
}

// writeGlobals writes the part that makes the roles with stock tools.
func (c *capture) writeGlobals(ctx context.Context, m *backup.Manifest) error {
	return writePart(ctx, c.sink, backup.PartGlobals, globalsSQL(m))
}

// globalsSQL gives the script for psql that makes the roles, without passwords. Roles that are
// there already stay as they are. Given a database (psql -v database=NAME) it sets there what
// roles, and all of them, had set in the captured one.
func globalsSQL(m *backup.Manifest) string {
	var text strings.Builder
	text.WriteString("-- Roles that the database refers to, for psql. Passwords are not kept; set them anew.\n" +
		"-- Roles that are there already stay as they are.\n" +
		"SET client_encoding = 'UTF8';\nSET standard_conforming_strings = on;\n")
	made := map[string]string{} // psql's variables that say whether a role was made
	for i := range m.Roles {
		if r := &m.Roles[i]; !isReserved(r.Name) {
			made[r.Name] = fmt.Sprintf("made_%d", i+1)
			writeRole(&text, r, made[r.Name])
		}
	}
	for i := range m.Members {
		writeMember(&text, &m.Members[i], made)
	}
	writeSettings(&text, m.Database.Settings)
	return text.String()
}

// writeRole makes one role unless it is there, and notes which in a variable of psql.
func writeRole(text *strings.Builder, r *backup.Role, variable string) {
	fmt.Fprintf(text, "\nSELECT NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = %s) AS %s \\gset\n\\if :%s\n%s;\n",
		quoteLiteral(r.Name), variable, variable, createRoleSQL(r))
	if r.Comment != nil {
		text.WriteString("COMMENT ON ROLE " + quoteIdent(r.Name) + " IS " + quoteLiteral(*r.Comment) + ";\n")
	}
	text.WriteString("\\endif\n")
}

func createRoleSQL(r *backup.Role) string {
	var text strings.Builder
	text.WriteString("CREATE ROLE " + quoteIdent(r.Name))
	for _, attribute := range []struct {
		word string
		has  bool
	}{
		{"LOGIN", r.Login}, {"SUPERUSER", r.Superuser}, {"INHERIT", r.Inherit}, {"CREATEDB", r.CreateDB},
		{"CREATEROLE", r.CreateRole}, {"REPLICATION", r.Replication}, {"BYPASSRLS", r.BypassRLS},
	} {
		text.WriteString(" ")
		if !attribute.has {
			text.WriteString("NO")
		}
		text.WriteString(attribute.word)
	}
	return text.String()
}

// writeMember grants a membership when one of its two roles was made by the script. Servers
// before 16 know no options but ADMIN.
func writeMember(text *strings.Builder, m *backup.Member, made map[string]string) {
	var variables []string
	for _, name := range []string{m.Role, m.Member} {
		if variable := made[name]; variable != "" {
			variables = append(variables, ":'"+variable+"'::boolean")
		}
	}
	if len(variables) == 0 {
		return
	}
	grant := "GRANT " + quoteIdent(m.Role) + " TO " + quoteIdent(m.Member)
	older := grant
	if m.Admin {
		older += " WITH ADMIN OPTION"
	}
	options := []string{option("ADMIN", &m.Admin), option("INHERIT", m.Inherit), option("SET", m.Set)}
	options = withoutBlank(options)
	fmt.Fprintf(text, "\nSELECT %s AS make, pg_catalog.current_setting('server_version_num')::int >= 160000 AS options \\gset\n"+
		"\\if :make\n\\if :options\n%s WITH %s;\n\\else\n%s;\n\\endif\n\\endif\n",
		strings.Join(variables, " OR "), grant, strings.Join(options, ", "), older)
}

func option(word string, has *bool) string {
	switch {
	case has == nil:
		return ""
	case *has:
		return word + " TRUE"
	}
	return word + " FALSE"
}

func withoutBlank(words []string) []string {
	var kept []string
	for _, word := range words {
		if word != "" {
			kept = append(kept, word)
		}
	}
	return kept
}

// writeSettings sets what was set on the database, in the one that psql is told.
func writeSettings(text *strings.Builder, settings []backup.Setting) {
	if len(settings) == 0 {
		return
	}
	text.WriteString("\n\\if :{?database}\n")
	for _, set := range settings {
		target := `DATABASE :"database"`
		if set.Role != "" {
			target = "ROLE " + quoteIdent(set.Role) + " IN " + target
		}
		text.WriteString("ALTER " + target + " SET " + settingName(set.Name) + " TO " + settingValue(set) + ";\n")
	}
	text.WriteString("\\endif\n")
}
