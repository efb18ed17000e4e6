package postgres

import (
	"context"
	"fmt"
	"slices"

	"holdfast/backup"
)

// membership is the right that lets a role give something to another one, as pg_has_role names it.
func (a *admin) membership() string {
	if a.num >= 160000 {
		return "SET"
	}
	return "MEMBER"
}

// checkRights looks for CREATEDB and for the right to give the database to its owner.
func (a *admin) checkRights(ctx context.Context, m *backup.Manifest) error {
	var me string
	var super, createDB, own bool
	err := a.conn.QueryRow(ctx, `SELECT rolname::text, rolsuper, rolcreatedb, $1 = '' OR rolsuper OR pg_has_role(current_user, $1, $2)
		FROM pg_roles WHERE rolname = current_user`, m.Database.Owner, a.membership()).Scan(&me, &super, &createDB, &own)
	switch {
	case err != nil:
		return a.explain(err)
	case !super && !createDB:
		return backup.Errorf(backup.Refused, "Let a superuser run: ALTER ROLE "+quoteIdent(me)+" CREATEDB; Or replace what is in the database itself, in one transaction: --in-place",
			"the role %q lacks the right CREATEDB, so no shadow database can be made", me)
	case !own:
		return backup.Errorf(backup.Refused, fmt.Sprintf("Let a superuser run: GRANT %s TO %s;", quoteIdent(m.Database.Owner), quoteIdent(me)),
			"the role %q is not a member of the role %q, which must own the database", me, m.Database.Owner)
	}
	return nil
}

// checkOwners names the roles to which this one cannot give what they must own.
func (a *admin) checkOwners(ctx context.Context, m *backup.Manifest) error {
	var owners []string
	for i := range m.Roles {
		if m.Roles[i].Owner {
			owners = append(owners, m.Roles[i].Name)
		}
	}
	foreign, err := a.texts(ctx, `SELECT rolname::text FROM pg_roles WHERE rolname = ANY ($1) AND NOT pg_has_role(current_user, oid, $2)
		ORDER BY rolname COLLATE "C"`, owners, a.membership())
	if err != nil || len(foreign) == 0 {
		return err
	}
	remedy := ""
	for _, name := range foreign {
		remedy += fmt.Sprintf(" GRANT %s TO %s;", quoteIdent(name), quoteIdent(a.me()))
	}
	return backup.Errorf(backup.Refused, "Connect as a superuser, or let one run:"+remedy,
		"the role %q cannot make objects that belong to the roles %s, of which it is no member", a.me(), listNames(quoteAll(foreign)))
}

// me is the role that connected.
func (a *admin) me() string { return a.where.User }

// checkGuardedExtensions names the extensions that only a superuser may create.
func (a *admin) checkGuardedExtensions(ctx context.Context, m *backup.Manifest) error {
	guarded, err := a.texts(ctx, `SELECT x.name FROM pg_available_extensions x
		JOIN pg_available_extension_versions v ON v.name = x.name AND v.version = x.default_version
		WHERE x.name = ANY($1) AND x.name <> 'plpgsql' AND v.superuser AND NOT v.trusted
		AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) ORDER BY 1`, m.Extensions)
	if err == nil && len(guarded) > 0 {
		return backup.Errorf(backup.Refused, "Connect as a superuser to restore this backup.",
			"only a superuser may create the extensions %s", listNames(guarded))
	}
	return err
}

// checkPrivileged names what else only a superuser may make.
func (a *admin) checkPrivileged(ctx context.Context, m *backup.Manifest) error {
	privileged := m.Privileged
	if a.num >= 150000 {
		privileged = slices.DeleteFunc(slices.Clone(privileged), func(what string) bool { return what == publicRights })
	}
	if len(privileged) == 0 {
		return nil
	}
	var super bool
	err := a.conn.QueryRow(ctx, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user").Scan(&super)
	if err == nil && !super {
		return backup.Errorf(backup.Refused, "Connect as a superuser to restore this backup.",
			"the role %q is no superuser, and only one may make: %s", a.me(), listNames(privileged))
	}
	return a.explain(err)
}
