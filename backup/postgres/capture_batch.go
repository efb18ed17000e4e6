package postgres

import (
	"context"
	"io"
	"strings"

	"holdfast/backup"
	"holdfast/backup/rowsum"

	"github.com/jackc/pgx/v5"
)

// Small tables are copied many at a time: a transaction, a lock and a look at the present for each
// would take longer than their rows. What one batch may be keeps its locks as short as those of
// one table.
const (
	batchTables = 64        // at most, in one batch
	batchTable  = 128 << 10 // bytes on disk of a table that is small
	batchBytes  = 2 << 20   // on disk, of all tables of a batch
	batchText   = 4 << 20   // COPY text kept in memory until the locks are gone
)

// batches puts tables, large ones first, into pieces of work for a number of workers: each large
// one alone, small ones together.
func batches(work []int, size func(i int) int64, workers int) [][]int {
	var pieces [][]int
	most := min(batchTables, len(work)/(2*workers)+1)
	var total int64
	for _, i := range work {
		last := len(pieces) - 1
		if total += size(i); size(i) > batchTable || last < 0 || len(pieces[last]) >= most || size(pieces[last][0]) > batchTable || total > batchBytes {
			pieces, total = append(pieces, []int{i}), size(i)
			continue
		}
		pieces[last] = append(pieces[last], i)
	}
	return pieces
}

// batch is a number of small tables that one worker copies at once.
type batch struct {
	c      *capture
	tables []*batched
	at     int    // table whose rows come
	text   []byte // rows of tables up to at
	direct bool   // text was full: rows go to the parts at once
}

// batched is one table of a batch.
type batched struct {
	*table

	result *backup.Table
	part   backup.PartWriter
	text   [2]int // where its rows are in the batch's text
	sum    rowsum.Rows
}

// copyBatch copies the tables with these numbers. Like that of one table, a lock waits for
// nothing: not for the vault, as rows are kept in memory until the locks are gone, and not for
// others, as a batch with a table that is not free at once is copied table by table.
func (c *capture) copyBatch(ctx context.Context, conn *pgx.Conn, numbers []int) error {
	b := &batch{c: c}
	defer b.discard()
	for _, i := range numbers {
		part, err := c.sink.Create(ctx, c.results[i].Part)
		if err != nil {
			return err
		}
		b.tables = append(b.tables, &batched{table: c.tables[i], result: &c.results[i], part: part})
	}
	free, err := b.lock(ctx, conn)
	if err != nil {
		return err
	}
	if !free {
		b.discard()
		return c.copyEach(ctx, conn, numbers)
	}
	if err := c.check(ctx, b.list()...); err != nil {
		return err
	}
	if err := b.copyOut(ctx, conn); err != nil {
		return err
	}
	return b.seal()
}

// copyEach copies tables one after the other.
func (c *capture) copyEach(ctx context.Context, conn *pgx.Conn, numbers []int) error {
	for _, i := range numbers {
		if err := c.copyTable(ctx, conn, c.tables[i], &c.results[i]); err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) list() []*table {
	list := make([]*table, len(b.tables))
	for i, t := range b.tables {
		list[i] = t.table
	}
	return list
}

// lock starts a transaction under the snapshot and locks all tables, if they are free at once.
// To wait for one while others are locked would hold up whoever wants those.
func (b *batch) lock(ctx context.Context, conn *pgx.Conn) (free bool, err error) {
	var sql strings.Builder
	sql.WriteString(b.c.beginSnapshot())
	for _, statement := range lockStatements(b.list()) {
		sql.WriteString("; " + statement + " NOWAIT")
	}
	err = execute(ctx, conn, sql.String())
	switch {
	case err == nil:
		return true, nil
	case gone(err):
		return false, &changedError{what: "a table"}
	case hasCode(err, codeLockTimeout):
		return false, explain(b.c.where, execute(ctx, conn, "ROLLBACK"))
	default:
		return false, explain(b.c.where, err)
	}
}

// copyOut reads the rows of all tables and ends the transaction.
func (b *batch) copyOut(ctx context.Context, conn *pgx.Conn) error {
	statements := make([]string, 0, len(b.tables)+1)
	for _, t := range b.tables {
		statements = append(statements, t.copySQL(b.c.encoding))
	}
	statements = append(statements, "COMMIT")
	b.at = -1
	return b.c.attended(ctx, func() *table { return b.tables[max(b.at, 0)].table }, b, func(running context.Context, to io.Writer) error {
		return copyMany(running, conn, strings.Join(statements, "; "), b.next, to)
	})
}

// next says that the rows of the next table come.
func (b *batch) next() {
	b.at++
	b.tables[b.at].text = [2]int{len(b.text), len(b.text)}
}

// Write takes rows of the table that it is the turn of.
func (b *batch) Write(p []byte) (int, error) {
	t := b.tables[b.at]
	if !b.direct && len(b.text)+len(p) > batchText {
		b.direct = true
		if err := b.flush(); err != nil {
			return 0, err
		}
	}
	if b.direct {
		return t.write(p)
	}
	b.text = append(b.text, p...)
	t.text[1] = len(b.text)
	return len(p), nil
}

// flush gives the rows in memory to the parts.
func (b *batch) flush() error {
	for _, t := range b.tables[:b.at+1] {
		if _, err := t.write(b.text[t.text[0]:t.text[1]]); err != nil {
			return err
		}
	}
	b.text = b.text[:0]
	return nil
}

func (t *batched) write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	_, _ = t.sum.Write(p) // never fails
	return t.part.Write(p)
}

// seal completes the parts.
func (b *batch) seal() error {
	if !b.direct {
		if err := b.flush(); err != nil {
			return err
		}
	}
	for _, t := range b.tables {
		t.result.Rows, t.result.Bytes, t.result.Hash = t.sum.Rows(), t.sum.Bytes(), t.sum.Hex()
		if err := t.part.Seal(); err != nil {
			return err
		}
		b.c.track.table()
	}
	return nil
}

// discard drops parts that were not sealed.
func (b *batch) discard() {
	for _, t := range b.tables {
		t.part.Discard()
	}
	b.tables = nil
}
