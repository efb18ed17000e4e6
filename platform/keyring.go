package platform

import (
	"context"
	"errors"
	"fmt"

	"github.com/zalando/go-keyring"
)

// What a keyring may answer. Errors of the methods wrap one of these.
var (
	ErrNotFound      = errors.New("the keyring has no such item")
	ErrKeyringLocked = errors.New("the keyring is locked")
	ErrKeyringAbsent = errors.New("there is no keyring")
)

// Keyring is the desktop's keyring: the Secret Service on Linux, the Keychain on macOS, the
// Credential Manager on Windows. Every call ends with ctx; while the keyring is locked it waits
// for a person who may not be there, and the error is ErrKeyringLocked.
type Keyring struct{}

// Get gives a secret.
func (k Keyring) Get(ctx context.Context, service, user string) (string, error) {
	return within(ctx, func() (string, error) { return keyring.Get(service, user) })
}

// Set keeps a secret, replacing one of the same name.
func (k Keyring) Set(ctx context.Context, service, user, secret string) error {
	_, err := within(ctx, func() (string, error) { return "", keyring.Set(service, user, secret) })
	return err
}

// Delete forgets a secret.
func (k Keyring) Delete(ctx context.Context, service, user string) error {
	_, err := within(ctx, func() (string, error) { return "", keyring.Delete(service, user) })
	return err
}

// within runs a call that cannot be cancelled in a goroutine that is left behind when ctx ends:
// it ends with the process, for commands are short-lived and a window asks again seldom.
func within(ctx context.Context, call func() (string, error)) (string, error) {
	if err := reachable(ctx); err != nil {
		return "", err
	}
	type answer struct {
		secret string
		err    error
	}
	done := make(chan answer, 1)
	go func() {
		var a answer
		defer func() { done <- a }()
		defer func() {
			if r := recover(); r != nil { // the library panics when its bus dies while a person is asked
				a.err = fmt.Errorf("the keyring's library failed: %v", r)
			}
		}()
		a.secret, a.err = call()
	}()
	select {
	case a := <-done:
		return a.secret, explainKeyring(ctx, a.err)
	case <-ctx.Done():
		return "", fmt.Errorf("%w: %w", ErrKeyringLocked, ctx.Err())
	}
}
