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
	e.putTold(tell.Message{Event: event, Sandbox: sandbox})
}

func (e *Engine) putTold(m tell.Message) {
	m.Trigger, m.At = string(backup.Scheduled), e.opts.Now().UTC()
	if err := e.outbox().Put(m); err != nil {
		e.warn("nobody outside is told of the run: " + err.Error())
	}
}

// tellCopy says that a copy could not be brought up to date, once for one cause.
func (e *Engine) tellCopy(name string, before, now *backup.Fault) {
	if newCause(before, now) {
		e.putTold(tell.Message{Event: tell.CopyFailed, Place: name})
	}
}

// newCause says whether a fault is not the one that was said before. Its text may name a port that is another
// one each time; its kind and what to do about it do not.
func newCause(before, now *backup.Fault) bool {
	return before == nil || before.Kind != now.Kind || before.Hint != now.Hint
}

// tellOverdue says outside that backups are overdue, once for one cause whoever looks.
func (e *Engine) tellOverdue(ctx context.Context, plans []Plan) error {
	for _, p := range plans {
		first, err := e.firstFor(ctx, "overdue told outside: "+p.Sandbox, p.overdueCause())
		if err != nil {
			return err
		}
		if first {
			e.tell(tell.Overdue, p.Sandbox)
		}
	}
	return nil
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
