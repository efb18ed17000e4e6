package postgres

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"sync/atomic"
	"time"

	"holdfast/backup"
	"holdfast/backup/pgarchive"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
)

// partBuffer collects the small writes of COPY before they go to the vault.
const partBuffer = 256 << 10

// run copies everything and gives the manifest.
func (c *capture) run(ctx context.Context) (*backup.Manifest, error) {
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
	dump, err := c.newDump(ctx)
	if err != nil {
		return nil, explain(c.where, err)
	}
	c.track.stage("tables")
	group, together := errgroup.WithContext(ctx)
	group.Go(func() error { return dump.run(together) })
	c.copyAll(together, group, work)
	if err := group.Wait(); err != nil {
		return nil, err
	}
	c.track.stage("compare")
	if err := c.compareAll(ctx, dump.archive); err != nil {
		return nil, err
	}
	if err := c.finish(ctx, m, dump); err != nil {
		return nil, explain(c.where, err)
	}
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
		Count: dump.blobs.count, Bytes: dump.blobs.bytes, Hash: dump.blobs.hex(), Parts: dump.blobParts,
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

// plan gives the indexes of the tables to copy, largest first, and sets up their results.
func (c *capture) plan(ctx context.Context) ([]int, error) {
	sizes, err := tableSizes(ctx, c.watch)
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
			c.results[i].Hash = (&rowSum{}).Hex()
			continue
		}
		c.results[i].Part = fmt.Sprintf("%s/%d.copy", backup.DirTables, i+1)
		work = append(work, i)
		total += sizes[t.OID]
	}
	slices.SortStableFunc(work, func(a, b int) int {
		return cmp.Compare(sizes[c.tables[b].OID], sizes[c.tables[a].OID])
	})
	c.track.change(true, func(p *backup.Progress) { p.TablesTotal, p.BytesTotal = len(work), total })
	return work, nil
}

// copyAll starts the workers. Each has a session of its own and takes the next table.
func (c *capture) copyAll(ctx context.Context, group *errgroup.Group, work []int) {
	var next atomic.Int64
	for range min(c.server.sessions(), len(work)) {
		group.Go(func() error {
			conn, err := c.session(ctx)
			if err != nil {
				return err
			}
			for {
				i := int(next.Add(1)) - 1
				if i >= len(work) {
					return nil
				}
				if err := c.copyTable(ctx, conn, c.tables[work[i]], &c.results[work[i]]); err != nil {
					return err
				}
				c.track.table()
			}
		})
	}
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
	sum := &rowSum{}
	out := bufio.NewWriterSize(part, partBuffer)
	if err := c.copyOut(ctx, conn, t, io.MultiWriter(sum, out)); err != nil {
		return err
	}
	if err := execute(ctx, conn, "COMMIT"); err != nil {
		return explain(c.where, err)
	}
	if err := out.Flush(); err != nil {
		return err
	}
	result.Rows, result.Bytes, result.Hash = sum.Rows(), sum.Bytes(), sum.Hex()
	return part.Seal()
}

// copySilence is long: a table may be full of dead rows.
const copySilence = 10 * time.Minute

// copyOut writes the rows of t. A connection that is open and gives nothing any more (a proxy
// that hangs) would hold the run for ever; keepalives do not notice it.
func (c *capture) copyOut(ctx context.Context, conn *pgx.Conn, t *table, to io.Writer) error {
	silence := cmp.Or(c.server.silence, copySilence)
	running, cancel := context.WithCancel(ctx)
	defer cancel()
	counted := &counter{to: to, track: c.track, alarm: time.AfterFunc(silence, cancel), silence: silence}
	_, err := conn.PgConn().CopyTo(running, counted, t.copySQL(c.encoding))
	counted.alarm.Stop()
	if err == nil {
		return nil
	}
	if running.Err() != nil && ctx.Err() == nil {
		return &backup.Error{
			Kind: backup.Unreachable, Err: err,
			Text: fmt.Sprintf("PostgreSQL at %s sent nothing for %s while table %s was copied", address(c.where), silence, t.quoted()),
			Hint: "Check the network, and proxies, between here and the server.",
		}
	}
	return c.tableError(ctx, t, counted, err)
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
	return &fault
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
