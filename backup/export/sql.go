package export

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"

	"holdfast/backup"
	"holdfast/backup/pgarchive"
)

// SQL writes the backup m, whose parts are given, as a script for psql, to be loaded into an
// empty database: psql -v ON_ERROR_STOP=1 -f FILE. Texts are in the encoding of the captured
// database. report gets bytes of contents written and bytes in all; it may be nil.
func SQL(ctx context.Context, m *backup.Manifest, parts backup.Parts, to io.Writer, report func(done, total int64)) error {
	e, err := open(ctx, m, parts, report)
	if err != nil {
		return err
	}
	s := &script{exporting: e, w: bufio.NewWriterSize(to, 1<<18), sum: &blobSum{e: e}, blobParts: m.LargeObjects.Parts}
	if err := s.run(); err != nil {
		return archiveError(err)
	}
	return s.w.Flush()
}

// script is a script that is being written.
type script struct {
	*exporting

	w          *bufio.Writer // remembers its first error
	tablespace string        // what default_tablespace is; unset: not set yet
	method     string        // what default_table_access_method is; unset: not set yet
	sum        *blobSum
	blobParts  []string // that are to come
}

// The passes of a restore: rights come when all is there, and what the rights may bear on after them.
const (
	passMain = iota
	passRights
	passLast
)

func (s *script) run() error {
	s.tablespace, s.method = unset, unset
	s.preamble()
	for pass := passMain; pass <= passLast; pass++ {
		for i := range s.archive.Entries {
			entry := &s.archive.Entries[i]
			if passOf(entry) != pass || !wanted(entry) {
				continue
			}
			if err := s.entry(entry); err != nil {
				return err
			}
		}
	}
	s.print("--\n-- End of the backup\n--\n\n")
	if len(s.blobParts) > 0 {
		return fmt.Errorf("%w: it does not name the large objects of %s", pgarchive.ErrFormat, s.blobParts[0])
	}
	return s.sum.compare()
}

// unset is no name: PostgreSQL has none with this byte.
const unset = "\x00"

// print writes text; the writer remembers that it could not.
func (s *script) print(texts ...string) {
	for _, text := range texts {
		_, _ = s.w.WriteString(text)
	}
}

// preamble writes what the rest depends on: the settings of pg_dump's scripts. A server that does
// not know transaction_timeout is not asked to set it.
func (s *script) preamble() {
	s.print("--\n-- PostgreSQL database backup\n--\n\n",
		"-- Backup ", string(s.m.ID), ", captured ", s.m.Captured.UTC().Format("2006-01-02 15:04:05"), " UTC\n",
		"-- Database version ", oneLine(s.m.ServerVersion), ", definitions by pg_dump ", oneLine(s.m.ToolsVersion), "\n\n",
		"SET statement_timeout = 0;\nSET lock_timeout = 0;\nSET idle_in_transaction_session_timeout = 0;\n",
		"SELECT pg_catalog.set_config(name, '0', false) FROM pg_catalog.pg_settings WHERE name = 'transaction_timeout';\n")
	for i := range s.archive.Entries {
		if entry := &s.archive.Entries[i]; isSetting(entry) {
			s.print(strings.TrimSuffix(entry.Defn.S, "\n"), "\n")
		}
	}
	s.print("SET check_function_bodies = false;\nSET xmloption = content;\nSET client_min_messages = warning;\nSET row_security = off;\n\n")
}

// isSetting says whether an entry is a setting of the session and nothing of the database.
func isSetting(e *pgarchive.Entry) bool {
	switch e.Desc.S {
	case "ENCODING", "STDSTRINGS", "SEARCHPATH":
		return true
	}
	return false
}

// wanted says whether an entry belongs into a database that exists: the database itself, and what
// is said of it as a whole, does not.
func wanted(e *pgarchive.Entry) bool {
	switch e.Desc.S {
	case "DATABASE", "DATABASE PROPERTIES":
		return false
	case "ACL", "COMMENT", "SECURITY LABEL":
		return !strings.HasPrefix(e.Tag.S, "DATABASE ")
	}
	return !isSetting(e)
}

// passOf gives the pass in which pg_restore restores an entry.
func passOf(e *pgarchive.Entry) int {
	switch {
	case e.Desc.S == "ACL" || e.Desc.S == "DEFAULT ACL":
		return passRights
	case e.Desc.S == descRefresh || aboutEventTrigger(e):
		return passLast
	}
	return passMain
}

