package backup

import (
	"context"
	"fmt"
	"time"
)

// DeleteAllRequest asks for every backup of a sandbox to be removed.
type DeleteAllRequest struct {
	Sandbox string
	Who     string
	Wait    time.Duration
}

// DeleteAll removes every completed backup of a sandbox behind one approval, pinned ones too: how many,
// and the bytes freed. The history keeps a line of each that says who deleted it.
func (r *Runner) DeleteAll(ctx context.Context, req DeleteAllRequest) (n int, freed int64, err error) {
	op := "delete all backups of " + req.Sandbox
	all, err := r.Catalog.Backups(ctx, Query{Sandbox: req.Sandbox})
	if err != nil {
		return 0, 0, WithOp(op, err)
	}
	var removals []removal
	pinned := 0
	for i := range all {
		switch b := &all[i]; {
		case b.Status == StatusRunning:
			return 0, 0, WithOp(op, deletable(b))
		case b.Status == StatusCompleted:
			removals = append(removals, removal{b.ID, req.Who, "asked for, with all of its sandbox"})
			if b.Pinned {
				pinned++
			}
		}
	}
	if len(removals) == 0 {
		return 0, 0, nil
	}
	what := fmt.Sprintf("Delete all %d backups of %s, %d of them pinned", len(removals), req.Sandbox, pinned)
	if len(removals) == 1 {
		what = fmt.Sprintf("Delete the only backup of %s", req.Sandbox)
	}
	grant, err := r.Gate.Request(ctx, Request{
		Op: op, Action: ActionDelete, Sandbox: req.Sandbox, Object: req.Sandbox, Who: req.Who, What: what,
		Loss: "No state of this sandbox can be brought back afterwards.",
	})
	if err != nil {
		return 0, 0, err
	}
	if err := grant.Use(); err != nil {
		return 0, 0, err
	}
	freed, err = r.removeAll(ctx, removals, req.Wait)
	return len(removals), freed, grant.Outcome(ctx, WithOp(op, err))
}
