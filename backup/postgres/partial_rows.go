package postgres

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"holdfast/backup"
)

// rowsAtOnce is how many rows of a snapshot one COPY inserts: an error names them.
const rowsAtOnce = 500

// PlanSnapshot says what LoadSnapshot would do with each table, without changing anything.
func (s *Server) PlanSnapshot(ctx context.Context, job backup.TablesJob, m *backup.Manifest) (*backup.SnapshotPlan, error) {
	p, err := s.newPartial(ctx, job, m)
	if err != nil {
		return nil, err
	}
	defer closeConn(p.conn)
	plan := &backup.SnapshotPlan{}
	for _, t := range p.tables {
		plan.Tables = append(plan.Tables, t.fate)
	}
	if err := p.planRest(ctx, plan); err != nil {
		return nil, explain(p.where, err)
	}
	return plan, nil
}

// aloneSQL lists the tables with rows of their own that are not among those with the OIDs given.
const aloneSQL = `SELECT n.nspname::text, c.relname::text, greatest(c.reltuples, pg_stat_get_live_tuples(c.oid), 0)::bigint
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND NOT c.oid = ANY ($1::oid[])
	AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY 1, 2`

// planRest says what is beside the tables.
func (p *partial) planRest(ctx context.Context, plan *backup.SnapshotPlan) error {
	type aloneTable struct {
		Schema, Name string
		Rows         int64
	}
	alone, err := collect[aloneTable](ctx, p.conn, aloneSQL, p.liveOIDs())
	if err != nil {
		return err
	}
	for _, t := range alone {
		plan.Alone = append(plan.Alone, backup.TableFate{Table: backup.Name{Schema: t.Schema, Name: t.Name}, Now: t.Rows})
	}
	sequences, err := p.settable(ctx)
	if err != nil {
		return err
	}
	plan.Sequences = len(sequences)
	own, others, err := p.eventTriggers(ctx)
	if err == nil && len(own) == 0 && len(others) > 0 {
		plan.Notes = append(plan.Notes, "Only a superuser could keep event triggers from firing: "+listNames(quoteAll(others))+".")
	}
	return err
}

func (p *partial) liveOIDs() []uint32 {
	oids := []uint32{}
	for _, t := range p.tables {
		if t.live != nil {
			oids = append(oids, t.live.OID)
		}
	}
	return oids
}

// LoadSnapshot empties tables and fills them with the rows of a snapshot, as LoadTables does with
// those of a backup. Rows are inserted by 500. Sequences are set to where the snapshot has them, in
// the same transaction.
func (s *Server) LoadSnapshot(ctx context.Context, job backup.TablesJob, from backup.Snapshot, commit func(xact string) error, report func(backup.Progress)) error {
	p, err := s.newPartial(ctx, job, from.Manifest())
	if err != nil {
		return err
	}
	defer closeConn(p.conn)
	p.each, p.track = from.Each, &tracker{report: report}
	return cancelledFirst(ctx, p.run(ctx, commit))
}

// blockedRows says why the rows of a table cannot be replaced as part of a snapshot.
func (t *partialTable) blockedRows() string {
	switch {
	case t.stored.Excluded || t.stored.Part == "":
		return "its rows were left out of the backup"
	case t.live == nil:
		return "it is not there, and a snapshot holds no definitions"
	case t.live.Kind != "r":
		return "what has its name now is no ordinary table"
	case t.live.Extension != "" && t.live.Config == nil:
		return "its rows are those of the extension " + t.live.Extension
	case t.stored.Root != nil && !slices.Contains(t.live.Roots, *t.stored.Root):
		return "it is no part of the table " + quoteName(t.stored.Root.Schema, t.stored.Root.Name) + " any more"
	}
	return t.blockedColumns()
}