// entry writes one entry with all that belongs to it.
func (s *script) entry(e *pgarchive.Entry) error {
	s.storage(e)
	s.header(e)
	t := s.tables[e.DumpID]
	switch {
	case t != nil:
		return s.copyRows(e, t)
	case e.Desc.S == pgarchive.DescBlobs:
		return s.largeObjects(e)
	case e.Desc.S == "BLOB METADATA":
		s.makeBlobs(e)
	case e.Desc.S == "ACL" && strings.HasPrefix(e.Tag.S, "LARGE OBJECTS"):
		return s.blobRights(e)
	default:
		s.definition(e)
	}
	return nil
}

// storage sets where, and with which access method, the next table is made.
func (s *script) storage(e *pgarchive.Entry) {
	if e.Tablespace.Valid && e.Tablespace.S != s.tablespace {
		s.tablespace = e.Tablespace.S
		value := "''"
		if s.tablespace != "" {
			value = quoteIdent(s.tablespace)
		}
		s.print("SET default_tablespace = ", value, ";\n\n")
	}
	if e.AccessMethod.Valid && !isPartitioned(e) && e.AccessMethod.S != s.method {
		s.method = e.AccessMethod.S
		s.print("SET default_table_access_method = ", quoteIdent(s.method), ";\n\n")
	}
}

// isPartitioned says whether an entry is a partitioned table, which stores nothing itself.
func isPartitioned(e *pgarchive.Entry) bool { return e.Relkind == 'p' }

// header writes the comment above an entry.
func (s *script) header(e *pgarchive.Entry) {
	about := ""
	if e.HasData {
		about = "Data for "
	}
	s.print("--\n-- ", about, "Name: ", oneLine(e.Tag.S), "; Type: ", oneLine(e.Desc.S), "; Schema: ", orHyphen(e.Namespace), "; Owner: ", orHyphen(e.Owner))
	if e.Tablespace.S != "" {
		s.print("; Tablespace: ", oneLine(e.Tablespace.S))
	}
	s.print("\n--\n\n")
}

func orHyphen(t pgarchive.Text) string {
	if !t.Valid {
		return "-"
	}
	return oneLine(t.S)
}

// definition writes the statement of an entry and what gives the object its owner.
func (s *script) definition(e *pgarchive.Entry) {
	if e.Defn.S != "" {
		s.print(e.Defn.S, "\n\n")
	}
	object, ok := ownedObject(e)
	if !ok {
		return
	}
	if e.Owner.S != "" {
		s.print("ALTER ", object, " OWNER TO ", quoteIdent(e.Owner.S), ";\n\n")
	}
	if isPartitioned(e) && e.AccessMethod.S != "" {
		s.print("ALTER ", object, " SET ACCESS METHOD ", quoteIdent(e.AccessMethod.S), ";\n\n")
	}
}

// ownedObject names the object of an entry as ALTER takes it, if it has an owner of its own. All
// that is needed is in the statement that drops it.
func ownedObject(e *pgarchive.Entry) (string, bool) {
	switch e.Desc.S {
	case "BLOB":
		return "LARGE OBJECT " + e.Tag.S, e.Drop.S != ""
	case "SCHEMA": // public is there already, and is not dropped
		return "SCHEMA " + quoteIdent(e.Tag.S), e.Drop.S != ""
	case "AGGREGATE", "COLLATION", "CONVERSION", "DOMAIN", "EVENT TRIGGER", "FOREIGN DATA WRAPPER", "FOREIGN TABLE", "FUNCTION",
		"MATERIALIZED VIEW", "OPERATOR", "OPERATOR CLASS", "OPERATOR FAMILY", "PROCEDURAL LANGUAGE", "PROCEDURE", "PUBLICATION",
		"SEQUENCE", "SERVER", "STATISTICS", "SUBSCRIPTION", "TABLE", "TEXT SEARCH CONFIGURATION", "TEXT SEARCH DICTIONARY",
		"TYPE", "VIEW":
		return strings.CutPrefix(strings.TrimRight(e.Drop.S, ";\n"), "DROP ")
	}
	return "", false
}

// copyRows writes the rows of a table.
func (s *script) copyRows(e *pgarchive.Entry, t *backup.Table) error {
	if e.Defn.S != "" {
		s.print(e.Defn.S, "\n\n")
	}
	if s.money[e.DumpID] {
		s.print("SET lc_monetary = 'C';\n\n")
	}
	s.print(e.Copy.S)
	if err := s.rows(t, s.w); err != nil {
		return err
	}
	s.print("\\.\n\n\n")
	if s.money[e.DumpID] {
		s.print("RESET lc_monetary;\n\n")
	}
	return nil
}
