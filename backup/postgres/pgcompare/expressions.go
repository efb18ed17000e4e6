package pgcompare

import (
	"fmt"
	"strings"
)

// named fills an expression into another.
func named(format, expression string) string { return strings.ReplaceAll(format, "%s", expression) }

// objectName names an object of any catalog, with its kind.
func objectName(class, oid, part string) string {
	return fmt.Sprintf("(SELECT i.type || ' ' || i.identity FROM pg_identify_object(%s, %s, %s) i)", class, oid, part)
}

// columnNames names the columns of a relation whose numbers are in an array.
func columnNames(relation, numbers string) string {
	return fmt.Sprintf(`(SELECT string_agg(quote_ident(k.attname), ', ' ORDER BY n.at) FROM unnest(%s) WITH ORDINALITY n(number, at)
		JOIN pg_attribute k ON k.attrelid = %s AND k.attnum = n.number)`, numbers, relation)
}

// sorted gives an array of texts in an order of its own.
func sorted(array string) string {
	return fmt.Sprintf(`(SELECT string_agg(o.o, E'\n' ORDER BY o.o COLLATE "C") FROM unnest(%s) o(o))`, array)
}

// options gives the options of a column, without the server's own notes: from 15.20 on it counts
// the changes of a column there.
func options(array string) string {
	return sorted("ARRAY(SELECT a FROM unnest(" + array + ") a WHERE a !~ '^pg_attver=')")
}

// rightsKind gives the letter by which acldefault knows the objects of a catalog.
func rightsKind(catalog string) string {
	return map[string]string{
		"pg_class": "CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::\"char\"", "pg_attribute": "'c'", "pg_proc": "'f'", "pg_namespace": "'n'",
		"pg_type": "'T'", "pg_language": "'l'", "pg_database": "'d'", "pg_foreign_data_wrapper": "'F'", "pg_foreign_server": "'S'", "pg_largeobject_metadata": "'L'",
	}[catalog]
}

// ownerColumn is where a catalog names an object's owner.
func ownerColumn(catalog string) string {
	return map[string]string{
		"pg_class": "c.relowner", "pg_proc": "c.proowner", "pg_namespace": "c.nspowner", "pg_type": "c.typowner", "pg_language": "c.lanowner",
		"pg_database": "c.datdba", "pg_foreign_data_wrapper": "c.fdwowner", "pg_foreign_server": "c.srvowner", "pg_largeobject_metadata": "c.lomowner",
		"pg_attribute": "0::oid",
	}[catalog]
}

// rightsText gives an access list, sorted. No list means the default one, which may also be
// written out.
func rightsText(catalog, column string) string {
	list := "c." + column
	if kind := rightsKind(catalog); kind != "" {
		list = fmt.Sprintf("coalesce(c.%s, acldefault(%s, %s))", column, kind, ownerColumn(catalog))
	}
	return sorted("(" + list + ")::text[]")
}

// reference gives the names of what a column of OIDs refers to.
func reference(column, catalog string, isArray bool) string {
	one := func(oid string) string {
		if catalog == "pg_authid" {
			return fmt.Sprintf("CASE %s WHEN 0 THEN '-' ELSE quote_ident(pg_get_userbyid(%[1]s)) END", oid)
		}
		return fmt.Sprintf("CASE %s WHEN 0 THEN '-' ELSE (pg_identify_object('pg_catalog.%s'::regclass, %[1]s, 0)).identity END", oid, catalog)
	}
	if !isArray {
		return one("c." + column + "::oid")
	}
	return fmt.Sprintf("(SELECT string_agg(%s, ', ' ORDER BY u.at) FROM unnest(c.%s::oid[]) WITH ORDINALITY u(o, at))", one("u.o"), column)
}