// emptySQL gives the statements that empty the tables of a snapshot. Of an extension's table the
// extension's own rows stay: what those are the extension says, never the snapshot.
func (p *partial) emptySQL() []string {
	var statements, whole []string
	for _, t := range p.tables {
		if t.live.Config == nil {
			whole = append(whole, "ONLY "+tableName(t.stored))
			continue
		}
		statements = append(statements, "DELETE FROM ONLY "+tableName(t.stored)+" "+*t.live.Config)
	}
	if len(whole) > 0 {
		statements = append(statements, "TRUNCATE "+strings.Join(whole, ", "))
	}
	return statements
}

// hushRoots keeps the triggers of partitioned tables from firing through which rows find their
// partition.
func (p *partial) hushRoots(ctx context.Context) (off []string, err error) {
	done := map[string]bool{}
	for _, t := range p.tables {
		for _, root := range t.live.Roots {
			name := quoteName(root.Schema, root.Name)
			if t.stored.Root == nil || done[name] {
				continue
			}
			done[name] = true
			triggers, err := collect[liveTrigger](ctx, p.conn, rootTriggersSQL, name)
			if err != nil {
				return nil, err
			}
			for _, trigger := range triggers {
				off = append(off, "ALTER TABLE ONLY "+name+" DISABLE TRIGGER "+quoteIdent(trigger.Name))
				p.after = append(p.after, "ALTER TABLE ONLY "+name+" "+trigger.Enable+" TRIGGER "+quoteIdent(trigger.Name))
			}
		}
	}
	return off, nil
}

// loadRows empties the tables of a snapshot and fills them, in the order in which it has them.
func (p *partial) loadRows(ctx context.Context) error {
	if err := executeAll(ctx, p.conn, p.emptySQL()); err != nil {
		return err
	}
	each := p.each
	if each == nil {
		each = p.eachStored
	}
	return each(ctx, func(t *backup.Table, rows io.ReadCloser) error {
		err := p.fillRows(ctx, t, rows)
		p.track.table()
		return err
	})
}

