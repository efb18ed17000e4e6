package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"holdfast/backup"
)

// Prepare checks that m can be restored on sb's server, without changing anything: rights,
// roles, extensions, encoding and locale, tablespace, client tools. What stands in the way of
// replacing the database itself is Inspect's to say, because a drill and a restore into a new
// database replace nothing. Free space on the server cannot be known from outside.
func (s *Server) Prepare(ctx context.Context, sb backup.Sandbox, m *backup.Manifest) error {
	a, err := s.admin(ctx, sb)
	if err != nil {
		return err
	}
	defer a.close()
	if _, err := s.restoreTools(a.num, m); err != nil {
		return err
	}
	checks := []func(context.Context, *backup.Manifest) error{
		a.checkWritable, a.checkRoles, a.checkRights, a.checkExtensions, a.checkPlace, a.checkLocale,
	}
	for _, check := range checks {
		if err := check(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// restoreTools finds client tools that know both the server and the archive in m: pg_restore
// reads no archive of a newer pg_dump, and an older one does not know the server.
func (s *Server) restoreTools(serverNum int, m *backup.Manifest) (toolset, error) {
	_, made := parseVersion(m.ToolsVersion)
	return s.tools(max(serverNum, made) / 10000)
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

// checkRoles names the roles that are missing.
func (a *admin) checkRoles(ctx context.Context, m *backup.Manifest) error {
	wanted := wantedRoles(m)
	there, err := a.texts(ctx, "SELECT rolname FROM pg_roles WHERE rolname = ANY($1)", wanted)
	if err != nil {
		return err
	}
	var missing, remedy []string
	for _, name := range wanted {
		if !slices.Contains(there, name) {
			missing = append(missing, quoteIdent(name))
			remedy = append(remedy, "CREATE ROLE "+quoteIdent(name)+" NOLOGIN;")
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return backup.Errorf(backup.Refused, "Create what is missing, as a superuser: "+strings.Join(remedy, " "),
		"the backup refers to roles that the server does not have: %s", strings.Join(missing, ", "))
}

// wantedRoles gives the roles that must exist, the owner of the database first.
func wantedRoles(m *backup.Manifest) []string {
	wanted := []string{m.Database.Owner}
	for _, role := range m.Roles {
		if !slices.Contains(wanted, role.Name) {
			wanted = append(wanted, role.Name)
		}
	}
	return slices.DeleteFunc(wanted, func(name string) bool { return name == "" })
}

// checkRights looks for CREATEDB and for the right to give the database to its owner.
func (a *admin) checkRights(ctx context.Context, m *backup.Manifest) error {
	var me string
	var super, createDB, own bool
	member := "MEMBER"
	if a.num >= 160000 {
		member = "SET"
	}
	err := a.conn.QueryRow(ctx, `SELECT rolname::text, rolsuper, rolcreatedb, $1 = '' OR rolsuper OR pg_has_role(current_user, $1, $2)
		FROM pg_roles WHERE rolname = current_user`, m.Database.Owner, member).Scan(&me, &super, &createDB, &own)
	switch {
	case err != nil:
		return a.explain(err)
	case !super && !createDB:
		return backup.Errorf(backup.Refused, "Let a superuser run: ALTER ROLE "+quoteIdent(me)+" CREATEDB;",
			"the role %q lacks the right CREATEDB, so no shadow database can be made", me)
	case !own:
		return backup.Errorf(backup.Refused, fmt.Sprintf("Let a superuser run: GRANT %s TO %s;", quoteIdent(m.Database.Owner), quoteIdent(me)),
			"the role %q is not a member of the role %q, which must own the database", me, m.Database.Owner)
	}
	return nil
}

// checkExtensions names extensions that are not installed on the server's machine, and those
// that only a superuser may create.
func (a *admin) checkExtensions(ctx context.Context, m *backup.Manifest) error {
	there, err := a.texts(ctx, "SELECT name FROM pg_available_extensions WHERE name = ANY($1)", m.Extensions)
	if err != nil {
		return err
	}
	missing := slices.DeleteFunc(slices.Clone(m.Extensions), func(name string) bool { return slices.Contains(there, name) })
	if len(missing) > 0 {
		return backup.Errorf(backup.Refused, "Install the packages that bring them on the server's machine.",
			"the backup needs extensions that the server does not have: %s", strings.Join(missing, ", "))
	}
	guarded, err := a.texts(ctx, `SELECT x.name FROM pg_available_extensions x
		JOIN pg_available_extension_versions v ON v.name = x.name AND v.version = x.default_version
		WHERE x.name = ANY($1) AND x.name <> 'plpgsql' AND v.superuser AND NOT v.trusted
		AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) ORDER BY 1`, m.Extensions)
	if err == nil && len(guarded) > 0 {
		return backup.Errorf(backup.Refused, "Connect as a superuser to restore this backup.",
			"only a superuser may create the extensions %s", strings.Join(guarded, ", "))
	}
	return err
}

// checkPlace looks for the encoding and the tablespace.
func (a *admin) checkPlace(ctx context.Context, m *backup.Manifest) error {
	if _, err := createSQL("x", &m.Database, a.num); err != nil {
		return err
	}
	var encoding, tablespace bool
	err := a.conn.QueryRow(ctx, `SELECT pg_char_to_encoding($1) >= 0, $2 = '' OR EXISTS (SELECT FROM pg_tablespace WHERE spcname = $2)`,
		m.Database.Encoding, m.Database.Tablespace).Scan(&encoding, &tablespace)
	switch {
	case err != nil:
		return a.explain(err)
	case !encoding:
		return backup.Errorf(backup.Refused, "", "the server does not know the encoding %q", m.Database.Encoding)
	case !tablespace:
		return backup.Errorf(backup.Refused, "Make it first: CREATE TABLESPACE "+quoteIdent(m.Database.Tablespace)+" LOCATION '…';",
			"the server has no tablespace %q", m.Database.Tablespace)
	}
	return nil
}

// checkLocale tries the locale on a temporary collation that is rolled back: the catalogs list
// only what the machine had when the server was set up. An answer about anything but the
// locale itself leaves the judgement to CREATE DATABASE, which touches nothing live either.
func (a *admin) checkLocale(ctx context.Context, m *backup.Manifest) error {
	if m.Database.Collate == "" {
		return nil
	}
	probe := fmt.Sprintf("CREATE COLLATION pg_temp.holdfast_probe (LC_COLLATE = %s, LC_CTYPE = %s)", quoteLiteral(m.Database.Collate), quoteLiteral(m.Database.Ctype))
	if err := a.execute(ctx, "BEGIN"); err != nil {
		return err
	}
	probeErr := a.execute(ctx, probe)
	if err := a.execute(ctx, "ROLLBACK"); err != nil {
		return err
	}
	if !hasCode(probeErr, "22023", "42704") || !strings.Contains(probeErr.Error(), "locale \"") || strings.Contains(probeErr.Error(), "encoding \"") {
		return nil
	}
	return &backup.Error{
		Kind: backup.Refused, Err: probeErr,
		Text: fmt.Sprintf("the server's machine does not have the locale %q (or %q) of the backup", m.Database.Collate, m.Database.Ctype),
		Hint: "Generate it there (locale-gen on Debian) and restart PostgreSQL.",
	}
}
