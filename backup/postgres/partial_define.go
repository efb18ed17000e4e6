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
// rows: indexes, constraints, triggers, and the foreign keys of others that went with the table.
func (p *partial) define(ctx context.Context) error {
	missing := slices.ContainsFunc(p.tables, func(t *partialTable) bool { return t.live == nil })
	if !missing {
		return nil
	}
	if err := p.readArchive(ctx); err != nil {
		return err
	}
	p.made = map[int]bool{}
	for _, t := range p.tables {
		if t.live != nil {
			continue
		}
		if err := p.remake(ctx, t); err != nil {
			return err
		}
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

// remake makes one table with what depends on it and is of its kinds. Owners and statements are
// pg_dump's own.
func (p *partial) remake(ctx context.Context, t *partialTable) error {
	own := p.belongings(t.stored)
	if len(own) == 0 {
		return backup.Errorf(backup.Damaged, "Use another backup, and verify this one.", "the backup holds rows of the table %s, but not its definition", tableName(t.stored))
	}
	now, later, err := p.sortOut(ctx, own)
	if err != nil {
		return err
	}
	if err := p.inItsEncoding(ctx, now); err != nil {
		return err
	}
	p.after = append(p.after, later...)
	live, err := lookAtTable(ctx, p.conn, t.stored.Schema, t.stored.Name)
	if err == nil && live != nil {
		t.live = &liveTable{OID: live.OID, Kind: live.Kind, Sequences: live.Sequences}
	}
	return err
}

// sortOut gives the statements that come before the rows and after them; foreign keys are kept for the end,
// when every table has what they refer to. A key of another table
// that is there still, or has no table to be on, is left out with what belongs to it.
func (p *partial) sortOut(ctx context.Context, own []*pgarchive.Entry) (now, later []string, err error) {
	late, left, keys := map[int]bool{}, map[int]bool{}, map[int]bool{}
	for _, e := range own {
		if p.made[e.DumpID] { // a key between two tables that are both made
			continue
		}
		there, err := p.keyIsThere(ctx, e)
		if err != nil {
			return nil, nil, err
		}
		if there || dependsOnAny(e, left) {
			left[e.DumpID] = true
			continue
		}
		statements := []string{e.Defn.S}
		if owner := ownerSQL(e); owner != "" {
			statements = append(statements, owner)
		}
		p.made[e.DumpID] = true
		if e.Desc.S == "FK CONSTRAINT" || dependsOnAny(e, keys) {
			keys[e.DumpID] = true
			p.keys = append(p.keys, statements...)
			continue
		}
		if slices.Contains(afterRows, e.Desc.S) || dependsOnAny(e, late) {
			late[e.DumpID] = true
			later = append(later, statements...)
			continue
		}
		now = append(now, statements...)
	}
	return now, later, nil
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

// belongings gives the entries of a table in the archive's order: the table, and whatever depends
// on it and is a part of it rather than an object of its own, such as a view.
func (p *partial) belongings(t *backup.Table) []*pgarchive.Entry {
	parts := map[int]bool{}
	var own []*pgarchive.Entry
	for changed := true; changed; {
		changed = false
		for i := range p.archive.Entries {
			e := &p.archive.Entries[i]
			if parts[e.DumpID] || !slices.Contains(beforeRows, e.Desc.S) && !slices.Contains(afterRows, e.Desc.S) {
				continue
			}
			isIt := e.Desc.S == "TABLE" && e.Namespace.S == t.Schema && e.Tag.S == t.Name
			if isIt || e.Desc.S != "TABLE" && dependsOnAny(e, parts) {
				parts[e.DumpID], changed = true, true
			}
		}
	}
	for i := range p.archive.Entries {
		if parts[p.archive.Entries[i].DumpID] {
			own = append(own, &p.archive.Entries[i])
		}
	}
	return own
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
	if slices.ContainsFunc(p.tables, func(t *partialTable) bool {
		return t.live == nil && t.stored.Schema == e.Namespace.S && t.stored.Name == table
	}) {
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
