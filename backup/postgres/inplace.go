package postgres

import (
	"cmp"
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"holdfast/backup"

	"github.com/jackc/pgx/v5"
)

// inPlace is a restore into the live database itself: one session, one transaction.
type inPlace struct {
	s     *Server
	job   backup.InPlaceJob
	m     *backup.Manifest
	conn  *pgx.Conn
	where backup.Connection
	track *tracker
	rows  int64
}

// PlanInPlace says why the contents of a database cannot be replaced in place: something in it
// belongs to others, a role or an extension is missing. Nothing is changed.
func (s *Server) PlanInPlace(ctx context.Context, job backup.InPlaceJob, m *backup.Manifest) error {
	p, err := s.newInPlace(ctx, job, m)
	if err != nil {
		return err
	}
	defer closeConn(p.conn)
	return p.check(ctx)
}

// ReplaceInPlace empties a live database and loads a script of the backup into it, in one
// transaction: when anything fails, nothing has changed. Extensions stay as they are, and so do
// the owner, the rights and the settings of the database itself. Others wait meanwhile for what
// they use. script writes the backup as SQL; commit is called as with LoadTables.
func (s *Server) ReplaceInPlace(ctx context.Context, job backup.InPlaceJob, m *backup.Manifest, script func(io.Writer) error, commit func(xact string) error, report func(backup.Progress)) error {
	p, err := s.newInPlace(ctx, job, m)
	if err != nil {
		return err
	}
	defer closeConn(p.conn)
	p.track = newTracker(report, m)
	return cancelledFirst(ctx, p.run(ctx, script, commit))
}

func (s *Server) newInPlace(ctx context.Context, job backup.InPlaceJob, m *backup.Manifest) (*inPlace, error) {
	conn, err := s.connect(ctx, job.Sandbox, job.Sandbox.Connection.Database)
	if err != nil {
		return nil, err
	}
	return &inPlace{s: s, job: job, m: m, conn: conn, where: resolved(conn.Config(), job.Sandbox.Connection)}, nil
}

// foreignSQL names objects of users that belong to a role which the session's is no member of.
const foreignSQL = `
SELECT format('%s, which belongs to %I', pg_describe_object('pg_class'::regclass, c.oid, 0), r.rolname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles r ON r.oid = c.relowner
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
	AND NOT pg_has_role(c.relowner, 'MEMBER') AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
UNION ALL
SELECT format('%s, which belongs to %I', pg_describe_object('pg_proc'::regclass, p.oid, 0), r.rolname)
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_roles r ON r.oid = p.proowner
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND NOT pg_has_role(p.proowner, 'MEMBER')
	AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
UNION ALL
SELECT format('large object %s, which belongs to %I', l.oid, r.rolname)
FROM pg_largeobject_metadata l JOIN pg_roles r ON r.oid = l.lomowner WHERE NOT pg_has_role(l.lomowner, 'MEMBER')
ORDER BY 1 LIMIT 20`

// check looks for what stands in the way.
func (p *inPlace) check(ctx context.Context) error {
	others, err := readTexts(ctx, p.conn, foreignSQL)
	if err != nil {
		return explain(p.where, err)
	}
	if len(others) > 0 {
		return backup.Errorf(backup.Refused, "Connect as a role that owns everything in the database, or have the right CREATEDB granted.",
			"the database has what this role may not replace: %s", strings.Join(others[:min(len(others), 5)], "; "))
	}
	missing, err := missingRoles(ctx, p.conn, p.m)
	if err != nil {
		return explain(p.where, err)
	}
	if len(missing) > 0 {
		return backup.Errorf(backup.Refused, "Have them made first: CREATE ROLE "+quoteIdent(missing[0].Name)+" NOLOGIN;",
			"the backup refers to roles that the server does not have: %s", listNames(quoteAll(roleNames(missing))))
	}
	return p.checkExtensions(ctx)
}

// checkExtensions wants every extension of the backup to be there: who may not make a database
// may hardly ever make an extension.
func (p *inPlace) checkExtensions(ctx context.Context) error {
	there, err := readTexts(ctx, p.conn, "SELECT extname::text FROM pg_extension")
	if err != nil {
		return explain(p.where, err)
	}
	missing := slices.DeleteFunc(slices.Clone(p.m.Extensions), func(name string) bool { return slices.Contains(there, name) })
	if len(missing) > 0 {
		return backup.Errorf(backup.Refused, "Have them made first: CREATE EXTENSION "+quoteIdent(missing[0])+";",
			"the database lacks extensions that the backup needs: %s", strings.Join(missing, ", "))
	}
	return nil
}

