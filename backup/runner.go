package backup

import (
	"context"
	"time"
)

// minFree is what the vault's place must have left for a backup to start, in bytes.
const minFree = 64 << 20

// Runner takes, verifies and deletes backups.
type Runner struct {
	Gate    *Gate
	Catalog Catalog
	Vault   Vault
	Server  Server
	Now     Clock
	Self    Process
	Program string // version of Holdfast, for manifests

	// Hook runs a command of the sandbox's user before and after a capture; nil runs none.
	Hook func(ctx context.Context, command string) error
	// ServerFree says how many bytes the server's disk has left, where that can be known; nil never knows.
	ServerFree func(ctx context.Context, s Sandbox) (free int64, known bool)
	// Anchor names the gate's rules for a manifest, nil while there are none. It may be nil itself.
	Anchor func(ctx context.Context) (*Anchor, error)
	// Report gets progress; may be nil.
	Report func(Progress)
	// Warn gets sentences that a person should read although the run went well; may be nil.
	Warn func(text string)
}

// CreateRequest asks for a backup.
type CreateRequest struct {
	Sandbox    Sandbox
	What       Scope // "": the database, and the folders when it has some
	Trigger    Trigger
	Schedule   string // that asks for it; "" for none
	Note       string
	Who        string
	Wait       time.Duration // how long to wait for a busy vault
	Unattended bool
}

// Create takes a backup and lists it as completed only after it was committed and read back.
// The result is the history's line also when err is not nil, unless nothing was begun.
func (r *Runner) Create(ctx context.Context, req CreateRequest) (*Backup, error) {
	op := "back up " + req.Sandbox.Name
	if err := req.complete(); err != nil {
		return nil, WithOp(op, err)
	}
	grant, err := r.Gate.Request(ctx, Request{
		Op: op, Action: ActionCreate, Sandbox: req.Sandbox.Name, Who: req.Who,
		What: "Back up " + req.Sandbox.Name, Unattended: req.Unattended,
	})
	if err != nil {
		return nil, err
	}
	if err := grant.Use(); err != nil {
		return nil, err
	}
	b, err := r.create(ctx, req)
	return b, grant.Outcome(ctx, WithOp(op, err))
}

// create is Create behind the gate; the Restorer uses it for pre-restore backups, which the
// approval of the restore covers.
func (r *Runner) create(ctx context.Context, req CreateRequest) (*Backup, error) {
	preflight, stop := noPreflight, func() {}
	if holdsDatabase(req.What) {
		preflight, stop = r.preflight(ctx, req.Sandbox)
	}
	defer stop()
	w, err := r.Vault.Write(ctx, req.Wait)
	if err != nil {
		return nil, err
	}
	b := &Backup{
		ID: NewID(), Sandbox: req.Sandbox.Name, What: req.What, Trigger: req.Trigger, Schedule: req.Schedule,
		Status: StatusRunning, Verdict: Unchecked, Started: r.Now().UTC(), Note: req.Note,
		Who: req.Who, Database: req.Sandbox.Connection.Database, Process: r.Self,
	}
	if err := r.Catalog.PutBackup(ctx, b); err != nil {
		return nil, firstError(err, w.Abort(ctx))
	}
	stored, err := r.captureAndCommit(ctx, req, b, w, preflight)
	if err != nil {
		return b, r.settle(ctx, b, w, err)
	}
	r.complete(b, stored)
	whole := context.WithoutCancel(ctx)
	if err := r.Catalog.PutBackup(whole, b); err != nil {
		return b, err
	}
	if err := r.watch(whole, req.Sandbox, b); err != nil { // the backup is good, whatever came of that
		r.warn("whether data was lost since the last backup could not be checked: " + AsError(err).Text)
	}
	return b, nil
}

// preflight looks at the server while the vault is opened, which takes as long. The caller must stop
// it at the end.
func (r *Runner) preflight(ctx context.Context, s Sandbox) (result func() (Preflight, error), stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	var found Preflight
	var err error
	go func() {
		defer close(done)
		found, err = r.Server.Preflight(ctx, s)
	}()
	result = func() (Preflight, error) {
		<-done
		return found, err
	}
	return result, func() {
		cancel()
		<-done
	}
}

func (r *Runner) captureAndCommit(ctx context.Context, req CreateRequest, b *Backup, w VaultWriter, preflight func() (Preflight, error)) (Stored, error) {
	r.report(Progress{Stage: "preflight"})
	pre, err := preflight()
	if err != nil {
		return Stored{}, err
	}
	b.ServerVersion, b.ToolsVersion = pre.ServerVersion, pre.ToolsVersion
	for _, text := range pre.Warnings {
		r.warn(text)
	}
	if err := r.checkSpace(ctx, req.Sandbox.Name, pre.Bytes); err != nil {
		return Stored{}, err
	}
	m, err := r.capture(ctx, req, b, w)
	if err != nil {
		return Stored{}, err
	}
	head, err := r.Catalog.AuditHead(ctx)
	if err != nil {
		return Stored{}, err
	}
	if r.Anchor != nil {
		if m.Gate, err = r.Anchor(ctx); err != nil {
			return Stored{}, err
		}
	}
	m.Version, m.ID, m.Sandbox, m.What, m.Trigger = ManifestVersion, b.ID, b.Sandbox, b.What, b.Trigger
	m.Schedule, m.Started, m.Finished, m.Who, m.Note, m.Program, m.AuditHead = b.Schedule, b.Started, r.Now().UTC(), b.Who, b.Note, r.Program, head
	r.report(Progress{Stage: "verify", TablesDone: len(m.Tables), TablesTotal: len(m.Tables), Bytes: m.RawBytes(), BytesTotal: m.RawBytes()})
	return w.Commit(ctx, m)
}

