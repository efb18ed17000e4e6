package postgres

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"holdfast/backup"

	"github.com/jackc/pgx/v5"
)

// run does the work. The rows come while all else is locked: nobody sees a table half filled.
func (p *partial) run(ctx context.Context, commit func(xact string) error) error {
	for _, t := range p.tables {
		if t.fate.Blocked != "" {
			return backup.Errorf(backup.Refused, "Restore the backup into a new database, and copy what you need.", "the table %s cannot be restored by itself: %s", tableName(t.stored), t.fate.Blocked)
		}
	}
	p.track.change(true, func(now *backup.Progress) { now.Stage, now.TablesTotal = "tables", len(p.tables) })
	steps := []func(context.Context) error{p.lock, p.look, p.define, p.takeOff, p.load, p.putBack, p.refresh}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return p.explained(err)
		}
	}
	var xact string
	if err := p.conn.QueryRow(ctx, "SELECT pg_current_xact_id()::text").Scan(&xact); err != nil {
		return p.explained(err)
	}
	if err := cmp.Or(commit(xact), ctx.Err()); err != nil {
		return err
	}
	if err := execute(context.WithoutCancel(ctx), p.conn, "COMMIT"); err != nil {
		return p.explained(err)
	}
	for _, t := range p.tables { // only makes queries faster
		_ = execute(ctx, p.conn, "ANALYZE "+tableName(t.stored))
	}
	return nil
}

func (p *partial) explained(err error) error {
	if hasCode(err, codeLockTimeout) {
		return backup.Errorf(backup.Busy, "End what uses them, then try again.", "the tables are in use by others, who did not let go of them within %s", partialWait)
	}
	return explain(p.where, err)
}

// lock keeps everybody else out of the tables, and of those that refer to them.
func (p *partial) lock(ctx context.Context) error {
	names := map[string]bool{}
	for _, t := range p.tables {
		if t.live == nil {
			continue
		}
		names[tableName(t.stored)] = true
		if t.stored.Root != nil {
			names["ONLY "+quoteName(t.stored.Root.Schema, t.stored.Root.Name)] = true
		}
		for _, k := range t.live.Referrers {
			names[k.Table] = true
		}
	}
	sql := "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL lock_timeout = '" + partialWait + "'"
	for _, name := range sortedKeys(names) {
		sql += "; LOCK TABLE " + name + " IN ACCESS EXCLUSIVE MODE"
	}
	return execute(ctx, p.conn, sql+"; SET LOCAL lock_timeout = 0")
}

// takeOff takes off what would stand in the way of new rows, and remembers how to put it back:
// foreign keys that refer to the tables, constraints that are not valid, user triggers, forced row
// security.
func (p *partial) takeOff(ctx context.Context) error {
	var off []string
	if p.job.RowsOnly {
		back, err := p.hushEvents(ctx)
		if err != nil {
			return err
		}
		p.events = back
		if off, err = p.hushRoots(ctx); err != nil {
			return err
		}
	}
	for _, t := range p.tables {
		if t.live == nil {
			continue
		}
		name := tableName(t.stored)
		for _, trigger := range t.live.Triggers {
			off = append(off, "ALTER TABLE "+name+" DISABLE TRIGGER "+quoteIdent(trigger.Name))
			p.after = append(p.after, "ALTER TABLE "+name+" "+trigger.Enable+" TRIGGER "+quoteIdent(trigger.Name))
		}
		if t.live.Forced {
			off = append(off, "ALTER TABLE "+name+" NO FORCE ROW LEVEL SECURITY")
			p.after = append(p.after, "ALTER TABLE "+name+" FORCE ROW LEVEL SECURITY")
		}
		for _, k := range slices.Concat(t.live.Referrers, t.live.Unchecked) {
			off = p.takeOffKey(off, k, "TABLE", "")
		}
		for _, k := range t.live.Domains {
			off = p.takeOffKey(off, k, "DOMAIN", "DOMAIN ")
		}
	}
	return executeAll(ctx, p.conn, off)
}

// takeOffKey takes a constraint of a table or domain off, once. of is what a comment calls it.
func (p *partial) takeOffKey(off []string, k liveKey, kind, of string) []string {
	drop := "ALTER " + kind + " " + k.Table + " DROP CONSTRAINT " + quoteIdent(k.Name)
	if slices.Contains(off, drop) {
		return off
	}
	p.after = append(p.after, "ALTER "+kind+" "+k.Table+" ADD CONSTRAINT "+quoteIdent(k.Name)+" "+k.Definition)
	if k.Comment != "" {
		p.after = append(p.after, "COMMENT ON CONSTRAINT "+quoteIdent(k.Name)+" ON "+of+k.Table+" IS "+quoteLiteral(k.Comment))
	}
	return append(off, drop)
}

