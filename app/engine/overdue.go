package engine

import (
	"context"
	"fmt"
	"time"

	"holdfast/backup"
)

// NewlyOverdue gives the plans whose last good backup is older than their schedule allows, each
// once for one cause: not again until a good backup came and is too old in its turn. The window
// and the commands are told apart from each other.
func (e *Engine) NewlyOverdue(ctx context.Context) ([]Plan, error) {
	plans, err := e.Plans(ctx)
	if err != nil {
		return nil, err
	}
	if err := e.tellOverdue(ctx, plans); err != nil {
		return nil, err
	}
	var list []Plan
	for _, p := range plans {
		first, err := e.firstFor(ctx, "overdue told by "+e.opts.Via+": "+p.Sandbox, p.overdueCause())
		if err != nil {
			return list, err
		}
		if first {
			list = append(list, p)
		}
	}
	return list, nil
}

// overdueCause is the same as long as the same backup is too old; "" when none is.
func (p Plan) overdueCause() string {
	if p.Overdue.IsZero() {
		return ""
	}
	return p.Overdue.UTC().Format(time.RFC3339)
}

// firstFor remembers a cause under a name, and says whether it is a new one.
func (e *Engine) firstFor(ctx context.Context, name, cause string) (bool, error) {
	told, err := e.catalog.Fact(ctx, name)
	if err != nil || cause == told {
		return false, err
	}
	return cause != "", e.catalog.SetFact(ctx, name, cause)
}

// overdueText says in a sentence that a plan is overdue.
func (e *Engine) overdueText(p Plan) string {
	text := fmt.Sprintf("%s is overdue: there is no good backup yet", p.Sandbox)
	if !p.Good.IsZero() {
		text = fmt.Sprintf("%s is overdue: its last good backup began at %s", p.Sandbox, p.Good.In(e.zone()).Format("2006-01-02 15:04"))
	}
	if p.Skipped != nil {
		text += fmt.Sprintf("; the run that is due was not begun: %s", p.Skipped.Reason)
	}
	return text + ". Take one: holdfast backup create " + p.Sandbox
}

// warnOverdue says what NewlyOverdue finds.
func (e *Engine) warnOverdue(ctx context.Context) {
	list, err := e.NewlyOverdue(ctx)
	if err != nil {
		e.warn("whether backups are overdue is not known: " + backup.AsError(err).Text)
	}
	for _, p := range list {
		e.warn(e.overdueText(p))
	}
	if len(list) > 0 {
		e.SendTold(ctx)
	}
}
