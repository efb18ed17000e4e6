package backup

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"
)

// FileRequest asks for a file of pg_dump's to be restored.
type FileRequest struct {
	Path    string
	Target  Sandbox // its allow-restore switch and policy decide
	Unsaved bool    // as in RestoreRequest

	Passphrase string // that a JSON snapshot is sealed with; "" for none

	Who  string
	Wait time.Duration

	// Confirm asks a person whether a file that nobody vouches for may be restored; an error is
	// the answer no. It is asked before the gate. nil: nobody can be asked.
	Confirm func(ctx context.Context, question string) error
}

// Untrusted is what a person must know before a file is restored.
const Untrusted = "This file is untrusted: nothing proves that it came from this vault. Its functions and triggers run with your rights on the server."

// RestoreFile replaces the target with what is in a file, through the same steps as a backup:
// the gate, the pre-restore backup, a shadow database, the swap. What there is no manifest for
// cannot be compared: the shadow must take all statements, and hold all rows that the file does.
func (r *Restorer) RestoreFile(ctx context.Context, req FileRequest) (*Restore, error) {
	op := "restore " + req.Target.Name
	ask := Request{Op: op, Action: ActionDBFull, Sandbox: req.Target.Name, Object: req.Path, Who: req.Who}
	if req.Target.NoRestore {
		return nil, r.Runner.Gate.Refuse(ctx, ask, Errorf(Refused,
			"Switch it on first: holdfast sandbox edit "+req.Target.Name+" --allow-restore", "restores into this sandbox are switched off"))
	}
	if err := req.Target.NeedsDatabase("Choose another --target: a file holds a database."); err != nil {
		return nil, WithOp(op, err)
	}
	switch snapshot, err := r.openSnapshot(req); {
	case err != nil:
		return nil, WithOp(op, err)
	case snapshot != nil:
		return r.restoreSnapshot(ctx, req, snapshot)
	case req.Passphrase != "":
		return nil, WithOp(op, Errorf(Usage, "Open it first, age -d -o FILE "+filepath.Base(req.Path)+", and restore what comes of it.", "only JSON snapshots are restored while they are sealed"))
	}
	facts, target, err := r.planFile(ctx, req)
	if err != nil {
		return nil, WithOp(op, err)
	}
	ask.Object = facts.Name
	ask.What, ask.Loss = describeFile(req.Target, facts, target)
	grant, err := r.approveFile(ctx, req, ask, Untrusted)
	if err != nil {
		return nil, err
	}
	release, err := r.reserve(ctx, RestoreRequest{Target: req.Target, Wait: req.Wait}, target)
	if err != nil {
		return nil, grant.Outcome(ctx, WithOp(op, err))
	}
	defer release()
	rec := r.fileRecord(req, facts)
	grant.Note("restore " + string(rec.ID) + ", file sha256 " + facts.SHA256)
	err = r.runFile(ctx, req, rec, facts, target)
	return rec, grant.Outcome(ctx, WithOp(op, r.settle(ctx, req.Target, rec, err)))
}

// approveFile has a person confirm that the file is untrusted, in those words, and passes the gate.
func (r *Restorer) approveFile(ctx context.Context, req FileRequest, ask Request, untrusted string) (*Grant, error) {
	if err := req.confirm(ctx, ask, untrusted); err != nil {
		return nil, r.Runner.Gate.Refuse(ctx, ask, err)
	}
	ask.Loss = strings.TrimSpace(ask.Loss + " " + untrusted)
	grant, err := r.Runner.Gate.Request(ctx, ask)
	if err != nil {
		return nil, err
	}
	return grant, grant.Use()
}

// planFile checks all that can be checked before anybody is asked: it touches nothing.
func (r *Restorer) planFile(ctx context.Context, req FileRequest) (*FileFacts, Target, error) {
	target, err := r.Runner.Server.Inspect(ctx, req.Target.Connection, req.Target)
	if err != nil {
		return nil, target, err
	}
	if len(target.Blockers) > 0 {
		return nil, target, Errorf(Refused, "Remove what is named, then restore again.", "the database cannot be replaced: %s", target.Blockers[0])
	}
	facts, err := r.Runner.Server.LookFile(ctx, req.Target, req.Path, r.Runner.report)
	return facts, target, err
}

