package pgcompare

import "maps"

// catalog says how one system catalog is read. Columns that it does not name are read as they
// are, with OIDs replaced by names.
type catalog struct {
	key   string            // names an object; "" = what the server calls the object with this OID
	where string            // which of its rows are the users'; "" = those with an OID of a user's object
	skip  []string          // columns that do not count
	show  map[string]string // expressions for columns that need one; c is the row
	more  map[string]string // expressions for what no column says
}

// userOID is the first OID that is not the system's own.
const userOID = "16384"

// Shorthands for expressions.
const (
	relationName = "(pg_identify_object('pg_class'::regclass, %s, 0)).identity"
	attrelOK     = `EXISTS (SELECT FROM pg_class r WHERE r.oid = c.attrelid AND r.relkind NOT IN ('t', 'i', 'I') AND r.relpersistence <> 't' AND r.oid >= ` + userOID + `)`
	secretHash   = "(hashtextextended((%s) COLLATE \"C\", 0) & 65535)::text" // enough to see a change, too little to find the text
)

// described says how each catalog is read that holds what belongs to a database. The others are
// in ignored.
func described() map[string]catalog {
	all := relationCatalogs()
	maps.Copy(all, typeCatalogs())
	maps.Copy(all, otherCatalogs())
	return all
}

// relationCatalogs are about tables, views, indexes and sequences.
func relationCatalogs() map[string]catalog {
	return map[string]catalog{
		"pg_attrdef":   {show: map[string]string{"adbin": "pg_get_expr(c.adbin, c.adrelid)"}, skip: []string{"adnum"}},
		"pg_attribute": attributes(),
		"pg_class":     classes(),
		"pg_constraint": {
			where: "c.oid >= " + userOID + " AND NOT EXISTS (SELECT FROM pg_class r WHERE r.oid = c.conrelid AND r.relpersistence = 't')",
			skip:  []string{"conbin"},
			show: map[string]string{
				"conkey": columnNames("c.conrelid", "c.conkey"), "confkey": columnNames("c.confrelid", "c.confkey"),
				"confdelsetcols": columnNames("c.conrelid", "c.confdelsetcols"),
				"connoinherit":   "CASE WHEN c.contype NOT IN ('p', 'u', 'x') THEN c.connoinherit END", // which says nothing of an index
			},
			more: map[string]string{"definition": "pg_get_constraintdef(c.oid)"},
		},
		"pg_foreign_table": {key: named(relationName, "c.ftrelid"), where: "true", show: map[string]string{"ftoptions": sorted("c.ftoptions")}},
		"pg_index": {
			key:   named(relationName, "c.indexrelid"),
			where: "EXISTS (SELECT FROM pg_class r WHERE r.oid = c.indrelid AND r.relkind <> 't' AND r.relpersistence <> 't' AND r.oid >= " + userOID + ")",
			skip:  []string{"indcheckxmin", "indkey", "indexprs", "indpred"}, more: map[string]string{"definition": "pg_get_indexdef(c.indexrelid)"},
		},
		"pg_inherits": {
			key:   "concat(" + named(relationName, "c.inhrelid") + ", ' ', c.inhseqno)",
			where: "c.inhrelid >= " + userOID,
		},
		"pg_partitioned_table": {
			key: named(relationName, "c.partrelid"), where: "true",
			skip: []string{"partattrs", "partexprs"}, more: map[string]string{"definition": "pg_get_partkeydef(c.partrelid)"},
		},
		"pg_policy": {show: map[string]string{
			"polqual": "pg_get_expr(c.polqual, c.polrelid)", "polwithcheck": "pg_get_expr(c.polwithcheck, c.polrelid)",
			"polroles": sorted("ARRAY(SELECT CASE r WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r)) END FROM unnest(c.polroles) r)"),
		}},
		"pg_rewrite": {
			skip: []string{"ev_qual", "ev_action"}, more: map[string]string{"definition": "pg_get_ruledef(c.oid)"},
		},
		"pg_sequence": {key: named(relationName, "c.seqrelid"), where: "c.seqrelid >= " + userOID},
		"pg_statistic_ext": {
			skip: []string{"stxkeys", "stxexprs"}, more: map[string]string{"definition": "pg_get_statisticsobjdef(c.oid)"},
		},
		"pg_trigger": triggers(),
	}
}

