package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"holdfast/backup"

	"github.com/jackc/pgx/v5"
)

// Versions of PostgreSQL that are supported.
const (
	oldestMajor = 13
	newestMajor = 18
)

// namesShown is how many names an error lists.
const namesShown = 10

// Preflight checks, without changing anything, that sb can be captured: the server answers and
// is of a known version, its tools are there and new enough, every table, sequence and large
// object can be read whole.
func (s *Server) Preflight(ctx context.Context, sb backup.Sandbox) (backup.Preflight, error) {
	conn, err := s.connect(ctx, sb, sb.Connection.Database)
	if err != nil {
		return backup.Preflight{}, err
	}
	defer closeConn(conn)
	if err := supported(conn); err != nil {
		return backup.Preflight{}, err
	}
	server, num := serverVersion(conn)
	tools, err := s.toolsFor(ctx, sb, num/10000)
	if err != nil {
		return backup.Preflight{ServerVersion: server}, err
	}
	p := backup.Preflight{ServerVersion: server, ToolsVersion: tools.Version}
	look := preflight{conn: conn, sandbox: sb, found: &p}
	look.say(tools.warning())
	err = look.check(ctx)
	return p, explain(resolved(conn.Config(), sb.Connection), err)
}

// supported says whether the server's version is one that is known.
func supported(conn *pgx.Conn) error {
	text, num := serverVersion(conn)
	const known = "Holdfast knows PostgreSQL 13 to 18."
	switch major := num / 10000; {
	case major < oldestMajor:
		return backup.Errorf(backup.Failed, known+" Upgrade the server.", "the server is PostgreSQL %s, which is too old", text)
	case major > newestMajor:
		return backup.Errorf(backup.Failed, known+" Install a newer Holdfast.", "the server is PostgreSQL %s, which is newer than this program knows", text)
	}
	return nil
}

// preflight is one preflight under way.
type preflight struct {
	conn    *pgx.Conn
	sandbox backup.Sandbox
	found   *backup.Preflight
}

func (p *preflight) check(ctx context.Context) error {
	var standby bool
	err := p.conn.QueryRow(ctx, "SELECT pg_is_in_recovery(), pg_database_size(current_database())").Scan(&standby, &p.found.Bytes)
	if err != nil {
		return err
	}
	chosen := newSelection(p.sandbox, standby)
	if err := chosen.resolve(ctx, p.conn); err != nil {
		return err
	}
	tables, err := glanceTables(ctx, p.conn)
	if err != nil {
		return err
	}
	tables = chosen.keep(tables)
	p.found.Tables = len(tables)
	p.warn(tables, chosen)
	for _, t := range tables {
		if name := (backup.Name{Schema: t.Schema, Name: t.Name}); backup.Operational(name) && !chosen.leavesOutRows(t) {
			p.found.Operational = append(p.found.Operational, name)
		}
	}
	room, err := readLockRoom(ctx, p.conn, chosen.excludeSchemas)
	if err != nil {
		return err
	}
	if room.short() {
		p.say("the server may have too little memory for locks. " + room.advice())
	}
	if err := p.rights(ctx, chosen); err != nil {
		return err
	}
	return p.unseen(ctx)
}

// say adds a warning; "" is none.
func (p *preflight) say(text string) {
	if text != "" {
		p.found.Warnings = append(p.found.Warnings, text)
	}
}

// unseen names what pg_dump passes over without an error when the role may not see it.
func (p *preflight) unseen(ctx context.Context) error {
	for _, q := range []struct{ sql, text string }{
		{unseenSubscriptionsSQL, "only a superuser sees subscriptions, so these are not in the backup: %s"},
		{unseenMappingsSQL, "the role may not see the options of the user mappings %s: they come back without"},
	} {
		names, err := readTexts(ctx, p.conn, q.sql)
		if err != nil {
			return err
		}
		if len(names) > 0 {
			p.say(fmt.Sprintf(q.text, listNames(names)))
		}
	}
	return nil
}

