package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// privilegedSQL names what only a superuser may make, unless an extension brings it. Rights
// that somebody else than the owner granted are among it: pg_restore takes that role on. So are
// objects whose owner may not create such a thing by what the owner of the schema, or of the
// database, has: rights are restored last, and whoever gets an object must have the right by then.
const privilegedSQL = `
SELECT p.what FROM (
	SELECT 'pg_event_trigger'::regclass AS class, oid, 'event trigger ' || quote_ident(evtname) AS what FROM pg_event_trigger
	UNION ALL SELECT 'pg_language'::regclass, oid, 'language ' || quote_ident(lanname) FROM pg_language WHERE NOT lanpltrusted
	UNION ALL SELECT 'pg_proc'::regclass, f.oid, 'function ' || f.oid::regprocedure::text || ' in the language ' || quote_ident(l.lanname)
		FROM pg_proc f JOIN pg_language l ON l.oid = f.prolang WHERE NOT l.lanpltrusted AND f.prokind <> 'a'
	UNION ALL SELECT 'pg_proc'::regclass, oid, 'leakproof function ' || oid::regprocedure::text FROM pg_proc WHERE proleakproof
	UNION ALL SELECT 'pg_foreign_data_wrapper'::regclass, oid, 'foreign-data wrapper ' || quote_ident(fdwname) FROM pg_foreign_data_wrapper
	UNION ALL SELECT 'pg_publication'::regclass, oid, 'publication ' || quote_ident(pubname) || ' of all tables' FROM pg_publication WHERE puballtables
	UNION ALL SELECT 'pg_opclass'::regclass, oid, 'operator class ' || quote_ident(opcname) FROM pg_opclass
	UNION ALL SELECT 'pg_opfamily'::regclass, oid, 'operator family ' || quote_ident(opfname) FROM pg_opfamily
	UNION ALL SELECT 'pg_ts_parser'::regclass, oid, 'text search parser ' || quote_ident(prsname) FROM pg_ts_parser
	UNION ALL SELECT 'pg_ts_template'::regclass, oid, 'text search template ' || quote_ident(tmplname) FROM pg_ts_template
	UNION ALL SELECT 'pg_am'::regclass, oid, 'access method ' || quote_ident(amname) FROM pg_am
	UNION ALL SELECT 'pg_cast'::regclass, oid, 'cast from ' || castsource::regtype || ' to ' || casttarget::regtype FROM pg_cast WHERE castmethod = 'b'
	UNION ALL SELECT 'pg_subscription'::regclass, 16384, 'subscription ' || quote_ident(subname) FROM pg_subscription
		WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
		AND (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
	UNION ALL SELECT 'pg_class'::regclass, c.oid, 'rights on ' || c.oid::regclass || ' that role ' || quote_ident(pg_get_userbyid(a.grantor)) || ' granted'
		FROM pg_class c, aclexplode(c.relacl) a WHERE a.grantor <> c.relowner
	UNION ALL SELECT 'pg_namespace'::regclass, n.oid, 'rights on schema ' || quote_ident(n.nspname) || ' that role ' || quote_ident(pg_get_userbyid(a.grantor)) || ' granted'
		FROM pg_namespace n, aclexplode(n.nspacl) a WHERE a.grantor <> n.nspowner
	UNION ALL SELECT 'pg_proc'::regclass, f.oid, 'rights on function ' || f.oid::regprocedure || ' that role ' || quote_ident(pg_get_userbyid(a.grantor)) || ' granted'
		FROM pg_proc f, aclexplode(f.proacl) a WHERE a.grantor <> f.proowner
	UNION ALL SELECT o.class, o.oid, o.what || ' of role ' || quote_ident(pg_get_userbyid(o.owner)) || ' in schema ' || quote_ident(n.nspname)
		FROM (
			SELECT 'pg_class'::regclass AS class, oid, 'relation ' || quote_ident(relname) AS what, relowner AS owner, relnamespace AS schema
				FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'c') AND relpersistence <> 't'
			UNION ALL SELECT 'pg_proc'::regclass, oid, 'function ' || quote_ident(proname), proowner, pronamespace FROM pg_proc
			UNION ALL SELECT 'pg_type'::regclass, oid, 'type ' || quote_ident(typname), typowner, typnamespace FROM pg_type WHERE typtype IN ('d', 'e', 'r')
		) o JOIN pg_namespace n ON n.oid = o.schema JOIN pg_database d ON d.datname = current_database()
		WHERE NOT pg_has_role(o.owner, CASE n.nspname WHEN 'public' THEN d.datdba ELSE n.nspowner END, 'USAGE')
	UNION ALL SELECT 'pg_publication'::regclass, p.oid, 'publication ' || quote_ident(p.pubname) || ' of role ' || quote_ident(pg_get_userbyid(p.pubowner))
		FROM pg_publication p JOIN pg_database d ON d.datname = current_database() WHERE NOT pg_has_role(p.pubowner, d.datdba, 'USAGE')
) p WHERE p.oid >= 16384
	AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = p.class AND d.objid = p.oid AND d.deptype = 'e')
GROUP BY p.what ORDER BY p.what COLLATE "C"`

// publicRights is in the list when the rights on the schema public were changed. On servers before
// 15 that schema belongs to the bootstrap superuser, later to the owner of the database.
const publicRights = "rights on schema public"

const publicRightsSQL = `
SELECT '` + publicRights + `' FROM pg_namespace n LEFT JOIN pg_init_privs i ON i.objoid = n.oid AND i.classoid = 'pg_namespace'::regclass AND i.objsubid = 0
WHERE n.nspname = 'public' AND n.nspacl IS DISTINCT FROM i.initprivs`

// schemaPublicationsSQL is for servers that know publications of whole schemas.
const schemaPublicationsSQL = `
SELECT DISTINCT 'publication ' || quote_ident(p.pubname) || ' of whole schemas' FROM pg_publication p JOIN pg_publication_namespace n ON n.pnpubid = p.oid ORDER BY 1`

// readPrivileged names what only a superuser may restore.
func readPrivileged(ctx context.Context, conn *pgx.Conn, num int) ([]string, error) {
	queries := []string{privilegedSQL, publicRightsSQL}
	if num >= 150000 {
		queries = append(queries, schemaPublicationsSQL)
	}
	var all []string
	for _, query := range queries {
		names, err := readTexts(ctx, conn, query)
		if err != nil {
			return nil, err
		}
		all = append(all, names...)
	}
	return all, nil
}

// tablespacesSQL names the tablespaces of tables and indexes besides the database's own.
const tablespacesSQL = `
SELECT t.spcname::text FROM pg_tablespace t
WHERE t.spcname <> 'pg_global' AND t.oid IN (SELECT c.reltablespace FROM pg_class c WHERE c.oid >= 16384 AND c.relkind <> 't' AND c.relpersistence <> 't')
ORDER BY t.spcname COLLATE "C"`

// readTexts gives the one text column of a query.
func readTexts(ctx context.Context, conn *pgx.Conn, query string, args ...any) ([]string, error) {
	rows, err := conn.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
