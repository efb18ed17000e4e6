package engine

import (
	"context"
	"time"

	"holdfast/backup"
	"holdfast/backup/vault/mirror"
)

// DrilledCopy says what a restore drill from a copy restored and found equal.
type DrilledCopy struct {
	Name    string
	Sandbox string
	Backup  backup.ID
	Started time.Time // when the backup began
	Tables  int
	Rows    int64
	Seconds float64
}

// DrillOffsite opens a copy, without changing it, restores its newest backup of a sandbox into a scratch
// database on the sandbox's server, compares everything with the manifest, and drops it.
func (e *Engine) DrillOffsite(ctx context.Context, name, sandbox string) (DrilledCopy, error) {
	op := "drill from the copy " + name
	d := DrilledCopy{Name: name, Sandbox: sandbox}
	s, err := e.Sandbox(sandbox)
	if err == nil {
		err = s.NeedsDatabase("Read every byte instead: holdfast offsite test " + name + " --full")
	}
	if err == nil {
		err = e.drillOffsite(ctx, s, &d)
		err = e.noteTrial(ctx, drilledFact(name), CopyTrial{Verdict: backup.Proven, Sandbox: sandbox, Backup: d.Backup}, err)
	}
	return d, backup.WithOp(op, err)
}

func (e *Engine) drillOffsite(ctx context.Context, s backup.Sandbox, d *DrilledCopy) (err error) {
	o, err := e.config.FindOffsite(d.Name)
	if err != nil {
		return err
	}
	key, err := e.key(ctx)
	if err != nil {
		return err
	}
	store, err := e.openOffsite(ctx, o)
	if err != nil {
		return err
	}
	whole := context.WithoutCancel(ctx)
	defer func() { err = firstOf(err, store.Close(whole)) }()
	began := e.opts.Now()
	held, err := mirror.Read(ctx, store, string(key), e.opts.Now)
	if err != nil {
		return err
	}
	defer func() { err = firstOf(err, held.Close(whole)) }()
	parts, err := held.Newest(ctx, s.Name)
	if err != nil {
		return inCopy(err, d.Name)
	}
	defer func() { err = firstOf(err, parts.Close()) }()
	m := parts.Manifest()
	d.Backup, d.Started, d.Tables, d.Rows = m.ID, m.Started, len(m.Tables), m.Rows()
	err = e.runner.DrillCopy(ctx, s, parts, d.Name, who())
	d.Seconds = e.opts.Now().Sub(began).Seconds()
	return inCopy(err, d.Name)
}

// inCopy says of damage that it is in the copy, and how its file is found.
func inCopy(err error, name string) error {
	if backup.KindOf(err) != backup.Damaged {
		return err
	}
	fault := *backup.AsError(err)
	fault.Text = "the copy " + name + " did not restore: " + fault.Text
	fault.Hint = "Find what is damaged: holdfast offsite test " + name + " --full"
	return &fault
}
