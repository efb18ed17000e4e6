package controller

import (
	"context"
	"time"

	"holdfast/app/engine"
	"holdfast/backup"
)

// runKind says which runs are alike: one tells how long the next will take.
type runKind string

// The kinds of runs.
const (
	runOther   runKind = "" // nothing is known of it
	runBackup  runKind = "backup"
	runRestore runKind = "restore"
	runDrill   runKind = "drill"
)

// ranOf is what a run was of.
type ranOf struct {
	sandbox string
	kind    runKind
}

// spent is how long a run took, and what it was to move; 0 where only an estimate was known.
type spent struct {
	took  time.Duration
	bytes int64
}

// usual is how a run goes that was never measured: the stages that take long, in shares.
func usual(kind runKind) course {
	switch kind {
	case runBackup:
		return course{guessed: true, laps: []lap{{stage: "preflight", took: 2}, {stage: "definitions", took: 3}, {stage: "tables", took: 88}, {stage: "verify", took: 7}}}
	case runRestore:
		saving := []lap{{stage: "saving: definitions", took: 2}, {stage: "saving: tables", took: 35}, {stage: "saving: verify", took: 3}}
		return course{guessed: true, laps: append(saving, filled()...)}
	case runDrill:
		return course{guessed: true, laps: filled()}
	default:
		return course{}
	}
}

// filled are the stages of filling a shadow database.
func filled() []lap {
	return []lap{{stage: "definitions", took: 2}, {stage: "tables", took: 35}, {stage: "indexes", took: 18}, {stage: "statistics", took: 3}, {stage: "swap", took: 2}}
}

// expect is how a run will go, as far as the last one of the same sandbox and kind tells. The caller
// holds c.mu.
func (c *Controller) expect(kind runKind, sandbox string) course {
	of := ranOf{sandbox, kind}
	known, watched := c.courses[of]
	if !watched {
		known = usual(kind)
	}
	if last, ok := c.lasts[of]; ok {
		return known.fit(last.took, last.bytes)
	}
	return known
}

// remember keeps how a run went that has completed, and gives it as it goes on record; nil when it tells
// of no next one. The caller holds c.mu.
func (c *Controller) remember(sandbox string, j *job) *engine.Course {
	if j == nil || j.kind == runOther {
		return nil
	}
	went := j.pace.course()
	if went.took(0) <= 0 {
		return nil
	}
	c.courses[ranOf{sandbox, j.kind}] = went
	kept := &engine.Course{Sandbox: sandbox, Kind: string(j.kind)}
	for _, l := range went.laps {
		kept.Stages = append(kept.Stages, engine.StageTime{Stage: l.stage, Took: l.took, Bytes: l.bytes})
	}
	return kept
}

// record puts on record how a run went, for the next start. Without it that begins with a guess.
func (c *Controller) record(went *engine.Course) {
	if went == nil {
		return
	}
	ctx := context.WithoutCancel(c.life)
	engine.LogFault(c.with(ctx, voice{}, func(e *engine.Engine) error { return e.KeepCourse(ctx, *went) }))
}

// recall takes what earlier starts have put on record, once.
func (c *Controller) recall(e *engine.Engine) error {
	c.mu.Lock()
	known := c.recalled
	c.mu.Unlock()
	if known {
		return nil
	}
	kept, err := e.Courses(c.life)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.recalled = true
	for _, k := range kept {
		went := course{}
		for _, s := range k.Stages {
			went.laps = append(went.laps, lap{stage: s.Stage, took: max(s.Took, 0), bytes: s.Bytes})
		}
		of := ranOf{k.Sandbox, runKind(k.Kind)}
		if _, watched := c.courses[of]; !watched && went.took(0) > 0 {
			c.courses[of] = went
		}
	}
	return nil
}

// lastsOf reads the last completed runs from the record: backups of the database and whole restores of
// it. Of both the newest is first.
func lastsOf(history []backup.Backup, restores []backup.Restore) map[ranOf]spent {
	lasts, bytes := map[ranOf]spent{}, map[backup.ID]int64{}
	keep := func(of ranOf, s spent) {
		if _, newer := lasts[of]; !newer && s.took > 0 {
			lasts[of] = s
		}
	}
	for i := range history {
		b := &history[i]
		bytes[b.ID] = b.RawBytes
		if b.Status == backup.StatusCompleted && b.Trigger != backup.PreRestore && b.Holds(backup.ScopeDatabase) {
			keep(ranOf{b.Sandbox, runBackup}, spent{took: b.Finished.Sub(b.Started)})
		}
	}
	for i := range restores {
		r := &restores[i]
		if r.Status == backup.StatusCompleted && r.UndoOf == "" && len(r.Only) == 0 && !r.InPlace && r.PreRestore != "" && r.Shadow != "" {
			keep(ranOf{r.Sandbox, runRestore}, spent{r.Finished.Sub(r.Started), bytes[r.Backup]})
		}
	}
	return lasts
}
