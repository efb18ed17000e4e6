//go:build !linux

package platform

import (
	"context"
	"errors"
)

// Notifier shows messages through the desktop's notification service, and hears of clicks on them.
type Notifier struct{}

// OpenNotifier is not known on this system.
func OpenNotifier(context.Context, string) (*Notifier, error) { return nil, errors.ErrUnsupported }

// Show is not known on this system.
func (*Notifier) Show(context.Context, string, string, string, func()) error {
	return errors.ErrUnsupported
}
