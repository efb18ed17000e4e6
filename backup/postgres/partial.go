package postgres

import (
	"context"
	"fmt"
	"io"
	"slices"

	"holdfast/backup"
	"holdfast/backup/pgarchive"

	"github.com/jackc/pgx/v5"
)

// partial is a restore of single tables into a live database: one session, one transaction.
type partial struct {
	s      *Server
	job    backup.TablesJob
	m      *backup.Manifest
	parts  backup.Parts
	conn   *pgx.Conn
	where  backup.Connection
	track  *tracker
	tables []*partialTable
	whole  []*partialParent // partitioned tables that come back as a whole

	each    func(context.Context, func(*backup.Table, io.ReadCloser) error) error // gives the rows of a snapshot; nil for those of parts
	events  []string                                                              // what lets event triggers fire again
	archive *pgarchive.Archive                                                    // read when a table has to be made again
	after   []string                                                              // what puts back what was taken off
	keys    []string                                                              // foreign keys of tables that are made anew: after all the others
}

// partialTable is one of the tables, in the backup and now.
type partialTable struct {
	stored *backup.Table
	live   *liveTable // nil when it is not there
	fate   backup.TableFate
}

// partialWait bounds how long the restore waits for a table that somebody uses.
const partialWait = "10s"

// PlanTables says what LoadTables would do with each table, without changing anything.
func (s *Server) PlanTables(ctx context.Context, job backup.TablesJob, m *backup.Manifest) ([]backup.TableFate, error) {
	p, err := s.newPartial(ctx, job, m)
	if err != nil {
		return nil, err
	}
	defer closeConn(p.conn)
	fates := make([]backup.TableFate, len(p.tables))
	for i, t := range p.tables {
		fates[i] = t.fate
	}
	return fates, nil
}

// LoadTables brings single tables back into a live database. Their rows are replaced by those of
// the backup; a table that is not there is made again, with its indexes, rights and what referred
// to it. All of it is one transaction: when anything fails, or a foreign key does not hold
// afterwards, nothing has changed. User triggers do not fire.
//
// commit is called with the transaction's ID right before COMMIT, so that a later start can ask
// the server how it ended; its error takes everything back.
func (s *Server) LoadTables(ctx context.Context, job backup.TablesJob, m *backup.Manifest, parts backup.Parts, commit func(xact string) error, report func(backup.Progress)) error {
	p, err := s.newPartial(ctx, job, m)
	if err != nil {
		return err
	}
	defer closeConn(p.conn)
	p.parts, p.track = parts, &tracker{report: report}
	return cancelledFirst(ctx, p.run(ctx, commit))
}

func (s *Server) newPartial(ctx context.Context, job backup.TablesJob, m *backup.Manifest) (*partial, error) {
	p := &partial{s: s, job: job, m: m}
	for _, name := range job.Tables {
		i := slices.IndexFunc(m.Tables, func(t backup.Table) bool { return t.Schema == name.Schema && t.Name == name.Name })
		if i < 0 {
			return nil, backup.Errorf(backup.Usage, "", "the backup has no table %s", quoteName(name.Schema, name.Name))
		}
		p.tables = append(p.tables, &partialTable{stored: &m.Tables[i]})
	}
	var err error
	if p.conn, err = s.connect(ctx, job.Sandbox, job.Sandbox.Connection.Database); err != nil {
		return nil, err
	}
	p.where = resolved(p.conn.Config(), job.Sandbox.Connection)
	if err := p.look(ctx); err != nil {
		closeConn(p.conn)
		return nil, explain(p.where, err)
	}
	return p, nil
}

// look finds out what is there now and what will become of it.
func (p *partial) look(ctx context.Context) error {
	defer p.annotate()
	for _, t := range p.tables {
		t.fate = backup.TableFate{Table: backup.Name{Schema: t.stored.Schema, Name: t.stored.Name}, Rows: t.stored.Rows, Now: -1}
		live, err := lookAtTable(ctx, p.conn, t.stored.Schema, t.stored.Name)
		if err != nil {
			return err
		}
		if t.live = live; live != nil {
			t.fate.Now = live.Rows
		}
		t.fate.Blocked = t.blocked(p.job.RowsOnly)
	}
	return p.lookAtWhole(ctx)
}

// annotate says of each table what else is touched, once all of them are known.
func (p *partial) annotate() {
	for _, t := range p.tables {
		if t.live != nil {
			t.fate.Notes = t.notes(p.isTarget)
		}
	}
	for _, w := range p.whole {
		p.tables[0].fate.Notes = append(p.tables[0].fate.Notes, w.notes...)
	}
}

// blocked says why a table cannot come back by itself.
func (t *partialTable) blocked(rowsOnly bool) string {
	switch {
	case rowsOnly:
		return t.blockedRows()
	case t.stored.Excluded || t.stored.Part == "":
		return "its rows were left out of the backup"
	case t.stored.Extension != "":
		return "it belongs to the extension " + t.stored.Extension
	case t.stored.Root != nil:
		return "its rows go through the partitioned table " + quoteName(t.stored.Root.Schema, t.stored.Root.Name)
	case t.live == nil:
		return ""
	case t.live.Kind != "r":
		return "what has its name now is no ordinary table"
	}
	return t.blockedColumns()
}

// blockedColumns says why the rows do not go into the columns that are there now.
func (t *partialTable) blockedColumns() string {
	for _, c := range t.stored.Columns {
		i := slices.IndexFunc(t.live.Columns, func(l liveColumn) bool { return l.Name == c.Name })
		switch {
		case i < 0:
			return "its column " + quoteIdent(c.Name) + " is not there any more"
		case t.live.Columns[i].Generated:
			return "its column " + quoteIdent(c.Name) + " is generated now"
		case t.live.Columns[i].Type != c.Type:
			return fmt.Sprintf("its column %s is of type %s now, in the backup it is %s", quoteIdent(c.Name), t.live.Columns[i].Type, c.Type)
		}
	}
	for _, l := range t.live.Columns {
		known := slices.ContainsFunc(t.stored.Columns, func(c backup.Column) bool { return c.Name == l.Name })
		if !known && !l.Generated && l.Required {
			return "its new column " + quoteIdent(l.Name) + " takes no NULL and has no default"
		}
	}
	return ""
}

// notes says what else is touched.
func (t *partialTable) notes(isTarget func(table string) bool) []string {
	var notes []string
	name := quoteName(t.stored.Schema, t.stored.Name)
	for _, l := range t.live.Columns {
		known := slices.ContainsFunc(t.stored.Columns, func(c backup.Column) bool { return c.Name == l.Name })
		if !known && !l.Generated {
			notes = append(notes, fmt.Sprintf("The column %s of %s is newer than the backup and gets its default.", quoteIdent(l.Name), name))
		}
	}
	for _, k := range t.live.Referrers {
		if isTarget(k.Table) {
			continue
		}
		notes = append(notes, fmt.Sprintf("Rows of %s refer to %s: that they still can is checked before anything counts.", k.Table, name))
	}
	for _, v := range t.live.Matviews {
		notes = append(notes, fmt.Sprintf("The materialized view %s, made from %s, is refreshed.", v, name))
	}
	return notes
}

// isTarget says whether a table, by its label, is among those that are restored.
func (p *partial) isTarget(name string) bool {
	return slices.ContainsFunc(p.tables, func(t *partialTable) bool { return t.live != nil && t.live.Label == name })
}
