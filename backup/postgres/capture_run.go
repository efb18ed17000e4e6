package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"holdfast/backup"
	"holdfast/backup/pgarchive"
	"holdfast/backup/rowsum"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/sync/errgroup"
)

// run copies everything and gives the manifest. pg_dump needs the longest and begins first.
func (c *capture) run(ctx context.Context) (*backup.Manifest, error) {
	c.track.stage("definitions")
	dump, err := c.newDump(ctx)
	if err != nil {
		return nil, explain(c.where, err)
	}
	var m *backup.Manifest
	group, together := errgroup.WithContext(ctx)
	group.Go(func() error { return dump.run(together) })
	group.Go(func() (err error) {
		m, err = c.copyTables(together, group)
		return err
	})
	if err := group.Wait(); err != nil {
		return nil, err
	}
	c.track.stage("compare")
	if err := c.compareStamp(ctx, kindsInRows(c.tables)); err != nil {
		return nil, err
	}
	if err := c.compareTOC(ctx, dump.archive); err != nil {
		return nil, err
	}
	if err := c.finish(ctx, m, dump); err != nil {
		return nil, explain(c.where, err)
	}
	return m, nil
}

// copyTables describes the database and starts the workers in group.
func (c *capture) copyTables(ctx context.Context, group *errgroup.Group) (*backup.Manifest, error) {
	m, err := c.describe(ctx)
	if err != nil {
		return nil, explain(c.where, err)
	}
	if err := c.writeGlobals(ctx, m); err != nil {
		return nil, err
	}
	work, err := c.plan(ctx)
	if err != nil {
		return nil, explain(c.where, err)
	}
	c.track.stage("tables")
	c.copyAll(ctx, group, work)
	return m, nil
}

// finish completes the manifest.
func (c *capture) finish(ctx context.Context, m *backup.Manifest, dump *dump) error {
	m.Tables = c.results
	var err error
	if m.Sequences, err = c.sequences(ctx, dump.archive); err != nil {
		return err
	}
	m.LargeObjects = backup.Blobs{
		Count: dump.blobs.Count(), Bytes: dump.blobs.Bytes(), Hash: dump.blobs.Hex(), Parts: dump.blobParts,
	}
	return execute(ctx, c.leader, "COMMIT")
}

// sequences gives the states that pg_dump saw, with names in UTF-8.
func (c *capture) sequences(ctx context.Context, archive *pgarchive.Archive) ([]backup.Sequence, error) {
	states, err := archive.Sequences()
	if err != nil {
		return nil, err
	}
	rows, err := c.leader.Query(ctx, `SELECT c.oid, n.nspname::text, c.relname::text
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'S'`)
	if err != nil {
		return nil, err
	}
	names := map[uint32]backup.Name{}
	var oid uint32
	var name backup.Name
	if _, err := pgx.ForEachRow(rows, []any{&oid, &name.Schema, &name.Name}, func() error {
		names[oid] = name
		return nil
	}); err != nil {
		return nil, err
	}
	all := []backup.Sequence{}
	for _, state := range states {
		name, ok := names[state.OID]
		if !ok { // one of an extension, which the archive does not define
			name = backup.Name{Schema: state.Schema, Name: state.Name}
		}
		all = append(all, backup.Sequence{Schema: name.Schema, Name: name.Name, Last: state.Last, IsCalled: state.IsCalled})
	}
	return all, nil
}

// plan gives the numbers of the tables to copy, in pieces of work, those first that take longest, so
// that all workers end at about the same time; and sets up their results.
func (c *capture) plan(ctx context.Context) ([][]int, error) {
	c.watchLock.Lock()
	sizes, err := tableSizes(ctx, c.watch)
	c.watchLock.Unlock()
	if err != nil {
		return nil, err
	}
	var work []int
	var total int64
	c.results = make([]backup.Table, len(c.tables))
	for i, t := range c.tables {
		c.results[i] = t.manifest()
		if c.chosen.leavesOutRows(t) {
			c.results[i].Excluded = true
			c.results[i].Hash = (&rowsum.Rows{}).Hex()
			continue
		}
		c.results[i].Part = fmt.Sprintf("%s/%d.copy", backup.DirTables, i+1)
		work = append(work, i)
		total += sizes[t.OID].bytes
	}
	bytes := func(i int) int64 { return sizes[c.tables[i].OID].bytes }
	slices.SortStableFunc(work, func(a, b int) int {
		if aSmall, bSmall := bytes(a) <= batchTable, bytes(b) <= batchTable; aSmall != bSmall {
			return cmp.Compare(bytes(b), bytes(a))
		}
		return cmp.Compare(c.tables[b].work(sizes[c.tables[b].OID]), c.tables[a].work(sizes[c.tables[a].OID]))
	})
	c.track.change(true, func(p *backup.Progress) { p.TablesTotal, p.BytesTotal = len(work), total })
	return batches(work, bytes, c.server.sessions()), nil
}

