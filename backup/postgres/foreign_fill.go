package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync/atomic"

	"holdfast/backup"

	"github.com/jackc/pgx/v5"
)

// foreign is one restore of a file into a shadow database.
type foreign struct {
	*filling

	facts  *backup.FileFacts
	tables int
	rows   int64
	late   []string // statements of a script about event triggers, for the end
}

// FillFrom makes the shadow database job.Shadow and restores the file that facts are about into
// it, event triggers last, so that none fires. Then it counts what came. On any error, and on
// cancel, the shadow is dropped again and no session stays.
func (s *Server) FillFrom(ctx context.Context, job backup.ShadowJob, facts *backup.FileFacts, report func(backup.Progress)) (tables int, rows int64, err error) {
	s, stop := s.guarded(ctx, job.Sandbox)
	defer stop()
	a, err := s.admin(ctx, job.Sandbox, job.Shadow)
	if err != nil {
		return 0, 0, err
	}
	defer a.close()
	m := fileManifest(facts, nil)
	job.NoTablespaces = facts.NoTablespaces
	f := &foreign{filling: &filling{s: s, job: job, m: m, a: a, track: newTracker(report, m)}, facts: facts}
	f.track.now.BytesTotal, f.track.now.TablesTotal = facts.Bytes, len(facts.Tables)
	if facts.Format != formatScript {
		if f.filling.tools, err = s.restoreTools(a.num, m); err != nil {
			return 0, 0, err
		}
	}
	if err := f.run(ctx); err != nil {
		return 0, 0, f.abandon(ctx, cancelledFirst(ctx, err))
	}
	return f.tables, f.rows, nil
}

// fillStep is a step of the work, under the name by which it is reported.
type fillStep struct {
	stage string
	work  func(context.Context) error
}

func (f *foreign) run(ctx context.Context) error {
	if err := f.a.lock(ctx, f.job.Run); err != nil {
		return err
	}
	if err := f.sweep(ctx); err != nil {
		return err
	}
	steps := []fillStep{{"create", f.create}}
	if f.facts.Format == formatScript {
		steps = append(steps, fillStep{"script", f.runScript})
	} else {
		steps = append(steps, fillStep{"definitions", f.foreignDefinitions}, fillStep{"tables", f.foreignData}, fillStep{"indexes", f.foreignIndexes})
	}
	steps = append(steps, fillStep{"statistics", f.analyze}, fillStep{"compare", f.count}, fillStep{"event triggers", f.foreignTriggers}, fillStep{"tidy", f.tidy})
	for _, step := range steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		f.track.stage(step.stage)
		if err := step.work(ctx); err != nil {
			return err
		}
	}
	return firstOf(ctx.Err(), checkStamp(f.facts))
}

// restore prepares a run of pg_restore on the shadow.
func (f *foreign) restore(ctx context.Context, section string) *child {
	args := []string{"--no-password", "--section=" + section, "--dbname="}
	for _, option := range []struct {
		wanted bool
		text   string
	}{
		{!f.lenient(), "--exit-on-error"},
		{f.facts.NoOwner, "--no-owner"},
		{f.facts.NoRights, "--no-privileges"},
		{f.facts.NoTablespaces, "--no-tablespaces"},
		{f.facts.NoSubscriptions, "--no-subscriptions"},
	} {
		if option.wanted {
			args = append(args, option.text)
		}
	}
	c := f.s.child(ctx, f.job.Sandbox, f.job.Shadow, f.filling.tools.Restore, args)
	c.hasFile = true
	return c
}

// readyPublic makes the schema public what the file takes for granted, or makes room for its own.
func (f *foreign) readyPublic(ctx context.Context) error {
	if !f.facts.MakesPublic {
		return f.closePublic(ctx)
	}
	conn, err := f.s.connect(ctx, f.job.Sandbox, f.job.Shadow)
	if err != nil {
		return err
	}
	defer closeConn(conn)
	return explain(f.a.where, execute(ctx, conn, "DROP SCHEMA public"))
}

func (f *foreign) foreignDefinitions(ctx context.Context) error {
	if err := f.readyPublic(ctx); err != nil {
		return err
	}
	c := f.restore(ctx, "pre-data")
	c.arg(f.facts.Name)
	return f.finish(c)
}

// jobs says with how many sessions pg_restore may work: it cannot jump about in a tar file.
func (f *foreign) jobs() int {
	if f.facts.Format == formatTar {
		return 1
	}
	return f.s.sessions()
}

func (f *foreign) foreignData(ctx context.Context) error {
	c := f.restore(ctx, "data")
	c.arg("--jobs="+strconv.Itoa(f.jobs()), f.facts.Name)
	return f.finish(c)
}

