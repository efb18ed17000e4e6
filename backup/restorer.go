package backup

import (
	"context"
	"errors"
	"strings"
	"time"
)

// ErrNotSaved means that a restore stopped because the present state could not be saved.
var ErrNotSaved = errors.New("the present state could not be saved")

// Restorer brings backups back: behind the gate, after a pre-restore backup, by way of a
// shadow database that is swapped in only when it equals the manifest.
type Restorer struct {
	Script  Script  // for in-place restores
	Folders Folders // for media; nil: there are none
	// OpenSnapshot opens a file that is a JSON snapshot, sealed with the passphrase unless that is
	// ""; nil for any other file.
	OpenSnapshot func(path, passphrase string) (FileSnapshot, error)

	Runner *Runner        // takes the pre-restore backup; its gate, catalog, vault and server are used
	Zone   *time.Location // for times that people read
}

// RestoreRequest asks for a backup to be restored.
type RestoreRequest struct {
	Backup     ID
	Target     Sandbox       // its allow-restore switch and policy decide
	ToDatabase string        // a new database on the target's server; "" replaces the target's own
	What       Scope         // "" is all that the backup holds, as far as the rest of the request lets it
	MediaOnly  Exclusion     // patterns: only these files of the folders, into what is there; empty: whole folders
	Beside     bool          // folders beside the present ones, which stay as they are
	Tables     []Name        // only these tables, into the live database; empty: all of it
	Whole      []Partitioned // partitioned tables whose parts are among Tables
	InPlace    bool          // in the live database itself, in one transaction: for roles that may make no database
	Roles      RoleChoice
	Unsaved    bool // go on when the present state cannot be saved, because the replaced database is kept
	Who        string
	Wait       time.Duration

	AnyTablespace bool // put everything where the server puts it by itself when a tablespace is missing

	undoOf   *Restore // the restore that this one takes back; nil for an ordinary one
	rowsOnly bool     // Tables are those of a snapshot; see TablesJob
	lacks    Missing  // what the server lacks
	agreed   consent  // and what is done about it

	folders []MediaFolder // that are restored
	only    []Exclusion   // of MediaOnly, what is about each of them
	swaps   []FolderSwap  // where each of them goes
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
	if err := req.choose(b); err != nil {
		return nil, WithOp(op, err)
	}
	target, m, err := r.plan(ctx, &req, b)
	if err != nil {
		return nil, WithOp(op, err)
	}
	if ask.What, ask.Loss, err = r.describe(ctx, req, b, m, target); err != nil {
		return nil, WithOp(op, err)
	}
	grant, err := r.Runner.Gate.Request(ctx, ask)
	if err != nil {
		return nil, err
	}
	if err := grant.Use(); err != nil {
		return nil, err
	}
	release, err := r.reserveAll(ctx, req, target)
	if err != nil {
		return nil, grant.Outcome(ctx, WithOp(op, err))
	}
	defer release()
	rec := r.newRecord(req, b, m)
	grant.Note("restore " + string(rec.ID))
	err = r.run(ctx, req, rec, target)
	return rec, grant.Outcome(ctx, WithOp(op, r.settle(ctx, req.Target, rec, err)))
}

// plan checks all that can be checked before anybody is asked: it touches nothing.
func (r *Restorer) plan(ctx context.Context, req *RestoreRequest, b *Backup) (Target, *Manifest, error) {
	switch hint := "Choose another one: holdfast backup list"; {
	case b.Status != StatusCompleted:
		return Target{}, nil, Errorf(Refused, hint, "the backup %s cannot be restored: it is %s", b.ID, b.Status)
	case !b.Restorable():
		return Target{}, nil, Errorf(Damaged, hint, "the backup %s cannot be restored: it is %s: %s", b.ID, b.Verdict, b.VerdictReason)
	}
	m, err := r.lookInside(ctx, req, b)
	if KindOf(err) == Damaged {
		err = firstError(err, r.Runner.condemn(ctx, b, err))
	}
	if err != nil {
		return Target{}, nil, err
	}
	if !holdsDatabase(req.What) {
		return Target{}, m, nil
	}
	target, err := r.inspect(ctx, *req)
	if err != nil {
		return Target{}, nil, err
	}
	if err := checkTables(*req, target); err != nil {
		return target, m, err
	}
	if req.InPlace {
		return target, m, r.checkInPlace(ctx, req, target, m)
	}
	if len(req.Tables) > 0 {
		return target, m, nil
	}
	if len(target.Blockers) > 0 {
		return target, m, Errorf(Refused, "Remove what is named, then restore again.", "the database cannot be replaced: %s", target.Blockers[0])
	}
	if err := r.prepare(ctx, req, m); err != nil {
		return target, m, err
	}
	return target, m, r.Runner.checkServerSpace(ctx, req.Target, m)
}

