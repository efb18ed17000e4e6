package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"holdfast/app/config"
	"holdfast/backup"
)

// sampleName is what the sandbox of the sample is called, unless that is taken.
const sampleName = "sample"

// ready makes the sample's server run before one of its databases is connected to.
func (e *Engine) ready(ctx context.Context, s backup.Sandbox) error {
	if !e.sample.Owns(s.Connection) {
		return nil
	}
	return e.sample.Hold(ctx)
}

// IsSample says whether a sandbox is that of the sample.
func (e *Engine) IsSample(s backup.Sandbox) bool {
	return !s.FoldersOnly && e.sample.Owns(s.Connection)
}

// Sample gives the sandbox of the sample.
func (e *Engine) Sample() (s backup.Sandbox, there bool) {
	for _, s := range e.Sandboxes() {
		if e.IsSample(s) {
			return s, true
		}
	}
	return s, false
}

// StartSample makes the sample on a private server, or finds the one that is there, and registers it as
// a sandbox. Its server runs until Close; with stay it goes on until StopSample.
func (e *Engine) StartSample(ctx context.Context, stay bool) (backup.Sandbox, error) {
	const op = "start the sample sandbox"
	if _, err := e.key(ctx); err != nil {
		return backup.Sandbox{}, backup.WithOp(op, err)
	}
	if err := e.sweepSample(ctx); err != nil {
		return backup.Sandbox{}, backup.WithOp(op, err)
	}
	s, there := e.Sample()
	if !there {
		s.Name = e.freeSampleName()
	}
	err := e.change(ctx, op, s.Name, func() error {
		if err := e.sample.Make(ctx); err != nil {
			return err
		}
		if stay {
			if err := e.sample.Stay(); err != nil {
				return err
			}
		}
		if there {
			return nil
		}
		s.Connection = e.sample.Connection()
		return e.put(ctx, s, PutSandbox{Test: true})
	})
	return s, err
}

func (e *Engine) freeSampleName() string {
	taken := func(name string) bool {
		return slices.ContainsFunc(e.Sandboxes(), func(s backup.Sandbox) bool { return s.Name == name })
	}
	name := sampleName
	for i := 2; taken(name); i++ {
		name = fmt.Sprintf("%s-%d", sampleName, i)
	}
	return name
}

// StopSample stops the sample's server. While a run needs it, it is Busy.
func (e *Engine) StopSample(ctx context.Context) error {
	const op = "stop the sample sandbox"
	s, there := e.Sample()
	if !there {
		return backup.WithOp(op, noSample())
	}
	return e.change(ctx, op, s.Name, func() error { return e.sample.StopNow(ctx) })
}

func noSample() error {
	return backup.Errorf(backup.Usage, "Start one: holdfast sandbox sample start", "there is no sample sandbox")
}

// HoldSample keeps the sample's server running for a window, until end is called.
func (e *Engine) HoldSample(ctx context.Context) (end func(context.Context) error, err error) {
	return e.sample.Window(ctx)
}

// RemoveSample asks for the sample to be removed.
type RemoveSample struct {
	Backups bool // delete its backups too, after a person approved
	Wait    time.Duration
}

// RemovedSample says what became of the sample.
type RemovedSample struct {
	Sandbox string
	Deleted int   // backups
	Freed   int64 // bytes in the vault
	Left    int   // backups that stay in the vault
}

// RemoveSample stops the sample's server, deletes its data and takes its sandbox out. What a process that
// was killed left undone is finished by the next Recover.
func (e *Engine) RemoveSample(ctx context.Context, req RemoveSample) (removed RemovedSample, err error) {
	const op = "remove the sample sandbox"
	s, there := e.Sample()
	if !there && !e.sample.Removing() {
		return removed, backup.WithOp(op, noSample())
	}
	removed.Sandbox = s.Name
	if err := e.sample.Idle(ctx); err != nil {
		return removed, backup.WithOp(op, err)
	}
	if req.Backups {
		removed.Deleted, removed.Freed, err = e.runner.DeleteAll(ctx, backup.DeleteAllRequest{Sandbox: s.Name, Who: who(), Wait: req.Wait})
		if err != nil {
			return removed, err
		}
	}
	if err := e.change(ctx, op, s.Name, func() error { return e.sample.Remove(ctx, func() error { return e.forgetSample(ctx) }) }); err != nil {
		return removed, err
	}
	all, err := e.catalog.Backups(ctx, backup.Query{Sandbox: s.Name})
	for i := range all {
		if all[i].Status == backup.StatusCompleted {
			removed.Left++
		}
	}
	return removed, err
}

// forgetSample takes the sandbox of the sample out.
func (e *Engine) forgetSample(ctx context.Context) error {
	s, there := e.Sample()
	if !there {
		return nil
	}
	if err := e.forgetReplaced(ctx); err != nil {
		return err
	}
	if err := e.update(ctx, func(c *config.Config) error { return c.Remove(s.Name) }); err != nil {
		return err
	}
	return errors.Join(e.passwords.Remove(ctx, s.Name), e.passwords.Remove(ctx, sealItem(s.Name)))
}

// forgetReplaced notes that the databases which restores of the sample replaced are gone with it.
func (e *Engine) forgetReplaced(ctx context.Context) error {
	all, err := e.catalog.Restores(ctx)
	if err != nil {
		return err
	}
	for i := range all {
		rec := &all[i]
		if !e.sample.Owns(rec.Connection) || rec.ReplacedGone {
			continue
		}
		rec.ReplacedGone = true
		if err := e.catalog.PutRestore(ctx, rec); err != nil {
			return err
		}
	}
	return nil
}

// sweepSample finishes a removal that was killed.
func (e *Engine) sweepSample(ctx context.Context) error {
	if !e.sample.Removing() {
		return nil
	}
	return e.sample.Remove(ctx, func() error { return e.forgetSample(ctx) })
}
