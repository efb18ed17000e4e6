package engine

import (
	"context"
	"slices"
	"strings"
	"time"

	"holdfast/backup"
	"holdfast/platform"
)

func who() string { return platform.User() }

// History gives the backups, newest first, without their tables.
func (e *Engine) History(ctx context.Context, q backup.Query) ([]backup.Backup, error) {
	if err := e.fillCatalog(ctx); err != nil {
		return nil, err
	}
	return e.catalog.Backups(ctx, q)
}

// ListBackups is History as far as the gate lets whoever asks read: a list leaves out the sandboxes
// that may not be read; to ask for one of them by name is refused, or asks a person.
func (e *Engine) ListBackups(ctx context.Context, q backup.Query) ([]backup.Backup, error) {
	all, err := e.History(ctx, q)
	if err != nil {
		return nil, err
	}
	if q.Sandbox != "" {
		return all, e.mayRead(ctx, q.Sandbox, "")
	}
	if err := e.runner.Gate.CanList(ctx, backup.ActionRead); err != nil {
		return nil, backup.WithOp("list the backups", err)
	}
	may := map[string]bool{}
	return slices.DeleteFunc(all, func(b backup.Backup) bool {
		if _, asked := may[b.Sandbox]; !asked {
			may[b.Sandbox] = e.runner.Gate.Permits(ctx, backup.ActionRead, b.Sandbox)
		}
		return !may[b.Sandbox]
	}), nil
}

// ShowBackup is Backup behind the gate.
func (e *Engine) ShowBackup(ctx context.Context, ref string) (*backup.Backup, error) {
	b, err := e.Backup(ctx, ref)
	if err != nil {
		return nil, err
	}
	return b, e.mayRead(ctx, b.Sandbox, b.ID)
}

// mayRead asks the gate. Only what is not allowed without asking is in the audit log: a log of
// every look would bury the rest.
func (e *Engine) mayRead(ctx context.Context, sandbox string, id backup.ID) error {
	if e.runner.Gate.Permits(ctx, backup.ActionRead, sandbox) {
		return nil
	}
	grant, err := e.runner.Gate.Request(ctx, backup.Request{
		Op: "read the backups of " + sandbox, Action: backup.ActionRead, Sandbox: sandbox, Object: string(id), Who: who(), What: "Show the backups of " + sandbox,
	})
	if err != nil {
		return err
	}
	return grant.Use()
}

// RestoredMarks says for each backup when and where it was restored.
func (e *Engine) RestoredMarks(ctx context.Context) (map[backup.ID][]backup.RestoredMark, error) {
	all, err := e.catalog.Restores(ctx)
	if err != nil {
		return nil, err
	}
	marks := map[backup.ID][]backup.RestoredMark{}
	for _, r := range all {
		if r.UndoOf == "" && (r.Status == backup.StatusCompleted || r.Status == backup.StatusUndone) {
			marks[r.Backup] = append(marks[r.Backup], backup.RestoredMark{Restore: r.ID, At: r.Finished, Target: r.Places()})
		}
	}
	return marks, nil
}

// Backup gives one with its tables; ref is a whole or shortened ID, latest, or latest:SANDBOX.
func (e *Engine) Backup(ctx context.Context, ref string) (*backup.Backup, error) {
	return e.backupHolding(ctx, ref, "")
}

// backupHolding is Backup where latest is the newest one that holds a part; "" is any.
func (e *Engine) backupHolding(ctx context.Context, ref string, part backup.Scope) (*backup.Backup, error) {
	all, err := e.catalog.Backups(ctx, backup.Query{Deleted: true})
	if err != nil {
		return nil, err
	}
	found, err := backup.Resolve(e.opts.Now(), ref, all, part)
	if err != nil {
		return nil, err
	}
	return e.catalog.Backup(ctx, found.ID)
}

