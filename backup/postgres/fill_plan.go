package postgres

import (
	"cmp"
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"holdfast/backup"

	"github.com/jackc/pgx/v5"
)

// piece is one part of the work of filling: exactly one of fill, restore and analyze is set.
type piece struct {
	fill    *backup.Table   // a table to fill
	restore []int           // dump IDs of entries of the archive
	analyze *backup.Table   // a table whose statistics are to be made
	holds   []*backup.Table // with no other piece at the same time; such a piece comes after all filling
	bytes   int64           // COPY text of the table, or of the larger one
	waits   int             // for so many others
	next    []*piece        // what waits for it
}

// before makes others wait for s.
func (s *piece) before(others ...*piece) {
	for _, other := range others {
		other.waits++
		s.next = append(s.next, other)
	}
}

// rowBytes is how much of a table takes as long, to read as to load, as what each row takes besides.
const rowBytes = 180

// work says how long the table that s fills and what waits for it take, in bytes of COPY text: an
// index takes about half of what its table does, and jsonb, which is parsed, as long again.
func (s *piece) work() int64 {
	own := s.fill.Bytes + rowBytes*s.fill.Rows
	if slices.ContainsFunc(s.fill.Columns, func(c backup.Column) bool { return c.Type == "jsonb" }) {
		own *= 2
	}
	for _, c := range s.fill.Columns {
		own += valueBytes(c.Type) * s.fill.Rows
	}
	return own + own/2*int64(len(s.next))
}

// valueBytes is how much COPY text takes as long as to parse one value of a type; 0 for a type whose
// values are hardly more than their text. Measured on PostgreSQL 15.
func valueBytes(typeName string) int64 {
	switch name, _, _ := strings.Cut(typeName, "("); {
	case strings.HasPrefix(name, "timestamp"):
		return 80
	case name == "numeric":
		return 60
	case name == "uuid":
		return 40
	}
	return 0
}

// loadPlan hands out work: tables to fill, those first that keep us longest, what locks and reads a
// large table that is there, and what can wait until nothing else is left.
type loadPlan struct {
	mu       sync.Mutex
	change   *sync.Cond
	tables   []*piece
	ready    []*piece
	late     []*piece
	held     []*backup.Table // by late pieces that are being done
	busy     int             // pieces that are being done and may bring more
	built    []int           // dump IDs
	analyzed []backup.Name
}

func newLoadPlan(tables []*piece) *loadPlan {
	p := &loadPlan{tables: slices.Clone(tables)}
	slices.SortStableFunc(p.tables, func(a, b *piece) int { return cmp.Compare(b.work(), a.work()) })
	p.change = sync.NewCond(&p.mu)
	return p
}

// take gives what to do next, waiting while others may bring more; nil when all is done or ctx has
// ended. An index takes longer than filling a table of the same size, and finds the rows in memory if
// it is built at once.
func (p *loadPlan) take(ctx context.Context) *piece {
	p.mu.Lock()
	defer p.mu.Unlock()
	for ctx.Err() == nil {
		if s := p.choose(); s != nil {
			p.busy++
			p.held = append(p.held, s.holds...)
			return s
		}
		if p.busy == 0 {
			return nil
		}
		p.change.Wait()
	}
	return nil
}

// choose takes the next piece out of its list; nil when there is none at present.
func (p *loadPlan) choose() *piece {
	switch {
	case len(p.ready) > 0 && (len(p.tables) == 0 || 2*p.ready[0].bytes >= p.tables[0].bytes):
		return pick(&p.ready, 0)
	case len(p.tables) > 0:
		return pick(&p.tables, 0)
	}
	free := slices.IndexFunc(p.late, func(s *piece) bool {
		return !slices.ContainsFunc(s.holds, func(t *backup.Table) bool { return slices.Contains(p.held, t) })
	})
	if free < 0 {
		return nil
	}
	return pick(&p.late, free)
}

func pick(list *[]*piece, i int) *piece {
	s := (*list)[i]
	*list = slices.Delete(*list, i, i+1)
	return s
}

// done says that pieces are finished, which lets others begin.
func (p *loadPlan) done(pieces ...*piece) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range pieces {
		p.busy--
		p.built = append(p.built, s.restore...)
		p.held = slices.DeleteFunc(p.held, func(t *backup.Table) bool { return slices.Contains(s.holds, t) })
		for _, next := range s.next {
			if next.waits--; next.waits == 0 {
				p.add(next)
			}
		}
	}
	p.change.Broadcast()
}

// add puts a piece among those that may begin: the largest first, and statistics at the very end.
func (p *loadPlan) add(s *piece) {
	list := &p.ready
	if len(s.holds) > 0 {
		list = &p.late
	}
	*list = append(*list, s)
	slices.SortStableFunc(*list, func(a, b *piece) int {
		return cmp.Or(min(len(b.restore), 1)-min(len(a.restore), 1), cmp.Compare(b.bytes, a.bytes))
	})
}

// alone says whether fewer than n pieces are being done and no other can be begun.
func (p *loadPlan) alone(n int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.busy < n && len(p.tables)+len(p.ready)+len(p.late) == 0
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
		s := plan.take(ctx)
		if s == nil {
			return ctx.Err()
		}
		done := []*piece{s}
		var err error
		switch {
		case s.fill != nil:
			done = append(plan.company(s), s)
			err = f.loadTables(ctx, conn, done)
		case s.analyze != nil:
			err = f.analyzeEarly(ctx, conn, plan, s.analyze)
		default:
			err = f.build(ctx, s, plan.alone(f.s.sessions()))
		}
		if err != nil {
			return err
		}
		plan.done(done...)
	}
}

// build makes the indexes or the foreign key of one piece. Where every processor has work of its own,
// the server does it in one process: what several sort must be merged again.
func (f *filling) build(ctx context.Context, s *piece, alone bool) error {
	var list strings.Builder
	for _, id := range s.restore {
		fmt.Fprintf(&list, "%d;\n", id)
	}
	settings := map[string]string{}
	if !alone && isHere(f.job.Sandbox.Connection) && f.s.sessions() >= runtime.NumCPU() {
		settings["max_parallel_maintenance_workers"] = "0"
	}
	return f.afterData(ctx, list.String(), settings)
}

// analyzeEarly makes the statistics of one table; if the server cannot, it is tried again at the end.
func (f *filling) analyzeEarly(ctx context.Context, conn *pgx.Conn, plan *loadPlan, t *backup.Table) error {
	made, err := f.analyzeTable(ctx, conn, backup.Name{Schema: t.Schema, Name: t.Name})
	if made {
		plan.mu.Lock()
		defer plan.mu.Unlock()
		plan.analyzed = append(plan.analyzed, backup.Name{Schema: t.Schema, Name: t.Name})
	}
	return err
}
