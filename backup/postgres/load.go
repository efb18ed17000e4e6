package postgres

import (
	"context"
	"runtime"
	"slices"
	"sync/atomic"

	"holdfast/backup"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"
)

// sessions says how many work at the same time.
func (s *Server) sessions() int {
	if s.Workers > 0 {
		return s.Workers
	}
	return min(4, runtime.NumCPU())
}

// onSessions does work for the items 0 to n-1, in their order, on several sessions of one
// database, or on fewer where the server has no room for all. The first error ends all.
func (s *Server) onSessions(ctx context.Context, sb backup.Sandbox, database string, n int, work func(ctx context.Context, conn *pgx.Conn, i int) error) error {
	if n == 0 {
		return nil
	}
	first, err := s.connect(ctx, sb, database)
	if err != nil {
		return err
	}
	var next atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	for k := range min(s.sessions(), n) {
		group.Go(func() error {
			conn := first
			if k > 0 {
				var err error
				if conn, err = s.connect(ctx, sb, database); noRoom(err) {
					return nil // the others do its work
				} else if err != nil {
					return err
				}
			}
			defer closeConn(conn)
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if err := work(ctx, conn, i); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// load fills all tables: the rows of extensions first, then the others. Meanwhile the indexes, the
// foreign keys and the statistics of large ones are made.
func (f *filling) load(ctx context.Context) error {
	var ordinary, extensions []*backup.Table
	for i := range f.m.Tables {
		t := &f.m.Tables[i]
		switch {
		case t.Part == "" || t.Excluded:
		case t.Extension != "":
			extensions = append(extensions, t)
		default:
			ordinary = append(ordinary, t)
		}
	}
	if err := f.loadExtensions(ctx, extensions); err != nil {
		return err
	}
	plan, err := f.plan(ctx, ordinary)
	if err != nil {
		return err
	}
	workers := f.s.sessions()
	if !slices.ContainsFunc(ordinary, func(t *backup.Table) bool { return isLarge(t, earlyBytes) }) {
		workers = min(workers, len(ordinary))
	}
	err = f.s.onSessions(ctx, f.job.Sandbox, f.job.Shadow, workers, func(ctx context.Context, conn *pgx.Conn, _ int) error {
		return f.work(ctx, conn, plan)
	})
	f.built, f.analyzed = plan.built, plan.analyzed
	return err
}

// loadExtensions fills configuration tables of extensions one after the other. Their foreign
// keys exist already: a table that refers to one not filled yet has to wait for a later round.
func (f *filling) loadExtensions(ctx context.Context, tables []*backup.Table) error {
	if len(tables) == 0 {
		return nil
	}
	conn, err := f.s.connect(ctx, f.job.Sandbox, f.job.Shadow)
	if err != nil {
		return err
	}
	defer closeConn(conn)
	for len(tables) > 0 {
		var waiting []*backup.Table
		var last error
		for _, t := range tables {
			err := f.loadTable(ctx, conn, t)
			if err != nil && !hasCode(err, foreignKeyViolation) {
				return err
			}
			if err != nil {
				waiting, last = append(waiting, t), err
			}
		}
		if len(waiting) == len(tables) {
			return last
		}
		tables = waiting
	}
	return nil
}

const foreignKeyViolation = "23503"
