package secret

import (
	"context"
	"errors"
	"time"

	"github.com/gofrs/flock"
)

// lockBeside waits until no other process changes the file.
func lockBeside(ctx context.Context, file string) (unlock func(), err error) {
	lock := flock.New(file+".lock", flock.SetPermissions(0o600))
	ok, err := lock.TryLockContext(ctx, 20*time.Millisecond)
	if err == nil && !ok {
		err = errors.New("another process has it")
	}
	if err != nil {
		return nil, err
	}
	return func() { _ = lock.Unlock() }, nil // the kernel gives it up with the process in any case
}