// foreignIndexes restores what comes after the rows, except event triggers.
func (f *foreign) foreignIndexes(ctx context.Context) error {
	var list bytes.Buffer
	read := func(r io.Reader) error {
		_, err := list.ReadFrom(r)
		return err
	}
	if err := runTool(ctx, f.filling.tools.Restore, read, "--section=post-data", "--list", f.facts.Name); err != nil {
		return err
	}
	f.list = list.String()
	return f.chosen(ctx, choose(f.list, false), "--jobs="+strconv.Itoa(f.jobs()))
}

// chosen restores what a list names from the section post-data.
func (f *foreign) chosen(ctx context.Context, list string, args ...string) error {
	if list == "" {
		return nil
	}
	file, err := memfile("list")
	if err != nil {
		return err
	}
	defer dropMemfile(file)
	if _, err := io.WriteString(file, list); err != nil {
		return err
	}
	c := f.restore(ctx, "post-data")
	c.files = append(c.files, file)
	c.arg("--use-list=" + c.path(0))
	c.arg(args...)
	c.arg(f.facts.Name)
	return f.finish(c)
}

func (f *foreign) foreignTriggers(ctx context.Context) error {
	if f.facts.Format != formatScript {
		return f.chosen(ctx, choose(f.list, true))
	}
	if len(f.late) == 0 {
		return nil
	}
	conn, err := f.s.connect(ctx, f.job.Sandbox, f.job.Shadow)
	if err != nil {
		return err
	}
	defer closeConn(conn)
	for _, sql := range f.late {
		if err := execute(ctx, conn, sql); err != nil {
			return explain(f.a.where, err)
		}
	}
	return nil
}

// runScript runs a script's statements one after the other. psql has no part in it.
func (f *foreign) runScript(ctx context.Context) error {
	script, err := openScript(ctx, f.facts.Name, nil)
	if err != nil {
		return err
	}
	return firstOf(f.statements(ctx, script), script.close())
}

func (f *foreign) statements(ctx context.Context, script *scriptFile) error {
	if err := f.readyPublic(ctx); err != nil {
		return err
	}
	conn, err := f.s.connect(ctx, f.job.Sandbox, f.job.Shadow)
	if err != nil {
		return err
	}
	defer closeConn(conn)
	for {
		st, err := script.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = st.judge()
		}
		if err == nil && !leftOut(&st, f.facts, f.a.num) {
			err = f.statement(ctx, conn, script, &st)
		}
		if err != nil {
			return err
		}
	}
}

func (f *foreign) statement(ctx context.Context, conn *pgx.Conn, script *scriptFile, st *statement) (err error) {
	f.track.bytes(len(st.text))
	switch {
	case st.eventTrigger():
		f.late = append(f.late, string(st.text))
		return nil
	case st.copiesIn():
		_, err = conn.PgConn().CopyFrom(ctx, &tracked{r: script.rows(), add: f.track.bytes, vigil: f.s.vigil}, string(st.text))
		f.track.table()
	default:
		err = execute(ctx, conn, string(st.text))
	}
	if err == nil {
		return nil
	}
	fault := *backup.AsError(explain(f.a.where, err))
	if fault.Kind != backup.Cancelled {
		fault.Text = fmt.Sprintf("line %d of the script: %s", st.line, fault.Text)
	}
	return &fault
}

// tracked reports what is read.
type tracked struct {
	r     io.Reader
	add   func(int)
	vigil *vigil // told of waits; may be nil
}

func (t *tracked) Read(p []byte) (int, error) {
	defer t.vigil.waitsForVault()()
	n, err := t.r.Read(p)
	t.add(n)
	return n, err
}

// count counts the tables and the rows in them: fewer than the file holds are a failure. More may
// come, for an extension brings rows of its own.
func (f *foreign) count(ctx context.Context) error {
	conn, err := f.s.connect(ctx, f.job.Sandbox, f.job.Shadow)
	if err != nil {
		return err
	}
	defer closeConn(conn)
	rows, err := conn.Query(ctx, `SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
		ORDER BY c.relpages DESC, c.oid`)
	if err != nil {
		return explain(f.a.where, err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowToStructByPos[backup.Name])
	if err != nil {
		return explain(f.a.where, err)
	}
	var sum atomic.Int64
	err = f.s.onSessions(ctx, f.job.Sandbox, f.job.Shadow, len(tables), func(ctx context.Context, conn *pgx.Conn, i int) error {
		var n int64
		err := conn.QueryRow(ctx, "SELECT count(*) FROM ONLY "+quoteName(tables[i].Schema, tables[i].Name)).Scan(&n)
		sum.Add(n)
		return explain(f.a.where, err)
	})
	f.tables, f.rows = len(tables), sum.Load()
	if err == nil && f.rows < f.facts.Rows {
		return backup.Errorf(backup.Failed, "Look at the file with pg_restore --list, or restore it by hand into a database of its own.",
			"the file holds %d rows, but only %d came", f.facts.Rows, f.rows)
	}
	return err
}