// prepare makes sure that the server can take m, with what was agreed to about what it lacks.
func (r *Restorer) prepare(ctx context.Context, req *RestoreRequest, m *Manifest) error {
	missing, err := r.Runner.Server.Missing(ctx, req.Target, m)
	if err != nil {
		return err
	}
	if req.agreed, err = req.agree(missing); err != nil {
		return err
	}
	req.lacks = missing
	return r.Runner.Server.Prepare(ctx, req.Target, req.agreed.manifest(m, missing))
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
		ID: id, Backup: b.ID, Sandbox: req.Target.Name, What: req.What, Connection: c, Target: c.Database,
		Shadow: CutName(c.Database, "_shadow_"+string(id)), Status: StatusRunning, Stage: StagePlanned,
		Tables: len(m.Tables), Rows: m.Rows(), Started: r.Runner.Now().UTC(), Who: req.Who, Process: r.Runner.Self,
	}
	if req.ToDatabase != "" {
		rec.Target = req.ToDatabase
	}
	if req.undoOf != nil {
		rec.UndoOf, rec.RowsOnly = req.undoOf.ID, req.rowsOnly
	}
	if req.InPlace {
		rec.InPlace, rec.Shadow = true, ""
	}
	if !holdsDatabase(req.What) {
		rec.Target, rec.Shadow, rec.Tables, rec.Rows = "", "", 0, 0
	}
	rec.Media = req.journal(id, r.Runner.Now())
	if len(req.Tables) > 0 {
		rec.Only, rec.Shadow, rec.Tables, rec.Rows = req.Tables, "", len(req.Tables), rowsOf(m, req.Tables)
	}
	return rec
}

// run does the restore, each stage on record before it is taken.
func (r *Restorer) run(ctx context.Context, req RestoreRequest, rec *Restore, target Target) error {
	if err := r.save(ctx, req, rec, target); err != nil {
		return err
	}
	parts, err := r.Runner.Read(ctx, rec.Backup, req.Wait)
	if err != nil {
		return err
	}
	err = r.stageMedia(ctx, req, rec, parts)
	switch {
	case err != nil || !rec.hasDatabase():
	case len(rec.Only) > 0:
		err = r.loadTables(ctx, req, rec, parts)
	case rec.InPlace:
		err = r.loadInPlace(ctx, req, rec, parts)
	default:
		err = r.fillAndSwap(ctx, req, rec, target, parts)
	}
	if err == nil {
		err = r.swapMedia(ctx, rec)
	}
	err = firstError(err, parts.Close())
	if KindOf(err) == Damaged && rec.Stage != StageSwapped { // what was read is not what was stored
		return firstError(err, r.Runner.condemn(ctx, &Backup{ID: rec.Backup}, err))
	}
	return err
}

// save takes the pre-restore backup. When it fails, nothing is touched.
func (r *Restorer) save(ctx context.Context, req RestoreRequest, rec *Restore, target Target) error {
	what, present := req.present(target)
	if what == "" {
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
	if len(req.Tables) == 0 || req.rowsOnly {
		present = present.whole()
	}
	saved, err := saver.create(ctx, CreateRequest{
		Sandbox: present, What: what, Trigger: PreRestore, Who: req.Who, Wait: req.Wait,
		Note: "before restoring " + rec.Source(),
	})
	if saved != nil {
		rec.PreRestore = saved.ID
	}
	switch {
	case err == nil:
		rec.saved(saved)
		return nil
	case req.Unsaved && len(req.Tables) == 0 && ctx.Err() == nil && KindOf(err) != Busy:
		rec.Unsaved, rec.PreRestore = true, ""
		r.Runner.warn("the present state could not be saved: " + AsError(err).Text + ". The replaced database is kept until you drop it.")
		return nil
	}
	e := *AsError(err)
	e.Op, e.Err = "", errors.Join(ErrNotSaved, e.Err)
	e.Text = "the backup of the present state failed, so nothing was touched: " + e.Text
	if len(req.Tables) == 0 && !req.InPlace && e.Kind != Busy && e.Kind != Cancelled {
		e.Hint = strings.TrimSpace(e.Hint + " Or go on without it, because the replaced database itself is kept: --unsaved")
	}
	return &e
}

func (r *Restorer) fillAndSwap(ctx context.Context, req RestoreRequest, rec *Restore, target Target, parts VaultReader) error {
	if err := r.note(ctx, rec, StageShadow); err != nil {
		return err
	}
	m := parts.Manifest()
	if len(req.agreed.create) > 0 {
		if err := r.Runner.Server.CreateRoles(ctx, req.Target, req.agreed.create); err != nil {
			return err
		}
	}
	job := ShadowJob{
		Sandbox: req.Target, Shadow: rec.Shadow, Run: rec.ID, Target: rec.Target, Purpose: "restore",
		RoleMap: req.agreed.replace, NoTablespaces: req.agreed.noTablespaces, Warn: r.Runner.warn,
	}
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
	props := m.Database.WithRoles(req.agreed.replace)
	return r.swap(ctx, SwapJob{
		Sandbox: req.Target, Run: rec.ID, Live: rec.Target, Shadow: rec.Shadow, Aside: rec.Replaced, Props: &props,
		Backup: rec.Backup, Saved: rec.PreRestore,
	}, rec)
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
		r.clearMedia(rec)
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
	if !rec.hasDatabase() || rec.Stage == StagePlanned || rec.Stage == StageSaving || rec.Stage == StageSwapped {
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
