package engine

import (
	"context"

	"holdfast/backup"
)

// Alarms gives the standing data loss alarms, in the order of the sandboxes.
func (e *Engine) Alarms(ctx context.Context) ([]backup.Alarm, error) {
	var list []backup.Alarm
	for _, s := range e.Sandboxes() {
		a, err := e.catalog.Alarm(ctx, s.Name)
		if err != nil {
			return nil, err
		}
		if a != nil {
			list = append(list, *a)
		}
	}
	return list, nil
}

// Acknowledge ends a sandbox's alarm, and prunes what waited for that.
func (e *Engine) Acknowledge(ctx context.Context, sandbox string) (*backup.Alarm, error) {
	a, err := e.runner.Acknowledge(ctx, sandbox, who())
	if err == nil {
		e.prune(ctx, sandbox)
	}
	return a, err
}