// capture runs the sandbox's own commands around the server's capture. What was paused is
// always resumed: after a failure and a cancel too, and after a crash by Recover, for which the
// command is on record before anything is paused.
func (r *Runner) capture(ctx context.Context, req CreateRequest, b *Backup, w VaultWriter) (m *Manifest, err error) {
	s := req.Sandbox
	if s.After != "" {
		b.Resume = s.After
		if err := r.Catalog.PutBackup(ctx, b); err != nil {
			return nil, err
		}
		defer func() {
			err = firstError(err, r.hook(context.WithoutCancel(ctx), "after", s.After))
			b.Resume = ""
		}()
	}
	if s.Before != "" {
		if err := r.hook(ctx, "before", s.Before); err != nil {
			return nil, err
		}
	}
	return r.captureAll(ctx, req, w)
}

// hookTime bounds a command of the sandbox's own.
const hookTime = 10 * time.Minute

func (r *Runner) hook(ctx context.Context, when, command string) error {
	if r.Hook == nil {
		return nil
	}
	bounded, stop := context.WithTimeout(ctx, hookTime)
	defer stop()
	if err := r.Hook(bounded, command); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return &Error{Kind: Failed, Text: "the command to run " + when + " the backup failed", Hint: "Run it by hand: " + command, Err: err}
	}
	return nil
}

// checkSpace compares what the vault's place has left with what this backup is likely to need:
// for a first one a quarter of the database's size, afterwards twice what the last one added.
func (r *Runner) checkSpace(ctx context.Context, sandbox string, databaseBytes int64) error {
	free, err := r.Vault.Free()
	if err != nil {
		return err
	}
	all, err := r.Catalog.Backups(ctx, Query{Sandbox: sandbox})
	if err != nil {
		return err
	}
	need := databaseBytes / 4
	for i := range all { // newest first
		if all[i].Status == StatusCompleted {
			need = 2 * all[i].AddedBytes
			break
		}
	}
	need += minFree
	if free >= need {
		return nil
	}
	return Errorf(Failed, "Free some space, delete old backups, or move the vault to a larger disk.",
		"the vault's disk has %s left; this backup may need %s", Units(free), Units(need))
}

// checkServerSpace compares what the server's disk has left with what a copy of m is likely to
// take there: rows, their indexes, and the log of writing both.
func (r *Runner) checkServerSpace(ctx context.Context, s Sandbox, m *Manifest) error {
	if r.ServerFree == nil {
		return nil
	}
	free, known := r.ServerFree(ctx, s)
	need := 2*m.Bytes() + minFree
	if !known || free >= need {
		return nil
	}
	return Errorf(Failed, "Free some space there, such as by dropping a replaced database: holdfast undo",
		"the server's disk has %s left; a second copy of the database may need %s", Units(free), Units(need))
}

// settle records a run that did not complete, and frees what it left in the vault.
func (r *Runner) settle(ctx context.Context, b *Backup, w VaultWriter, cause error) error {
	ctx = context.WithoutCancel(ctx)
	b.Status = StatusFailed
	if KindOf(cause) == Cancelled {
		b.Status = StatusCancelled
	}
	b.Finished, b.Error = r.Now().UTC(), FaultOf(cause)
	abortErr := w.Abort(ctx)
	b.Uncleaned = abortErr != nil
	return firstError(cause, r.Catalog.PutBackup(ctx, b), abortErr)
}

func (r *Runner) complete(b *Backup, stored Stored) {
	m := stored.Manifest
	b.Status, b.Finished = StatusCompleted, r.Now().UTC()
	b.Verdict, b.VerdictAt = Intact, stored.VerifiedAt
	b.VerdictReason = "what it added to the vault was read back when it was taken"
	b.ServerVersion, b.ToolsVersion, b.Selection = m.ServerVersion, m.ToolsVersion, m.Selection
	b.RawBytes, b.AddedBytes, b.Rows, b.Tables, b.Media = m.RawBytes(), stored.AddedBytes, m.Rows(), m.Tables, m.Media
}

func (r *Runner) report(p Progress) {
	if r.Report != nil {
		r.Report(p)
	}
}

func (r *Runner) warn(text string) {
	if r.Warn != nil {
		r.Warn(text)
	}
}

// firstError gives the first error that is not nil: the cause before what followed from it.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
