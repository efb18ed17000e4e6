package postgres

import (
	"context"

	"holdfast/backup"
)

// memberSQL holds for an object that is no extension's.
const memberSQL = `NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = o.class AND d.objid = o.oid AND d.deptype = 'e')`

// objectsSQL lists the drops that empty a database: event triggers first, which must not fire;
// then what stands outside of schemas, whole schemas, and what is in the schema public and in
// schemas where extensions live. A drop takes what depends on it along, so each says IF EXISTS.
const objectsSQL = `
WITH shared AS (
	SELECT oid FROM pg_namespace WHERE nspname = 'public'
	UNION SELECT n.oid FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
), schemas AS (
	SELECT n.oid, n.nspname FROM pg_namespace n
	WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND n.oid NOT IN (SELECT oid FROM shared)
), o AS (
	SELECT 1 AS place, 'pg_event_trigger'::regclass::oid AS class, oid FROM pg_event_trigger
	UNION ALL SELECT 2, 'pg_publication'::regclass, oid FROM pg_publication
	UNION ALL SELECT 2, 'pg_foreign_server'::regclass, oid FROM pg_foreign_server
	UNION ALL SELECT 2, 'pg_foreign_data_wrapper'::regclass, oid FROM pg_foreign_data_wrapper
	UNION ALL SELECT 2, 'pg_cast'::regclass, oid FROM pg_cast WHERE oid >= 16384
	UNION ALL SELECT 2, 'pg_transform'::regclass, oid FROM pg_transform
	UNION ALL SELECT 3, 'pg_namespace'::regclass, oid FROM schemas
	UNION ALL SELECT 4, 'pg_class'::regclass, c.oid FROM pg_class c JOIN shared s ON s.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND NOT c.relispartition
			AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i') AND c.relkind = 'S')
	UNION ALL SELECT 5, 'pg_operator'::regclass, x.oid FROM pg_operator x JOIN shared s ON s.oid = x.oprnamespace
	UNION ALL SELECT 5, 'pg_opclass'::regclass, x.oid FROM pg_opclass x JOIN shared s ON s.oid = x.opcnamespace
	UNION ALL SELECT 5, 'pg_opfamily'::regclass, x.oid FROM pg_opfamily x JOIN shared s ON s.oid = x.opfnamespace
	UNION ALL SELECT 5, 'pg_ts_config'::regclass, x.oid FROM pg_ts_config x JOIN shared s ON s.oid = x.cfgnamespace
	UNION ALL SELECT 5, 'pg_ts_dict'::regclass, x.oid FROM pg_ts_dict x JOIN shared s ON s.oid = x.dictnamespace
	UNION ALL SELECT 5, 'pg_ts_parser'::regclass, x.oid FROM pg_ts_parser x JOIN shared s ON s.oid = x.prsnamespace
	UNION ALL SELECT 5, 'pg_ts_template'::regclass, x.oid FROM pg_ts_template x JOIN shared s ON s.oid = x.tmplnamespace
	UNION ALL SELECT 5, 'pg_conversion'::regclass, x.oid FROM pg_conversion x JOIN shared s ON s.oid = x.connamespace
	UNION ALL SELECT 6, 'pg_proc'::regclass, x.oid FROM pg_proc x JOIN shared s ON s.oid = x.pronamespace
	UNION ALL SELECT 7, 'pg_type'::regclass, x.oid FROM pg_type x JOIN shared s ON s.oid = x.typnamespace
		WHERE (x.typrelid = 0 OR (SELECT relkind FROM pg_class WHERE oid = x.typrelid) = 'c') AND x.typtype <> 'm' AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = x.oid)
	UNION ALL SELECT 8, 'pg_collation'::regclass, x.oid FROM pg_collation x JOIN shared s ON s.oid = x.collnamespace
)
SELECT format('DROP %s IF EXISTS %s CASCADE', upper(replace(i.type, '-', ' ')), i.identity)
FROM o, LATERAL pg_identify_object(o.class, o.oid, 0) i WHERE ` + memberSQL + ` ORDER BY o.place, o.oid`

// empty drops everything that the backup brings again.
func (p *inPlace) empty(ctx context.Context) error {
	drops, err := readTexts(ctx, p.conn, objectsSQL)
	if err != nil {
		return err
	}
	drops = append(drops, "SELECT lo_unlink(oid) FROM pg_largeobject_metadata")
	for i := range p.m.Tables {
		if t := &p.m.Tables[i]; t.Extension != "" && t.Part != "" {
			drops = append(drops, ownRowsSQL(t))
		}
	}
	return executeAll(ctx, p.conn, drops)
}

// ownRowsSQL removes from an extension's table the rows that are not the extension's own.
func ownRowsSQL(t *backup.Table) string {
	return "DELETE FROM ONLY " + tableName(t) + " " + t.Condition
}
