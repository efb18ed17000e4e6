package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"holdfast/backup"

	"github.com/jackc/pgx/v5"
)

// Prepare checks that m can be restored on sb's server, without changing anything: client tools,
// roles, rights, extensions, encoding and locale, tablespaces. What stands in the way of
// replacing the database itself is Inspect's to say, because a drill and a restore into a new
// database replace nothing. Free space on the server cannot be known from outside.
func (s *Server) Prepare(ctx context.Context, sb backup.Sandbox, m *backup.Manifest) error {
	a, err := s.admin(ctx, sb)
	if err != nil {
		return err
	}
	defer a.close()
	if _, err := s.restoreToolsFor(ctx, sb, a.num, m); err != nil {
		return err
	}
	checks := []func(context.Context, *backup.Manifest) error{
		a.checkWritable, a.checkEncoding, a.checkLocale, a.checkRoles, a.checkExtensions, a.checkTablespaces,
		a.checkRights, a.checkOwners, a.checkGuardedExtensions, a.checkPrivileged,
	}
	for _, check := range checks {
		if err := check(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// checkWritable refuses a standby.
func (a *admin) checkWritable(ctx context.Context, _ *backup.Manifest) error {
	var standby bool
	err := a.conn.QueryRow(ctx, "SELECT pg_is_in_recovery()").Scan(&standby)
	if err == nil && standby {
		return backup.Errorf(backup.Refused, "Connect the sandbox to the primary server.", "the server is a standby, which takes no writes")
	}
	return a.explain(err)
}

// checkEncoding looks whether the server knows the encoding.
func (a *admin) checkEncoding(ctx context.Context, m *backup.Manifest) error {
	var known bool
	err := a.conn.QueryRow(ctx, "SELECT pg_char_to_encoding($1) >= 0", m.Database.Encoding).Scan(&known)
	if err == nil && !known {
		return backup.Errorf(backup.Refused, "", "the server does not know the encoding %q", m.Database.Encoding)
	}
	return a.explain(err)
}

// checkLocale says how the missing locale is got.
func (a *admin) checkLocale(ctx context.Context, m *backup.Manifest) error {
	missing, err := missingLocale(ctx, a.conn, m)
	if err != nil || missing == "" {
		return a.explain(err)
	}
	return backup.Errorf(backup.Refused, localeRemedy(&m.Database, a.num), "the server does not have the %s, with which the database sorts", missing)
}

// checkRoles names the roles that are missing.
func (a *admin) checkRoles(ctx context.Context, m *backup.Manifest) error {
	missing, err := missingRoles(ctx, a.conn, m)
	if err != nil || len(missing) == 0 {
		return a.explain(err)
	}
	var names, remedy []string
	for i := range missing {
		name := quoteIdent(missing[i].Name)
		names, remedy = append(names, name), append(remedy, "CREATE ROLE "+name+" NOLOGIN;")
	}
	return backup.Errorf(backup.Refused, "Create what is missing, as a superuser: "+strings.Join(remedy, " "),
		"the backup refers to roles that the server does not have: %s", strings.Join(names, ", "))
}

// checkExtensions names the extensions that are not installed on the server's machine.
func (a *admin) checkExtensions(ctx context.Context, m *backup.Manifest) error {
	missing, err := missingExtensions(ctx, a.conn, m)
	if err != nil || len(missing) == 0 {
		return a.explain(err)
	}
	return backup.Errorf(backup.Refused, "Install the packages that bring them on the server's machine.",
		"the backup needs extensions that the server does not have: %s", strings.Join(missing, ", "))
}

// checkTablespaces names the tablespaces that are missing.
func (a *admin) checkTablespaces(ctx context.Context, m *backup.Manifest) error {
	missing, err := missingTablespaces(ctx, a.conn, m)
	if err != nil || len(missing) == 0 {
		return a.explain(err)
	}
	return backup.Errorf(backup.Refused, "Make them first: CREATE TABLESPACE "+quoteIdent(missing[0])+" LOCATION '…';",
		"the server has no tablespace %s", listNames(quoteAll(missing)))
}

// missingRoles gives the roles that m refers to and the server does not have, the owner of the
// database first.
func missingRoles(ctx context.Context, conn *pgx.Conn, m *backup.Manifest) ([]backup.Role, error) {
	wanted := wantedRoles(m)
	there, err := readTexts(ctx, conn, "SELECT rolname::text FROM pg_roles WHERE rolname = ANY ($1)", roleNames(wanted))
	return slices.DeleteFunc(wanted, func(r backup.Role) bool { return slices.Contains(there, r.Name) }), err
}

// wantedRoles gives the roles that must exist, the owner of the database first.
func wantedRoles(m *backup.Manifest) []backup.Role {
	var wanted []backup.Role
	isOwner := func(r backup.Role) bool { return r.Name == m.Database.Owner }
	if at := slices.IndexFunc(m.Roles, isOwner); at >= 0 {
		wanted = append(wanted, m.Roles[at])
	} else if m.Database.Owner != "" {
		wanted = append(wanted, backup.Role{Name: m.Database.Owner, Inherit: true, Owner: true})
	}
	return append(wanted, slices.DeleteFunc(slices.Clone(m.Roles), isOwner)...)
}

// missingExtensions gives the extensions that are not installed on the server's machine.
func missingExtensions(ctx context.Context, conn *pgx.Conn, m *backup.Manifest) ([]string, error) {
	there, err := readTexts(ctx, conn, "SELECT name::text FROM pg_available_extensions WHERE name = ANY ($1)", m.Extensions)
	return slices.DeleteFunc(slices.Clone(m.Extensions), func(name string) bool { return slices.Contains(there, name) }), err
}

// missingTablespaces gives the tablespaces, of the database or of what is in it, that are missing.
func missingTablespaces(ctx context.Context, conn *pgx.Conn, m *backup.Manifest) ([]string, error) {
	wanted := slices.Clone(m.Tablespaces)
	if name := m.Database.Tablespace; name != "" && !slices.Contains(wanted, name) {
		wanted = append([]string{name}, wanted...)
	}
	there, err := readTexts(ctx, conn, "SELECT spcname::text FROM pg_tablespace WHERE spcname = ANY ($1)", wanted)
	return slices.DeleteFunc(wanted, func(name string) bool { return slices.Contains(there, name) }), err
}

func quoteAll(names []string) []string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = fmt.Sprintf("%q", name)
	}
	return quoted
}
