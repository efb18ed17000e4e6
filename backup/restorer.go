package backup

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Restorer brings backups back: behind the gate, after a pre-restore backup, by way of a
// shadow database that is swapped in only when it equals the manifest.
type Restorer struct {
	Runner *Runner        // takes the pre-restore backup; its gate, catalog, vault and server are used
	Zone   *time.Location // for times that people read
}

// RestoreRequest asks for a backup to be restored.
type RestoreRequest struct {
	Backup     ID
	Target     Sandbox // its allow-restore switch and policy decide
	ToDatabase string  // a new database on the target's server; "" replaces the target's own
	Who        string
	Wait       time.Duration
}

// Restore replaces the target with the backup, or makes a new database of it. The result is
// the restore's record also when err is not nil, unless nothing was begun. When it fails or is
// cancelled before the swap, the live database is as it was.
func (r *Restorer) Restore(ctx context.Context, req RestoreRequest) (*Restore, error) {
	op := "restore " + req.Target.Name
	b, err := r.Runner.Catalog.Backup(ctx, req.Backup)
	if err != nil {
		return nil, WithOp(op, err)
	}
	ask := Request{Op: op, Action: ActionDBFull, Sandbox: req.Target.Name, Object: string(b.ID), Who: req.Who}
	if req.Target.NoRestore {
		return nil, r.Runner.Gate.Refuse(ctx, ask, Errorf(Refused,
			"Switch it on first: holdfast sandbox edit "+req.Target.Name+" --allow-restore", "restores into this sandbox are switched off"))
	}
	target, m, err := r.plan(ctx, req, b)
	if err != nil {
		return nil, WithOp(op, err)
	}
	ask.What, ask.Loss = r.describe(req, b, m, target)
	grant, err := r.Runner.Gate.Request(ctx, ask)
	if err != nil {
		return nil, err
	}
	if err := grant.Use(); err != nil {
		return nil, err
	}
	rec := r.newRecord(req, b, m)
	grant.Note("restore " + string(rec.ID))
	err = r.run(ctx, req, rec, target)
	return rec, grant.Outcome(ctx, WithOp(op, r.settle(ctx, req.Target, rec, err)))
}

// plan checks all that can be checked before anybody is asked: it touches nothing.
func (r *Restorer) plan(ctx context.Context, req RestoreRequest, b *Backup) (Target, *Manifest, error) {
	if !b.Restorable() {
		return Target{}, nil, Errorf(Refused, "Choose another one: holdfast backup list",
			"the backup cannot be restored: it is %s, %s %s", b.Status, b.Verdict, b.VerdictReason)
	}
	m, err := r.manifest(ctx, b.ID, req.Wait)
	if err != nil {
		return Target{}, nil, err
	}
	target, err := r.inspect(ctx, req)
	if err != nil {
		return Target{}, nil, err
	}
	if len(target.Blockers) > 0 {
		return target, m, Errorf(Refused, "Remove what is named, then restore again.", "the database cannot be replaced: %s", target.Blockers[0])
	}
	return target, m, r.Runner.Server.Prepare(ctx, req.Target, m)
}

func (r *Restorer) inspect(ctx context.Context, req RestoreRequest) (Target, error) {
	c := req.Target.Connection
	if req.ToDatabase == "" {
		return r.Runner.Server.Inspect(ctx, c, req.Target)
	}
	if err := ValidateName("database", req.ToDatabase); err != nil {
		return Target{}, err
	}
	c.Database = req.ToDatabase
	target, err := r.Runner.Server.Inspect(ctx, c, req.Target)
	if err == nil && target.Exists {
		err = Errorf(Usage, "Choose a name that is not taken.", "the database %q exists already", req.ToDatabase)
	}
	return target, err
}

func (r *Restorer) manifest(ctx context.Context, id ID, wait time.Duration) (*Manifest, error) {
	parts, err := r.Runner.Vault.Read(ctx, id, wait)
	if err != nil {
		return nil, err
	}
	return parts.Manifest(), parts.Close()
}

// describe puts into words what will be done and what will be lost.
func (r *Restorer) describe(req RestoreRequest, b *Backup, m *Manifest, t Target) (what, loss string) {
	when := b.Started.In(r.zone()).Format("2 January 2006 15:04 MST")
	if req.ToDatabase != "" {
		return fmt.Sprintf("Restore the backup of %s from %s (%d tables, %s rows) into the new database %s", b.Sandbox, when, len(m.Tables), thousands(m.Rows()), at(req.Target.Connection, req.ToDatabase)), ""
	}
	if !t.Exists {
		return fmt.Sprintf("Restore the backup of %s from %s (%d tables, %s rows); the database %s does not exist now", b.Sandbox, when, len(m.Tables), thousands(m.Rows()), at(req.Target.Connection, req.Target.Connection.Database)), ""
	}
	return fmt.Sprintf("Replace %s, the database %s (%d tables, about %s rows), with the backup of %s from %s (%d tables, %s rows)",
			req.Target.Name, at(req.Target.Connection, req.Target.Connection.Database), t.Tables, thousands(t.Rows), b.Sandbox, when, len(m.Tables), thousands(m.Rows())),
		fmt.Sprintf("What was written to %s since then is replaced. %s Today's state is saved first, and the replaced database is kept for undo. Code is not rewound.", req.Target.Name, sessionsCut(t.Sessions))
}

// at names a database and its server.
func at(c Connection, database string) string {
	return fmt.Sprintf("%s at %s:%d", database, c.Host, c.Port)
}

func sessionsCut(n int) string {
	switch n {
	case 0:
		return "No session is open."
	case 1:
		return "1 open session is cut."
	}
	return fmt.Sprintf("%d open sessions are cut.", n)
}