// typeCatalogs are about types, functions, operators and text search.
func typeCatalogs() map[string]catalog {
	return map[string]catalog{
		"pg_aggregate":  {key: "c.aggfnoid::oid::regprocedure::text", where: "c.aggfnoid::oid >= " + userOID},
		"pg_am":         {},
		"pg_amop":       {},
		"pg_amproc":     {},
		"pg_cast":       {},
		"pg_collation":  {skip: []string{"collversion"}}, // the library's, not the user's
		"pg_conversion": {},
		"pg_enum": {
			key: "c.enumtypid::regtype || ' ' || quote_literal(c.enumlabel)", where: "c.enumtypid >= " + userOID,
			show: map[string]string{"enumsortorder": "(SELECT count(*) FROM pg_enum e WHERE e.enumtypid = c.enumtypid AND e.enumsortorder < c.enumsortorder)"},
		},
		"pg_language": {where: "true"},
		"pg_opclass":  {},
		"pg_operator": {},
		"pg_opfamily": {},
		"pg_proc": {
			skip: []string{"proargdefaults"},
			show: map[string]string{"prosqlbody": "pg_get_function_sqlbody(c.oid)"},
			more: map[string]string{"arguments": "pg_get_function_arguments(c.oid)"},
		},
		"pg_range":         {key: "c.rngtypid::regtype::text", where: "c.rngtypid >= " + userOID},
		"pg_transform":     {},
		"pg_ts_config":     {},
		"pg_ts_config_map": {key: "concat_ws(' ', c.mapcfg::regconfig, c.maptokentype, c.mapseqno)", where: "c.mapcfg >= " + userOID},
		"pg_ts_dict":       {},
		"pg_ts_parser":     {},
		"pg_ts_template":   {},
		"pg_type":          types(),
	}
}

// otherCatalogs are about the database as a whole, rights and comments, and what comes from outside.
func otherCatalogs() map[string]catalog {
	return map[string]catalog{
		"pg_database": {
			key: "'this database'", where: "c.datname = current_database()",
			skip: []string{"datname", "datlastsysoid", "datfrozenxid", "datminmxid", "datcollversion"},
			show: map[string]string{"encoding": "pg_encoding_to_char(c.encoding)"},
		},
		"pg_db_role_setting": {
			key:   "'role ' || CASE c.setrole WHEN 0 THEN '' ELSE quote_ident(pg_get_userbyid(c.setrole)) END",
			where: "c.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())",
			skip:  []string{"setdatabase"}, show: map[string]string{"setconfig": sorted("c.setconfig")},
		},
		"pg_default_acl": {},
		"pg_depend": {
			key:   "concat_ws(' ', c.deptype, " + objectName("c.classid", "c.objid", "c.objsubid") + ", 'on', " + objectName("c.refclassid", "c.refobjid", "c.refobjsubid") + ")",
			where: dependencies, skip: []string{"classid", "objid", "objsubid", "refclassid", "refobjid", "refobjsubid"},
		},
		"pg_description": {
			key:   objectName("c.classoid", "c.objoid", "c.objsubid"),
			where: "c.objoid >= " + userOID + " OR c.objoid IN (SELECT oid FROM pg_namespace WHERE nspname = 'public')", skip: []string{"objoid", "classoid", "objsubid"},
		},
		"pg_event_trigger":        {},
		"pg_extension":            {where: "true"},
		"pg_foreign_data_wrapper": {show: map[string]string{"fdwoptions": sorted("c.fdwoptions")}},
		"pg_foreign_server":       {show: map[string]string{"srvoptions": sorted("c.srvoptions")}},
		"pg_init_privs": {
			key:   objectName("c.classoid", "c.objoid", "c.objsubid"),
			where: "c.privtype = 'e' AND c.objoid >= " + userOID, skip: []string{"objoid", "classoid", "objsubid"},
		},
		"pg_largeobject_metadata":  {key: "c.oid::text", where: "true"},
		"pg_namespace":             {where: "(c.oid >= " + userOID + " OR c.nspname = 'public') AND c.nspname !~ '^pg_(toast_)?temp_'"},
		"pg_publication":           {},
		"pg_publication_namespace": {},
		"pg_publication_rel": {show: map[string]string{
			"prqual": "pg_get_expr(c.prqual, c.prrelid)", "prattrs": columnNames("c.prrelid", "c.prattrs::int2[]"),
		}},
		"pg_seclabel": {
			key:   "concat_ws(' ', c.provider, " + objectName("c.classoid", "c.objoid", "c.objsubid") + ")",
			where: "true", skip: []string{"objoid", "classoid", "objsubid"},
		},
		"pg_shdescription": {key: "'this database'", where: ownDatabase, skip: []string{"objoid", "classoid"}},
		"pg_shseclabel":    {key: "c.provider || ' this database'", where: ownDatabase, skip: []string{"objoid", "classoid"}},
		"pg_subscription": {
			where: "c.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())",
			skip:  []string{"subdbid", "subskiplsn"}, show: map[string]string{"subconninfo": named(secretHash, "c.subconninfo")},
		},
		"pg_user_mapping": {show: map[string]string{
			"umoptions": sorted("ARRAY(SELECT quote_ident(o.option_name) || ' ' || " + named(secretHash, "o.option_value") + " FROM pg_options_to_table(c.umoptions) o)"),
		}},
	}
}

// ignored are the catalogs of the whole server, and those that are compared in other ways.
func ignored() map[string]string {
	return map[string]string{
		"pg_auth_members": "of the server", "pg_authid": "of the server", "pg_parameter_acl": "of the server",
		"pg_replication_origin": "of the server", "pg_tablespace": "of the server", "pg_shdepend": "follows from the rest",
		"pg_largeobject": "its contents are hashed", "pg_statistic": "what ANALYZE found", "pg_statistic_ext_data": "what ANALYZE found",
		"pg_subscription_rel": "how far a subscription got",
	}
}

