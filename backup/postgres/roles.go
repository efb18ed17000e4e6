package postgres

import (
	"context"
	"slices"

	"holdfast/backup"

	"github.com/jackc/pgx/v5"
)

// roleComment says on the server who made a role.
const roleComment = "Made by Holdfast for a restore: without a password, and it may not log in."

// createRoles makes those of roles that are missing, all or none: without a password, without the
// right to log in, and without any other that reaches beyond what is granted to them. Who is no
// superuser becomes a member, for else it could give them nothing. Names that come with the
// server are Refused.
func createRoles(ctx context.Context, conn *pgx.Conn, roles []backup.Role) error {
	var reserved []string
	for _, name := range roleNames(roles) {
		if isReserved(name) {
			reserved = append(reserved, name)
		}
	}
	if len(reserved) > 0 {
		return backup.Errorf(backup.Refused, "Restore into a server that brings them, or give their rights to another role.",
			"the roles %s come with a version of PostgreSQL and cannot be made", listNames(quoteAll(reserved)))
	}
	there, err := readTexts(ctx, conn, "SELECT rolname::text FROM pg_roles WHERE rolname = ANY ($1)", roleNames(roles))
	if err != nil {
		return err
	}
	var super bool
	if err := conn.QueryRow(ctx, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user").Scan(&super); err != nil {
		return err
	}
	sql := "BEGIN"
	for i := range roles {
		if r := &roles[i]; !slices.Contains(there, r.Name) {
			sql += "; " + harmlessRoleSQL(r, super)
			there = append(there, r.Name)
		}
	}
	if err := execute(ctx, conn, sql+"; COMMIT"); err != nil {
		return firstOf(err, execute(ctx, conn, "ROLLBACK"))
	}
	return nil
}

// harmlessRoleSQL makes a role that can do nothing by itself.
func harmlessRoleSQL(r *backup.Role, super bool) string {
	name := quoteIdent(r.Name)
	sql := createRoleSQL(&backup.Role{Name: r.Name, Inherit: r.Inherit}) + "; COMMENT ON ROLE " + name + " IS " + quoteLiteral(roleComment)
	if !super {
		sql += "; GRANT " + name + " TO CURRENT_USER"
	}
	return sql
}
