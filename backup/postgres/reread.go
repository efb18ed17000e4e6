package postgres

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"holdfast/backup"
	"holdfast/backup/rowsum"

	"github.com/jackc/pgx/v5"
)

// Reread reads everything in the shadow back and compares it with m: each table's rows, the
// sequences, the contents of the large objects. A difference is Damaged.
func (s *Server) Reread(ctx context.Context, job backup.ShadowJob, m *backup.Manifest, report func(backup.Progress)) error {
	s, stop := s.guarded(ctx, job.Sandbox)
	defer stop()
	a, err := s.admin(ctx, job.Sandbox, job.Shadow)
	if err != nil {
		return err
	}
	defer a.close()
	if err := a.lock(ctx, job.Run); err != nil {
		return err
	}
	r := &rereading{s: s.withoutEvents(a), job: job, m: m, a: a, track: newTracker(report, m), roots: map[backup.Name]*rootSum{}}
	if err := r.run(ctx); err != nil {
		return cancelledFirst(ctx, err)
	}
	return ctx.Err()
}

// eventsSetting is the version from which on event triggers fire at login, and may be kept from it.
const eventsSetting = 170000

// withoutEvents gives s with sessions in which event triggers do not fire: one that fires at
// login could change what is about to be read. Only a superuser can make such triggers, or
// keep them from firing.
func (s *Server) withoutEvents(a *admin) *Server {
	if a.num < eventsSetting || a.conn.PgConn().ParameterStatus("is_superuser") != "on" {
		return s
	}
	quiet := *s
	quiet.noEvents = true
	return &quiet
}

// rereading is one Reread.
type rereading struct {
	s     *Server
	job   backup.ShadowJob
	m     *backup.Manifest
	a     *admin
	track *tracker

	mu    sync.Mutex
	roots map[backup.Name]*rootSum
}

// rootSum compares the tables below one root together: loading through the root may have put a
// row into another partition than the one it came from.
type rootSum struct {
	want, got         rowsum.Sum
	wantRows, gotRows int64
	columns           string // of the first table
	mixed             bool   // tables differ in the order of columns: the text of a row depends on where it is
}

func (r *rereading) run(ctx context.Context) error {
	r.track.stage("read back")
	tables := make([]*backup.Table, 0, len(r.m.Tables))
	for i := range r.m.Tables {
		if t := &r.m.Tables[i]; t.Part != "" && !t.Excluded {
			tables = append(tables, t)
		}
	}
	slices.SortStableFunc(tables, func(a, b *backup.Table) int { return cmp.Compare(b.Bytes, a.Bytes) })
	err := r.s.onSessions(ctx, r.job.Sandbox, r.job.Shadow, len(tables), func(ctx context.Context, conn *pgx.Conn, i int) error {
		return r.table(ctx, conn, tables[i])
	})
	if err != nil {
		return err
	}
	if err := r.compareRoots(); err != nil {
		return err
	}
	return r.rest(ctx)
}

// table reads one table back.
func (r *rereading) table(ctx context.Context, conn *pgx.Conn, t *backup.Table) error {
	sum := &countedSum{track: r.track}
	if err := copyMany(ctx, conn, copyBackSQL(t, r.m.Database.Encoding), func() {}, sum); err != nil {
		fault := *backup.AsError(explain(r.a.where, err))
		fault.Text = fmt.Sprintf("the table %s cannot be read back: %s", tableName(t), fault.Text)
		return &fault
	}
	r.track.table()
	if t.Root != nil {
		return r.addToRoot(t, &sum.sum)
	}
	return compareTable(t, sum.sum.Rows(), &sum.sum)
}

// countedSum is a rowsum.Rows that reports progress.
type countedSum struct {
	sum   rowsum.Rows
	track *tracker
}

// Write never fails.
func (c *countedSum) Write(p []byte) (int, error) {
	c.track.bytes(len(p))
	return c.sum.Write(p)
}

// copyBackSQL reads what was captured: the same columns and, of an extension's table, the same rows.
func copyBackSQL(t *backup.Table, encoding string) string {
	source := tableName(t) + columnList(t)
	if t.Condition != "" {
		source = "(SELECT " + strings.Trim(columnList(t), " ()") + " FROM ONLY " + tableName(t) + " " + t.Condition + ")"
	}
	return "COPY " + source + " TO STDOUT (ENCODING " + quoteLiteral(encoding) + ")"
}

func (r *rereading) addToRoot(t *backup.Table, got *rowsum.Rows) error {
	want, err := rowsum.Parse(t.Hash)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	root := r.roots[*t.Root]
	if root == nil {
		root = &rootSum{columns: columnList(t)}
		r.roots[*t.Root] = root
	}
	root.mixed = root.mixed || root.columns != columnList(t)
	root.want.Add(want)
	root.got.Add(got.Sum())
	root.wantRows += t.Rows
	root.gotRows += got.Rows()
	return nil
}

func (r *rereading) compareRoots() error {
	for name, root := range r.roots {
		if (root.want != root.got && !root.mixed) || root.wantRows != root.gotRows {
			return backup.Errorf(backup.Damaged, "Use another backup, and verify this one.",
				"the partitions of %s have %d rows, the backup says %d, or the rows differ", quoteName(name.Schema, name.Name), root.gotRows, root.wantRows)
		}
	}
	return nil
}

// rest compares sequences and large objects.
func (r *rereading) rest(ctx context.Context) error {
	conn, err := r.s.connect(ctx, r.job.Sandbox, r.job.Shadow)
	if err != nil {
		return err
	}
	defer closeConn(conn)
	if err := compareSequences(ctx, conn, r.m); err != nil {
		return explain(r.a.where, err)
	}
	return explain(r.a.where, compareBlobs(ctx, conn, r.m))
}