// Newest gives the newest completed backup of a sandbox that holds a part, out of its history; "" is any part.
func (e *Engine) Newest(all []backup.Backup, sandbox string, part backup.Scope) (*backup.Backup, error) {
	return backup.Resolve(e.opts.Now(), "latest:"+sandbox, all, part)
}

// CreateBackup takes a manual backup of a sandbox, its database, and its folders when it has some, and
// brings the off-site copies up to date.
func (e *Engine) CreateBackup(ctx context.Context, sandbox, note string, wait time.Duration) (*backup.Backup, error) {
	return e.CreateBackupOf(ctx, sandbox, "", note, wait)
}

// CreateBackupOf is CreateBackup of only the database, or only the folders, or both.
func (e *Engine) CreateBackupOf(ctx context.Context, sandbox string, what backup.Scope, note string, wait time.Duration) (*backup.Backup, error) {
	b, err := e.SavePoint(ctx, sandbox, what, note, wait)
	if err == nil {
		e.FollowOffsite(ctx)
	}
	return b, err
}

// MayLeaveBackup says whether a backup of a sandbox may be left to somebody else, who cannot ask for whoever
// asks now: only where that needs no approval.
func (e *Engine) MayLeaveBackup(ctx context.Context, sandbox string) error {
	if e.runner.Gate.Permits(ctx, backup.ActionCreate, sandbox) {
		return nil
	}
	return backup.WithOp("back up "+sandbox, backup.Errorf(backup.Refused, "Take it without --no-wait, or see what holds: holdfast gate policy "+sandbox,
		"it needs approval, or is denied (%s), and nobody can be asked with --no-wait", backup.ActionCreate))
}

// SavePoint is CreateBackupOf for whoever waits to go on: the off-site copies follow later.
func (e *Engine) SavePoint(ctx context.Context, sandbox string, what backup.Scope, note string, wait time.Duration) (*backup.Backup, error) {
	s, err := e.Sandbox(sandbox)
	if err != nil {
		return nil, err
	}
	b, err := e.runner.Create(ctx, backup.CreateRequest{Sandbox: s, What: what, Trigger: backup.Manual, Note: note, Who: who(), Wait: wait})
	if err == nil {
		e.prune(ctx, sandbox)
	}
	return b, err
}

// VerifyBackup reads every byte of a backup; with drill it restores it into a scratch database
// on the sandbox's server, reads everything back and drops it.
func (e *Engine) VerifyBackup(ctx context.Context, ref string, drill bool, wait time.Duration) (*backup.Backup, error) {
	b, err := e.Backup(ctx, ref)
	if err != nil {
		return nil, err
	}
	req := backup.ChangeRequest{Backup: b.ID, Who: who(), Wait: wait}
	if !drill {
		return e.runner.Verify(ctx, req)
	}
	s, err := e.Sandbox(b.Sandbox)
	if err != nil {
		return nil, err
	}
	return e.runner.Drill(ctx, s, req)
}

// NoteBackup replaces a backup's note.
func (e *Engine) NoteBackup(ctx context.Context, ref, note string) (*backup.Backup, error) {
	b, err := e.Backup(ctx, ref)
	if err != nil {
		return nil, err
	}
	return e.runner.Annotate(ctx, backup.ChangeRequest{Backup: b.ID, Who: who()}, note)
}

// PinBackup keeps a backup from being pruned or deleted, or ends that.
func (e *Engine) PinBackup(ctx context.Context, ref string, pinned bool) (*backup.Backup, error) {
	b, err := e.Backup(ctx, ref)
	if err != nil {
		return nil, err
	}
	return e.runner.Pin(ctx, backup.ChangeRequest{Backup: b.ID, Who: who()}, pinned)
}

