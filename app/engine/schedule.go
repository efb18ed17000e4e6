package engine

import (
	"context"
	"fmt"
	"strings"
	"time"

	"holdfast/app/config"
	"holdfast/app/tell"
	"holdfast/backup"
	"holdfast/backup/plan"
)

// A failed scheduled run is tried again after firstRetry, then after twice as long each time.
const (
	firstRetry   = 5 * time.Minute
	longestRetry = time.Hour
)

// Plan is a sandbox's schedule and where it stands.
type Plan struct {
	Sandbox  string
	Schedule string
	Words    string
	Last     time.Time // when the last completed run began; zero: never
	Next     time.Time // the next slot, or now when one is due
	Due      bool
	Missed   int          // slots before the one that is due
	Slot     time.Time    // that is due; zero: none
	Waiting  time.Time    // a failed run is tried again then; zero: no failed run
	Good     time.Time    // when the last completed run began that is not broken; zero: never
	Overdue  time.Time    // since when Good is older than the schedule allows; zero: it is not
	Skipped  *backup.Skip // the slot that is due was not begun, and why; nil: it was not skipped
}

// Plans gives the plan of every sandbox.
func (e *Engine) Plans(ctx context.Context) ([]Plan, error) {
	all, err := e.History(ctx, backup.Query{})
	if err != nil {
		return nil, err
	}
	skips, err := e.Skips(ctx)
	if err != nil {
		return nil, err
	}
	now := e.opts.Now()
	plans := make([]Plan, len(e.config.Sandboxes))
	for i, s := range e.config.Sandboxes {
		plans[i] = e.planOf(s, all, now)
		if plans[i].Due {
			plans[i].Skipped = skipOf(skips, s.Name, plans[i].Slot)
		}
	}
	return plans, nil
}

// planOf asks package plan, the one truth, with what the history says.
func (e *Engine) planOf(s config.Sandbox, all []backup.Backup, now time.Time) Plan {
	schedule := s.Schedule.In(e.zone())
	var begun, good []time.Time
	part := backup.ScopeDatabase // what makes a run count
	if scheduledScope(&s) == backup.ScopeMedia {
		part = backup.ScopeMedia
	}
	for i := range all {
		if b := &all[i]; b.Sandbox == s.Name && b.Status == backup.StatusCompleted && b.Trigger != backup.PreRestore && b.Holds(part) {
			begun = append(begun, b.Started)
			if b.Verdict != backup.Broken {
				good = append(good, b.Started)
			}
		}
	}
	p := Plan{Sandbox: s.Name, Schedule: schedule.String(), Words: schedule.Words(), Last: plan.LastDone(now, begun...), Good: plan.LastDone(now, good...)}
	if since := schedule.OverdueAt(p.Good, s.Added); !since.IsZero() && now.After(since) {
		p.Overdue = since
	}
	slot, due, missed := schedule.Due(p.Last, s.Added, now)
	p.Due, p.Missed, p.Slot, p.Next = due, missed, slot, schedule.Next(now)
	if due {
		p.Next = now
		p.Waiting = retryAt(s.Name, all, slot, now)
	}
	return p
}

// retryAt says when a slot whose runs failed is tried again; zero when none failed. Runs of a clock
// that was ahead do not count: nobody would wait for them to be past.
func retryAt(sandbox string, all []backup.Backup, slot, now time.Time) time.Time {
	var last time.Time
	wait := firstRetry
	for i := range all { // newest first
		b := &all[i]
		if b.Sandbox != sandbox || b.Trigger != backup.Scheduled || b.Status == backup.StatusCompleted || b.Started.Before(slot) || b.Started.After(now.Add(plan.Slack)) {
			continue
		}
		if last.IsZero() {
			last = b.Started
			continue
		}
		wait = min(2*wait, longestRetry)
	}
	if last.IsZero() {
		return last
	}
	return last.Add(wait)
}

func (e *Engine) zone() *time.Location {
	if e.opts.Zone == nil {
		return time.Local
	}
	return e.opts.Zone
}

// Ran is what a scheduled run came to, or a scheduled download that failed.
type Ran struct {
	Sandbox string
	Backup  *backup.Backup // nil when nothing was begun, and for a download
	Err     error
}

