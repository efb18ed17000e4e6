package catalog

import (
	"context"
	"encoding/json"

	"holdfast/backup"
)

// Alarms are facts: there is at most one for each sandbox.
func alarmFact(sandbox string) string { return "alarm " + sandbox }

// Alarm gives the standing alarm of a sandbox, nil when there is none.
func (c *Catalog) Alarm(ctx context.Context, sandbox string) (*backup.Alarm, error) {
	doc, err := c.Fact(ctx, alarmFact(sandbox))
	if err != nil || doc == "" {
		return nil, err
	}
	var a backup.Alarm
	return &a, explain("read the catalog", decode(doc, &a))
}

// PutAlarm keeps an alarm in the place of the sandbox's last one.
func (c *Catalog) PutAlarm(ctx context.Context, a *backup.Alarm) error {
	doc, err := json.Marshal(a)
	if err != nil {
		return explain("write to the catalog", err)
	}
	return c.SetFact(ctx, alarmFact(a.Sandbox), string(doc))
}

// DropAlarm ends a sandbox's alarm.
func (c *Catalog) DropAlarm(ctx context.Context, sandbox string) error {
	return c.SetFact(ctx, alarmFact(sandbox), "")
}
