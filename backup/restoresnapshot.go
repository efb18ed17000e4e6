package backup

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Snapshot holds rows of tables without their definitions.
type Snapshot interface {
	// Manifest gives its tables, with the columns, number and hash of their rows, and sequences.
	Manifest() *Manifest
	// Each gives the rows of each table as COPY text, in whatever order they are stored.
	Each(ctx context.Context, rows func(t *Table, rows io.ReadCloser) error) error
}

// FileSnapshot is a snapshot in a file that nobody vouches for.
type FileSnapshot interface {
	Snapshot
	// Look reads the file whole and checks it; what is no such snapshot is an error with cause and
	// remedy. passed gets the bytes read so far.
	Look(ctx context.Context, passed func(n int64)) error
	// Facts says what the file is, after Look.
	Facts() *FileFacts
}

// SnapshotPlan says what a restore of a snapshot will do.
type SnapshotPlan struct {
	Tables    []TableFate // that are emptied and filled
	Alone     []TableFate // that stay as they are; only Table and Now are set
	Sequences int         // that are set
	Notes     []string    // sentences: what fires or stays though one would not think so
}

// UntrustedRows is what a person must know before the rows of a file are restored.
const UntrustedRows = "This file is untrusted: nothing proves that it came from this vault. Its rows become the data of the sandbox."

// openSnapshot gives the snapshot in a file; nil when the file is none.
func (r *Restorer) openSnapshot(req FileRequest) (FileSnapshot, error) {
	if r.OpenSnapshot == nil {
		return nil, nil //nolint:nilnil // nothing reads snapshots here
	}
	return r.OpenSnapshot(req.Path, req.Passphrase)
}

// restoreSnapshot empties tables of the target and fills them with the rows of a snapshot, in one
// transaction: behind the gate, after a pre-restore backup, which is what undoes it.
func (r *Restorer) restoreSnapshot(ctx context.Context, req FileRequest, from FileSnapshot) (*Restore, error) {
	op := "restore " + req.Target.Name
	ask := Request{Op: op, Action: ActionDBFull, Sandbox: req.Target.Name, Object: req.Path, Who: req.Who}
	plan, target, err := r.planSnapshot(ctx, req, from)
	if err != nil {
		return nil, WithOp(op, err)
	}
	ask.What, ask.Loss = describeSnapshot(req.Target, from.Facts(), plan)
	grant, err := r.approveFile(ctx, req, ask, UntrustedRows)
	if err != nil {
		return nil, err
	}
	release, err := r.reserve(ctx, RestoreRequest{Target: req.Target, Wait: req.Wait}, target)
	if err != nil {
		return nil, grant.Outcome(ctx, WithOp(op, err))
	}
	defer release()
	rec := r.fileRecord(req, from.Facts())
	rec.Shadow, rec.RowsOnly, rec.Only = "", true, tableNames(from.Manifest())
	grant.Note("restore " + string(rec.ID) + ", file sha256 " + from.Facts().SHA256)
	err = r.loadSnapshot(ctx, req, rec, from, target)
	return rec, grant.Outcome(ctx, WithOp(op, r.settle(ctx, req.Target, rec, err)))
}

func tableNames(m *Manifest) []Name {
	names := make([]Name, len(m.Tables))
	for i := range m.Tables {
		names[i] = Name{Schema: m.Tables[i].Schema, Name: m.Tables[i].Name}
	}
	return names
}

