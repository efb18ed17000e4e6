package postgres

import (
	"context"
	"strings"

	"holdfast/backup"

	"github.com/jackc/pgx/v5"
)

// describe reads, under the snapshot, what a manifest says besides the tables.
func (c *capture) describe(ctx context.Context) (*backup.Manifest, error) {
	server, num := serverVersion(c.leader)
	m := &backup.Manifest{
		Captured: c.captured.UTC(), ServerVersion: server, ToolsVersion: c.tools.Version, Selection: c.chosen.manifest(),
	}
	oid, err := readDatabase(ctx, c.leader, num, &m.Database)
	if err != nil {
		return nil, err
	}
	if m.Database.Grants, err = readGrants(ctx, c.leader, oid); err != nil {
		return nil, err
	}
	if m.Database.Settings, err = readSettings(ctx, c.leader, oid); err != nil {
		return nil, err
	}
	if m.Database.Labels, err = readLabels(ctx, c.leader, oid); err != nil {
		return nil, err
	}
	if m.Roles, err = readRoles(ctx, c.leader, oid); err != nil {
		return nil, err
	}
	if m.Members, err = readMembers(ctx, c.leader, num, m.Roles); err != nil {
		return nil, err
	}
	if m.Privileged, err = readPrivileged(ctx, c.leader, num); err != nil {
		return nil, err
	}
	if m.Tablespaces, err = readTexts(ctx, c.leader, tablespacesSQL); err != nil {
		return nil, err
	}
	m.Extensions, err = readTexts(ctx, c.leader, `SELECT extname::text FROM pg_extension ORDER BY extname COLLATE "C"`)
	return m, err
}

// localeColumns names the catalog columns of the locale, which changed with the versions.
func localeColumns(num int) string {
	switch {
	case num >= 170000:
		return "d.datlocprovider::text, coalesce(d.datlocale, ''), coalesce(d.daticurules, ''), coalesce(d.datcollversion, '')"
	case num >= 160000:
		return "d.datlocprovider::text, coalesce(d.daticulocale, ''), coalesce(d.daticurules, ''), coalesce(d.datcollversion, '')"
	case num >= 150000:
		return "d.datlocprovider::text, coalesce(d.daticulocale, ''), '', coalesce(d.datcollversion, '')"
	default:
		return "'c', '', '', ''"
	}
}

// readDatabase reads what CREATE DATABASE needs, and the database's OID.
func readDatabase(ctx context.Context, conn *pgx.Conn, num int, d *backup.Database) (oid uint32, err error) {
	err = conn.QueryRow(ctx, `SELECT d.oid, d.datname::text, pg_get_userbyid(d.datdba)::text,
		pg_encoding_to_char(d.encoding)::text, d.datcollate::text, d.datctype::text, `+localeColumns(num)+`,
		t.spcname::text, d.datconnlimit, shobj_description(d.oid, 'pg_database')
		FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace WHERE d.datname = current_database()`).
		Scan(&oid, &d.Name, &d.Owner, &d.Encoding, &d.Collate, &d.Ctype, &d.Provider, &d.Locale, &d.LocaleRules, &d.LocaleVersion,
			&d.Tablespace, &d.ConnectionLimit, &d.Comment)
	return oid, err
}

// readGrants reads the access list; nil when it is the default one.
func readGrants(ctx context.Context, conn *pgx.Conn, oid uint32) ([]backup.Grants, error) {
	var isDefault bool
	if err := conn.QueryRow(ctx, "SELECT datacl IS NULL FROM pg_database WHERE oid = $1", oid).Scan(&isDefault); err != nil || isDefault {
		return nil, err
	}
	rows, err := conn.Query(ctx, `SELECT CASE a.grantee WHEN 0 THEN '' ELSE pg_get_userbyid(a.grantee)::text END,
		a.privilege_type, a.is_grantable, pg_get_userbyid(a.grantor)::text
		FROM pg_database d, aclexplode(d.datacl) a WHERE d.oid = $1`, oid)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[backup.Grants])
}

// readLabels reads the security labels of the database itself, which pg_dump does not write.
func readLabels(ctx context.Context, conn *pgx.Conn, oid uint32) ([]backup.Label, error) {
	rows, err := conn.Query(ctx, "SELECT provider, label FROM pg_shseclabel WHERE classoid = 'pg_database'::regclass AND objoid = $1 ORDER BY 1", oid)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[backup.Label])
}

// readSettings reads ALTER DATABASE … SET and ALTER ROLE … IN DATABASE … SET.
func readSettings(ctx context.Context, conn *pgx.Conn, oid uint32) ([]backup.Setting, error) {
	rows, err := conn.Query(ctx, `SELECT CASE s.setrole WHEN 0 THEN '' ELSE pg_get_userbyid(s.setrole)::text END, u.line
		FROM pg_db_role_setting s, unnest(s.setconfig) WITH ORDINALITY AS u(line, n) WHERE s.setdatabase = $1 ORDER BY s.setrole, u.n`, oid)
	if err != nil {
		return nil, err
	}
	settings := []backup.Setting{}
	var role, line string
	_, err = pgx.ForEachRow(rows, []any{&role, &line}, func() error {
		name, value, _ := strings.Cut(line, "=")
		settings = append(settings, backup.Setting{Role: role, Name: name, Value: value})
		return nil
	})
	return settings, err
}
