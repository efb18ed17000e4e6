package command

import (
	"context"
	"time"

	"holdfast/app/engine"
	"holdfast/backup"
	"holdfast/platform"
)

// handOver lets somebody else take the backup: the running window, else a process of its own.
func (sh *shell) handOver(ctx context.Context, sandbox, what, note string) error {
	return sh.with(ctx, func(e *engine.Engine) (result, error) {
		s, err := e.Sandbox(sandbox)
		if err == nil {
			err = backup.CreateRequest{Sandbox: s, What: backup.Scope(what), Note: note}.Validate()
		}
		if err == nil {
			err = e.MayLeaveBackup(ctx, sandbox)
		}
		if err != nil {
			return nil, err
		}
		if !e.HasVault() {
			return nil, backup.Errorf(backup.Unreachable, "Make it: holdfast vault init", "there is no vault yet at %s", e.VaultPath())
		}
		soon, stop := context.WithTimeout(ctx, time.Second)
		defer stop()
		if what != "" {
			stop() // the window's order names no part of a sandbox: a process of its own does it
		}
		if err := platform.Tell(soon, e.InstanceSocket(), engine.BackUpOrder(sandbox, note)); err == nil {
			return message{Text: "The running Holdfast backs up " + printable(sandbox) + ".", fields: map[string]any{"sandbox": sandbox, "by": "window"}}, nil
		}
		pid, err := platform.StartDetached("backup", "create", sandbox, "--what", what, "--note", note, "--wait", handOverWait.String(), "--quiet")
		if err != nil {
			return nil, &backup.Error{Kind: backup.Failed, Text: "no process could be started for the backup", Hint: "Take it without --no-wait.", Err: err}
		}
		return message{Text: "The backup of " + printable(sandbox) + " has begun. See: holdfast backup list " + printable(sandbox), fields: map[string]any{"sandbox": sandbox, "by": "process", "pid": pid}}, nil
	})
}

// handOverWait is how long a backup that nobody waits for waits for a busy vault.
const handOverWait = 10 * time.Minute