// thousands gives a number as people read it: 128,402.
func thousands(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

func (r *Restorer) zone() *time.Location {
	if r.Zone == nil {
		return time.UTC
	}
	return r.Zone
}

func (r *Restorer) newRecord(req RestoreRequest, b *Backup, m *Manifest) *Restore {
	id := NewID()
	c := req.Target.Connection
	rec := &Restore{
		ID: id, Backup: b.ID, Sandbox: req.Target.Name, Connection: c, Target: c.Database,
		Shadow: CutName(c.Database, "_shadow_"+string(id)), Status: StatusRunning, Stage: StagePlanned,
		Tables: len(m.Tables), Rows: m.Rows(), Started: r.Runner.Now().UTC(), Who: req.Who, Process: r.Runner.Self,
	}
	if req.ToDatabase != "" {
		rec.Target = req.ToDatabase
	}
	return rec
}

// run does the restore, each stage on record before it is taken.
func (r *Restorer) run(ctx context.Context, req RestoreRequest, rec *Restore, target Target) error {
	if err := r.save(ctx, req, rec, target); err != nil {
		return err
	}
	parts, err := r.Runner.Vault.Read(ctx, rec.Backup, req.Wait)
	if err != nil {
		return err
	}
	err = r.fillAndSwap(ctx, req, rec, target, parts)
	return firstError(err, parts.Close())
}

// save takes the pre-restore backup. When it fails, nothing is touched.
func (r *Restorer) save(ctx context.Context, req RestoreRequest, rec *Restore, target Target) error {
	if !target.Exists {
		return r.note(ctx, rec, StagePlanned)
	}
	if err := r.note(ctx, rec, StageSaving); err != nil {
		return err
	}
	saver := *r.Runner
	saver.Report = func(p Progress) {
		p.Stage = "saving: " + p.Stage
		r.Runner.report(p)
	}
	saved, err := saver.create(ctx, CreateRequest{
		Sandbox: req.Target, Trigger: PreRestore, Who: req.Who, Wait: req.Wait,
		Note: "before restoring " + string(rec.Backup),
	})
	if saved != nil {
		rec.PreRestore = saved.ID
	}
	if err != nil {
		e := *AsError(err)
		e.Op = ""
		e.Text = "the backup of the present state failed, so nothing was touched: " + e.Text
		return &e
	}
	return nil
}

func (r *Restorer) fillAndSwap(ctx context.Context, req RestoreRequest, rec *Restore, target Target, parts VaultReader) error {
	if err := r.note(ctx, rec, StageShadow); err != nil {
		return err
	}
	m := parts.Manifest()
	job := ShadowJob{Sandbox: req.Target, Shadow: rec.Shadow, Run: rec.ID, Purpose: "restore"}
	if err := r.Runner.Server.Fill(ctx, job, m, parts, r.Runner.report); err != nil {
		return err
	}
	if target.Exists {
		rec.Replaced = asideName(rec.Target, r.Runner.Now())
	}
	if err := r.note(ctx, rec, StageCompared); err != nil {
		return err
	}
	r.Runner.report(Progress{Stage: "swap"})
	return r.swap(ctx, SwapJob{Sandbox: req.Target, Run: rec.ID, Live: rec.Target, Shadow: rec.Shadow, Aside: rec.Replaced, Props: &m.Database}, rec)
}

// asideName names what was live: its own name, cut to fit, and the moment to the millisecond, for
// an undo may follow within a second.
func asideName(live string, at time.Time) string {
	return CutName(live, "_before_"+strings.Replace(at.UTC().Format("20060102_150405.000"), ".", "_", 1))
}

// swap journals each step of the swap.
func (r *Restorer) swap(ctx context.Context, job SwapJob, rec *Restore) error {
	return r.Runner.Server.Swap(ctx, job, func(s Stage) error {
		return r.note(context.WithoutCancel(ctx), rec, s)
	})
}

func (r *Restorer) note(ctx context.Context, rec *Restore, s Stage) error {
	rec.Stage = s
	return r.Runner.Catalog.PutRestore(ctx, rec)
}

// settle records how the restore ended. What a failure left on the server is put right first,
// and what is true there decides: renames that are committed make the restore completed, even
// if a setting could not follow. While the server cannot be asked, the record stays open, and
// Recover asks again at the next start.
func (r *Restorer) settle(ctx context.Context, s Sandbox, rec *Restore, cause error) error {
	ctx = context.WithoutCancel(ctx)
	rec.Finished, rec.Error = r.Runner.Now().UTC(), FaultOf(cause)
	if cause != nil {
		r.putRight(ctx, s, rec)
	}
	switch {
	case cause == nil || rec.Stage == StageSwapped:
		rec.Status, rec.Stage = StatusCompleted, StageDone
	case rec.Unsettled:
		rec.Status = StatusInterrupted
	case KindOf(cause) == Cancelled:
		rec.Status, rec.Stage = StatusCancelled, StageDone
	default:
		rec.Status, rec.Stage = StatusFailed, StageDone
	}
	return firstError(cause, r.Runner.Catalog.PutRestore(ctx, rec))
}

// putRight lets the server finish or take back what a failed run left there.
func (r *Restorer) putRight(ctx context.Context, s Sandbox, rec *Restore) {
	if rec.Stage == StagePlanned || rec.Stage == StageSaving || rec.Stage == StageSwapped {
		return // nothing of it is on the server, or everything is
	}
	bounded, stop := context.WithTimeout(ctx, mendTime)
	defer stop()
	s.Connection = rec.Connection
	mended, err := r.Runner.Server.Mend(bounded, s, rec)
	switch {
	case err != nil:
		rec.Unsettled = true
	case mended.Swapped:
		rec.Stage = StageSwapped
	default:
		rec.Replaced = ""
	}
}
