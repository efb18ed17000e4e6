package controller

import (
	"slices"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/views"
)

// nextRuns is how many runs are shown ahead.
const nextRuns = 5

// readSection reads what one section of a sandbox shows.
func (c *Controller) readSection(e *engine.Engine, s backup.Sandbox, at views.Section, b *views.Sandbox) error {
	switch at {
	case views.SectionSchedule:
		return c.readSchedule(e, s, b)
	case views.SectionRetention:
		rules, err := e.Retention(s.Name)
		b.Retention = &views.Retention{Rules: rules}
		return err
	case views.SectionPermissions:
		b.Permissions = c.readPermissions(e, s)
	case views.SectionConnection:
		return c.readConnection(e, s, b)
	case views.SectionMedia:
		return c.readMedia(e, s, b)
	case views.SectionDownloads:
		return c.readDownloads(e, s, b)
	case views.SectionUncovered:
		gaps, err := e.Gaps(c.life, s.Name)
		b.Gaps = gaps
		return err
	default: // the others need no more than every State has
	}
	return nil
}

func (c *Controller) readSchedule(e *engine.Engine, s backup.Sandbox, b *views.Sandbox) error {
	plans, err := e.Plans(c.life)
	if err != nil {
		return err
	}
	b.Schedule = &views.Schedule{}
	for _, p := range plans {
		if p.Sandbox == s.Name {
			b.Schedule.Text = p.Schedule
		}
	}
	b.Schedule.Next, err = e.NextSlots(s.Name, nextRuns)
	return err
}

// readPermissions gives what the gate says; rules that cannot be read are part of the answer.
func (c *Controller) readPermissions(e *engine.Engine, s backup.Sandbox) *views.Permissions {
	p := &views.Permissions{}
	policy, err := e.Policy(c.life, s.Name)
	var tokens []backup.Token
	if err == nil {
		tokens, err = e.Tokens(c.life)
	}
	p.Policy, p.Broken = policy, backup.FaultOf(err)
	for _, t := range tokens {
		if !t.Revoked && c.now().Before(t.Expires) && (len(t.Sandboxes) == 0 || slices.Contains(t.Sandboxes, s.Name)) {
			p.Tokens = append(p.Tokens, t)
		}
	}
	return p
}

func (c *Controller) readConnection(e *engine.Engine, s backup.Sandbox, b *views.Sandbox) error {
	last, err := e.LastDrill(c.life, s.Name)
	if err != nil {
		return err
	}
	b.Connection = &views.Connection{
		Sandbox: s, Drill: e.DrillsMonthly(s.Name),
		Drilled: views.Drilled{At: last.At, Backup: last.Backup, Proven: last.Proven, Seconds: last.Seconds, Reason: last.Reason},
	}
	newest, err := e.Newest(b.Backups, s.Name, backup.ScopeDatabase)
	if err != nil {
		return nil //nolint:nilerr // no backup yet: no tables are known
	}
	whole, err := e.Backup(c.life, string(newest.ID))
	if err == nil {
		b.Connection.Tables = whole.Tables
	}
	return err
}

// readActivity gives the runs, and the audit log where that is shown.
func (c *Controller) readActivity(at views.Section, k *known) *views.Activity {
	a := &views.Activity{Runs: runsOf(k)}
	if at != views.SectionAudit {
		return a
	}
	entries, warnings, err := c.audit()
	slices.Reverse(entries)
	a.Audit, a.Warnings, a.Broken = entries, warnings, backup.FaultOf(err)
	return a
}

// audit reads the log with an engine of its own, whose warnings belong to it.
func (c *Controller) audit() (entries []backup.AuditEntry, warnings []string, err error) {
	v := voice{warn: func(text string) { warnings = append(warnings, text) }}
	err = c.with(c.life, v, func(e *engine.Engine) error {
		var err error
		entries, err = e.Audit(c.life)
		return err
	})
	return entries, warnings, err
}

func backupRun(b *backup.Backup) views.Run {
	run := views.Run{ID: b.ID, Sandbox: b.Sandbox, Kind: views.RunBackup, Trigger: b.Trigger, Status: b.Status, Started: b.Started, Finished: b.Finished, Who: b.Who, Error: b.Error}
	if b.Status == backup.StatusDeleted {
		run.GoneBy, run.GoneWhy = b.DeletedBy, b.DeletedWhy
	}
	return run
}

// runsOf puts backups, restores and runs that were not begun into one list, newest first.
func runsOf(k *known) []views.Run {
	var runs []views.Run
	for i := range k.history {
		b := &k.history[i]
		runs = append(runs, backupRun(b))
	}
	for i := range k.gone {
		runs = append(runs, backupRun(&k.gone[i]))
	}
	for i := range k.restores {
		r := &k.restores[i]
		run := views.Run{ID: r.ID, Sandbox: r.Sandbox, Kind: views.RunRestore, Of: r.Backup, Into: r.Places(), Status: r.Status, Started: r.Started, Finished: r.Finished, Who: r.Who, Error: r.Error}
		if r.UndoOf != "" {
			run.Kind, run.Of = views.RunUndo, r.UndoOf
		}
		runs = append(runs, run)
	}
	for _, skip := range k.skips {
		runs = append(runs, views.Run{Sandbox: skip.Sandbox, Kind: views.RunBackup, Trigger: backup.Scheduled, Started: skip.At, Skipped: skip.Reason})
	}
	slices.SortStableFunc(runs, func(a, b views.Run) int { return b.Started.Compare(a.Started) })
	return runs
}