// planSnapshot checks all that can be checked before anybody is asked: it touches nothing.
func (r *Restorer) planSnapshot(ctx context.Context, req FileRequest, from FileSnapshot) (*SnapshotPlan, Target, error) {
	target, err := r.Runner.Server.Inspect(ctx, req.Target.Connection, req.Target)
	switch {
	case err != nil:
		return nil, target, err
	case !target.Exists:
		return nil, target, Errorf(Refused, "Make it first, with its tables: restore a backup, or run the migrations of the program.",
			"the database %q does not exist, and a JSON snapshot holds rows without the definitions of tables", req.Target.Connection.Database)
	case req.Unsaved:
		return nil, target, Errorf(Refused, "Mend what keeps the backup from being taken.", "a JSON snapshot goes into the live database, of which nothing else is kept, so the present state must be saved")
	}
	if err := from.Look(ctx, func(n int64) { r.Runner.report(Progress{Stage: "look", Bytes: n}) }); err != nil {
		return nil, target, err
	}
	if len(from.Manifest().Tables) == 0 {
		return nil, target, Errorf(Usage, "Use another file.", "the snapshot holds no tables")
	}
	plan, err := r.Runner.Server.PlanSnapshot(ctx, TablesJob{Sandbox: req.Target, Tables: tableNames(from.Manifest()), RowsOnly: true}, from.Manifest())
	if err != nil {
		return nil, target, err
	}
	for _, f := range plan.Tables {
		if f.Blocked != "" {
			return nil, target, Errorf(Refused, "Bring the database to the state of the snapshot's program first (its migrations), or restore a backup instead.",
				"the rows of the table %s.%s cannot be restored: %s", f.Table.Schema, f.Table.Name, f.Blocked)
		}
	}
	return plan, target, nil
}

// shownFates is how many tables a prompt names before it only counts.
const shownFates = 200

// describeSnapshot puts into words what will be emptied and filled, and what stays.
func describeSnapshot(s Sandbox, f *FileFacts, plan *SnapshotPlan) (what, loss string) {
	what = fmt.Sprintf("Empty %s of %s, the database %s, and fill them with the rows of the file %s (%s): %s",
		tableCount(len(plan.Tables)), s.Name, s.Connection.At(s.Connection.Database), f.Name, f.words(), fateWords(plan.Tables, func(t *TableFate) string {
			return fmt.Sprintf("%s.%s (%s, now about %s)", t.Table.Schema, t.Table.Name, rowCount(t.Rows), thousands(max(t.Now, 0)))
		}))
	alone := "No other table is there."
	if len(plan.Alone) > 0 {
		alone = "Left alone: " + fateWords(plan.Alone, func(t *TableFate) string {
			return fmt.Sprintf("%s.%s (about %s)", t.Table.Schema, t.Table.Name, rowCount(max(t.Now, 0)))
		}) + "."
	}
	notes := slices.Clone(plan.Notes)
	for i := range plan.Tables {
		notes = append(notes, plan.Tables[i].Notes...)
	}
	slices.Sort(notes)
	notes = slices.Compact(notes)
	loss = fmt.Sprintf("What is in these tables now is replaced, in one transaction, all or nothing. %s %s "+
		"Definitions, large objects and code stay as they are; triggers of the tables do not fire. Today's state is saved first: that is what undoes it.", alone, sequencesSet(plan.Sequences))
	return what, strings.Join(append([]string{loss}, notes...), " ")
}

func sequencesSet(n int) string {
	if n == 1 {
		return "1 sequence is set."
	}
	return fmt.Sprintf("%d sequences are set.", n)
}

func fateWords(fates []TableFate, word func(*TableFate) string) string {
	var words []string
	for i := range fates[:min(len(fates), shownFates)] {
		words = append(words, word(&fates[i]))
	}
	if n := len(fates) - shownFates; n > 0 {
		words = append(words, fmt.Sprintf("and %d more", n))
	}
	return strings.Join(words, ", ")
}

// loadSnapshot does the restore, each stage on record before it is taken.
func (r *Restorer) loadSnapshot(ctx context.Context, req FileRequest, rec *Restore, from FileSnapshot, target Target) error {
	if err := r.save(ctx, RestoreRequest{Target: req.Target, Tables: rec.Only, rowsOnly: true, Who: req.Who, Wait: req.Wait}, rec, target); err != nil {
		return err
	}
	if err := r.note(ctx, rec, StageShadow); err != nil {
		return err
	}
	job := TablesJob{Sandbox: req.Target, Run: rec.ID, Tables: rec.Only, RowsOnly: true}
	err := r.Runner.Server.LoadSnapshot(ctx, job, from, func(xact string) error {
		rec.Transaction = xact
		return r.note(ctx, rec, StageSwapping)
	}, r.Runner.report)
	if err != nil {
		return err
	}
	return r.note(context.WithoutCancel(ctx), rec, StageSwapped)
}
