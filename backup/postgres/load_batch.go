package postgres

import (
	"bytes"
	"context"
	"io"
	"slices"

	"holdfast/backup"
	"holdfast/backup/rowsum"

	"github.com/jackc/pgx/v5"
)

const (
	loadSmall = 64 << 10 // COPY text of a table that is filled together with others
	loadMany  = 64       // at most so many together
)

// company takes the tables that are to be filled in one transaction with that of s: small ones only,
// and fewer towards the end, so that all workers have some.
func (p *loadPlan) company(s *piece) []*piece {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s.fill.Bytes > loadSmall {
		return nil
	}
	n := min(loadMany-1, len(p.tables)/4)
	if large := slices.IndexFunc(p.tables[:n], func(s *piece) bool { return s.fill.Bytes > loadSmall }); large >= 0 {
		n = large
	}
	together := slices.Clone(p.tables[:n])
	p.tables = p.tables[n:]
	p.busy += n
	return together
}

// loadTables fills tables, together if they are several.
func (f *filling) loadTables(ctx context.Context, conn *pgx.Conn, pieces []*piece) error {
	if len(pieces) == 1 {
		return f.loadTable(ctx, conn, pieces[0].fill)
	}
	tables := make([]*backup.Table, len(pieces))
	for i, s := range pieces {
		tables[i] = s.fill
	}
	return f.loadBatch(ctx, conn, tables)
}

// loadBatch fills small tables in one transaction. They are not emptied first, as a large one is:
// that makes new files, which takes longer than their rows.
func (f *filling) loadBatch(ctx context.Context, conn *pgx.Conn, tables []*backup.Table) error {
	if err := execute(ctx, conn, beginLoadSQL); err != nil {
		return f.tableError(tables[0], err)
	}
	for _, t := range tables {
		if err := f.loadSmall(ctx, conn, t); err != nil {
			if conn.IsClosed() || ctx.Err() != nil {
				return err
			}
			return firstOf(err, execute(ctx, conn, "ROLLBACK"))
		}
	}
	if err := execute(ctx, conn, "COMMIT"); err != nil {
		return f.tableError(tables[0], err)
	}
	for range tables {
		f.track.table()
	}
	return nil
}

// loadSmall fills one table in the transaction that conn is in.
func (f *filling) loadSmall(ctx context.Context, conn *pgx.Conn, t *backup.Table) error {
	text, err := f.readSmall(ctx, t)
	if err != nil {
		return err
	}
	tag, err := conn.PgConn().CopyFrom(ctx, bytes.NewReader(text), plainCopySQL(t, f.m.Database.Encoding))
	if err != nil {
		return f.tableError(t, err)
	}
	f.track.bytes(len(text))
	return compareCount(t, tag.RowsAffected())
}

// readSmall reads a table's part, which must be what the manifest says: then whatever the server
// has against it is not the backup's fault.
func (f *filling) readSmall(ctx context.Context, t *backup.Table) ([]byte, error) {
	part, err := f.parts.Open(ctx, t.Part)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(part, t.Bytes+1))
	if err := firstOf(err, part.Close()); err != nil {
		return nil, err
	}
	var sum rowsum.Rows
	_, _ = sum.Write(text) // never fails
	return text, compareTable(t, sum.Rows(), &sum)
}
