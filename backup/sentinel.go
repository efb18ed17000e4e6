package backup

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// DefaultLossLimit is the share of a table's rows, in percent, whose loss from one backup to the
// next raises an alarm.
const DefaultLossLimit = 50

// Loss is what one table lacks against an earlier backup.
type Loss struct {
	Table  Name  `json:"table"`
	Before int64 `json:"before"` // rows
	After  int64 `json:"after"`  // rows
	Gone   bool  `json:"gone"`   // the table itself is not there any more
}

// Alarm says that a backup lacks data that the one before had. While it stands, nothing of the
// sandbox is pruned, and the last good backup is pinned.
type Alarm struct {
	Sandbox string    `json:"sandbox"`
	Backup  ID        `json:"backup"` // the one that showed the loss
	Good    ID        `json:"good"`   // the last one before it
	At      time.Time `json:"at"`
	Losses  []Loss    `json:"losses"`
	Empty   bool      `json:"empty"`  // no table has any row left
	Pinned  bool      `json:"pinned"` // the alarm pinned Good, so that its end unpins it
}

// Text says in one sentence what is missing.
func (a *Alarm) Text() string {
	if a.Empty {
		return fmt.Sprintf("the database of %s has no rows any more; it had some in %s", a.Sandbox, tableCount(len(a.Losses)))
	}
	first := a.Losses[0]
	text := fmt.Sprintf("the table %s.%s had %s and has %s", first.Table.Schema, first.Table.Name, rowCount(first.Before), thousands(first.After))
	if first.Gone {
		text = fmt.Sprintf("the table %s.%s, which had %s, is gone", first.Table.Schema, first.Table.Name, rowCount(first.Before))
	}
	if more := len(a.Losses) - 1; more > 0 {
		text += ", and " + Counted(int64(more), "more table", "more tables") + " lost data"
	}
	return text
}

// Losses compares the tables of two backups of one database: those that vanished, and those that
// lost more than limit percent of their rows. Tables whose rows were left out of either say
// nothing. Largest loss first.
func Losses(before, after []Table, limit int) []Loss {
	now := map[Name]*Table{}
	for i := range after {
		now[Name{Schema: after[i].Schema, Name: after[i].Name}] = &after[i]
	}
	var losses []Loss
	for i := range before {
		t := &before[i]
		name := Name{Schema: t.Schema, Name: t.Name}
		then := now[name]
		switch {
		case t.Excluded || then != nil && then.Excluded:
		case then == nil:
			losses = append(losses, Loss{Table: name, Before: t.Rows, Gone: true})
		case (t.Rows-then.Rows)*100 > t.Rows*int64(limit):
			losses = append(losses, Loss{Table: name, Before: t.Rows, After: then.Rows})
		}
	}
	slices.SortStableFunc(losses, func(a, b Loss) int { return int(min(max(b.lost()-a.lost(), -1), 1)) })
	return losses
}

func (l Loss) lost() int64 { return l.Before - l.After }

// lossLimit gives the limit of a sandbox in percent, and whether the sentinel watches it.
func lossLimit(s Sandbox) (limit int, on bool) {
	switch {
	case s.LossLimit < 0:
		return 0, false
	case s.LossLimit == 0:
		return DefaultLossLimit, true
	}
	return s.LossLimit, true
}

// watch compares a new backup with what came before it, and raises the alarm. Pre-restore
// backups do not count. What was restored meanwhile is what the new one is compared with: going
// back is no loss.
func (r *Runner) watch(ctx context.Context, s Sandbox, b *Backup) error {
	limit, on := lossLimit(s)
	if !on || b.Trigger == PreRestore || b.What == ScopeMedia {
		return nil
	}
	good, err := r.baseline(ctx, b)
	if err != nil || good == nil {
		return err
	}
	losses := Losses(good.Tables, b.Tables, limit)
	if len(losses) == 0 {
		return nil
	}
	return r.raise(ctx, &Alarm{
		Sandbox: s.Name, Backup: b.ID, Good: good.ID, At: b.Started, Losses: losses,
		Empty: b.Rows == 0 && good.Rows > 0,
	})
}

