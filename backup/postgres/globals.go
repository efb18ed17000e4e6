package postgres

import (
	"context"
	"strings"

	"holdfast/backup"

	"github.com/jackc/pgx/v5"
)

// rolesSQL lists the roles that the database refers to: owners, grantees and grantors, roles of
// policies and default rights, by the server's own book; the bootstrap superuser is not in that
// book, so owners are looked up too. Roles that every server has are left out.
const rolesSQL = `
SELECT r.rolname::text, r.rolcanlogin, r.rolsuper, r.rolinherit, r.rolcreatedb, r.rolcreaterole
FROM pg_roles r WHERE r.rolname !~ '^pg_' AND (
	r.oid IN (SELECT s.refobjid FROM pg_shdepend s WHERE s.refclassid = 'pg_authid'::regclass
		AND (s.dbid = $1 OR s.dbid = 0 AND s.classid = 'pg_database'::regclass AND s.objid = $1))
	OR r.oid = (SELECT d.datdba FROM pg_database d WHERE d.oid = $1)
	OR r.oid IN (SELECT s.setrole FROM pg_db_role_setting s WHERE s.setdatabase = $1)
	OR r.oid IN (SELECT c.relowner FROM pg_class c WHERE c.oid >= 16384 AND c.relpersistence <> 't')
	OR r.oid IN (SELECT p.proowner FROM pg_proc p WHERE p.oid >= 16384)
	OR r.oid IN (SELECT n.nspowner FROM pg_namespace n WHERE n.oid >= 16384)
	OR r.oid IN (SELECT t.typowner FROM pg_type t WHERE t.oid >= 16384)
) ORDER BY r.rolname COLLATE "C"`

// readRoles reads the roles that the database with this OID refers to. Passwords are not read.
func readRoles(ctx context.Context, conn *pgx.Conn, oid uint32) ([]backup.Role, error) {
	rows, err := conn.Query(ctx, rolesSQL, oid)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[backup.Role])
}

// writeGlobals writes the part that makes the roles with stock tools.
func (c *capture) writeGlobals(ctx context.Context, m *backup.Manifest) error {
	return writePart(ctx, c.sink, backup.PartGlobals, globalsSQL(m.Roles))
}

// globalsSQL gives the statements that make the roles, without passwords.
func globalsSQL(roles []backup.Role) string {
	var text strings.Builder
	text.WriteString("-- Roles that the database refers to. Passwords are not kept; set them anew.\n")
	text.WriteString("SET client_encoding = 'UTF8';\nSET standard_conforming_strings = on;\n")
	for _, r := range roles {
		text.WriteString("CREATE ROLE " + quoteIdent(r.Name))
		for _, attribute := range []struct {
			word string
			has  bool
		}{
			{"LOGIN", r.Login}, {"SUPERUSER", r.Superuser}, {"INHERIT", r.Inherit},
			{"CREATEDB", r.CreateDB}, {"CREATEROLE", r.CreateRole},
		} {
			text.WriteString(" ")
			if !attribute.has {
				text.WriteString("NO")
			}
			text.WriteString(attribute.word)
		}
		text.WriteString(";\n")
	}
	return text.String()
}