// eachStored gives the rows of the tables in a backup.
func (p *partial) eachStored(ctx context.Context, rows func(*backup.Table, io.ReadCloser) error) error {
	for _, t := range p.tables {
		part, err := p.parts.Open(ctx, t.stored.Part)
		if err == nil {
			err = rows(t.stored, part)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fillRows inserts the rows of a table by rowsAtOnce.
func (p *partial) fillRows(ctx context.Context, t *backup.Table, part io.ReadCloser) error {
	from := &storedRows{ctx: ctx, from: part, passed: p.track.bytes}
	rows := &chunks{from: bufio.NewReaderSize(from, 1<<16)}
	var inserted int64
	var err error
	for err == nil && rows.next() {
		tag, copyErr := p.conn.PgConn().CopyFrom(ctx, rows, plainCopySQL(t, p.m.Database.Encoding))
		if copyErr != nil {
			fault := *backup.AsError(explain(p.where, copyErr))
			fault.Text = fmt.Sprintf("the table %s cannot be filled, rows %d to %d: %s", tableName(t), inserted+1, inserted+rowsAtOnce, fault.Text)
			err = &fault
		}
		inserted += tag.RowsAffected()
	}
	if err == nil {
		err = rows.err
	}
	if err == nil {
		err = compareTable(t, inserted, &from.sum)
	}
	return firstOf(err, from.Close())
}

// chunks reads COPY text in pieces of rowsAtOnce rows: each gives io.EOF, and next begins another.
type chunks struct {
	from *bufio.Reader
	left int   // rows of the present piece
	err  error // why there is no next one; nil at the end
}

// next says whether there are more rows.
func (c *chunks) next() bool {
	_, err := c.from.Peek(1)
	if err != nil && !errors.Is(err, io.EOF) {
		c.err = err
	}
	c.left = rowsAtOnce
	return err == nil
}

// Read implements io.Reader.
func (c *chunks) Read(to []byte) (int, error) {
	if c.left == 0 {
		return 0, io.EOF
	}
	if _, err := c.from.Peek(1); err != nil {
		return 0, err
	}
	ready, err := c.from.Peek(min(c.from.Buffered(), len(to)))
	if err != nil {
		return 0, err
	}
	n := 0
	for n < len(ready) && c.left > 0 {
		end := bytes.IndexByte(ready[n:], '\n')
		if end < 0 {
			n = len(ready)
			break
		}
		n += end + 1
		c.left--
	}
	copy(to, ready[:n])
	return c.from.Discard(n)
}

// settable gives those sequences of the snapshot that can be set: they are there, the role may
// alter them, and they belong to one of the tables, to what one of them is a part of, or to none.
func (p *partial) settable(ctx context.Context) ([]backup.Sequence, error) {
	schemas, names := []string{}, []string{}
	for _, s := range p.m.Sequences {
		schemas, names = append(schemas, s.Schema), append(names, s.Name)
	}
	there, err := collect[backup.Name](ctx, p.conn, `SELECT n.nspname::text, c.relname::text FROM unnest($1::text[], $2::text[]) w(s, r)
		JOIN pg_namespace n ON n.nspname = w.s JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.r
		WHERE c.relkind = 'S' AND pg_has_role(c.relowner, 'USAGE') AND NOT EXISTS (
			SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass
			AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i') AND NOT d.refobjid = ANY ($3::oid[])
			AND d.refobjid NOT IN (SELECT a.o FROM unnest($3::oid[]) p (o), pg_partition_ancestors(p.o) a (o)))`, schemas, names, p.liveOIDs())
	if err != nil {
		return nil, err
	}
	var found []backup.Sequence
	for _, s := range p.m.Sequences {
		if slices.Contains(there, backup.Name{Schema: s.Schema, Name: s.Name}) {
			found = append(found, s)
		}
	}
	return found, nil
}

// setSequences sets sequences to where the snapshot has them. A sequence that was restarted in a
// transaction is a new one until COMMIT: what setval does to it goes with a ROLLBACK.
func (p *partial) setSequences(ctx context.Context) error {
	sequences, err := p.settable(ctx)
	if err != nil {
		return err
	}
	for _, s := range sequences {
		name := quoteName(s.Schema, s.Name)
		sql := fmt.Sprintf("ALTER SEQUENCE %s RESTART; SELECT pg_catalog.setval(%s::pg_catalog.regclass, %d, %t)", name, quoteLiteral(name), s.Last, s.IsCalled)
		if err := execute(ctx, p.conn, sql); err != nil {
			fault := *backup.AsError(explain(p.where, err))
			fault.Text = "the sequence " + name + " cannot be set: " + fault.Text
			return &fault
		}
	}
	return nil
}

// eventTriggers gives the event triggers that would fire: those that the session may disable, and
// others.
func (p *partial) eventTriggers(ctx context.Context) (own, others []string, err error) {
	type trigger struct {
		Name string
		Own  bool
	}
	all, err := collect[trigger](ctx, p.conn, `SELECT evtname::text, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
		FROM pg_event_trigger WHERE evtenabled IN ('O', 'A') AND evtevent <> 'login' ORDER BY 1`)
	for _, t := range all {
		if t.Own {
			own = append(own, t.Name)
		} else {
			others = append(others, t.Name)
		}
	}
	return own, others, err
}

// hushEvents keeps event triggers from firing, until the statements that it gives have run.
func (p *partial) hushEvents(ctx context.Context) (back []string, err error) {
	type trigger struct{ Name, Enable string }
	all, err := collect[trigger](ctx, p.conn, `SELECT evtname::text, CASE evtenabled WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE' END
		FROM pg_event_trigger WHERE evtenabled IN ('O', 'A') AND (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) ORDER BY 1`)
	if err != nil {
		return nil, err
	}
	var off []string
	for _, t := range all {
		off = append(off, "ALTER EVENT TRIGGER "+quoteIdent(t.Name)+" DISABLE")
		back = append(back, "ALTER EVENT TRIGGER "+quoteIdent(t.Name)+" "+t.Enable)
	}
	return back, executeAll(ctx, p.conn, off)
}
