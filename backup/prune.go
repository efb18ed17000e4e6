package backup

import (
	"context"
	"fmt"
	"time"
)

// PruneRequest asks for what a plan no longer keeps to be removed.
type PruneRequest struct {
	Sandbox string
	Rules   RetentionRules
	Zone    *time.Location // whose days, weeks and months count
	Who     string
	Wait    time.Duration
	Asked   bool // by somebody, not by a run that has ended: a token must be for deleting
}

// Pruned says what was removed.
type Pruned struct {
	Fates []Fate // of those that were removed
	Freed int64  // bytes
	Alarm *Alarm // stands, so that nothing was removed; nil for none
}

// Prune removes what the rules do not keep: contents and record together, and the history keeps
// a line that says why. It needs no approval, for the plan is one; it is in the audit log. While a
// data loss alarm stands nothing is removed.
func (r *Runner) Prune(ctx context.Context, req PruneRequest) (Pruned, error) {
	op := "prune " + req.Sandbox
	if req.Asked {
		if err := r.Gate.Covers(ctx, Request{Op: op, Action: ActionDelete, Sandbox: req.Sandbox, Who: req.Who}); err != nil {
			return Pruned{}, err
		}
	}
	if alarm, err := r.Catalog.Alarm(ctx, req.Sandbox); err != nil || alarm != nil {
		return Pruned{Alarm: alarm}, WithOp(op, err)
	}
	all, err := r.Catalog.Backups(ctx, Query{Sandbox: req.Sandbox})
	if err != nil {
		return Pruned{}, WithOp(op, err)
	}
	var done Pruned
	for _, fate := range req.Rules.Review(req.Sandbox, all, req.Zone, r.Now()) {
		if !fate.Keep {
			done.Fates = append(done.Fates, fate)
		}
	}
	if len(done.Fates) == 0 {
		return done, nil
	}
	grant, err := r.Gate.ByPlan(ctx, Request{
		Op: op, Action: ActionDelete, Sandbox: req.Sandbox, Who: req.Who,
		What: fmt.Sprintf("Remove %s that the plan no longer keeps", Counted(int64(len(done.Fates)), "backup", "backups")),
	})
	if err != nil {
		return Pruned{}, err
	}
	removals := make([]removal, len(done.Fates))
	for i, fate := range done.Fates {
		removals[i] = removal{fate.Backup.ID, "plan, for " + req.Who, fate.Reason}
	}
	done.Freed, err = r.removeAll(ctx, removals, req.Wait)
	return done, grant.Outcome(ctx, WithOp(op, err))
}

// removal is a backup that goes, with what the history says about that.
type removal struct {
	id      ID
	by, why string
}

// removeAll notes the removals before they begin, so that Recover finishes them after a crash.
func (r *Runner) removeAll(ctx context.Context, removals []removal, wait time.Duration) (int64, error) {
	var doomed []*Backup
	var ids []ID
	for _, one := range removals {
		b, err := r.Catalog.Backup(ctx, one.id)
		if err != nil {
			return 0, err
		}
		b.DeletedBy, b.DeletedWhy, b.Remover = one.by, one.why, r.Self
		if err := r.Catalog.PutBackup(ctx, b); err != nil {
			return 0, err
		}
		doomed, ids = append(doomed, b), append(ids, b.ID)
	}
	freed, err := r.Vault.Delete(ctx, wait, ids...)
	ctx = context.WithoutCancel(ctx)
	first := err
	for _, b := range doomed {
		first = firstError(first, r.recordRemoval(ctx, b, err))
	}
	return freed, first
}
