package pgcompare

import "strings"

// references13 says for PostgreSQL 13, which has no pg_get_catalog_foreign_keys, which columns
// hold OIDs of which catalog.
func references13() map[string]string {
	refers := map[string]string{}
	for target, columns := range map[string]string{
		"pg_authid": `pg_class.relowner pg_collation.collowner pg_conversion.conowner pg_database.datdba pg_db_role_setting.setrole
			pg_default_acl.defaclrole pg_event_trigger.evtowner pg_extension.extowner pg_foreign_data_wrapper.fdwowner
			pg_foreign_server.srvowner pg_language.lanowner pg_largeobject_metadata.lomowner pg_namespace.nspowner
			pg_opclass.opcowner pg_operator.oprowner pg_opfamily.opfowner pg_policy.polroles pg_proc.proowner
			pg_publication.pubowner pg_statistic_ext.stxowner pg_subscription.subowner pg_ts_config.cfgowner pg_ts_dict.dictowner
			pg_type.typowner pg_user_mapping.umuser`,
		"pg_namespace": `pg_class.relnamespace pg_collation.collnamespace pg_constraint.connamespace pg_conversion.connamespace
			pg_default_acl.defaclnamespace pg_extension.extnamespace pg_opclass.opcnamespace pg_operator.oprnamespace
			pg_opfamily.opfnamespace pg_proc.pronamespace pg_statistic_ext.stxnamespace pg_ts_config.cfgnamespace
			pg_ts_dict.dictnamespace pg_ts_parser.prsnamespace pg_ts_template.tmplnamespace pg_type.typnamespace`,
		"pg_type": `pg_aggregate.aggtranstype pg_aggregate.aggmtranstype pg_amop.amoplefttype pg_amop.amoprighttype pg_amproc.amproclefttype
			pg_amproc.amprocrighttype pg_attribute.atttypid pg_cast.castsource pg_cast.casttarget pg_class.reloftype
			pg_constraint.contypid pg_enum.enumtypid pg_opclass.opcintype pg_opclass.opckeytype pg_operator.oprleft
			pg_operator.oprright pg_operator.oprresult pg_proc.provariadic pg_proc.prorettype pg_proc.proargtypes
			pg_proc.proallargtypes pg_proc.protrftypes pg_range.rngtypid pg_range.rngsubtype pg_sequence.seqtypid pg_transform.trftype pg_type.typelem
			pg_type.typbasetype`,
		"pg_class": `pg_attrdef.adrelid pg_constraint.conrelid pg_constraint.conindid pg_constraint.confrelid pg_extension.extconfig
			pg_foreign_table.ftrelid pg_index.indexrelid pg_index.indrelid pg_inherits.inhrelid pg_inherits.inhparent
			pg_partitioned_table.partrelid pg_partitioned_table.partdefid pg_policy.polrelid pg_publication_rel.prrelid
			pg_rewrite.ev_class pg_sequence.seqrelid pg_statistic_ext.stxrelid pg_trigger.tgrelid pg_trigger.tgconstrrelid
			pg_trigger.tgconstrindid pg_type.typrelid`,
		"pg_operator": `pg_aggregate.aggsortop pg_amop.amopopr pg_constraint.conpfeqop pg_constraint.conppeqop pg_constraint.conffeqop
			pg_constraint.conexclop pg_operator.oprcom pg_operator.oprnegate`,
		"pg_opfamily":   "pg_amop.amopfamily pg_amop.amopsortfamily pg_amproc.amprocfamily pg_opclass.opcfamily",
		"pg_opclass":    "pg_index.indclass pg_partitioned_table.partclass pg_range.rngsubopc",
		"pg_am":         "pg_amop.amopmethod pg_class.relam pg_opclass.opcmethod pg_opfamily.opfmethod",
		"pg_collation":  "pg_attribute.attcollation pg_index.indcollation pg_partitioned_table.partcollation pg_range.rngcollation pg_type.typcollation",
		"pg_proc":       "pg_cast.castfunc pg_event_trigger.evtfoid pg_foreign_data_wrapper.fdwhandler pg_foreign_data_wrapper.fdwvalidator pg_language.lanplcallfoid pg_language.laninline pg_language.lanvalidator pg_trigger.tgfoid",
		"pg_constraint": "pg_constraint.conparentid pg_trigger.tgconstraint",
		"pg_language":   "pg_proc.prolang pg_transform.trflang", "pg_publication": "pg_publication_rel.prpubid",
		"pg_foreign_data_wrapper": "pg_foreign_server.srvfdw", "pg_foreign_server": "pg_foreign_table.ftserver pg_user_mapping.umserver",
		"pg_tablespace": "pg_class.reltablespace pg_database.dattablespace",
		"pg_ts_config":  "pg_ts_config_map.mapcfg", "pg_ts_dict": "pg_ts_config_map.mapdict",
		"pg_ts_parser": "pg_ts_config.cfgparser", "pg_ts_template": "pg_ts_dict.dicttemplate",
	} {
		for _, column := range strings.Fields(columns) {
			refers[column] = target
		}
	}
	return refers
}