func (req FileRequest) confirm(ctx context.Context, ask Request, warning string) error {
	if req.Confirm == nil {
		return Errorf(Refused, "Confirm it at a terminal, or with --yes.", "the file is untrusted, and nobody confirmed that it may be restored")
	}
	return req.Confirm(ctx, strings.TrimSpace(ask.What+"\n"+ask.Loss)+"\n"+warning)
}

// describeFile puts into words what will be done and what will be lost.
func describeFile(s Sandbox, f *FileFacts, t Target) (what, loss string) {
	place := s.Connection.At(s.Connection.Database)
	if t.Exists {
		what = fmt.Sprintf("Replace %s, the database %s (%s, about %s), with the file %s (%s)", s.Name, place, tableCount(t.Tables), rowCount(t.Rows), f.Name, f.words())
		loss = fmt.Sprintf("What is in %s now is replaced. %s Today's state is saved first, and the replaced database is kept for undo. Code is not rewound.", s.Name, sessionsCut(t.Sessions))
	} else {
		what = fmt.Sprintf("Restore the file %s (%s); the database %s does not exist now", f.Name, f.words(), place)
	}
	return what, strings.TrimSpace(loss + " " + strings.Join(f.Notes, " "))
}

// shownTables is how many tables a prompt names.
const shownTables = 5

// words says what is in the file.
func (f *FileFacts) words() string {
	parts := []string{tableCount(len(f.Tables))}
	if f.Rows > 0 {
		parts[0] += " with " + rowCount(f.Rows)
	}
	if n := len(f.Tables); n > shownTables {
		parts[0] += fmt.Sprintf(": %s and %d more", strings.Join(f.Tables[:shownTables], ", "), n-shownTables)
	} else if n > 0 {
		parts[0] += ": " + strings.Join(f.Tables, ", ")
	}
	made := "made"
	if f.Database != "" {
		made += " from the database " + f.Database
	}
	if f.Server != "" {
		made += " of PostgreSQL " + f.Server
	}
	if f.Made != "" {
		made += " at " + f.Made
	}
	if f.Dumper != "" {
		made += " by pg_dump " + f.Dumper
	}
	if made != "made" {
		parts = append(parts, made)
	}
	return strings.Join(append(parts, f.Format+" format"), "; ")
}

func (r *Restorer) fileRecord(req FileRequest, f *FileFacts) *Restore {
	id, c := NewID(), req.Target.Connection
	return &Restore{
		ID: id, File: &f.File, Sandbox: req.Target.Name, Connection: c, Target: c.Database,
		Shadow: CutName(c.Database, "_shadow_"+string(id)), Status: StatusRunning, Stage: StagePlanned,
		Tables: len(f.Tables), Rows: f.Rows, Started: r.Runner.Now().UTC(), Who: req.Who, Process: r.Runner.Self,
	}
}

// runFile does the restore, each stage on record before it is taken.
func (r *Restorer) runFile(ctx context.Context, req FileRequest, rec *Restore, f *FileFacts, target Target) error {
	saving := RestoreRequest{Target: req.Target, Unsaved: req.Unsaved, Who: req.Who, Wait: req.Wait}
	if err := r.save(ctx, saving, rec, target); err != nil {
		return err
	}
	if err := r.note(ctx, rec, StageShadow); err != nil {
		return err
	}
	job := ShadowJob{Sandbox: req.Target, Shadow: rec.Shadow, Run: rec.ID, Target: rec.Target, Purpose: "restore", Warn: r.Runner.warn}
	tables, rows, err := r.Runner.Server.FillFrom(ctx, job, f, r.Runner.report)
	if err != nil {
		return err
	}
	rec.Tables, rec.Rows = tables, rows
	if target.Exists {
		rec.Replaced = asideName(rec.Target, r.Runner.Now())
	}
	if err := r.note(ctx, rec, StageCompared); err != nil {
		return err
	}
	r.Runner.report(Progress{Stage: "swap"})
	return r.swap(ctx, SwapJob{
		Sandbox: req.Target, Run: rec.ID, Live: rec.Target, Shadow: rec.Shadow, Aside: rec.Replaced, Props: &f.Props, Saved: rec.PreRestore,
	}, rec)
}

// Source names what was restored, for people: a backup, or a file.
func (rec *Restore) Source() string {
	if rec.File != nil {
		return "the file " + filepath.Base(rec.File.Name)
	}
	return string(rec.Backup)
}