// DeleteBackup removes a backup: its whole ID and the bytes freed.
func (e *Engine) DeleteBackup(ctx context.Context, ref string, wait time.Duration) (backup.ID, int64, error) {
	b, err := e.Backup(ctx, ref)
	if err != nil {
		return "", 0, err
	}
	freed, err := e.runner.Delete(ctx, backup.ChangeRequest{Backup: b.ID, Who: who(), Wait: wait})
	if err == nil {
		e.FollowOffsite(ctx)
	}
	return b.ID, freed, err
}

// RestoreRequest asks for a restore in a person's terms.
type RestoreRequest struct {
	Ref        string       // which backup
	Target     string       // sandbox; "" is the backup's own
	ToDatabase string       // new database; "" replaces the target's own
	What       backup.Scope // "" is all that the backup holds
	MediaOnly  []string     // patterns: only these files of the folders
	Beside     bool         // folders beside the present ones
	Tables     []string     // SCHEMA.NAME, or NAME: only these tables
	Unsaved    bool         // go on when the present state cannot be saved
	InPlace    bool         // in the live database itself, in one transaction
	Roles      backup.RoleChoice

	AnyTablespace bool // where a tablespace is missing, use the server's own
	Wait          time.Duration
}

// Restore brings a backup back.
func (e *Engine) Restore(ctx context.Context, req RestoreRequest) (*backup.Restore, error) {
	part := backup.ScopeDatabase
	if req.What == backup.ScopeMedia || req.Beside || len(req.MediaOnly) > 0 {
		part = backup.ScopeMedia
	} else if name, ok := strings.CutPrefix(req.Ref, "latest:"); ok {
		part = e.mainPart(name)
	}
	b, err := e.backupHolding(ctx, req.Ref, part)
	if err != nil {
		return nil, err
	}
	if req.Target == "" {
		req.Target = b.Sandbox
	}
	s, err := e.Sandbox(req.Target)
	if err != nil {
		fault := *backup.AsError(err)
		fault.Hint += ". Restore into another one with --target, or add this one again: holdfast sandbox add " + req.Target + " --dsn URL"
		return nil, &fault
	}
	tables, whole, err := e.namedTables(ctx, b, req.Tables, req.Wait)
	if err != nil {
		return nil, err
	}
	return e.restorer.Restore(ctx, backup.RestoreRequest{
		Backup: b.ID, Target: s, What: req.What, MediaOnly: req.MediaOnly, Beside: req.Beside, ToDatabase: req.ToDatabase, Tables: tables, Whole: whole, Unsaved: req.Unsaved, InPlace: req.InPlace,
		Roles: req.Roles, AnyTablespace: req.AnyTablespace, Who: who(), Wait: req.Wait,
	})
}

// mainPart is what a backup of a sandbox must hold to count as one.
func (e *Engine) mainPart(sandbox string) backup.Scope {
	s, err := e.Sandbox(sandbox)
	if err != nil {
		return backup.ScopeDatabase // removed since
	}
	return s.Main()
}

// Undo takes a restore back, or drops what it replaced; ref is a whole or shortened ID, or latest.
func (e *Engine) Undo(ctx context.Context, ref string, drop bool, wait time.Duration) (*backup.Restore, error) {
	all, err := e.catalog.Restores(ctx)
	if err != nil {
		return nil, err
	}
	rec, err := backup.ResolveRestore(e.opts.Now(), ref, all)
	if err != nil {
		return nil, err
	}
	s, err := e.Sandbox(rec.Sandbox)
	if err != nil {
		s = backup.Sandbox{Name: rec.Sandbox} // removed since: the connection on record is enough
	}
	s.Connection = rec.Connection
	return e.restorer.Undo(ctx, backup.UndoRequest{Restore: rec.ID, Target: s, Who: who(), Drop: drop, Wait: wait})
}

// Deleted gives the backups that are gone, newest first.
func (e *Engine) Deleted(ctx context.Context) ([]backup.Backup, error) {
	all, err := e.History(ctx, backup.Query{Deleted: true})
	return slices.DeleteFunc(all, func(b backup.Backup) bool { return b.Status != backup.StatusDeleted }), err
}