// attributes reads columns. Their numbers have gaps where columns were dropped, which do not
// come back, and attndims says only how a column was once written.
func attributes() catalog {
	return catalog{
		key:   named(relationName, "c.attrelid") + " || '.' || quote_ident(c.attname)",
		where: "c.attnum > 0 AND NOT c.attisdropped AND " + attrelOK,
		skip:  []string{"attrelid", "attcacheoff", "attndims", "atthasmissing", "attmissingval", "attlen", "attalign", "attbyval"},
		show: map[string]string{
			"attoptions": options("c.attoptions"), "attfdwoptions": sorted("c.attfdwoptions"),
			"attnum": "(SELECT count(*) FROM pg_attribute p WHERE p.attrelid = c.attrelid AND p.attnum > 0 AND NOT p.attisdropped AND p.attnum < c.attnum)",
		},
	}
}

// classes reads relations. The options of a TOAST table are those of its table.
func classes() catalog {
	return catalog{
		where: "c.oid >= " + userOID + " AND c.relkind <> 't' AND c.relpersistence <> 't' AND c.relnamespace <> 'pg_toast'::regnamespace",
		skip: []string{
			"reltype", "relfilenode", "relpages", "reltuples", "relallvisible", "relallfrozen", "reltoastrelid", "relhasindex", "relhasrules",
			"relhastriggers", "relhassubclass", "relchecks", "relnatts", "relrewrite", "relfrozenxid", "relminmxid",
		},
		show: map[string]string{
			"relpartbound": "pg_get_expr(c.relpartbound, c.oid)",
			"reloptions":   sorted("c.reloptions"),
		},
		more: map[string]string{
			"toast options": "(SELECT " + sorted("t.reloptions") + " FROM pg_class t WHERE t.oid = c.reltoastrelid)",
			"definition":    "CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END",
			"columns of an index": `CASE WHEN c.relkind IN ('i', 'I') THEN (SELECT string_agg(concat_ws(' ', a.attnum, a.attstattarget, ` + options("a.attoptions") + `), ', ' ORDER BY a.attnum)
				FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0) END`,
		},
	}
}

// triggers reads triggers. The server's own, which enforce foreign keys, have an OID in their
// names: they go by their constraint and function.
func triggers() catalog {
	return catalog{
		key: `CASE WHEN c.tgisinternal AND c.tgconstraint <> 0 THEN concat_ws(' ', 'internal,', ` + objectName("'pg_constraint'::regclass", "c.tgconstraint", "0") + `, c.tgfoid::regproc, 'on', ` + named(relationName, "c.tgrelid") + `)
			ELSE ` + objectName("'pg_trigger'::regclass", "c.oid", "0") + ` END`,
		where: "EXISTS (SELECT FROM pg_class r WHERE r.oid = c.tgrelid AND r.relpersistence <> 't' AND r.oid >= " + userOID + ")",
		skip:  []string{"tgqual"},
		show: map[string]string{
			"tgname": "CASE WHEN NOT c.tgisinternal THEN c.tgname END", "tgattr": columnNames("c.tgrelid", "c.tgattr::int2[]"),
			"tgparentid": `(SELECT CASE WHEN p.tgisinternal THEN 'an internal one' ELSE ` + objectName("'pg_trigger'::regclass", "p.oid", "0") + ` END FROM pg_trigger p WHERE p.oid = c.tgparentid)`,
		},
		more: map[string]string{
			"definition": "CASE WHEN NOT c.tgisinternal THEN pg_get_triggerdef(c.oid) END",
		},
	}
}

// types reads types, except those that come with a relation and the arrays that come with a type.
func types() catalog {
	return catalog{
		where: `c.oid >= ` + userOID + ` AND NOT EXISTS (SELECT FROM pg_class r WHERE r.oid = c.typrelid AND r.relkind <> 'c')
			AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = c.oid) AND c.typnamespace <> 'pg_toast'::regnamespace`,
		skip: []string{"typarray", "typdefault", "typndims"},
		show: map[string]string{"typdefaultbin": "coalesce(pg_get_expr(c.typdefaultbin, 0), quote_literal(c.typdefault))"},
	}
}

// dependencies are those that a command made: members of extensions, ALTER … DEPENDS ON
// EXTENSION, and the columns that own sequences.
const dependencies = `c.objid >= ` + userOID + ` AND (c.deptype IN ('e', 'x')
	OR c.deptype IN ('a', 'i') AND c.classid = 'pg_class'::regclass AND c.refobjsubid > 0 AND EXISTS (SELECT FROM pg_class s WHERE s.oid = c.objid AND s.relkind = 'S'))`

const ownDatabase = "c.classoid = 'pg_database'::regclass AND c.objoid = (SELECT oid FROM pg_database WHERE datname = current_database())"
