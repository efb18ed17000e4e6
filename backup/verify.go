package backup

import (
	"context"
	"fmt"
	"time"
)

// ChangeRequest asks for something to be done to one backup.
type ChangeRequest struct {
	Backup ID
	Who    string
	Wait   time.Duration
}

// Verify reads every byte of a backup and records the verdict: Intact, or Broken with what is wrong.
func (r *Runner) Verify(ctx context.Context, req ChangeRequest) (*Backup, error) {
	return r.judge(ctx, req, "verify", func(ctx context.Context, b *Backup) (Verdict, string, error) {
		err := r.Vault.Verify(ctx, b.ID, req.Wait, func(done, total int64) {
			r.report(Progress{Stage: "verify", Bytes: done, BytesTotal: total})
		})
		if b.Verdict == Proven { // a drill says more than a reading
			return Proven, b.VerdictReason, err
		}
		return Intact, "every stored byte was read and verified", err
	})
}

// Drill restores a backup into a scratch database of s, reads everything back, compares it with
// the manifest and drops the scratch database: Proven, or Broken with what differs.
func (r *Runner) Drill(ctx context.Context, s Sandbox, req ChangeRequest) (*Backup, error) {
	return r.judge(ctx, req, "drill", func(ctx context.Context, b *Backup) (Verdict, string, error) {
		if !b.Holds(ScopeDatabase) {
			return b.Verdict, b.VerdictReason, Errorf(Usage, "Verify it instead: holdfast backup verify "+string(b.ID), "the backup holds no database, which a drill could restore")
		}
		reason, err := "restored into a scratch database, read back and equal", r.drill(ctx, s, req)
		if err == nil && b.Holds(ScopeMedia) {
			reason += "; every byte of the folders was read and verified"
			err = r.Vault.Verify(ctx, b.ID, req.Wait, nil)
		}
		return Proven, reason, err
	})
}

func (r *Runner) drill(ctx context.Context, s Sandbox, req ChangeRequest) (err error) {
	parts, err := r.Read(ctx, req.Backup, req.Wait)
	if err != nil {
		return err
	}
	defer func() { err = firstError(err, parts.Close()) }()
	return r.tryOut(ctx, s, parts)
}

// DrillCopy is Drill for a backup in a copy of the vault. It says nothing about the vault's own bytes,
// so no verdict is recorded; the audit log has the outcome.
func (r *Runner) DrillCopy(ctx context.Context, s Sandbox, parts VaultReader, place, who string) error {
	m, op := parts.Manifest(), "drill from the copy "+place
	grant, err := r.Gate.Request(ctx, Request{Op: op, Action: ActionCreate, Sandbox: s.Name, Object: string(m.ID), Who: who, What: "Try a restore of a backup from the off-site copy " + place})
	if err != nil {
		return err
	}
	if err := grant.Use(); err != nil {
		return err
	}
	grant.Note(op)
	return grant.Outcome(ctx, WithOp(op, r.tryOut(ctx, s, parts)))
}

// tryOut restores a backup into a scratch database of s, reads everything back, compares it with the
// manifest and drops the scratch database.
func (r *Runner) tryOut(ctx context.Context, s Sandbox, parts VaultReader) error {
	if err := r.Server.Prepare(ctx, s, parts.Manifest()); err != nil {
		return err
	}
	if err := r.checkServerSpace(ctx, s, parts.Manifest()); err != nil {
		return err
	}
	run := NewID()
	job := ShadowJob{Sandbox: s, Shadow: CutName(s.Connection.Database, "_drill_"+string(run)), Run: run, Purpose: "drill"}
	if err := r.Server.Fill(ctx, job, parts.Manifest(), parts, r.report); err != nil {
		return err
	}
	err := r.Server.Reread(ctx, job, parts.Manifest(), r.report)
	return firstError(err, r.Server.DropOurs(context.WithoutCancel(ctx), s, job.Shadow))
}