// load empties and fills the tables.
func (p *partial) load(ctx context.Context) error {
	if p.job.RowsOnly {
		return p.loadRows(ctx)
	}
	var names []string
	for _, t := range p.tables {
		if t.live != nil {
			names = append(names, "ONLY "+tableName(t.stored))
		}
	}
	if len(names) > 0 {
		if err := execute(ctx, p.conn, "TRUNCATE "+strings.Join(names, ", ")); err != nil {
			return err
		}
	}
	for _, t := range p.tables {
		if err := p.fill(ctx, t.stored); err != nil {
			return err
		}
		p.track.table()
	}
	return nil
}

func (p *partial) fill(ctx context.Context, t *backup.Table) error {
	part, err := p.parts.Open(ctx, t.Part)
	if err != nil {
		return err
	}
	from := &storedRows{ctx: ctx, from: part, passed: p.track.bytes}
	sql := "COPY " + tableName(t) + columnList(t) + " FROM STDIN (ENCODING " + quoteLiteral(p.m.Database.Encoding) + ")"
	tag, err := p.conn.PgConn().CopyFrom(ctx, from, sql)
	if err == nil {
		err = compareTable(t, tag.RowsAffected(), &from.sum)
	} else {
		fault := *backup.AsError(explain(p.where, err))
		fault.Text = fmt.Sprintf("the table %s cannot be filled: %s", tableName(t), fault.Text)
		err = &fault
	}
	return firstOf(err, from.Close())
}

// putBack puts back what was taken off. A foreign key that does not hold is named.
func (p *partial) putBack(ctx context.Context) error {
	p.track.stage("check")
	for _, sql := range slices.Concat(p.after, p.keys) {
		err := execute(ctx, p.conn, sql)
		if hasCode(err, foreignKeyViolation) {
			fault := *backup.AsError(explain(p.where, err))
			fault.Kind, fault.Hint = backup.Refused, "Restore the table that refers to it too, with one more --table, or remove those rows first."
			fault.Text = "rows that refer to the restored table would be left without what they refer to: " + fault.Text
			return &fault
		}
		if err != nil {
			return err
		}
	}
	if p.job.RowsOnly {
		return p.setSequences(ctx)
	}
	return p.sequences(ctx)
}

// sequences lifts the sequences that the tables own to what the backup had, never down: values
// that were handed out meanwhile may be known elsewhere.
func (p *partial) sequences(ctx context.Context) error {
	for _, name := range p.ownedSequences() {
		i := slices.IndexFunc(p.m.Sequences, func(s backup.Sequence) bool { return s.Schema == name.Schema && s.Name == name.Name })
		if i < 0 {
			continue
		}
		s := p.m.Sequences[i]
		_, err := p.conn.Exec(ctx, `SELECT setval($1::text::regclass, $2::bigint, $3::boolean) FROM pg_sequences
			WHERE schemaname = $4 AND sequencename = $5 AND (last_value IS NULL OR last_value < $2::bigint)`,
			quoteName(s.Schema, s.Name), s.Last, s.IsCalled, s.Schema, s.Name)
		if err != nil {
			return err
		}
	}
	return nil
}

// ownedSequences names the sequences of the tables, and of partitioned ones that come back as a whole.
func (p *partial) ownedSequences() (names []backup.Name) {
	for _, t := range p.tables {
		if t.live != nil {
			names = append(names, t.live.Sequences...)
		}
	}
	for _, w := range p.whole {
		if w.live != nil {
			names = append(names, w.live.Sequences...)
		}
	}
	return names
}

// refresh fills the materialized views again that were made from the tables, and lets event
// triggers fire again.
func (p *partial) refresh(ctx context.Context) error {
	views, err := readTexts(ctx, p.conn, liveMatviewsSQL, p.liveOIDs())
	if err != nil {
		return err
	}
	for i, v := range views {
		views[i] = "REFRESH MATERIALIZED VIEW " + v
	}
	return executeAll(ctx, p.conn, append(views, p.events...))
}

func executeAll(ctx context.Context, conn *pgx.Conn, statements []string) error {
	for _, sql := range statements {
		if err := execute(ctx, conn, sql); err != nil {
			return err
		}
	}
	return nil
}