func (p *inPlace) run(ctx context.Context, script func(io.Writer) error, commit func(xact string) error) error {
	if err := execute(ctx, p.conn, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SET LOCAL lock_timeout = '"+partialWait+"'"); err != nil {
		return explain(p.where, err)
	}
	if err := p.check(ctx); err != nil {
		return err
	}
	p.track.stage("definitions")
	if err := p.empty(ctx); err != nil {
		return lockedOut(p.where, err)
	}
	p.track.stage("tables")
	if err := p.load(ctx, script); err != nil {
		return err
	}
	if p.rows != p.m.Rows() {
		return backup.Errorf(backup.Damaged, "Use another backup, and verify this one.", "the database got %d rows, the backup says %d", p.rows, p.m.Rows())
	}
	var xact string
	if err := p.conn.QueryRow(ctx, "SELECT pg_current_xact_id()::text").Scan(&xact); err != nil {
		return explain(p.where, err)
	}
	if err := cmp.Or(commit(xact), ctx.Err()); err != nil {
		return err
	}
	if err := execute(context.WithoutCancel(ctx), p.conn, "COMMIT"); err != nil {
		return explain(p.where, err)
	}
	p.track.stage("statistics")
	_ = execute(ctx, p.conn, "ANALYZE") // only makes queries faster
	return nil
}

// lockedOut says of a lock that was not to be had that others use what is replaced.
func lockedOut(where backup.Connection, err error) error {
	if hasCode(err, codeLockTimeout) {
		return backup.Errorf(backup.Busy, "End what uses them, then try again.", "the tables are in use by others, who did not let go of them within %s", partialWait)
	}
	return explain(where, err)
}

// load runs the script, which is written while it is read.
func (p *inPlace) load(ctx context.Context, script func(io.Writer) error) error {
	from, to := io.Pipe()
	written := make(chan error, 1)
	go func() {
		err := script(to)
		written <- err
		to.CloseWithError(err) // nil is the end
	}()
	err := p.execute(ctx, newScript(from))
	_ = from.CloseWithError(io.ErrClosedPipe) // whoever still writes ends
	wrote := <-written
	if wrote != nil && !errors.Is(wrote, io.ErrClosedPipe) {
		return wrote // the cause: the backup itself could not be read
	}
	return err
}

func (p *inPlace) execute(ctx context.Context, s *script) error {
	for {
		st, err := s.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if stays(&st) {
			continue
		}
		if !st.copiesIn() {
			err = execute(ctx, p.conn, string(st.text))
		} else {
			err = p.copyIn(ctx, string(st.text), s.rows())
		}
		if err != nil {
			return p.statementError(&st, err)
		}
	}
}

func (p *inPlace) copyIn(ctx context.Context, sql string, rows io.Reader) error {
	tag, err := p.conn.PgConn().CopyFrom(ctx, &passing{from: rows, track: p.track}, sql)
	p.rows += tag.RowsAffected()
	p.track.table()
	return err
}

// passing tells the progress what passes.
type passing struct {
	from  io.Reader
	track *tracker
}

func (r *passing) Read(b []byte) (int, error) {
	n, err := r.from.Read(b)
	r.track.bytes(n)
	return n, err
}

// stays says whether a statement is about what an in-place restore leaves as it is: extensions,
// and the schema public.
func stays(st *statement) bool {
	return st.begins("create", "extension") || st.begins("comment", "on", "extension") ||
		st.begins("create", "schema", "public") || st.begins("alter", "schema", "public") || st.begins("comment", "on", "schema", "public")
}

// shownSQL is how much of a statement an error repeats, in bytes.
const shownSQL = 200

func (p *inPlace) statementError(st *statement, err error) error {
	fault := *backup.AsError(lockedOut(p.where, err))
	if fault.Kind != backup.Cancelled && fault.Kind != backup.Busy {
		fault.Text += "; the statement was: " + strings.ToValidUTF8(string(st.text[:min(len(st.text), shownSQL)]), "?")
	}
	return &fault
}