// copyAll starts the workers. Each has a session of its own and takes the next piece of work.
func (c *capture) copyAll(ctx context.Context, group *errgroup.Group, work [][]int) {
	var next atomic.Int64
	for k := range min(c.server.sessions(), len(work)) {
		group.Go(func() error {
			conn, err := c.session(ctx)
			if k > 0 && noRoom(err) {
				return nil // the others do its work
			}
			if err != nil {
				return err
			}
			for i := int(next.Add(1)) - 1; i < len(work); i = int(next.Add(1)) - 1 {
				if err := c.copyPiece(ctx, conn, work[i]); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

// copyPiece copies one table, or a batch.
func (c *capture) copyPiece(ctx context.Context, conn *pgx.Conn, numbers []int) error {
	if len(numbers) == 1 {
		return c.copyEach(ctx, conn, numbers)
	}
	return c.copyBatch(ctx, conn, numbers)
}

// copyTable writes one table into its part. The part is opened before the table is locked: the
// vault may be slow, a lock must be short.
func (c *capture) copyTable(ctx context.Context, conn *pgx.Conn, t *table, result *backup.Table) error {
	part, err := c.sink.Create(ctx, result.Part)
	if err != nil {
		return err
	}
	defer part.Discard()
	if err := c.lock(ctx, conn, t); err != nil {
		return err
	}
	if err := c.check(ctx, t); err != nil {
		return err
	}
	sum := &rowsum.Rows{}
	if err := c.copyOut(ctx, conn, t, io.MultiWriter(sum, part)); err != nil {
		return err
	}
	if err := execute(ctx, conn, "COMMIT"); err != nil {
		return explain(c.where, err)
	}
	result.Rows, result.Bytes, result.Hash = sum.Rows(), sum.Bytes(), sum.Hex()
	if err := part.Seal(); err != nil {
		return err
	}
	c.track.table()
	return nil
}

// copySilence is long: a table may be full of dead rows.
const copySilence = 10 * time.Minute

// copyOut writes the rows of t.
func (c *capture) copyOut(ctx context.Context, conn *pgx.Conn, t *table, to io.Writer) error {
	return c.attended(ctx, func() *table { return t }, to, func(running context.Context, to io.Writer) error {
		return copyMany(running, conn, t.copySQL(c.encoding), func() {}, to)
	})
}

// attended runs a copy of tables; at says which one it is at. A connection that is open and gives
// nothing any more (a proxy that hangs) would hold the run for ever; keepalives do not notice it.
func (c *capture) attended(ctx context.Context, at func() *table, to io.Writer, copyOut func(ctx context.Context, to io.Writer) error) error {
	silence := cmp.Or(c.server.silence, copySilence)
	running, cancel := context.WithCancel(ctx)
	defer cancel()
	counted := &counter{to: to, track: c.track, alarm: time.AfterFunc(silence, cancel), silence: silence}
	err := copyOut(running, counted)
	counted.alarm.Stop()
	if err == nil {
		return nil
	}
	if running.Err() != nil && ctx.Err() == nil {
		return &backup.Error{
			Kind: backup.Unreachable, Err: err,
			Text: fmt.Sprintf("PostgreSQL %s sent nothing for %s while table %s was copied", place(c.where), silence, at().quoted()),
			Hint: "Check the network, and proxies, between here and the server.",
		}
	}
	return c.tableError(ctx, at(), counted, err)
}

// tableError says which table it was, unless the sink failed.
func (c *capture) tableError(ctx context.Context, t *table, counted *counter, err error) error {
	if counted.err != nil {
		return counted.err
	}
	if ctx.Err() != nil || transient(err) {
		return err
	}
	fault := *backup.AsError(explain(c.where, err))
	fault.Text = "cannot read table " + t.quoted() + ": " + fault.Text
	if tooLong(err) {
		fault.Hint = "A row of it is longer as text than the 1 GB that PostgreSQL sends at once. Split the value, or leave the rows of the table out of the sandbox's backups."
	}
	return &fault
}

// tooLong says that a row does not fit into one message. The server has two words for it; neither
// is translated.
func tooLong(err error) bool {
	refused, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (refused.Code == "54000" || strings.HasPrefix(refused.Message, "invalid memory alloc request size"))
}

// counter tells the progress what passes, and remembers when it could not pass.
type counter struct {
	to      io.Writer
	track   *tracker
	err     error
	alarm   *time.Timer
	silence time.Duration
}

func (c *counter) Write(p []byte) (int, error) {
	c.track.bytes(len(p))
	c.alarm.Stop() // the vault may take its time
	n, err := c.to.Write(p)
	c.err = err
	c.alarm.Reset(c.silence)
	return n, err
}
