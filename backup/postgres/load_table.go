package postgres

import (
	"context"
	"fmt"
	"io"
	"strings"

	"holdfast/backup"
	"holdfast/backup/rowsum"

	"github.com/jackc/pgx/v5"
)

// loadTable fills one table in a transaction of its own, which is committed only when the
// server counted the manifest's rows and what was sent has the manifest's hash.
func (f *filling) loadTable(ctx context.Context, conn *pgx.Conn, t *backup.Table) error {
	part, err := f.parts.Open(ctx, t.Part)
	if err != nil {
		return err
	}
	from := &storedRows{ctx: ctx, from: part, passed: f.track.bytes, vigil: f.s.vigil}
	err = f.copyIn(ctx, conn, t, from)
	err = firstOf(err, from.Close())
	if err == nil {
		f.track.table()
	}
	return err
}

func (f *filling) copyIn(ctx context.Context, conn *pgx.Conn, t *backup.Table, from *storedRows) error {
	prologue, statement := copyInSQL(t, f.m.Database.Encoding)
	if err := execute(ctx, conn, prologue); err != nil {
		return f.tableError(t, err)
	}
	tag, err := conn.PgConn().CopyFrom(ctx, from, statement)
	if err != nil {
		return f.judge(ctx, conn, t, from, err)
	}
	if err := compareTable(t, tag.RowsAffected(), &from.sum); err != nil {
		return firstOf(err, execute(ctx, conn, "ROLLBACK"))
	}
	return f.tableError(t, execute(ctx, conn, "COMMIT"))
}

// copyInSQL gives the statements that fill t: what comes before, and the COPY itself.
//
// FREEZE saves rewriting the rows later. It wants a table that was emptied in the same
// transaction, which is why an extension's table, where the extension's own rows must stay, and
// a partitioned table, through which rows find their partition, get a plain COPY.
func copyInSQL(t *backup.Table, encoding string) (prologue, statement string) {
	prologue = beginLoadSQL
	if t.Root != nil || t.Extension != "" {
		return prologue, plainCopySQL(t, encoding)
	}
	return prologue + "; TRUNCATE ONLY " + tableName(t),
		"COPY " + tableName(t) + columnList(t) + " FROM STDIN (FREEZE, ENCODING " + quoteLiteral(encoding) + ")"
}

const beginLoadSQL = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"

// plainCopySQL adds rows to t, or through its root to whichever partition they belong to.
func plainCopySQL(t *backup.Table, encoding string) string {
	target := tableName(t)
	if t.Root != nil {
		target = quoteName(t.Root.Schema, t.Root.Name)
	}
	return "COPY " + target + columnList(t) + " FROM STDIN (ENCODING " + quoteLiteral(encoding) + ")"
}

// columnList names the captured columns; a table without any takes no list.
func columnList(t *backup.Table) string {
	if len(t.Columns) == 0 {
		return ""
	}
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = quoteIdent(c.Name)
	}
	return " (" + strings.Join(names, ", ") + ")"
}

// judge says whose fault it is that COPY failed: bytes that are not those of the manifest make
// the backup Damaged, whatever the server thought of them.
func (f *filling) judge(ctx context.Context, conn *pgx.Conn, t *backup.Table, from *storedRows, cause error) error {
	if ctx.Err() != nil {
		return f.tableError(t, cause)
	}
	if _, err := io.Copy(io.Discard, from); err != nil {
		return err // the part itself cannot be read, and says why
	}
	if err := compareTable(t, from.sum.Rows(), &from.sum); err != nil {
		return err
	}
	if conn.IsClosed() {
		return f.tableError(t, cause)
	}
	return firstOf(f.tableError(t, cause), execute(ctx, conn, "ROLLBACK"))
}

// compareTable compares what a table got, or gave, with the manifest.
func compareTable(t *backup.Table, rows int64, sum *rowsum.Rows) error {
	if err := compareCount(t, rows); err != nil {
		return err
	}
	if sum.Hex() != t.Hash {
		return backup.Errorf(backup.Damaged, damagedHint, "the rows of the table %s are not those of the backup", tableName(t))
	}
	return nil
}

const damagedHint = "Use another backup, and verify this one."

func compareCount(t *backup.Table, rows int64) error {
	if rows != t.Rows {
		return backup.Errorf(backup.Damaged, damagedHint, "the table %s has %d rows, the backup says %d", tableName(t), rows, t.Rows)
	}
	return nil
}

func tableName(t *backup.Table) string { return quoteName(t.Schema, t.Name) }

// tableError says which table it was. A nil err stays nil.
func (f *filling) tableError(t *backup.Table, err error) error {
	if err == nil {
		return nil
	}
	fault := *backup.AsError(explain(f.a.where, err))
	if fault.Kind != backup.Cancelled {
		fault.Text = fmt.Sprintf("the table %s cannot be filled: %s", tableName(t), fault.Text)
		if fault.Hint == "" {
			fault.Hint = rowsHint(err)
		}
	}
	return &fault
}
