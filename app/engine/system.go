package engine

import (
	"context"
	"errors"
	"time"

	"holdfast/backup"
	"holdfast/platform"
)

// polkitTime bounds the look whether polkit is there.
const polkitTime = time.Second

// systemApprover lets polkit ask in the place of the passphrase, where its action is installed.
type systemApprover struct {
	polkit platform.Polkit
}

func (s systemApprover) Ready(ctx context.Context) bool {
	bounded, stop := context.WithTimeout(ctx, polkitTime)
	defer stop()
	return s.polkit.Installed(bounded, platform.ApproveAction)
}

func (s systemApprover) Approve(ctx context.Context) error {
	err := s.polkit.Authorize(ctx, platform.ApproveAction)
	switch {
	case errors.Is(err, platform.ErrNotAuthorized):
		return &backup.Error{Kind: backup.Cancelled, Text: "not approved; nothing was touched"}
	case err != nil && ctx.Err() == nil:
		return &backup.Error{Kind: backup.Refused, Text: "the system's authentication failed", Hint: "Approve it with the passphrase.", Err: err}
	}
	return err
}
