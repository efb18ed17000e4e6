package command

import (
	"fmt"

	"holdfast/app/engine"
)

// drilledCopy shows what a restore drill from a copy came to.
func drilledCopy(d engine.DrilledCopy, err error) (result, error) {
	if err != nil {
		return nil, err
	}
	return message{
		Text: fmt.Sprintf("The copy %s restores: its newest backup of %s, %s of %s, was restored into a scratch database, read back and equal (%s, %s), in %.1f s.",
			d.Name, d.Sandbox, d.Backup, stamp(d.Started), counted(d.Tables, "table", "tables"), counted(d.Rows, "row", "rows"), d.Seconds),
		fields: map[string]any{
			"name": d.Name, "sandbox": d.Sandbox, "backup": d.Backup, "started": stamp(d.Started),
			"tables": d.Tables, "rows": d.Rows, "seconds": d.Seconds,
		},
	}, nil
}
