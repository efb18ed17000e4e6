package postgres

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"holdfast/backup"
	"holdfast/backup/pgarchive"
)

// define makes the tables again that are not there, and leaves for later what must wait for the
// rows: indexes, constraints, triggers, and the foreign keys of others that went with the table. Owners and
// statements are pg_dump's own.
func (p *partial) define(ctx context.Context) error {
	missing := p.missing()
	if len(missing) == 0 {
		return nil
	}
	if err := p.readArchive(ctx); err != nil {
		return err
	}
	own, err := p.belongings(missing)
	if err != nil {
		return err
	}
	made, err := p.sortOut(ctx, own)
	if err != nil {
		return err
	}
	if err := p.inItsEncoding(ctx, made.now); err != nil {
		return err
	}
	p.after = slices.Concat(p.after, made.later, made.attach)
	return p.lookAgain(ctx)
}

// lookAgain finds the tables that were made: nothing of them has to be taken off.
func (p *partial) lookAgain(ctx context.Context) error {
	for _, t := range p.tables {
		if t.live == nil {
			live, err := lookAtTable(ctx, p.conn, t.stored.Schema, t.stored.Name)
			if err != nil {
				return err
			}
			if live != nil {
				t.live = &liveTable{OID: live.OID, Kind: live.Kind, Sequences: live.Sequences}
			}
		}
	}
	for _, w := range p.whole {
		live, err := lookAtTable(ctx, p.conn, w.name.Schema, w.name.Name)
		if err != nil {
			return err
		}
		w.live = live
	}
	return nil
}

func (p *partial) readArchive(ctx context.Context) error {
	from, err := p.parts.Open(ctx, backup.PartTOC)
	if err != nil {
		return err
	}
	p.archive, err = pgarchive.Read(from)
	return firstOf(err, from.Close())
}

// beforeRows and afterRows are the kinds of entries that belong to a table, in two heaps.
var (
	beforeRows = []string{"TABLE", "SEQUENCE", "SEQUENCE OWNED BY", "DEFAULT", "ACL", "COMMENT", "SECURITY LABEL", "TABLE ATTACH"}
	afterRows  = []string{
		"CONSTRAINT", "CHECK CONSTRAINT", "INDEX", "INDEX ATTACH", "FK CONSTRAINT", "TRIGGER", "RULE", "POLICY", "ROW SECURITY",
		"STATISTICS", "REPLICA IDENTITY", "PUBLICATION TABLE",
	}
)

// statements are what makes tables again, in three heaps; foreign keys are kept for the end, when every
// table has what they refer to.
type statements struct {
	now, later []string // before the rows, and after them
	attach     []string // after all of later: what makes tables partitions of one that is there
}

// sortOut gives the statements of some entries. A key of another table that is there still, or has no
// table to be on, is left out with what belongs to it.
func (p *partial) sortOut(ctx context.Context, own []*pgarchive.Entry) (made statements, err error) {
	late, left, keys := map[int]bool{}, map[int]bool{}, map[int]bool{}
	for _, e := range own {
		skip, last, err := p.attaches(ctx, e)
		if err == nil && !skip {
			skip, err = p.keyIsThere(ctx, e)
		}
		if err != nil {
			return made, err
		}
		if skip || dependsOnAny(e, left) {
			left[e.DumpID] = true
			continue
		}
		sql := []string{e.Defn.S}
		if owner := ownerSQL(e); owner != "" {
			sql = append(sql, owner)
		}
		switch {
		case last:
			made.attach = append(made.attach, sql...)
		case e.Desc.S == "FK CONSTRAINT" || dependsOnAny(e, keys):
			keys[e.DumpID] = true
			p.keys = append(p.keys, sql...)
		case slices.Contains(afterRows, e.Desc.S) || dependsOnAny(e, late):
			late[e.DumpID] = true
			made.later = append(made.later, sql...)
		default:
			made.now = append(made.now, sql...)
		}
	}
	return made, nil
}

// attaches says what becomes of an entry that makes a table, or an index, a part of another. A table that is
// made again becomes a partition of one that is there only when it has its indexes: the server finds those
// itself, and would make those anew that it does not find.
func (p *partial) attaches(ctx context.Context, e *pgarchive.Entry) (skip, last bool, err error) {
	if e.Desc.S != "TABLE ATTACH" && e.Desc.S != "INDEX ATTACH" {
		return false, false, nil
	}
	for _, t := range p.tablesOf(e) {
		if p.isMissing(t) {
			continue
		}
		there, err := isThere(ctx, p.conn, t)
		switch {
		case err != nil:
			return false, false, err
		case there && t.Name == e.Tag.S && t.Schema == e.Namespace.S: // the partition itself
		case there:
			last = true
		case e.Desc.S == "TABLE ATTACH" && p.isMissing(backup.Name{Schema: e.Namespace.S, Name: e.Tag.S}):
			return false, false, backup.Errorf(backup.Refused, "Restore "+quoteName(t.Schema, t.Name)+" as a whole.",
				"the partitioned table %s, which %s is a part of, is not there", quoteName(t.Schema, t.Name), quoteName(e.Namespace.S, e.Tag.S))
		default:
			return true, false, nil
		}
	}
	return last && e.Desc.S == "INDEX ATTACH", last, nil
}

