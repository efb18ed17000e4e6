package postgres

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"holdfast/backup"
	"holdfast/backup/pgarchive"

	"github.com/jackc/pgx/v5"
)

// earlyBytes is how much COPY text a table must have for its indexes to be built as soon as its
// rows are there, while other tables are still being filled. The others' are built at the end,
// by one pg_restore: a process for each would cost more than it saves.
const earlyBytes = 16 << 20

// building is a step of making the indexes of one large table.
type building struct {
	ids   []int // dump IDs of its entries in the archive
	bytes int64 // COPY text of the table
	next  []*building
}

// loadPlan hands out work: tables to fill, the largest first, and indexes of large tables.
type loadPlan struct {
	early map[*backup.Table][]*building // to be begun when the table is filled

	mu     sync.Mutex
	change *sync.Cond
	tables []*backup.Table
	ready  []*building
	busy   int   // pieces of work that are being done and may bring more
	built  []int // dump IDs
}

func newLoadPlan(tables []*backup.Table, early map[*backup.Table][]*building) *loadPlan {
	p := &loadPlan{tables: tables, early: early}
	p.change = sync.NewCond(&p.mu)
	return p
}

// take gives what to do next, waiting while others may bring more; neither when all is done or
// ctx has ended. An index takes longer than filling a table of the same size.
func (p *loadPlan) take(ctx context.Context) (*backup.Table, *building) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for ctx.Err() == nil {
		switch {
		case len(p.ready) > 0 && (len(p.tables) == 0 || 2*p.ready[0].bytes >= p.tables[0].Bytes):
			b := p.ready[0]
			p.ready, p.busy = p.ready[1:], p.busy+1
			return nil, b
		case len(p.tables) > 0:
			t := p.tables[0]
			p.tables, p.busy = p.tables[1:], p.busy+1
			return t, nil
		case p.busy == 0:
			return nil, nil
		}
		p.change.Wait()
	}
	return nil, nil
}

// done says that a piece of work is finished, and what it makes possible.
func (p *loadPlan) done(built []int, more []*building) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.busy--
	p.built = append(p.built, built...)
	p.ready = append(p.ready, more...)
	slices.SortStableFunc(p.ready, func(a, b *building) int { return int(min(max(b.bytes-a.bytes, -1), 1)) })
	p.change.Broadcast()
}

// work does what the plan hands out until there is no more.
func (f *filling) work(ctx context.Context, conn *pgx.Conn, plan *loadPlan) error {
	stop := context.AfterFunc(ctx, func() {
		plan.mu.Lock() // so that nobody is between looking at ctx and waiting
		defer plan.mu.Unlock()
		plan.change.Broadcast()
	})
	defer stop()
	for {
		table, index := plan.take(ctx)
		switch {
		case table != nil:
			if err := f.loadTables(ctx, conn, append(plan.company(table), table)); err != nil {
				return err
			}
			plan.done(nil, plan.early[table])
		case index != nil:
			if err := f.build(ctx, index); err != nil {
				return err
			}
			plan.done(index.ids, index.next)
		default:
			return ctx.Err()
		}
	}
}

// build makes the indexes of one step.
func (f *filling) build(ctx context.Context, b *building) error {
	var list strings.Builder
	for _, id := range b.ids {
		fmt.Fprintf(&list, "%d;\n", id)
	}
	return f.afterData(ctx, list.String())
}

// earlyIndexes finds what can be built for each large table as soon as it is filled. When there
// is no large table the archive is not read.
func (f *filling) earlyIndexes(tables []*backup.Table) (map[*backup.Table][]*building, error) {
	large := slices.DeleteFunc(slices.Clone(tables), func(t *backup.Table) bool { return t.Bytes < earlyBytes || t.Root != nil })
	if len(large) == 0 {
		return nil, nil
	}
	archive, err := f.readTOC()
	if err != nil {
		return nil, err
	}
	byID := indexEntries(archive)
	early := map[*backup.Table][]*building{}
	for _, t := range large {
		if id, ok := tableID(archive, t); ok {
			early[t] = buildings(byID[id], t.Bytes)
		}
	}
	return early, nil
}

// tableID finds a table's entry. Names in the archive are in the database's own encoding; one
// that differs is not found, and its indexes are built at the end.
func tableID(archive *pgarchive.Archive, t *backup.Table) (string, bool) {
	for i := range archive.Entries {
		e := &archive.Entries[i]
		if e.Desc.S == "TABLE" && e.Namespace.S == t.Schema && e.Tag.S == t.Name {
			return strconv.Itoa(e.DumpID), true
		}
	}
	return "", false
}

// indexEntries gives the indexes and the constraints that are indexes, by the dump ID of what
// they depend on; those that depend on something else that comes after the rows are left out.
func indexEntries(archive *pgarchive.Archive) map[string][]*pgarchive.Entry {
	late := map[string]bool{}
	for i := range archive.Entries {
		if archive.Entries[i].Section == pgarchive.SectionPostData {
			late[strconv.Itoa(archive.Entries[i].DumpID)] = true
		}
	}
	entries := map[string][]*pgarchive.Entry{}
	for i := range archive.Entries {
		e := &archive.Entries[i]
		if e.Section != pgarchive.SectionPostData || (e.Desc.S != "INDEX" && e.Desc.S != "CONSTRAINT") ||
			slices.ContainsFunc(e.Deps, func(id pgarchive.Text) bool { return late[id.S] }) {
			continue
		}
		for _, id := range e.Deps { // pg_dump names some twice
			if known := entries[id.S]; !slices.Contains(known, e) {
				entries[id.S] = append(known, e)
			}
		}
	}
	return entries
}

// buildings puts the indexes of one table into steps. What alters the table locks others out,
// and two of its kind could wait for each other for ever: that is done first, one by one.
func buildings(entries []*pgarchive.Entry, size int64) []*building {
	first := &building{bytes: size}
	for _, e := range entries {
		if e.Desc.S == "CONSTRAINT" || strings.Contains(e.Defn.S, "ALTER TABLE") {
			first.ids = append(first.ids, e.DumpID)
		} else {
			first.next = append(first.next, &building{ids: []int{e.DumpID}, bytes: size})
		}
	}
	if len(first.ids) == 0 {
		return first.next
	}
	return []*building{first}
}
