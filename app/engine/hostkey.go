package engine

import (
	"context"

	"holdfast/backup"
	"holdfast/backup/vault/mirror"
)

// AskHostKey asks an SFTP server for its host key, so that a person can compare it; other kinds of
// places have none.
func (e *Engine) AskHostKey(ctx context.Context, place mirror.Place) (mirror.HostKey, error) {
	const op = "ask for the host key"
	place, err := place.Check()
	if err != nil {
		return mirror.HostKey{}, backup.WithOp(op, err)
	}
	key, err := place.AskHostKey(ctx)
	return key, backup.WithOp(op, err)
}