// tablesOf names the tables that an entry depends on.
func (p *partial) tablesOf(e *pgarchive.Entry) (names []backup.Name) {
	for i := range p.archive.Entries {
		t := &p.archive.Entries[i]
		if t.Desc.S == "TABLE" && dependsOnAny(e, map[int]bool{t.DumpID: true}) {
			names = append(names, backup.Name{Schema: t.Namespace.S, Name: t.Tag.S})
		}
	}
	return names
}

// inItsEncoding runs pg_dump's statements, which are in the encoding of the database.
func (p *partial) inItsEncoding(ctx context.Context, statements []string) error {
	ours := p.conn.PgConn().ParameterStatus("client_encoding")
	if err := execute(ctx, p.conn, "SET LOCAL client_encoding = "+quoteLiteral(p.m.Database.Encoding)); err != nil {
		return err
	}
	if err := executeAll(ctx, p.conn, statements); err != nil {
		return err
	}
	return execute(ctx, p.conn, "SET LOCAL client_encoding = "+quoteLiteral(ours))
}

// belongings gives the entries of tables in the archive's order: the tables, and whatever depends
// on them and is a part of them rather than an object of its own, such as a view.
func (p *partial) belongings(tables []backup.Name) ([]*pgarchive.Entry, error) {
	parts := map[int]bool{}
	defined := map[backup.Name]bool{}
	for changed := true; changed; {
		changed = false
		for i := range p.archive.Entries {
			e := &p.archive.Entries[i]
			if parts[e.DumpID] || !slices.Contains(beforeRows, e.Desc.S) && !slices.Contains(afterRows, e.Desc.S) {
				continue
			}
			name := backup.Name{Schema: e.Namespace.S, Name: e.Tag.S}
			isIt := e.Desc.S == "TABLE" && slices.Contains(tables, name)
			if isIt {
				defined[name] = true
			}
			if isIt || e.Desc.S != "TABLE" && dependsOnAny(e, parts) {
				parts[e.DumpID], changed = true, true
			}
		}
	}
	for _, t := range tables {
		if !defined[t] {
			return nil, backup.Errorf(backup.Damaged, "Use another backup, and verify this one.", "the backup holds rows of the table %s, but not its definition", quoteName(t.Schema, t.Name))
		}
	}
	var own []*pgarchive.Entry
	for i := range p.archive.Entries {
		if parts[p.archive.Entries[i].DumpID] {
			own = append(own, &p.archive.Entries[i])
		}
	}
	return own, nil
}

func dependsOnAny(e *pgarchive.Entry, ids map[int]bool) bool {
	return slices.ContainsFunc(e.Deps, func(d pgarchive.Text) bool {
		id, err := strconv.Atoi(d.S)
		return err == nil && ids[id]
	})
}

// keyIsThere says whether a foreign key of another table is there already, or has no table to be on.
func (p *partial) keyIsThere(ctx context.Context, e *pgarchive.Entry) (there bool, err error) {
	if e.Desc.S != "FK CONSTRAINT" {
		return false, nil
	}
	table := p.tableOf(e)
	name := strings.TrimPrefix(e.Tag.S, table+" ")
	if p.isMissing(backup.Name{Schema: e.Namespace.S, Name: table}) {
		return false, nil
	}
	err = p.conn.QueryRow(ctx, `SELECT NOT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2)
		OR EXISTS (SELECT FROM pg_constraint x JOIN pg_class c ON c.oid = x.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE n.nspname = $1 AND c.relname = $2 AND x.conname = $3)`, e.Namespace.S, table, name).Scan(&there)
	return there, err
}

// tableOf names the table that a constraint is on: its tag is that name, a space, and its own.
func (p *partial) tableOf(e *pgarchive.Entry) string {
	for i := range p.archive.Entries {
		t := &p.archive.Entries[i]
		if t.Desc.S == "TABLE" && t.Namespace.S == e.Namespace.S && strings.HasPrefix(e.Tag.S, t.Tag.S+" ") && dependsOnAny(e, map[int]bool{t.DumpID: true}) {
			return t.Tag.S
		}
	}
	return ""
}

// ownerSQL gives an object to its owner, as pg_restore does; "" when its kind has none.
func ownerSQL(e *pgarchive.Entry) string {
	kind := map[string]string{"TABLE": "TABLE", "SEQUENCE": "SEQUENCE", "STATISTICS": "STATISTICS"}[e.Desc.S]
	if kind == "" || e.Owner.S == "" {
		return ""
	}
	return "ALTER " + kind + " " + quoteName(e.Namespace.S, e.Tag.S) + " OWNER TO " + quoteIdent(e.Owner.S)
}
