DO $do$
DECLARE o record;
BEGIN
	FOR o IN
		SELECT CASE i.type WHEN 'statistics object' THEN 'statistics' WHEN 'table constraint' THEN 'constraint' WHEN 'foreign-data wrapper' THEN 'foreign data wrapper' ELSE i.type END AS type,
			CASE i.type WHEN 'transform' THEN replace(i.identity, ' on language ', ' LANGUAGE ') WHEN 'domain constraint' THEN '' ELSE i.identity END AS identity
		FROM (
			SELECT 'pg_class'::regclass::oid, oid FROM pg_class WHERE relkind NOT IN ('t', 'c') AND relnamespace <> 'pg_toast'::regnamespace
			UNION ALL SELECT 'pg_proc'::regclass, oid FROM pg_proc
			UNION ALL SELECT 'pg_type'::regclass, oid FROM pg_type t WHERE typelem = 0 AND NOT EXISTS (SELECT FROM pg_class r WHERE r.oid = t.typrelid AND r.relkind <> 'c')
			UNION ALL SELECT 'pg_constraint'::regclass, oid FROM pg_constraint WHERE conrelid <> 0
			UNION ALL SELECT 'pg_trigger'::regclass, oid FROM pg_trigger WHERE NOT tgisinternal AND tgparentid = 0
			UNION ALL SELECT 'pg_rewrite'::regclass, oid FROM pg_rewrite WHERE rulename <> '_RETURN'
			UNION ALL SELECT 'pg_policy'::regclass, oid FROM pg_policy
			UNION ALL SELECT 'pg_operator'::regclass, oid FROM pg_operator
			UNION ALL SELECT 'pg_opclass'::regclass, oid FROM pg_opclass
			UNION ALL SELECT 'pg_opfamily'::regclass, oid FROM pg_opfamily
			UNION ALL SELECT 'pg_cast'::regclass, oid FROM pg_cast
			UNION ALL SELECT 'pg_collation'::regclass, oid FROM pg_collation
			UNION ALL SELECT 'pg_conversion'::regclass, oid FROM pg_conversion
			UNION ALL SELECT 'pg_language'::regclass, oid FROM pg_language
			UNION ALL SELECT 'pg_namespace'::regclass, oid FROM pg_namespace WHERE nspname !~ '^pg_'
			UNION ALL SELECT 'pg_ts_config'::regclass, oid FROM pg_ts_config
			UNION ALL SELECT 'pg_ts_dict'::regclass, oid FROM pg_ts_dict
			UNION ALL SELECT 'pg_ts_parser'::regclass, oid FROM pg_ts_parser
			UNION ALL SELECT 'pg_ts_template'::regclass, oid FROM pg_ts_template
			UNION ALL SELECT 'pg_foreign_data_wrapper'::regclass, oid FROM pg_foreign_data_wrapper
			UNION ALL SELECT 'pg_foreign_server'::regclass, oid FROM pg_foreign_server
			UNION ALL SELECT 'pg_publication'::regclass, oid FROM pg_publication
			UNION ALL SELECT 'pg_extension'::regclass, oid FROM pg_extension
			UNION ALL SELECT 'pg_statistic_ext'::regclass, oid FROM pg_statistic_ext
			UNION ALL SELECT 'pg_am'::regclass, oid FROM pg_am
			UNION ALL SELECT 'pg_transform'::regclass, oid FROM pg_transform
		) a(class, oid), pg_identify_object(a.class, a.oid, 0) i
		WHERE a.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = a.class AND d.objid = a.oid AND d.deptype = 'e')
			AND NOT EXISTS (SELECT FROM pg_description d WHERE d.classoid = a.class AND d.objoid = a.oid AND d.objsubid = 0)
	LOOP
		IF o.identity <> '' THEN
			EXECUTE format('COMMENT ON %s %s IS %L', o.type, o.identity, format(E'it''s the %s\n%s \\ $$ %%', o.type, o.identity));
		END IF;
	END LOOP;
	FOR o IN SELECT quote_ident(a.attname) AS name, c.oid::regclass AS rel, a.attnum FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
		WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f', 'c') AND c.oid >= 16384 AND a.attnum BETWEEN 1 AND 3 AND NOT a.attisdropped
	LOOP
		EXECUTE format('COMMENT ON COLUMN %s.%s IS %L', o.rel, o.name, 'column ''' || o.name);
	END LOOP;
END
$do$

COMMENT ON CONSTRAINT "more than 0" ON DOMAIN kinds.positive IS 'on a domain'

COMMENT ON TYPE kinds.shell_only IS 'nothing yet'