// RunDue runs what is due, unless it is held back, one sandbox after another, and prunes after each completed run. A
// failure of one does not keep the others from running. With patience a failed run that is to
// be tried again later waits for that; without, it runs now.
func (e *Engine) RunDue(ctx context.Context, patience bool, wait time.Duration) ([]Ran, error) {
	due, err := e.DueRuns(ctx, patience)
	if err != nil {
		return nil, err
	}
	e.Expire(ctx)
	defer e.warnOverdue(context.WithoutCancel(ctx))
	if held, err := e.Held(ctx); err != nil || held != "" {
		return nil, err
	}
	var ran []Ran
	for _, p := range due {
		if ctx.Err() != nil {
			return ran, backup.WithOp("run what is due", ctx.Err())
		}
		ran = append(ran, e.RunScheduled(ctx, p, wait))
	}
	ran = append(ran, e.runDownloads(ctx, wait)...)
	e.followDue(ctx)
	e.runDrills(ctx, wait)
	e.SendTold(ctx)
	return ran, nil
}

// RunScheduled takes the backup that a plan asks for, and prunes after it.
func (e *Engine) RunScheduled(ctx context.Context, p Plan, wait time.Duration) Ran {
	s, err := e.Sandbox(p.Sandbox)
	if err != nil {
		return Ran{Sandbox: p.Sandbox, Err: err}
	}
	e.tell(tell.Started, p.Sandbox)
	b, err := e.runner.Create(ctx, backup.CreateRequest{
		Sandbox: s, What: e.ScheduledScope(s.Name), Trigger: backup.Scheduled, Schedule: p.Schedule, Note: noteOf(p), Who: who(), Wait: wait, Unattended: true,
	})
	e.tellEnd(ctx, p.Sandbox, b, err)
	if err == nil {
		e.prune(ctx, p.Sandbox)
	}
	return Ran{Sandbox: p.Sandbox, Backup: b, Err: err}
}

// noteOf says in a run's note what it makes up for.
func noteOf(p Plan) string {
	var notes []string
	if p.Skipped != nil {
		notes = append(notes, "was not begun at its time: "+string(p.Skipped.Reason))
	}
	if p.Missed == 1 {
		notes = append(notes, "catches up, 1 earlier run was missed")
	} else if p.Missed > 0 {
		notes = append(notes, fmt.Sprintf("catches up, %d earlier runs were missed", p.Missed))
	}
	return strings.Join(notes, "; ")
}

// prune follows each completed run. That it failed is said, but does not make the run a failure.
func (e *Engine) prune(ctx context.Context, sandbox string) {
	pruned, err := e.pruneBy(ctx, backup.PruneRequest{Sandbox: sandbox})
	switch {
	case err != nil:
		e.warn("old backups were not pruned: " + backup.AsError(err).Text)
	case pruned.Alarm != nil:
		e.warn("nothing is pruned while the data loss alarm of " + sandbox + " stands: holdfast sentinel acknowledge " + sandbox)
	case len(pruned.Fates) > 0:
		e.warn(fmt.Sprintf("pruned %s that the plan no longer keeps; %s are free again", backup.Counted(int64(len(pruned.Fates)), "backup", "backups"), backup.Units(pruned.Freed)))
	}
}

// NextSlots gives the next n slots of a sandbox, in UTC.
func (e *Engine) NextSlots(sandbox string, n int) ([]time.Time, error) {
	if _, err := e.Sandbox(sandbox); err != nil {
		return nil, err
	}
	for _, s := range e.config.Sandboxes {
		if s.Name == sandbox {
			slots := s.Schedule.In(e.zone()).NextN(n, e.opts.Now())
			for i := range slots {
				slots[i] = slots[i].UTC()
			}
			return slots, nil
		}
	}
	return nil, nil
}

// Expire drops replaced databases whose time for an undo is over, and says which.
func (e *Engine) Expire(ctx context.Context) {
	gone, err := e.restorer.Expire(ctx, e.keeping(), who(), e.Sandbox)
	for _, rec := range gone {
		e.warn(fmt.Sprintf("%s, which the restore %s replaced, was kept for its time and is dropped; the backup %s stands for it", rec.Kept(), rec.ID, rec.PreRestore))
	}
	if err != nil {
		e.warn("replaced databases whose time is over are not dropped yet: " + backup.AsError(err).Text)
	}
}

// keeping says how long replaced databases are kept.
func (e *Engine) keeping() backup.Keeping {
	k := backup.DefaultKeeping()
	if e.config.Engine.KeepReplaced != 0 {
		k.For = max(time.Duration(e.config.Engine.KeepReplaced), 0)
	}
	return k
}
