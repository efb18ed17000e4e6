package engine

import (
	"context"
	"path/filepath"
	"time"

	"holdfast/app/tell"
	"holdfast/backup"
)

func (e *Engine) outbox() *tell.Outbox {
	return &tell.Outbox{
		Folder: filepath.Join(e.paths.Home, "outbox"), Now: e.opts.Now,
		Places: tell.Places{Webhook: e.config.Tell.Webhook, Ping: e.config.Tell.Ping},
	}
}

// tell puts into the outbox what happened to a scheduled run. That this fails is said, and stops
// nothing.
func (e *Engine) tell(event tell.Event, sandbox string) {
	err := e.outbox().Put(tell.Message{Event: event, Sandbox: sandbox, Trigger: string(backup.Scheduled), At: e.opts.Now().UTC()})
	if err != nil {
		e.warn("nobody outside is told of the run: " + err.Error())
	}
}

// tellEnd says how a scheduled run ended, and whether it raised an alarm.
func (e *Engine) tellEnd(ctx context.Context, sandbox string, b *backup.Backup, err error) {
	if err != nil {
		e.tell(tell.Failed, sandbox)
		return
	}
	e.tell(tell.Completed, sandbox)
	if alarm, err := e.catalog.Alarm(ctx, sandbox); err == nil && alarm != nil && alarm.Backup == b.ID {
		e.tell(tell.Alarm, sandbox)
	}
}

// TellReminders puts into the outbox how much there is to do.
func (e *Engine) TellReminders(list []backup.Reminder) {
	err := e.outbox().Put(tell.Message{
		Event: tell.Reminders, Sandbox: list[0].Sandbox, Trigger: string(backup.Scheduled), At: e.opts.Now().UTC(),
		Count: len(list), First: string(list[0].Kind),
	})
	if err != nil {
		e.warn("nobody outside is told what there is to do: " + err.Error())
	}
}

// sendTime bounds one round of sending.
const sendTime = 20 * time.Second

// SendTold sends what waits in the outbox. What cannot be sent waits for the next time.
func (e *Engine) SendTold(ctx context.Context) {
	ctx, stop := context.WithTimeout(ctx, sendTime)
	defer stop()
	if _, err := e.outbox().Send(ctx); err != nil && ctx.Err() == nil {
		e.warn("what is to be told outside cannot be sent: " + err.Error())
	}
}