// judge runs a check behind the gate and records its verdict. Only Damaged makes a backup
// Broken, and only in a vault that can be read: a server that is down, or a key that is not at hand, says
// nothing about what is stored.
func (r *Runner) judge(ctx context.Context, req ChangeRequest, verb string, check func(context.Context, *Backup) (Verdict, string, error)) (*Backup, error) {
	op := verb + " " + string(req.Backup)
	b, err := r.Catalog.Backup(ctx, req.Backup)
	if err != nil {
		return nil, WithOp(op, err)
	}
	if b.Status != StatusCompleted {
		return b, &Error{Kind: Usage, Op: op, Text: fmt.Sprintf("the backup is %s, not completed", b.Status), Hint: "Choose a completed one: holdfast backup list"}
	}
	grant, err := r.Gate.Request(ctx, Request{Op: op, Action: ActionCreate, Sandbox: b.Sandbox, Object: string(b.ID), Who: req.Who, What: "Verify a backup of " + b.Sandbox})
	if err != nil {
		return b, err
	}
	if err := grant.Use(); err != nil {
		return b, err
	}
	verdict, reason, err := check(ctx, b)
	switch {
	case err == nil:
		err = r.record(ctx, b, verdict, reason, nil)
	case KindOf(err) == Damaged:
		err = firstError(err, r.condemn(ctx, b, err))
	}
	return b, grant.Outcome(ctx, WithOp(op, err))
}

// condemn records that a backup turned out to be Broken when it was read. A vault that does not
// even list its backups, such as one opened with another key, says nothing about one of them, nor
// does the deletion of one that is under way.
func (r *Runner) condemn(ctx context.Context, b *Backup, trouble error) error {
	ctx = context.WithoutCancel(ctx)
	if _, err := r.Vault.List(ctx); err != nil {
		return nil //nolint:nilerr // trouble is what people get to see
	}
	now, err := r.Catalog.Backup(ctx, b.ID)
	if err != nil || now.leaves() {
		return err
	}
	return r.record(ctx, b, Broken, "", trouble)
}

// record keeps a verdict: Broken when there is trouble. A check takes long: b is read anew, so that a pin, a
// note or a deletion of meanwhile stays.
func (r *Runner) record(ctx context.Context, b *Backup, verdict Verdict, reason string, trouble error) error {
	ctx = context.WithoutCancel(ctx)
	now, err := r.Catalog.Backup(ctx, b.ID)
	if err != nil {
		return err
	}
	*b = *now
	b.Verdict, b.VerdictReason, b.VerdictAt = verdict, reason, r.Now().UTC()
	if trouble != nil {
		b.Verdict, b.VerdictReason = Broken, AsError(trouble).Text
	}
	return r.Catalog.PutBackup(ctx, b)
}

// Judge records what a verification of the whole vault found about one backup: Intact, or
// Broken with the trouble. A backup that the catalog does not know is passed over.
func (r *Runner) Judge(ctx context.Context, id ID, trouble error) error {
	b, err := r.Catalog.Backup(ctx, id)
	if err != nil || b.Status != StatusCompleted {
		return nil //nolint:nilerr // not in the history: nothing to judge
	}
	if trouble == nil && b.Verdict == Proven {
		return nil // a drill says more than a reading
	}
	return r.record(ctx, b, Intact, "every stored byte was read and verified", trouble)
}

// missing is the reason of a backup's verdict when the vault does not list it.
const missing = "the vault does not hold it any more"

// MarkMissing marks completed backups that the vault does not hold as Broken, and names them. One that was
// marked so and is there, because another vault was open meanwhile, is Unchecked again.
func (r *Runner) MarkMissing(ctx context.Context, held map[ID]bool) ([]ID, error) {
	all, err := r.Catalog.Backups(ctx, Query{})
	if err != nil {
		return nil, err
	}
	var gone []ID
	for i := range all {
		b := &all[i]
		switch wasGone := b.Verdict == Broken && b.VerdictReason == missing; {
		case b.Status != StatusCompleted:
		case !held[b.ID]:
			gone = append(gone, b.ID)
			err = r.record(ctx, b, Broken, "", Errorf(Damaged, "", missing))
		case wasGone:
			err = r.record(ctx, b, Unchecked, "it was missing for a while, and the vault holds it again", nil)
		}
		if err != nil {
			return gone, err
		}
	}
	return gone, nil
}