// warn says what a person should know though it stops nothing.
func (p *preflight) warn(tables []*table, chosen *selection) {
	if chosen.standby {
		p.say("the server is a standby: it may cancel a long backup, and rows of unlogged tables are not there")
	}
	if len(tables) == 0 {
		p.say("there is no table to back up")
	}
	for _, pattern := range p.sandbox.ExcludeTables {
		one := &selection{excluded: []string{pattern}}
		if !slices.ContainsFunc(tables, one.leavesOutRows) {
			p.say(fmt.Sprintf("the exclusion %q matches no table", pattern))
		}
	}
}

// rights names what this role cannot read whole. Definitions are needed of excluded tables too,
// and pg_dump locks partitioned tables like ordinary ones.
func (p *preflight) rights(ctx context.Context, chosen *selection) error {
	const grant = "Connect as the owner or a superuser, or grant the right (GRANT pg_read_all_data TO … on PostgreSQL 14 and later)."
	for _, q := range []struct{ sql, text, hint string }{
		{unreadableSQL, "role %q may not read: %s", grant},
		{hiddenSQL, "row security hides rows from role %q in: %s", "Connect as the owner, a superuser or a role with BYPASSRLS; a backup without these rows would not be whole."},
		{unreadableBlobsSQL, "role %q may not read the large objects: %s", "Connect as their owner or a superuser, or GRANT SELECT ON LARGE OBJECT … to the role."},
	} {
		rows, err := p.conn.Query(ctx, q.sql, chosen.excludeSchemas)
		if err != nil {
			return err
		}
		names, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		if len(names) > 0 {
			return backup.Errorf(backup.Failed, q.hint, q.text, p.conn.Config().User, listNames(names))
		}
	}
	return nil
}

// listNames lists some names and counts the others.
func listNames(names []string) string {
	if len(names) <= namesShown {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:namesShown], ", "), len(names)-namesShown)
}

const unreadableSQL = `
SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'S') AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
	AND n.nspname <> ALL (coalesce($1::text[], '{}'))
	AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'
		AND NOT EXISTS (SELECT FROM pg_extension e WHERE c.oid = ANY (e.extconfig)))
	AND NOT (has_schema_privilege(n.oid, 'USAGE') AND CASE c.relkind WHEN 'S' THEN has_sequence_privilege(c.oid, 'SELECT')
		ELSE has_table_privilege(c.oid, 'SELECT') END)
ORDER BY 1`

const hiddenSQL = `
SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relrowsecurity AND n.nspname <> ALL (coalesce($1::text[], '{}'))
	AND NOT (SELECT r.rolsuper OR r.rolbypassrls FROM pg_roles r WHERE r.rolname = current_user)
	AND (c.relforcerowsecurity OR NOT pg_has_role(c.relowner, 'USAGE'))
ORDER BY 1`

const unseenSubscriptionsSQL = `
SELECT quote_ident(s.subname) FROM pg_subscription s
WHERE s.subdbid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
	AND NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user)
ORDER BY 1`

// Whether a mapping has options at all cannot be seen either.
const unseenMappingsSQL = `
SELECT quote_ident(m.usename) || ' on ' || quote_ident(m.srvname) FROM pg_user_mappings m
WHERE m.umoptions IS NULL AND NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user)
	AND NOT (m.usename = current_user AND has_server_privilege(m.srvid, 'USAGE'))
	AND NOT (m.umuser = 0 AND pg_has_role((SELECT s.srvowner FROM pg_foreign_server s WHERE s.oid = m.srvid), 'USAGE'))
ORDER BY 1`

const unreadableBlobsSQL = `
SELECT m.oid::text FROM pg_largeobject_metadata m
WHERE $1::text[] IS NOT DISTINCT FROM $1 AND NOT pg_has_role(m.lomowner, 'USAGE')
	AND current_setting('lo_compat_privileges') = 'off'
	AND NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = current_user AND r.rolsuper)
	AND NOT EXISTS (SELECT FROM aclexplode(m.lomacl) a WHERE a.privilege_type = 'SELECT'
		AND (a.grantee = 0 OR pg_has_role(a.grantee, 'USAGE')))
ORDER BY m.oid`
