package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"holdfast/backup"
)

// drilling is a line of the journal: a drill that may have a scratch database on a server. It is
// written before the database is made, because one that its process did not come to mark is known
// by nothing else.
type drilling struct {
	Run        backup.ID
	Sandbox    string
	Scratch    string
	Connection backup.Connection
	Process    backup.Process
}

const openDrill = "drill in progress "

// drillTime bounds how long a start waits for a server that has a scratch database of ours.
const drillTime = 30 * time.Second

// drillServer keeps the journal of drills for a server.
type drillServer struct {
	backup.Server
	e *Engine
}

// Fill notes a drill before it makes the scratch database, and forgets it when that is gone again.
func (s drillServer) Fill(ctx context.Context, job backup.ShadowJob, m *backup.Manifest, parts backup.Parts, report func(backup.Progress)) error {
	if job.Purpose != "drill" {
		return s.Server.Fill(ctx, job, m, parts, report)
	}
	d := drilling{Run: job.Run, Sandbox: job.Sandbox.Name, Scratch: job.Shadow, Connection: job.Sandbox.Connection, Process: s.e.self}
	text, err := json.Marshal(d)
	if err != nil {
		return err
	}
	if err := s.e.catalog.SetFact(ctx, openDrill+string(d.Run), string(text)); err != nil {
		return err
	}
	if err := s.Server.Fill(ctx, job, m, parts, report); err != nil {
		_ = s.e.endDrill(context.WithoutCancel(ctx), d) // else the next start does
		return err
	}
	return nil
}

// DropOurs forgets a drill when its scratch database is dropped.
func (s drillServer) DropOurs(ctx context.Context, sb backup.Sandbox, database string) error {
	if err := s.Server.DropOurs(ctx, sb, database); err != nil {
		return err
	}
	all, err := s.e.drills(ctx)
	for _, d := range all {
		if d.Scratch == database && d.Sandbox == sb.Name {
			err = firstOf(err, s.e.catalog.DropFact(ctx, openDrill+string(d.Run)))
		}
	}
	return err
}

func (e *Engine) drills(ctx context.Context) (list []drilling, err error) {
	facts, err := e.catalog.Facts(ctx, openDrill)
	for _, text := range facts {
		var d drilling
		if err := json.Unmarshal([]byte(text), &d); err != nil {
			return nil, fmt.Errorf("the journal of drills: %w", err)
		}
		list = append(list, d)
	}
	return list, err
}

// endDrill drops what a drill left on its server, and forgets the drill.
func (e *Engine) endDrill(ctx context.Context, d drilling) error {
	sb, err := e.Sandbox(d.Sandbox)
	if err != nil {
		sb = backup.Sandbox{Name: d.Sandbox}
	}
	sb.Connection = d.Connection
	ctx, stop := context.WithTimeout(ctx, drillTime)
	defer stop()
	_, err = e.server.Mend(ctx, sb, &backup.Restore{ID: d.Run, Sandbox: d.Sandbox, Target: d.Connection.Database, Shadow: d.Scratch, Stage: backup.StageShadow})
	if err != nil {
		return err
	}
	return e.catalog.DropFact(ctx, openDrill+string(d.Run))
}

// recoverDrills drops the scratch databases of drills whose process is gone.
func (e *Engine) recoverDrills(ctx context.Context, gone func(backup.Process) bool) (found backup.Recovery, err error) {
	all, err := e.drills(ctx)
	for _, d := range all {
		if !gone(d.Process) {
			continue
		}
		if err := e.endDrill(ctx, d); err != nil {
			found.Pending = append(found.Pending, fmt.Sprintf("what a drill of %[2]s may have left, the scratch database %[1]s, is not looked for yet: %[3]s", d.Scratch, d.Sandbox, backup.AsError(err).Text))
			continue
		}
		found.Interrupted = append(found.Interrupted, "a drill of "+d.Sandbox+" was interrupted; its scratch database is gone")
	}
	return found, err
}