// raise keeps an alarm. While one stands, the first good backup stays the good one.
func (r *Runner) raise(ctx context.Context, a *Alarm) error {
	standing, err := r.Catalog.Alarm(ctx, a.Sandbox)
	if err != nil {
		return err
	}
	if standing != nil {
		r.warn("data loss alarm for " + a.Sandbox + ", not acknowledged yet: " + standing.Text())
		return nil
	}
	good, err := r.Catalog.Backup(ctx, a.Good)
	if err != nil {
		return err
	}
	if !good.Pinned {
		good.Pinned, a.Pinned = true, true
		if err := r.Catalog.PutBackup(ctx, good); err != nil {
			return err
		}
	}
	r.warn("data loss alarm for " + a.Sandbox + ": " + a.Text())
	return r.Catalog.PutAlarm(ctx, a)
}

// baseline gives the completed backup that a new one is compared with; nil when there is none.
func (r *Runner) baseline(ctx context.Context, b *Backup) (*Backup, error) {
	all, err := r.Catalog.Backups(ctx, Query{Sandbox: b.Sandbox})
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(k Backup) bool { // newest first
		return k.ID != b.ID && k.Status == StatusCompleted && k.Trigger != PreRestore && k.What != ScopeMedia &&
			k.Database == b.Database && k.Started.Before(b.Started)
	})
	if i < 0 {
		return nil, nil //nolint:nilnil // nothing to compare with is no error
	}
	id := all[i].ID
	restored, err := r.restoredSince(ctx, b, all[i].Finished)
	if err != nil {
		return nil, err
	}
	if restored != "" {
		id = restored
	}
	return r.Catalog.Backup(ctx, id)
}

// restoredSince names the backup that was last restored into the sandbox's database after at.
func (r *Runner) restoredSince(ctx context.Context, b *Backup, at time.Time) (ID, error) {
	all, err := r.Catalog.Restores(ctx)
	if err != nil {
		return "", err
	}
	for i := range all { // newest first
		rec := &all[i]
		if rec.Sandbox == b.Sandbox && rec.Target == b.Database && rec.Status == StatusCompleted && rec.Finished.After(at) {
			if rec.UndoOf != "" || len(rec.Only) > 0 {
				return rec.PreRestore, nil // what was live before is live again, or all but some tables is
			}
			return rec.Backup, nil
		}
	}
	return "", nil
}

// Acknowledge ends a sandbox's alarm: pruning goes on, and what the alarm pinned is unpinned.
// The alarm that ended is given back; that there is none is a Usage error.
func (r *Runner) Acknowledge(ctx context.Context, sandbox, who string) (*Alarm, error) {
	op := "acknowledge the alarm of " + sandbox
	a, err := r.Catalog.Alarm(ctx, sandbox)
	if err == nil && a == nil {
		err = Errorf(Usage, "See: holdfast sentinel list", "there is no alarm for %s", sandbox)
	}
	if err != nil {
		return nil, WithOp(op, err)
	}
	grant, err := r.Gate.Request(ctx, Request{Op: op, Action: ActionUpdate, Sandbox: sandbox, Object: string(a.Backup), Who: who, What: "End the data loss alarm of " + sandbox})
	if err != nil {
		return nil, err
	}
	if err := grant.Use(); err != nil {
		return nil, err
	}
	return a, grant.Outcome(ctx, WithOp(op, r.endAlarm(ctx, a)))
}

func (r *Runner) endAlarm(ctx context.Context, a *Alarm) error {
	if a.Pinned {
		good, err := r.Catalog.Backup(ctx, a.Good)
		if err != nil {
			return err
		}
		good.Pinned = false
		if err := r.Catalog.PutBackup(ctx, good); err != nil {
			return err
		}
	}
	return r.Catalog.DropAlarm(ctx, a.Sandbox)
}
